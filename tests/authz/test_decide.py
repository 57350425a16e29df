"""The decision: the lowest of matrix, entitlement and agreement, taken once per class of callers."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

import authz
from authz.context import RequestContext
from authz.decide import Decider, allowed_coordinates
from authz.decision import HEIGHT, UNTAGGED, Form
from authz.facts import packaged_facts
from authz.policy_set import Policies, packaged_policies
from authz.principal import Principal
from authz.rules import rules_from_sdl
from tests.authz.callers import (
    DETECTIVE,
    FRAUD_CHECK,
    INSURER,
    INVESTIGATION,
    NOON,
    OFFICER,
    ROADSIDE,
    caller,
    context,
)
from tests.authz.dictionary_graph import LINK, dictionary_sdl


def decider_of(sdl: str, **sdls: str) -> Decider:
    return Decider(rules_from_sdl({"one": LINK + sdl, **{name: LINK + text for name, text in sdls.items()}}))


def form(decider: Decider, principal: Principal, coordinate: str, stated: RequestContext = INVESTIGATION) -> Form:
    return decider.clearance(principal, stated, NOON).decision(coordinate).form


@pytest.mark.parametrize(
    ("change", "policy", "missing"),
    [
        ({"standing": "SUSPENDED"}, "P02", "an active account (yours is SUSPENDED)"),
        ({"vetting": None}, "P02", "vetting that suffices for this (yours is none)"),
        ({"vetting": "NPPV1"}, "P02", "vetting that suffices for this (yours is NPPV1)"),
        ({"vetting": "BPSS"}, "P02", "vetting that suffices for this (yours is BPSS)"),
        ({"training": ("COP", "VP-ENQ")}, "P02", "training NM-ENQ"),
        ({"training": ("NM-ENQ",)}, "P02", "training COP"),
        ({"agreement": "AGR-NONE"}, "P03", "an agreement in force between ORG-20 and the joint controllers"),
        ({"agreement": "AGR-PN-01"}, "P03", "an agreement in force between ORG-20 and the joint controllers"),
        ({"organisation": "ORG-NONE"}, "P03", "an agreement in force between ORG-NONE and the joint controllers"),
        ({"organisation_kind": "regulator"}, "P03", "an agreement in force between ORG-20 and the joint controllers"),
        ({"system": "LegacyBatch"}, "P04", "approval of the system LegacyBatch for PNC.NAMES.CORE on route DIRECT"),
        ({"system": "Unknown"}, "P04", "approval of the system Unknown for PNC.NAMES.CORE on route DIRECT"),
        ({"system": "ForceMobile"}, "P04", "approval of the system ForceMobile for PNC.NAMES.CORE on route DIRECT"),
        ({"roles": ()}, "P06", "a role entitled to PNC.NAMES.CORE"),
        ({"roles": ("system_admin",)}, "P06", "a role entitled to PNC.NAMES.CORE"),
    ],
)
def test_a_refusal_names_its_policy_what_is_missing_and_whom_to_ask(decider, change, policy, missing):
    allowed = decider.clearance(DETECTIVE, INVESTIGATION, NOON).decision("Person.filedName")
    assert (allowed.form, allowed.policies, allowed.dataset) == (Form.FULL, ("P11", "P05"), "PNC.NAMES.CORE")

    refused = decider.clearance(replace(DETECTIVE, **change), INVESTIGATION, NOON).decision("Person.filedName")

    assert (refused.form, refused.policies[0], refused.missing) == (Form.DENY, policy, (missing,))
    assert (refused.dataset, refused.contact) == ("PNC.NAMES.CORE", "NPCC joint controllers")


def test_a_system_approved_for_some_organisations_and_datasets_serves_no_others(tmp_path, decider):
    systems = dict(packaged_facts().systems)
    direct = systems["LEDS-Direct"]
    for change, allowed in [
        ({"organisations": frozenset({"ORG-20"})}, True),
        ({"organisations": frozenset({"ORG-01"})}, False),
        ({"datasets": frozenset({"PNC.NAMES.CORE"})}, True),
        ({"datasets": frozenset({"MID"})}, False),
    ]:
        facts = replace(
            packaged_facts(), version=str(change), systems=systems | {"LEDS-Direct": replace(direct, **change)}
        )
        found = form(Decider(decider.rules, facts), DETECTIVE, "Person.filedName")
        assert (found is Form.FULL) is allowed


def test_an_agreement_for_other_reasons_is_named_where_the_matrix_would_allow(decider):
    agency = caller("detective", "ORG-LEA-A", "CONNECTED")
    decision = decider.clearance(agency, context("5", "PP4", "PartnerConnect"), NOON).decision("Vehicle.make")
    assert decision.policies[0] == "P03"
    assert decision.missing == ("an agreement for reason 5, purpose PP4 and route CONNECTED",)


def test_an_image_needs_an_operational_reason_even_where_the_matrix_opens_it(decider):
    facts = packaged_facts()
    row = facts.matrix["5", "LE2", "DVLA.IMG"]
    opened = replace(facts, version="opened", matrix=dict(facts.matrix) | {("6", "GP1", "DVLA.IMG"): row})
    officer = replace(OFFICER, training=(*OFFICER.training, "DL-IMG"))
    decision = Decider(decider.rules, opened).clearance(officer, context("6", "GP1"), NOON).decision("Driver.image")
    assert (decision.policies[0], decision.missing) == ("P07", ("reason 1, 4 or 5 (given: 6)",))


def test_roles_add_up_and_never_take_away(decider):
    coordinates = decider.rules.fields
    admin, both = caller("org_admin"), replace(caller(), roles=("org_admin", "detective"))
    for coordinate in coordinates:
        alone = max(HEIGHT[form(decider, one, coordinate)] for one in (DETECTIVE, admin))
        assert HEIGHT[form(decider, both, coordinate)] >= alone


def test_training_opens_and_never_closes(decider):
    full = replace(
        DETECTIVE, roles=("intel_analyst",), training=("NM-ENQ", "VP-ENQ", "COP", "PND-USER", "DL-IMG", "MISPER")
    )
    everything = set(allowed_coordinates(decider.clearance(full, INVESTIGATION, NOON)))
    for lost in full.training:
        less = replace(full, training=tuple(name for name in full.training if name != lost))
        assert set(allowed_coordinates(decider.clearance(less, INVESTIGATION, NOON))) <= everything


PERSONAS = [
    (OFFICER, ROADSIDE),
    (DETECTIVE, INVESTIGATION),
    (INSURER, FRAUD_CHECK),
    (caller("intel_analyst", vetting="MV", training=("NM-ENQ", "VP-ENQ", "COP", "PND-USER")), INVESTIGATION),
    (caller("inspector", "ORG-INSP-A", vetting="SC", training=("COP",)), context("0", "CO1")),
]


@pytest.mark.parametrize(("principal", "stated"), PERSONAS, ids=lambda each: getattr(each, "roles", ("",))[0])
def test_nothing_that_is_added_raises_a_form_without_opening_it_and_nothing_that_is_lost_does(
    decider, principal, stated
):
    """Losing training, standing, vetting, system or agreement never raises a form; nor does an unknown attribute."""
    before = decider.clearance(principal, stated, NOON).decisions
    lost = [{"training": principal.training[:-1]}, {"standing": "SUSPENDED"}, {"vetting": None}, {"system": "Unknown"}]
    lost += [{"agreement": "AGR-NONE"}, {"roles": ()}]
    for change in lost:
        after = decider.clearance(replace(principal, **change), stated, NOON).decisions
        assert all(HEIGHT[after[name].form] <= HEIGHT[before[name].form] for name in before), change
    for change in (
        {"training": (*principal.training, "ELSEWHERE")},
        {"areas": ("WM",)},
        {"roles": (*principal.roles, "x")},
    ):
        after = decider.clearance(replace(principal, **change), stated, NOON).decisions
        assert {name: after[name].form for name in before} == {name: before[name].form for name in before}


def test_losing_pnd_changes_nothing_else(decider):
    """Separation: whoever loses PND training loses PND data and nothing besides."""
    analyst = caller("intel_analyst", vetting="MV", training=("NM-ENQ", "VP-ENQ", "COP", "PND-USER"))
    without = replace(analyst, training=("NM-ENQ", "VP-ENQ", "COP"))
    lost = set(allowed_coordinates(decider.clearance(analyst, INVESTIGATION, NOON)))
    lost -= set(allowed_coordinates(decider.clearance(without, INVESTIGATION, NOON)))
    assert lost
    assert {decider.rules.fields[coordinate].datasets[0][:3] for coordinate in lost} == {"PND"}


def test_the_way_in_to_a_record_is_as_open_as_what_may_be_seen_of_it(decider):
    assert form(decider, OFFICER, "Query.missing", ROADSIDE) is Form.FULL
    assert form(decider, OFFICER, "MissingReport.riskLevel", ROADSIDE) is Form.FULL
    assert form(decider, OFFICER, "MissingReport.factors", ROADSIDE) is Form.EXISTS
    assert form(decider, INSURER, "Query.vehicle", FRAUD_CHECK) is Form.FULL
    assert form(decider, INSURER, "Vehicle.make", FRAUD_CHECK) is Form.FULL
    assert form(decider, INSURER, "Query.person", FRAUD_CHECK) is Form.DENY
    assert form(decider, INSURER, "Vehicle.keeper", FRAUD_CHECK) is Form.DENY


def test_a_subgraph_alone_decides_as_the_whole_graph_does():
    """The way in to another subgraph's records is judged by the dictionary, which both hold."""
    stub = 'type Vehicle @key(fields: "vrm") { vrm: ID } type Query { vehicle: Vehicle @dataset(id: "DVLA.VEH") }'
    alone = decider_of(stub)
    whole = Decider(rules_from_sdl({"dictionary": dictionary_sdl()}))
    assert form(alone, INSURER, "Query.vehicle", FRAUD_CHECK) is Form.FULL
    assert form(whole, INSURER, "Query.vehicle", FRAUD_CHECK) is Form.FULL


