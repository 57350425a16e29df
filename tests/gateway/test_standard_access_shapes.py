"""The attack shapes of the shared conformance table that the standard directives answer: what each must, and what no
subgraph was ever asked for. Over a supergraph that our composer propagated rules in, and over one that nobody did."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any

import pytest
import pytest_asyncio
from graphql import build_schema, parse

from gateway.composition.compose import SubgraphDefinition, compose
from tests.gateway.archive import Archive, access, running, with_rules
from tests.gateway.execution.corpus import shared_folder
from tests.gateway.shop import LittleSubgraph

FOLDER = shared_folder()
pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        FOLDER is None, reason="no conformance folder: set LEDS_SHARED or put shared/ beside the repository"
    ),
]
RULE = re.compile(r"@(?:authenticated|requiresScopes\(scopes: \[\[.*?\]\]\))")
FEDERATION = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", '
    'import: ["@key", "@external", "@requires", "@authenticated", "@requiresScopes"])\n'
)
PII = '@requiresScopes(scopes: [["pii"]])'
RISKS = (
    'type Person @key(fields: "id") {{ id: ID! nino: String! @external riskScore: Int @requires(fields: "nino") {} }}'
)
BANDS = (
    'type Person @key(fields: "id") {{ id: ID! riskScore: Int @external band: String @requires(fields: "riskScore") '
    "{} }}"
)
MACHINERY = """
directive @key(fields: String!) on OBJECT
directive @external on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
scalar _Any
union _Entity = Person
extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
"""


@cache
def table() -> dict[str, Any]:
    assert FOLDER is not None
    return json.loads((FOLDER / "access_shapes.json").read_text("utf-8"))


@cache
def people() -> str:
    """The table's schema as the subgraph of people: the computed fields live elsewhere, the directives are linked."""
    text = re.sub(r"^directive .*$", "", table()["sdl"], flags=re.MULTILINE)
    text = re.sub(r"riskScore: Int|band: String", "", text)
    return text.replace("type Person implements Node {", 'type Person implements Node @key(fields: "id") {')


def stated() -> dict[str, str]:
    """The table's rules by coordinate."""
    found: dict[str, str] = {}
    definitions: tuple[Any, ...] = parse(people()).definitions
    for node in definitions:
        for part, name in ((node, ""), *((part, part.name.value) for part in getattr(node, "fields", None) or ())):
            text = " ".join(
                f"@{each.name.value}" + (f"(scopes: {_value(each)})" if each.arguments else "")
                for each in part.directives or ()
                if each.name.value in ("authenticated", "requiresScopes")
            )
            if text:
                found[f"{node.name.value}.{name}" if name else node.name.value] = text
    return found


def _value(directive: Any) -> str:
    rows = directive.arguments[0].value.values
    return json.dumps([[item.value for item in row.values] for row in rows])


def supergraph(sdl: str, rule: str = "") -> str:
    """People, risks and bands composed."""
    texts = {"people": sdl, "risks": RISKS.format(rule), "bands": BANDS.format(rule)}
    parts = [SubgraphDefinition(name, f"http://127.0.0.1:1/{name}", FEDERATION + text) for name, text in texts.items()]
    return compose(parts).supergraph_sdl


@cache
def unpropagated() -> str:
    return supergraph(RULE.sub("", people()))


GRAPHS = {
    "composed here": lambda: supergraph(people(), PII),
    "composed elsewhere": lambda: with_rules(unpropagated(), stated()),
}


