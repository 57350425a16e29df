"""The last look at a plan: every coordinate read or sent is allowed or internal."""

from collections.abc import Iterable
from types import MappingProxyType

import pytest
from graphql import parse

from authz.decision import Clearance, Decision, Form
from gateway.planning.check import check_plan
from gateway.planning.errors import PlanRefused
from gateway.planning.plan import Fetch, QueryPlan
from tests.gateway.planning.case_folders import planner_of

PERSON = "inaccessible_fields_serve_keys_and_requirements"
INTERNAL = frozenset({"Person.ref", "Person.secret"})
MEDIA = "an_interface_object_learns_its_types_elsewhere"


def clearance(*allowed: str, masked: Iterable[str] = ()) -> Clearance:
    decisions = dict.fromkeys(allowed, Decision(Form.FULL)) | dict.fromkeys(masked, Decision(Form.MASK))
    return Clearance("test", MappingProxyType(decisions))


def check(case: str, operation: str, given: Clearance, internal: frozenset[str] = frozenset()) -> None:
    planner = planner_of(case)
    check_plan(planner.plan(parse(operation)), planner.supergraph, given, internal)


def test_a_plan_of_allowed_and_internal_coordinates_passes():
    check(PERSON, "{ person { name derived } }", clearance("Query.person", "Person.name", "Person.derived"), INTERNAL)


def test_a_masked_form_may_be_read():
    check(PERSON, "{ person { name } }", clearance("Query.person", masked=["Person.name"]))


@pytest.mark.parametrize(
    ("allowed", "internal", "refused", "subgraph"),
    [
        (("Query.person", "Person.name"), INTERNAL, "Person.derived", "b"),
        (("Query.person", "Person.derived", "Person.name"), frozenset({"Person.ref"}), "Person.secret", "a"),
        (("Person.derived", "Person.name"), INTERNAL, "Query.person", "a"),
        (("Query.person", "Person.derived"), INTERNAL, "Person.name", "a"),
    ],
)
def test_one_coordinate_too_many_refuses_the_plan(
    allowed: tuple[str, ...], internal: frozenset[str], refused: str, subgraph: str
):
    with pytest.raises(PlanRefused) as caught:
        check(PERSON, "{ person { name derived } }", clearance(*allowed), internal)
    assert caught.value.details == {"coordinate": refused, "subgraph": subgraph}
    assert refused in caught.value.message


def test_an_interface_field_is_a_read_of_every_type_it_may_be():
    with pytest.raises(PlanRefused, match=r"Film\.title"):
        check(MEDIA, "{ media { title } }", clearance("Query.media", "Book.title"))
    check(MEDIA, "{ media { ... on Book { title } } }", clearance("Query.media", "Book.title"))


def test_an_interface_objects_answer_counts_for_the_types_that_were_sent():
    allowed = clearance("Query.media", "Book.stars", "Book.id")
    check(MEDIA, "{ media { ... on Book { stars } } }", allowed)
    with pytest.raises(PlanRefused, match=r"Film\.(id|stars)"):
        check(MEDIA, "{ media { stars } }", allowed)


def test_typename_is_always_allowed():
    check(MEDIA, "{ media { __typename } }", clearance("Query.media"))


def test_what_the_supergraph_does_not_have_is_refused():
    planner = planner_of(PERSON)
    plan = QueryPlan(Fetch("a", "{person{shoeSize}}"))
    with pytest.raises(PlanRefused, match=r"Person\.shoeSize"):
        check_plan(plan, planner.supergraph, clearance("Query.person", "Person.shoeSize"), frozenset())


def test_a_forged_fetch_is_seen_through_its_fragments():
    planner = planner_of(PERSON)
    plan = QueryPlan(Fetch("a", "{person{...f}} fragment f on Person{... on Person{secret}}"))
    with pytest.raises(PlanRefused, match=r"Person\.secret"):
        check_plan(plan, planner.supergraph, clearance("Query.person"), frozenset())
