"""The last look before execution in the general posture: a plan that reads what its caller may not is refused, however
it came about; the fields of keys join entities whatever rule stands on them."""

import pytest
from graphql import parse

from authz.standard.holder import TokenHolder
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.general import GENERAL
from gateway.planning.errors import PlanRefused
from gateway.planning.planner import Planner
from gateway.standard import enforceable_rules, standard_stages
from tests.authz.callers import NOON
from tests.authz.standard.graphs import holder
from tests.gateway.archive import access, guarded

PII = '@requiresScopes(scopes: [["pii"]])'


def check(rules: dict[str, str], query: str, known: TokenHolder | None) -> None:
    """Plan the whole operation, as if nothing had been taken out of it, and look at the plan."""
    supergraph, allowed = supergraph_from_sdl(guarded(rules)), access()
    stages = standard_stages(GENERAL, supergraph, enforceable_rules(supergraph, allowed), allowed, None)
    stages.check(Planner(supergraph).plan(parse(query)), stages.decide(known, NOON))


REFUSED = {
    "a field": ({"Member.name": PII}, "{members{name}}"),
    "a field under an interface": ({"SealedRecord.title": PII}, "{records{title}}"),
    "what a field is computed from": ({"Member.born": PII}, "{members{risk}}"),
    "a root field": ({"Query.latest": PII}, "{latest{text}}"),
}


@pytest.mark.parametrize(("rules", "query"), REFUSED.values(), ids=REFUSED)
def test_a_plan_that_was_not_enforced_is_refused(rules, query):
    for known in (None, holder("other")):
        with pytest.raises(PlanRefused):
            check(rules, query, known)
    check(rules, query, holder("pii"))


def test_keys_join_whatever_rule_stands_on_them():
    check({"Member.id": PII}, "{members{colour}}", None)