def subgraphs() -> dict[str, LittleSubgraph]:
    officer = {"id": "f1", "name": "Officer", "collar": "C1"}
    public = {"__typename": "PublicRecord", "id": "p1", "title": "public", "author": officer}
    source = {"__typename": "SourceRecord", "id": "s1", "title": "source", "author": officer, "handler": officer}
    crime = {"__typename": "CrimeReport", "id": "c1", "summary": "crime"}
    intel = {"__typename": "IntelReport", "id": "i1", "summary": "intel"}
    vehicle = {"__typename": "Vehicle", "id": "v1", "vrm": "AB12CDE", "name": "car"}
    person = {"__typename": "Person", "id": "1", "name": "Ann", "dob": "1990", "nino": "QQ123456C", "grading": "A"}
    person |= {"sealedNote": "note", "records": [public]}
    nodes = {each["id"]: each for each in (public, source, vehicle, person)}
    connection = {"nodes": [person], "edges": [{"cursor": "c", "node": person}], "totalCount": 1}
    root = {
        "me": lambda info: officer,
        "person": lambda info, id: person,
        "people": lambda info, **_: connection,
        "search": lambda info, text: [person, vehicle, source],
        "records": lambda info: [public, source],
        "reports": lambda info: [crime, intel],
        "node": lambda info, id: nodes.get(id),
        "sources": lambda info: [source],
        "addNote": lambda info, **_: person,
        "sealRecord": lambda info, **_: source,
    }
    empty = "type Query { nothing: Int }"
    return {
        "people": LittleSubgraph(build_schema(RULE.sub("", people()) + MACHINERY), root, lambda sent: person),
        "risks": LittleSubgraph(
            build_schema(RISKS.format("") + empty + MACHINERY),
            {},
            lambda sent: {**sent, "riskScore": len(sent["nino"])},
        ),
        "bands": LittleSubgraph(
            build_schema(BANDS.format("") + empty + MACHINERY), {}, lambda sent: {**sent, "band": "low"}
        ),
    }


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=GRAPHS.values(), ids=GRAPHS)
async def graph(request: pytest.FixtureRequest) -> AsyncIterator[Archive]:
    async with running(access(), request.param(), subgraphs()) as started:
        yield started


Denied = Mapping[tuple[str | int, ...], str]
SOURCES = {("records", 1, "id"): "SourceRecord.id"}
# id: (the data, the coordinate denied at each path); nothing denied may have been asked of a subgraph.
MUST: dict[str, tuple[Any, Denied]] = {
    "AZ01": ({"person": None}, {("person", "nino"): "Person.nino"}),
    "AZ02": ({"person": None}, {("person", "name"): "Person.nino"}),
    "AZ02b": ({"x": None}, {("x",): "Query.me"}),
    "AZ03": ({"moi": None}, {("moi",): "Query.me"}),
    "AZ04": ({"__schema": None}, {("__schema",): "Query.me"}),
    "AZ06": ({"person": {"constructor": "Ann", "__class": "1", "items": "Ann", "keys": "Ann"}}, {}),
    "AZ10": (None, SOURCES),
    "AZ11": (
        {"reports": [{"id": "c1", "summary": None}, {"id": "i1", "summary": None}]},
        {("reports", 0, "summary"): "CrimeReport.summary", ("reports", 1, "summary"): "IntelReport.summary"},
    ),
    "AZ12": (None, SOURCES),
    "AZ13": (None, SOURCES),
    "AZ14": (None, SOURCES),
    "AZ16": ({"node": None}, {("node", "id"): "SourceRecord.id"}),
    "AZ17": (
        {"search": [{"name": "Ann", "dob": "1990"}, {"name": "car"}, {"title": None}]},
        {("search", 2, "title"): "SourceRecord.title"},
    ),
    # The choice for a graph without sealed data: a protected type is not told, and what holds it says so.
    "AZ18": (None, {("search", 2, "__typename"): "SourceRecord.__typename"}),
    "AZ19": ({"search": [{"v": "1990"}, {"v": "AB12CDE"}, {}]}, {}),
    "AZ20": ({"records": [{}, {"handler": None}]}, {("records", 1, "handler"): "SourceRecord.handler"}),
    "AZ21": (
        {"a": {"id": "1", "dob": None}, "s": [{"id": "1", "dob": None}, {}, {}]},
        {("a", "dob"): "Person.dob", ("s", 0, "dob"): "Person.dob"},
    ),
    "AZ22": ({"person": {"id": "1"}}, {}),
    "AZ23": (
        {"person": {"grading": None, "sealedNote": None, "name": "Ann"}},
        {("person", "grading"): "Person.grading", ("person", "sealedNote"): "Person.sealedNote"},
    ),
    "AZ24": (None, {("sources",): "Query.sources"}),
    "AZ31": ({"search": [{}, {"vrm": "AB12CDE"}, {}]}, {}),
    "AZ32": (
        {"people": {"nodes": [{"name": "Ann", "dob": None}]}},
        {("people", "nodes", 0, "dob"): "Person.dob"},
    ),
    "AZ33": (
        {"addNote": None, "sealRecord": None},
        {("addNote",): "Mutation.addNote", ("sealRecord",): "Mutation.sealRecord"},
    ),
    "AZ34": ({"sealRecord": None}, {("sealRecord",): "Mutation.sealRecord"}),
    "AZ37": ({"person": {"id": "1"}}, {}),
    "AZ42": (None, {("people", "nodes", 0, "nino"): "Person.nino"}),
    "AZ45": (None, {("people", "nodes", 0, "nino"): "Person.nino"}),
    "AZ46": ({"person": {"riskScore": None}}, {("person", "riskScore"): "Person.riskScore"}),
    "AZ47": ({"person": {"band": None}}, {("person", "band"): "Person.band"}),
    "AZ48": ({"person": {"name": "Ann", "riskScore": None}}, {("person", "riskScore"): "Person.riskScore"}),
}
BEHIND = {"AZ46": "Person.nino", "AZ47": "Person.nino", "AZ48": "Person.nino"}


