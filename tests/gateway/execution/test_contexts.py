"""Arguments fed from contexts, end to end: two subgraphs composed, planned and executed over real applications."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from graphql import GraphQLError, build_schema, parse

from gateway.composition.compose import SubgraphDefinition, compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.execution.executor import Executor
from gateway.execution.result import ExecutionRequest, ExecutionResult
from gateway.execution.transport import AsgiTransport
from gateway.general import GeneralSettings, create_general_app
from gateway.planning.plan import KeyRenamer, QueryPlan, fetches_of, plan_from_json
from gateway.planning.planner import Planner
from tests.gateway.execution.kit import codes
from tests.gateway.kit import served
from tests.gateway.shop import LittleSubgraph

LINK = """extend schema @link(url: "https://specs.apollo.dev/federation/v2.8",
  import: ["@key", "@external", "@context", "@fromContext", "@shareable"])
"""
PEOPLE = """
type Query { people: [Person] reader: Reader }
interface Reader { records: [Record] }
type Person implements Reader @key(fields: "id") { id: ID! language: String born: Int! home: Home records: [Record] }
type Team implements Reader @key(fields: "id") { id: ID! tongue: String records: [Record] }
type Home { tags: [String] }
type Record @key(fields: "id") { id: ID! parts: [Record] }
"""
RECORDS = """
type Query { unused: Int }
type Person @key(fields: "id") @context(name: "reader") { id: ID! language: String @external }
type Team @key(fields: "id") @context(name: "reader") { id: ID! tongue: String @external }
type Record @key(fields: "id") {
  id: ID!
  summary(
    in: String @fromContext(field: "$reader ... on Person { language } ... on Team { tongue }"), short: Boolean
  ): String
  plain: String
}
"""
ONLY_PERSON = """
type Query { unused: Int }
type Person @key(fields: "id") @context(name: "reader") { id: ID! born: Int! @external home: Home @external }
type Home { tags: [String] @external }
type Record @key(fields: "id") {
  id: ID!
  aged(born: Int @fromContext(field: "$reader { born }")): String
  tagged(tags: [String] @fromContext(field: "$reader { home { tags } }")): String
  plain: String
}
"""
WITHOUT_TEAMS = PEOPLE.replace("tongue: String records: [Record]", "tongue: String").replace(
    "Team implements Reader", "Team"
)
"""Here only people read, so that each way to a record passes one whose context is set."""
ENTITIES = "scalar _Any union _Entity = Record extend type Query { _entities(representations: [_Any!]!): [_Entity]! } "


@dataclass
class Records:
    """What the two subgraphs hold, and both of them running."""

    records: str = RECORDS
    people: list[Any] = field(default_factory=list)
    reader: Any = None

    def __post_init__(self) -> None:
        schema = WITHOUT_TEAMS if self.records == ONLY_PERSON else PEOPLE
        definitions = [
            SubgraphDefinition("people", "http://people.invalid", LINK + schema),
            SubgraphDefinition("records", "http://records.invalid", LINK + self.records),
        ]
        self.supergraph = supergraph_from_sdl(compose(definitions).supergraph_sdl)
        self.planner = Planner(self.supergraph)
        root = {"people": lambda info: self.people, "reader": lambda info: self.reader}
        self.asked = {
            "people": LittleSubgraph(executable(schema), root, lambda it: None),
            "records": LittleSubgraph(executable(self.records), {}, record),
        }

    async def answer(
        self, query: str, variables: Mapping[str, Any] | None = None, plan: QueryPlan | None = None
    ) -> ExecutionResult:
        document = parse(query)
        executor = Executor(self.supergraph, {name: AsgiTransport(app) for name, app in self.asked.items()})
        program = executor.compile(plan or self.planner.plan(document), document)
        return await executor.execute(program, ExecutionRequest(variables=variables or {}))


def executable(sdl: str) -> Any:
    return build_schema(LINK + sdl + ENTITIES, assume_valid=True, assume_valid_sdl=True)


def record(representation: Mapping[str, Any]) -> dict[str, Any]:
    name = representation["id"]
    return {
        "summary": lambda info, short=False, **given: f"{name} in {given.get('in')}{' briefly' if short else ''}",
        "aged": lambda info, born: f"{name} of {born}",
        "tagged": lambda info, tags: f"{name} of {tags}",
        "plain": f"{name} itself",
    }


def person(number: int, language: Any, *records: str) -> dict[str, Any]:
    return {
        "__typename": "Person",
        "id": str(number),
        "language": language,
        "born": 1900 + number,
        "home": {"tags": [language, None]},
        "records": [{"id": name, "parts": [{"id": f"{name}-part"}]} for name in records],
    }


async def test_each_object_gets_the_value_of_the_object_around_it_in_one_request():
    world = Records(people=[person(1, "cy", "a", "b"), person(2, "en", "c"), person(3, "cy", "a")])
    result = await world.answer("{ people { records { summary } } }")
    assert result.errors == ()
    assert result.data
    assert [[it["summary"] for it in each["records"]] for each in result.data["people"]] == [
        ["a in cy", "b in cy"],
        ["c in en"],
        ["a in cy"],
    ]
    [body] = world.asked["records"].bodies
    assert body["variables"]["contextualArgument_2_0__0"] == "cy"
    assert body["variables"]["contextualArgument_2_0__1"] == "en"


async def test_the_gateway_feeds_arguments_from_contexts_over_http():
    world = Records(people=[person(1, "cy", "a", "b"), person(2, "en", "c")])
    async with served(world.asked["people"]) as people, served(world.asked["records"]) as records:
        urls = {"people": f"{people.base_url}/graphql", "records": f"{records.base_url}/graphql"}
        async with served(create_general_app(world.supergraph.sdl, GeneralSettings(urls=urls))) as client:
            response = await client.post("/graphql", json={"query": "{ people { records { summary } } }"})
    assert response.json() == {
        "data": {
            "people": [
                {"records": [{"summary": "a in cy"}, {"summary": "b in cy"}]},
                {"records": [{"summary": "c in en"}]},
            ]
        }
    }


async def test_one_value_for_all_is_sent_as_the_plan_says():
    world = Records(people=[person(1, "cy", "a"), person(2, "cy", "b")])
    result = await world.answer("{ people { records { summary } } }")
    assert result.errors == ()
    [body] = world.asked["records"].bodies
    assert body["query"].startswith("query($representations:[_Any!]!,$contextualArgument_2_0:String)")
    assert body["variables"] == {
        "contextualArgument_2_0": "cy",
        "representations": [{"__typename": "Record", "id": "a"}, {"__typename": "Record", "id": "b"}],
    }


async def test_the_clients_own_arguments_aliases_and_variables_stay():
    world = Records(people=[person(1, "cy", "a"), person(2, "en", "b")])
    query = """query ($short: Boolean) { people { language: id records {
        one: summary(short: $short) two: summary plain parts { summary } } } }"""
    result = await world.answer(query, {"short": True})
    assert result.errors == ()
    assert result.data
    assert result.data["people"][1] == {
        "language": "2",
        "records": [
            {"one": "b in en briefly", "two": "b in en", "plain": "b itself", "parts": [{"summary": "b-part in en"}]}
        ],
    }


async def test_a_text_that_looks_like_the_variable_is_left_alone():
    sdl = RECORDS.replace("short: Boolean", "short: String")
    world = Records(records=sdl, people=[person(1, "cy", "a"), person(2, "en", "b")])
    result = await world.answer('{ people { records { summary(short: "$contextualArgument_2_0 ") } } }')
    assert result.errors == ()
    [body] = world.asked["records"].bodies
    assert body["query"].count('"$contextualArgument_2_0 "') == 2


@pytest.mark.parametrize(("reader", "expected"), [("Person", "a in cy"), ("Team", "a in gd")])
async def test_a_context_set_by_several_types_selects_what_each_has(reader: str, expected: str):
    world = Records(reader={**person(1, "cy", "a"), "tongue": "gd", "__typename": reader})
    result = await world.answer("{ reader { records { summary } } }")
    assert result.errors == ()
    assert result.data == {"reader": {"records": [{"summary": expected}]}}


async def test_null_is_given_where_the_argument_may_be_null():
    world = Records(people=[person(1, None, "a")])
    assert (await world.answer("{ people { records { summary } } }")).data == {
        "people": [{"records": [{"summary": "a in None"}]}]
    }


async def test_a_list_is_given_whole():
    world = Records(records=ONLY_PERSON, people=[person(1, "cy", "a")])
    result = await world.answer("{ people { records { tagged } } }")
    assert result.errors == ()
    assert result.data == {"people": [{"records": [{"tagged": "a of ['cy', None]"}]}]}


async def test_a_value_that_failed_costs_what_reads_it_and_nothing_else():
    def refuse(info: Any) -> Any:
        raise GraphQLError("no language today")

    people = [person(1, refuse, "a"), person(2, "en", "b")]
    result = await Records(people=people).answer("{ people { id records { summary plain } } }")
    assert result.data == {
        "people": [
            {"id": "1", "records": [{"summary": None, "plain": "a itself"}]},
            {"id": "2", "records": [{"summary": "b in en", "plain": "b itself"}]},
        ]
    }
    assert codes(result) == [("DOWNSTREAM_SERVICE_ERROR", ("people", 0, "records", 0, "summary"))]


@pytest.mark.parametrize("query", ["{ people { records { aged } } }", "{ people { records { aged plain tagged } } }"])
async def test_null_where_the_argument_needs_a_value_costs_the_field_only(query: str):
    world = Records(records=ONLY_PERSON, people=[person(1, "cy", "a"), person(2, "en", "b")])
    # Composition wants such arguments nullable; a supergraph of another composer may know them otherwise.
    printed = json.dumps(world.planner.plan(parse(query)).to_json())
    plan = plan_from_json(json.loads(printed.replace("$contextualArgument_2_0:Int", "$contextualArgument_2_0:Int!")))
    assert "Int!" in str(plan.to_json())
    world.people[0]["born"] = None
    world.asked["people"].schema = executable(WITHOUT_TEAMS.replace("born: Int!", "born: Int"))
    result = await world.answer(query, plan=plan)
    assert result.data
    [first], [second] = (each["records"] for each in result.data["people"])
    assert first["aged"] is None
    assert second["aged"] == "b of 1902"
    if "plain" in query:
        assert first == {"aged": None, "plain": "a itself", "tagged": "a of ['cy', None]"}
    assert codes(result) == [("UNAVAILABLE", ("people", 0, "records", 0, "aged"))]


async def test_a_lost_subgraph_loses_what_reads_from_it():
    world = Records(people=[person(1, "cy", "a")])
    world.asked["records"].entity = lambda representation: None
    result = await world.answer("{ people { records { summary } } }")
    assert result.data == {"people": [{"records": [{"summary": None}]}]}


@pytest.mark.parametrize("on", [True, False])
async def test_a_context_is_read_under_the_fields_own_conditions(on: bool):
    world = Records(people=[person(1, "cy", "a")])
    query = "query ($on: Boolean!) { people { records { plain summary @include(if: $on) } } }"
    result = await world.answer(query, {"on": on})
    assert result.errors == ()
    expected = {"plain": "a itself", "summary": "a in cy"} if on else {"plain": "a itself"}
    assert result.data == {"people": [{"records": [expected]}]}


def test_context_rewrites_are_printed_and_read_as_apollo_does():
    world = Records()
    plan = world.planner.plan(parse("{ people { records { summary } } }"))
    [_, fetch] = fetches_of(plan)
    renamer = KeyRenamer(("..", "... on Person", "language"), "contextualArgument_2_0")
    assert fetch.context_rewrites == (renamer,)
    assert fetch.variables == ("contextualArgument_2_0",)
    assert plan_from_json(plan.to_json()) == plan
