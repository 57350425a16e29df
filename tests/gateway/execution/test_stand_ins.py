"""A union's stand-ins: what only exists is stated as such and never shown, what could not be had is never 'none'."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from graphql import parse

from authz.decision import Decision, Form
from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.execution.exchange import TransportError
from gateway.execution.executor import Executor, Limits
from gateway.execution.reply import ReplyRules
from gateway.execution.result import ExecutionRequest, ExecutionResult
from gateway.execution.transport import Transport
from gateway.planning.planner import Planner
from tests.gateway.execution.kit import Saying, codes

FEDERATION = """@link(url: "https://specs.apollo.dev/federation/v2.11",
  import: ["@key", "@shareable", "@composeDirective"])"""
OURS = """@link(url: "https://specs.leds.example/access/v1.0", import: ["@open", "@standIn"])
  @composeDirective(name: "@open") @composeDirective(name: "@standIn")
directive @open(inherit: Boolean! = false) on OBJECT | FIELD_DEFINITION
directive @standIn(for: String!) on OBJECT"""
RENAMED = OURS.replace('"@standIn"]', '{name: "@standIn", as: "@instead"}]').replace("@standIn(", "@instead(")
RENAMED = RENAMED.replace('(name: "@standIn")', '(name: "@instead")')
FOREIGN = OURS.replace("specs.leds.example", "specs.elsewhere.example")
PEOPLE = """
type Query { person: Person anyone: [Target] }
type Person @key(fields: "id") {
  id: ID name: String link: Target links: [Link!] proof: Proof proofs: [Match!] plain: [Plain!]
}
type Link @open(inherit: true) { kind: String target: Target }
type Match @open(inherit: true) { score: Float proof: Proof }
type Plain { score: Float proof: Proof }
type Certificate { id: ID weapons: Int }
type Car @key(fields: "id", resolvable: false) { id: ID }
type Restricted @open(inherit: true) @shareable @standIn(for: "EXISTS") { dataset: String contact: String other: Int }
type Unavailable @open(inherit: true) @shareable @standIn(for: "UNAVAILABLE") { product: String advice: String }
union Target = Person | Car | Restricted | Unavailable
union Proof = Certificate | Restricted | Unavailable
"""
CARS = """
type Query { cars: [Car] }
type Car @key(fields: "id") { id: ID make: String colour: String doors(first: Int): Int }
"""
ONLY_EXISTS = Decision(Form.EXISTS, ("P06",), "NFLMS", contact="the licensing team")
GOVERNED = Limits(rules=ReplyRules(require_disclosures=True, expose_errors=True))


def executor_of(transports: Mapping[str, Transport], ours: str = OURS) -> tuple[Planner, Executor]:
    people = PEOPLE.replace("@standIn", "@instead") if ours is RENAMED else PEOPLE
    sdls = {"people": f"extend schema {FEDERATION} {ours}\n{people}", "cars": f"extend schema {FEDERATION}\n{CARS}"}
    composed = compose([SubgraphDefinition(name, f"http://{name}.test/", sdl) for name, sdl in sdls.items()])
    supergraph = supergraph_from_sdl(composed.supergraph_sdl)
    return Planner(supergraph), Executor(supergraph, transports, GOVERNED)


async def asked(
    query: str,
    people: Any,
    cars: Any = None,
    access: list[dict[str, Any]] | None = None,
    decided: Mapping[str, Decision] | None = None,
    ours: str = OURS,
) -> ExecutionResult:
    """The answer where subgraphs say this, people with these entries beside it."""
    beside = {"disclosures": [], "access": access or []}
    said = people if isinstance(people, Exception) or "errors" in people else {"data": people}
    replies = {"people": said if isinstance(said, Exception) else said | {"extensions": beside}, "cars": cars}
    planner, executor = executor_of({name: Saying([reply]) for name, reply in replies.items()}, ours)
    document = parse(query)
    lower = decided or {}
    full = Decision(Form.FULL, ("P05",))
    denials = {name: each for name, each in lower.items() if each.form is not Form.FULL}
    request = ExecutionRequest(denials=denials, decide=lambda coordinate: lower.get(coordinate, full))
    return await executor.execute(executor.compile(planner.plan(document), document), request)


def beside(coordinate: str, *path: str | int, decision: Decision = ONLY_EXISTS, **values: Any) -> dict[str, Any]:
    said = {"path": path, "coordinate": coordinate, "form": decision.form, "policies": decision.policies}
    return said | {"dataset": decision.dataset, "mask": decision.mask, "contact": decision.contact} | values


CAR = "... on Car { make colour }"
STANDING = "... on Unavailable { product advice } ... on Restricted { dataset contact }"
LINKED = f"{{ person {{ name link {{ __typename {CAR} {STANDING} }} }} }}"
TO_A_CAR = {"person": {"__typename": "Person", "name": "Robin", "link": {"__typename": "Car", "id": "c1"}}}
DOWN = TransportError("unreachable", "could not be reached")
SAID = {"disclosures": []}


@pytest.mark.parametrize(
    "cars",
    [
        DOWN,
        b"<html>Bad gateway</html>",
        {"data": {"_entities": [{"make": "FORD"}]}},
        {"data": {"_entities": []}, "extensions": SAID},
        {"data": {"_entities": ["FORD"]}, "extensions": SAID},
        {"data": None, "errors": [{"message": "no", "extensions": {"code": "INTERNAL"}}]},
    ],
    ids=["down", "not JSON", "not saying what it showed", "too few", "no object", "an error for everything"],
)
async def test_a_record_whose_product_does_not_answer_is_unavailable_with_the_error_at_its_path(cars: Any):
    result = await asked(LINKED, TO_A_CAR, cars)
    link = result.data["person"]["link"]
    assert (link["__typename"], link["product"]) == ("Unavailable", "cars")
    assert "never as 'none'" in link["advice"]
    assert link.keys() == {"__typename", "product", "advice"}
    assert result.data["person"]["name"] == "Robin"
    ((_code, path),) = codes(result)
    assert path == ("person", "link")


async def test_each_place_is_unavailable_by_itself_and_the_errors_are_listed_at_each():
    links = [{"__typename": "Link", "target": {"__typename": "Car", "id": f"c{number}"}} for number in range(2)]
    links.append({"__typename": "Link", "target": {"__typename": "Person", "name": "Wren"}})
    query = f"{{ person {{ links {{ t: target {{ __typename ... on Person {{ name }} {CAR} }} }} }} }}"
    keyed = [{"__typename": "Link", "t": link["target"]} for link in links]
    result = await asked(query, {"person": {"__typename": "Person", "links": keyed}}, DOWN)
    types = [link["t"]["__typename"] for link in result.data["person"]["links"]]
    assert types == ["Unavailable", "Unavailable", "Person"]
    assert codes(result) == [("UNAVAILABLE", ("person", "links", place, "t")) for place in range(2)]


async def test_a_record_of_which_anything_was_had_stays_and_its_lost_fields_say_so():
    query = "{ person { link { __typename ... on Car { id make } } } }"
    data = {"person": {"__typename": "Person", "link": {"__typename": "Car", "id": "c1"}}}
    result = await asked(query, data, DOWN)
    assert result.data == {"person": {"link": {"__typename": "Car", "id": "c1", "make": None}}}
    assert codes(result) == [("UNAVAILABLE", ("person", "link", "make"))]


async def test_what_was_asked_wrongly_is_no_outage():
    refused = {"message": "no", "path": ["_entities", 0, "doors"], "extensions": {"code": "BAD_USER_INPUT"}}
    cars = {"data": {"_entities": [{"doors": None}]}, "errors": [refused], "extensions": SAID}
    result = await asked("{ person { link { __typename ... on Car { doors(first: -1) } } } }", TO_A_CAR, cars)
    assert result.data == {"person": {"link": {"__typename": "Car", "doors": None}}}
    assert codes(result) == [("BAD_USER_INPUT", ("person", "link", "doors"))]


async def test_a_record_that_its_own_subgraph_could_not_read_is_unavailable():
    error = {"message": "no database", "path": ["person", "link"], "extensions": {"code": "UNAVAILABLE"}}
    people = {"data": {"person": {"__typename": "Person", "name": "Robin", "link": None}}, "errors": [error]}
    result = await asked(LINKED, people)
    assert result.data["person"]["link"]["product"] == "people"
    assert codes(result) == [("UNAVAILABLE", ("person", "link"))]


async def test_an_entry_of_a_list_that_could_not_be_had_is_unavailable():
    error = {"message": "no database", "path": ["anyone", 1], "extensions": {"code": "UNAVAILABLE"}}
    people = {"data": {"anyone": [{"__typename": "Person", "name": "Wren"}, None]}, "errors": [error]}
    result = await asked("{ anyone { __typename ... on Person { name } } }", people)
    assert result.data == {"anyone": [{"__typename": "Person", "name": "Wren"}, {"__typename": "Unavailable"}]}
    assert codes(result) == [("UNAVAILABLE", ("anyone", 1))]


@pytest.mark.parametrize("answered", ["a string", {"__typename": "Nothing"}, {"name": "Robin"}])
async def test_what_cannot_be_meant_at_a_union_is_unavailable(answered: Any):
    result = await asked(LINKED, {"person": {"__typename": "Person", "name": "Robin", "link": answered}})
    link = result.data["person"]["link"]
    assert (link["__typename"], link["product"]) == ("Unavailable", None)
    assert codes(result) == [("UNAVAILABLE", ("person", "link"))]


async def test_a_list_that_could_not_be_had_is_null():
    error = {"message": "no database", "path": ["person", "proofs"], "extensions": {"code": "UNAVAILABLE"}}
    people = {"data": {"person": {"__typename": "Person", "proofs": None}}, "errors": [error]}
    result = await asked("{ person { proofs { proof { __typename } } } }", people)
    assert result.data == {"person": {"proofs": None}}


PROOF = "... on Certificate { weapons } ... on Restricted { whose: contact dataset }"
RESTRICTED = {"__typename": "Restricted", "whose": "the licensing team", "dataset": "NFLMS"}


async def test_a_record_that_only_exists_is_restricted_and_stated_beside_the_data():
    entry = beside("Person.proof", "person", "p", value=True)
    result = await asked(
        f"{{ person {{ p: proof {{ __typename {PROOF} }} }} }}",
        {"person": {"__typename": "Person", "p": None}},
        access=[entry],
        decided={"Person.proof": ONLY_EXISTS},
    )
    assert result.data == {"person": {"p": RESTRICTED}}
    (said,) = result.access
    assert (said["path"], said["form"], said["value"]) == (["person", "p"], "EXISTS", True)
    assert result.errors == ()


async def test_a_record_that_its_row_lowers_to_existence_is_restricted_too():
    by_row = Decision(Form.FULL, ("P05",), "NFLMS", rows=("other-area",))
    links = [{"__typename": "Link", "target": None}, {"__typename": "Link", "target": {"__typename": "Person"}}]
    result = await asked(
        "{ person { links { target { __typename ... on Restricted { contact } } } } }",
        {"person": {"__typename": "Person", "links": links}},
        access=[beside("Link.target", "person", "links", 0, "target", value=True)],
        decided={"Link.target": by_row},
    )
    there = {"target": {"__typename": "Restricted", "contact": "the licensing team"}}
    assert result.data == {"person": {"links": [there, {"target": {"__typename": "Person"}}]}}
    assert result.disagreements == ()


async def of_matches(selection: str, value: bool, field: str = "proofs") -> ExecutionResult:
    return await asked(
        f"{{ person {{ {field} {{ {selection} }} }} }}",
        {"person": {"__typename": "Person", field: None}},
        access=[beside(f"Person.{field}", "person", field, value=value)],
        decided={f"Person.{field}": ONLY_EXISTS},
    )


async def test_of_matches_that_only_exist_one_entry_says_so_and_nothing_else_of_them():
    result = await of_matches(f"score a: proof {{ __typename {PROOF} }} b: proof {{ __typename }}", value=True)
    entry = {"score": None, "a": RESTRICTED, "b": {"__typename": "Restricted"}}
    assert result.data == {"person": {"proofs": [entry]}}
    assert [(said["path"], said["form"]) for said in result.access] == [(["person", "proofs"], "EXISTS")]


@pytest.mark.parametrize(
    ("selection", "value", "field"),
    [
        (f"proof {{ {PROOF} }}", False, "proofs"),
        ("score", True, "proofs"),
        (f"proof {{ {PROOF} }}", True, "plain"),
    ],
    ids=["there is none", "no place is asked for", "entries with labels of their own"],
)
async def test_where_nothing_can_stand_the_list_is_null_as_anything_that_only_exists(
    selection: str, value: bool, field: str
):
    result = await of_matches(selection, value=value, field=field)
    assert result.data == {"person": {field: None}}
    assert [said["value"] for said in result.access] == [value]


async def test_a_value_sent_with_what_only_exists_is_not_shown():
    data = {"person": {"__typename": "Person", "proof": {"__typename": "Certificate", "weapons": 7}}}
    result = await asked(f"{{ person {{ proof {{ {PROOF} }} }} }}", data, decided={"Person.proof": ONLY_EXISTS})
    assert result.data == {"person": {"proof": None}}
    assert "7" not in json.dumps([result.data, result.access, result.errors])


@pytest.mark.parametrize("form", [Form.DENY, Form.SILENT])
async def test_what_is_denied_or_silent_is_null_and_never_a_stand_in(form: Form):
    decided = {"Person.proof": Decision(form, ("P06",), "NFLMS", contact="the licensing team")}
    data = {"person": {"__typename": "Person", "name": "Robin"}}
    result = await asked(f"{{ person {{ name proof {{ __typename {PROOF} }} }} }}", data, decided=decided)
    assert result.data == {"person": {"name": "Robin", "proof": None}}
    assert codes(result) == ([("ACCESS_DENIED", ("person", "proof"))] if form is Form.DENY else [])
    assert result.access == ()


async def test_a_directive_imported_under_another_name_is_the_same():
    result = await asked(LINKED, TO_A_CAR, DOWN, ours=RENAMED)
    assert result.data["person"]["link"]["__typename"] == "Unavailable"


async def test_in_a_graph_that_does_not_link_our_specification_nothing_stands_in():
    result = await asked(LINKED, TO_A_CAR, DOWN, ours=FOREIGN)
    assert result.data["person"]["link"] == {"__typename": "Car", "make": None, "colour": None}
    assert {code for code, _path in codes(result)} == {"UNAVAILABLE"}