async def ask(graph: Archive, name: str, **changes: Any) -> dict[str, Any]:
    row = next(each for each in table()["shapes"] if each["id"] == name) | changes
    scope = row["claims"].get("scope")
    members = {"variables": row["variables"], "operationName": row["operationName"]}
    graph.forget()
    return (await graph.send(row["query"], scope, **members)).json()


@pytest.mark.parametrize("name", MUST)
async def test_shape(graph: Archive, name: str):
    data, denied = MUST[name]
    told = await ask(graph, name)
    assert told["data"] == data
    errors = told.get("errors", [])
    assert {tuple(each["path"]): each["extensions"]["coordinate"] for each in errors} == denied
    assert {each["extensions"]["code"] for each in errors} <= {"ACCESS_DENIED"}
    assert not graph.asked() & set(denied.values())
    assert BEHIND.get(name) not in graph.asked()
    if name in ("AZ33", "AZ34", "AZ24", "AZ02b", "AZ03", "AZ04"):
        assert graph.requests() == 0


async def test_az05_the_clients_response_key_is_never_taken_for_the_type(graph: Archive):
    """Whether or not a key of that name can be answered, the object is no other type's and shows nothing of one."""
    told = await ask(
        graph, "AZ05", query='{node(id:"s1"){__typename: id ...on Person{name} ...on SourceRecord{title}}}'
    )
    assert told["data"] == {"node": None}
    assert "source" not in json.dumps(told["data"])
    assert "SourceRecord.title" not in graph.asked()


async def test_az42_the_other_route_to_the_same_object_is_judged_alike(graph: Archive):
    told = await ask(graph, "AZ42", query="{people{edges{node{nino}}}}")
    assert told["data"] is None
    assert [each["path"] for each in told["errors"]] == [["people", "edges", 0, "node", "nino"]]
    assert "Person.nino" not in graph.asked()


async def test_az30_the_plan_carries_no_decision(graph: Archive):
    for included in (False, True, False):
        told = await ask(graph, "AZ30", variables={"p": included})
        assert told == {"data": {"person": {"id": "1", **({"dob": "1990"} if included else {})}}}
        told = await ask(graph, "AZ30", variables={"p": included}, claims={"scope": ""})
        assert bool(told.get("errors")) is included
        assert "Person.dob" not in graph.asked()


async def test_az31_only_the_operation_that_runs_is_judged(graph: Archive):
    told = await ask(graph, "AZ31", operationName="Priv")
    assert told["data"] == {"me": None}
    assert graph.requests() == 0


async def test_az36_a_mixed_document_is_no_introspection(graph: Archive):
    told = await ask(graph, "AZ36")
    assert told["data"]["me"] is None
    assert told["data"]["__type"]["fields"]
    assert graph.requests() == 0


async def test_az15_a_rule_on_the_interface_holds_for_its_types(graph: Archive):
    rules = stated()
    moved = rules.pop("CrimeReport.summary")
    assert rules.pop("IntelReport.summary") == moved
    before = graph.sdl
    await graph.serve(with_rules(unpropagated(), rules | {"Report.summary": moved}))
    told = await ask(graph, "AZ15")
    await graph.serve(before)
    assert told["data"] == {"reports": [{"summary": None}, {}]}
    assert told["errors"][0]["extensions"]["coordinate"] == "CrimeReport.summary"


async def test_rc01_and_rc06_nothing_is_withheld_without_a_word(graph: Archive):
    told = await ask(graph, "AZ17", claims={})
    withheld = {each["extensions"]["coordinate"] for each in told["errors"]}
    assert withheld == {"Person.dob", "SourceRecord.title"}
    assert all(each["extensions"]["missing"] for each in told["errors"])