def test_a_mask_without_a_mask_is_denied_unless_the_agreement_names_the_field():
    auditor, prosecutor = caller("auditor_local"), caller("auditor_local", "ORG-NHSCFA", "CONNECTED", "NPPV2")
    found = decider_of("""
      type Person { build: Int @dataset(id: "PNC.NAMES.CRIM") }
      type Offence {
        plea: Int @dataset(id: "PNC.NAMES.CRIM")
        disposals: Int @dataset(id: "PNC.NAMES.CRIM", mask: "GROUP")
      }
    """)
    assert form(found, auditor, "Offence.plea", context("0", "CO1")) is Form.DENY

    facts, key = packaged_facts(), ("0", "CO1", "PNC.NAMES.CRIM")
    rows = tuple(replace(row, kinds=row.kinds | {"prosecuting_agency"}) for row in facts.matrix[key])
    opened = Decider(found.rules, replace(facts, version="opened", matrix=dict(facts.matrix) | {key: rows}))
    named = context("0", "CO1", "PartnerConnect")
    assert form(opened, prosecutor, "Offence.plea", named) is Form.FULL
    assert form(opened, prosecutor, "Offence.disposals", named) is Form.MASK
    assert form(opened, prosecutor, "Person.build", named) is Form.DENY


def test_a_field_of_two_datasets_needs_both(decider):
    found = decider_of(
        'type Query { a: Int @dataset(id: "DVLA.VEH") b: Int @dataset(id: "DVLA.VEH") }',
        two='type Query { b: Int @dataset(id: "PND.INT") }',
    )
    clearance = found.clearance(DETECTIVE, INVESTIGATION, NOON)
    assert clearance.decision("Query.a").form is Form.FULL
    assert (clearance.decision("Query.b").form, clearance.decision("Query.b").dataset) == (Form.SILENT, "PND.INT")


