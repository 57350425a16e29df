"""What is left of an operation: which selections and inputs are taken out, for queries and streams alike."""

import pytest
from graphql import parse, print_ast

from authz.enforce import Enforcement
from authz.standard.decide import StandardDecider
from tests.authz.standard.graphs import enforcement, holder, rules_of, supergraph

TYPES = """
type Query { records: [Record] record: Record sealed: Sealed search(by: By, in: In): [Hit] free: Int }
type Mutation { write(by: By): Sealed note: Int }
type Subscription { added: Record sealed: Sealed told: Int }
interface Record { id: ID! title: String }
type Open implements Record { id: ID! title: String pages: Int }
type Sealed implements Record @requiresScopes(scopes: [["s"]]) { id: ID! title: String }
union Hit = Open | Sealed
enum By @authenticated { TITLE }
input In { by: By deep: [In!] text: String = "x" }
"""
GRAPH = supergraph(TYPES, mutation=True, subscription=True)
ENFORCEMENT = enforcement(GRAPH)
DECIDER = StandardDecider(rules_of(GRAPH), GRAPH.full_schema)


def enforced(text: str, name: str | None = None, left_out: frozenset[str] = frozenset()) -> Enforcement:
    """The operation as nobody may run it."""
    return ENFORCEMENT.enforce(parse(text), name, DECIDER.clearance(None), left_out)


LEFT = {
    "one type of an interface": ("{records{title}}", "{records{...on Open{title}}}", {"Sealed.title"}),
    "a protected type's field": ("{sealed{title} free}", "{free}", {"Query.sealed"}),
    "everything": ("{sealed{title}}", None, {"Query.sealed"}),
    "the name of a protected type": (
        "{records{__typename ...F}} fragment F on Record{kind: __typename}",
        "{records{__typename ...F}} fragment F on Record{kind: __typename}",
        {"Sealed.__typename"},
    ),
    "a name that no protected type can have": (
        "{records{...on Open{__typename}}}",
        "{records{...on Open{__typename}}}",
        set(),
    ),
    "a stream's root field": ("subscription{sealed{title}}", None, {"Subscription.sealed"}),
    "a part of a stream": (
        "subscription{added{id}}",
        "subscription{added{...on Open{id}}}",
        {"Sealed.id"},
    ),
    "a mutation's root field": ("mutation{write{id} note}", "mutation{note}", {"Mutation.write"}),
    "introspection in fragments": (
        "{__schema{types{...F}}} fragment F on __Type{name fields(includeDeprecated:true){name}}",
        "{__schema{types{...F}}} fragment F on __Type{name fields(includeDeprecated:true){name}}",
        set(),
    ),
    "an enum's value": ("{search(by:TITLE){...on Open{id}} free}", "{free}", {"Query.search"}),
    "an enum's value deep inside": (
        "{search(in:{deep:[{by:TITLE}]}){...on Open{id}} free}",
        "{free}",
        {"Query.search"},
    ),
    "an input without it": (
        '{search(in:{text:"a"}){...on Open{id}}}',
        '{search(in:{text:"a"}){...on Open{id}}}',
        set(),
    ),
    "an argument of an enum, whatever it is given": ("{search(by:null){...on Open{id}}}", None, {"Query.search"}),
}


@pytest.mark.parametrize(("text", "left", "denied"), LEFT.values(), ids=LEFT)
def test_for_nobody_takes_out(text, left, denied):
    found = enforced(text)
    assert (found.document and print_ast(found.document)) == (left and print_ast(parse(left)))
    assert found.denials.keys() == denied


@pytest.mark.parametrize("text", [text for text, _, _ in LEFT.values()], ids=LEFT)
def test_for_who_has_everything_takes_out_nothing(text):
    document = parse(text)
    found = ENFORCEMENT.enforce(document, None, DECIDER.clearance(holder("s")), frozenset())
    assert found.document == document
    assert not found.denials


def test_a_variable_may_hold_every_value_unless_it_is_left_out():
    text = "query($b:By){search(by:$b){...on Open{id}}}"
    assert enforced(text).denials.keys() == {"Query.search"}
    assert not enforced(text, left_out=frozenset({"b"})).denials


def test_only_the_operation_that_runs_is_judged():
    text = """
        query A{free} query B{sealed{...F}} query C{...G}
        fragment F on Sealed{__typename} fragment G on Query{sealed{id}}
    """
    assert not enforced(text, name="A").denials
    assert enforced(text, name="B").denials.keys() == {"Query.sealed", "Sealed.__typename"}
    assert enforced(text, name="C").denials.keys() == {"Query.sealed"}


def test_a_field_that_leads_to_protected_types_only_is_denied_itself():
    graph = supergraph(
        TYPES.replace("type Open implements Record", "type Open implements Record @authenticated"),
        mutation=True,
        subscription=True,
    )
    clearance = StandardDecider(rules_of(graph), graph.full_schema).clearance
    assert not clearance(None).decision("Query.record").allowed
    assert clearance(holder()).decision("Query.record").allowed


def test_what_a_caller_lacks_is_said_and_what_it_has_is_not():
    graph = supergraph('type Query { a: Int @requiresScopes(scopes: [["x", "y"], ["z"]]) @policy(policies: [["p"]]) }')
    clearance = StandardDecider(rules_of(graph), graph.full_schema).clearance
    decision = clearance(holder("x")).decision("Query.a")
    assert decision.policies == ("@requiresScopes", "@policy")
    assert decision.missing == ("scopes: y, or z", "policies: p")
    assert clearance(None).decision("Query.a").missing[0] == "a verified access token"


def test_callers_who_differ_in_nothing_that_matters_share_a_clearance():
    assert DECIDER.clearance(holder("s", "other")) is DECIDER.clearance(holder("s", name=["somebody"]))
    assert DECIDER.clearance(holder()).key != DECIDER.clearance(None).key != DECIDER.clearance(holder("s")).key


def test_many_callers_are_not_remembered_for_ever():
    first = DECIDER.clearance(holder("s"))
    for number in range(1_100):
        DECIDER.clearance(holder("s", name=[str(number)]))
    assert DECIDER.clearance(holder("s")) is first
