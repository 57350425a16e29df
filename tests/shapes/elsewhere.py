"""Where the shapes that ask for no transport are held: by shape, the tests; and what is not held yet, and why."""

STANDARD = "tests/gateway/test_standard_access.py::test_answers"
START = "tests/gateway/test_standard_access_start.py"
GRANT = "tests/authz/test_grant.py"

HELD: dict[str, tuple[str, ...]] = {
    "CP01": (
        f"{START}::test_a_rule_holds_under_every_name",
        "tests/authz/standard/test_rules.py::test_a_rule_is_the_same_rule_under_every_name",
    ),
    "CP02": (
        "tests/gateway/composition/test_compose.py::test_access_requirements_of_several_subgraphs_must_all_hold",
        "tests/authz/standard/test_requirement.py",
    ),
    "CP04": (STANDARD,),
    "CP05": ("tests/authz/standard/test_rules.py::test_empty_alternatives_let_nobody_in",),
    "CP06": (
        f"{START}::test_refuses_to_start_with",
        f"{START}::test_a_new_graph_that_nobody_could_be_held_to_leaves_the_last_one",
    ),
    "CP08": ("tests/shapes/test_queries.py::test_shape",),
    "CP09": (
        "tests/shapes/test_composition.py::test_cp09_a_field_that_moves_keeps_its_rule",
        f"{START}::test_a_reload_that_lowers_a_rule_is_refused_until_its_version_is_approved",
    ),
    "CP10": ("tests/authz/standard/test_rules.py::test_needs_are_those_of", STANDARD),
    "RC01": (f"{START}::test_refuses_to_start_with",),
    "RC02": (
        "tests/authz/standard/test_holder.py",
        f"{START}::test_a_token_that_is_not_valid_is_refused_even_for_what_is_open",
    ),
    "RC03": (
        "tests/authz/standard/test_requirement.py::test_who_holds_more_is_never_shown_less",
        "tests/laws/test_monotonicity.py::test_a_further_role_never_shows_less",
        "tests/laws/test_monotonicity.py::test_a_further_role_changes_only_datasets_that_it_is_entitled_to",
        "tests/leds/test_explained.py",
    ),
    "RC04": (
        "tests/authz/standard/test_policies.py",
        f"{START}::test_where_a_policy_cannot_be_evaluated_what_it_decides_on_is_unavailable",
        "tests/authz/test_decide.py::test_a_policy_that_fails_for_one_form_refuses_all_of_them",
    ),
    "RC05": (f"{START}::test_a_get_is_judged_as_a_post",),
    "KC04": ("tests/gateway/test_reload.py", f"{START}::test_a_decision_is_not_carried_to_another_caller_or_graph"),
    "HT05": ("tests/gateway/test_bodies.py",),
    "HT06": ("tests/gateway/documents/test_request.py",),
    "HT08": ("tests/gateway/documents/test_limits.py",),
    "SG01": (GRANT,),
    "SG02": (
        "tests/subgraphs/test_service.py::test_only_the_gateway_is_answered",
        "tests/subgraphs/test_service.py::test_a_grant_is_good_for_one_request",
    ),
    "SG03": ("tests/subgraphs/test_service.py::test_an_unexpected_error_is_masked_and_logged_without_its_text",),
    "SG04": ("tests/gateway/documents/test_store.py",),
    "AU01": (
        "tests/authz/audit/test_power_cuts.py",
        "tests/authz/audit/test_crashes.py",
        "tests/authz/audit/test_faults.py",
        "tests/gateway/test_pipeline.py::test_nothing_is_sent_whose_intent_cannot_be_recorded",
        "tests/gateway/test_pipeline.py::test_nothing_is_released_when_the_ledger_cannot_write",
        "tests/end_to_end/test_bad_input.py::test_nothing_governed_is_released_while_the_ledger_cannot_be_written",
    ),
    "AU02": (
        "tests/authz/verifier/test_tampering.py",
        "tests/authz/verifier/test_witnesses.py",
        "tests/authz/audit/test_merkle.py",
    ),
}
NOT_HERE: dict[str, str] = {
    "AZ18": "the general gateway tells it as denied, the choice for data not sealed; sealed, in the governed service",
    "AZ35": "`@defer` is in no graph that is served; operations with it are refused (held for each transport)",
    "AZ40": "no standard directive says which argument reads what: by its name; in the governed service by `@reads`",
    "AZ41": "no standard directive says which argument reads what: by its name; in the governed service by `@reads`",
    "AZ44": "sealed, in the governed service; the general one says of everything withheld that it is",
    "CP05": "composes, as the shared composition corpus has it; nobody is let in",
    "RC03": "roles do not inherit: each is decided by itself and the highest form stands; the general gateway has none",
    "RC04": "policies run in the process: none is slow; what one that fails decides on is `POLICY_UNAVAILABLE` (503)",
    "PD01": "comes with persisted documents",
    "PD02": "comes with persisted documents",
    "PD03": "comes with persisted documents",
    "PD04": "comes with persisted documents",
    "PD05": "comes with persisted documents",
}