def test_an_interfaces_field_is_the_lowest_of_its_implementations():
    found = decider_of("""
      interface Record { id: ID }
      interface Nothing { id: ID }
      type A implements Record { id: ID @dataset(id: "DVLA.VEH") }
      type B implements Record { id: ID @dataset(id: "PND.INT") }
    """)
    clearance = found.clearance(DETECTIVE, INVESTIGATION, NOON)
    assert clearance.decision("Record.id") == clearance.decision("B.id")
    assert clearance.decision("Nothing.id") == UNTAGGED


def test_open_and_inheriting_fields_are_allowed_and_all_others_denied():
    found = decider_of("""
      type Query { a: Name @open b: Int c: Int @open @inaccessible }
      type Name @open(inherit: true) { last: String }
    """)
    clearance = found.clearance(DETECTIVE, INVESTIGATION, NOON)
    assert clearance.decision("Query.a").policies == ("P00-open",)
    assert clearance.decision("Name.last").policies == ("P00-inherited",)
    assert clearance.decision("Query.b") == UNTAGGED
    assert clearance.decision("Query.c") == UNTAGGED
    assert clearance.decision("Query.unknown") == UNTAGGED


def test_a_clearance_is_decided_once_for_a_class_of_callers(decider):
    first = decider.clearance(DETECTIVE, INVESTIGATION, NOON)
    colleague = replace(DETECTIVE, subject="u-20-1", name="Another", token_id="t2", training=DETECTIVE.training[::-1])
    other_case = replace(INVESTIGATION, reference="OTHER-CASE", justification="Another case")
    assert decider.clearance(colleague, other_case, NOON + timedelta(hours=2)) is first
    assert decider.clearance(DETECTIVE, INVESTIGATION, NOON + timedelta(days=1)) is not first
    assert decider.clearance(DETECTIVE, replace(INVESTIGATION, reference=None), NOON) is not first


def test_a_change_of_facts_changes_the_key(decider):
    changed = replace(packaged_facts(), version="changed")
    other = Decider(decider.rules, changed).clearance(DETECTIVE, INVESTIGATION, NOON)
    assert other.key != decider.clearance(DETECTIVE, INVESTIGATION, NOON).key


def test_no_more_clearances_are_kept_than_allowed(decider):
    small = Decider(decider.rules, capacity=1)
    first = small.clearance(DETECTIVE, INVESTIGATION, NOON)
    small.clearance(OFFICER, ROADSIDE, NOON)
    assert small.clearance(DETECTIVE, INVESTIGATION, NOON) is not first
    assert small.clearance(DETECTIVE, INVESTIGATION, NOON) == first


def test_a_policy_without_words_for_it_is_still_named():
    shipped = packaged_policies()
    schema = (packaged_texts() / "schema.cedarschema").read_text("utf-8")
    texts = {file.name: file.read_text("utf-8") for file in packaged_texts().glob("*.cedar")}
    texts["p99.cedar"] = '@id("P99.curfew") @rank("1") forbid (principal, action, resource);'
    found = Decider(decider_of('type Query { a: Int @dataset(id: "MID") }').rules, policies=Policies(texts, schema))
    decision = found.clearance(DETECTIVE, INVESTIGATION, NOON).decision("Query.a")
    assert (decision.policies, decision.missing) == (("P99",), ("permission by policy P99.curfew",))
    assert found.policies.version != shipped.version


def test_a_policy_that_fails_for_one_form_refuses_all_of_them(decider, caplog):
    """Points are MASK(BAND) for an officer: not where a policy of the full form cannot be evaluated."""
    schema = (packaged_texts() / "schema.cedarschema").read_text("utf-8")
    texts = {file.name: file.read_text("utf-8") for file in packaged_texts().glob("*.cedar")}
    overflow = "context.matrix + 9223372036854775807 > 0"
    texts["p99.cedar"] = (
        '@id("P99.broken") @rank("1") forbid (principal, action == Action::"read.full", resource)'
        f" when {{ {overflow} }};"
    )
    assert form(decider, OFFICER, "Driver.points", ROADSIDE) is Form.MASK
    broken = Decider(decider.rules, policies=Policies(texts, schema))
    refused = broken.clearance(OFFICER, ROADSIDE, NOON).decision("Driver.points")
    assert (refused.form, refused.policies, refused.undecided) == (Form.DENY, ("P00",), True)
    assert "failed to evaluate" in caplog.text
    # Whoever is refused by a policy that was evaluated is refused, not told that it cannot be decided.
    assert not broken.clearance(INSURER, FRAUD_CHECK, NOON).decision("Driver.eyesight").undecided


def packaged_texts() -> Path:
    return Path(authz.__file__).parent / "policies"


@pytest.mark.parametrize(
    ("role", "purpose"), [("vetting_officer", "GP1"), ("disclosure_officer", "GP1"), ("firearms_licensing", "GP2")]
)
@pytest.mark.parametrize("coordinate", ["Person.religion", "Person.ethnicitySelfDefined"])
def test_administration_opens_nothing_that_is_sensitive(role: str, purpose: str, coordinate: str, decider: Decider):
    stated = context(reason="6", purpose=purpose)
    decision = decider.clearance(caller(role, vetting="MV"), stated, NOON).decision(coordinate)
    assert (decision.form, decision.policies[0]) == (Form.DENY, "P09")
