"""The query shapes of the shared table over every transport, in both modes, whoever composed the supergraph: the
answer, the coordinate denied at each path, what no subgraph was ever asked for, and that no protected value leaves."""

import json
from collections import Counter
from typing import Any

import pytest
from graphql import (
    GraphQLSchema,
    build_client_schema,
    build_schema,
    get_introspection_query,
    print_schema,
    validate_schema,
)

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.errors import CompositionFailed
from tests.shapes.asking import NEEDS_TABLE, OVER_EACH, ask, denied, send
from tests.shapes.expected import MUTATIONS, QUERIES
from tests.shapes.world import ADDRESS, BANDS, FEDERATION, PII, RISKS, SECRETS, World, bearer, people, table

pytestmark = [pytest.mark.asyncio(loop_scope="session"), NEEDS_TABLE]


@OVER_EACH
@pytest.mark.parametrize("shape", QUERIES)
async def test_shape(world: World, transport: str, shape: str):
    must = QUERIES[shape]
    told = await ask(world, transport, shape)
    if transport == "GET" and shape in MUTATIONS:
        assert (told.status, told.codes) == (405, ["METHOD_NOT_ALLOWED"])
        assert world.requests() == 0
        return
    assert (told.status, told.data) == (200, must.data)
    assert denied(told) == must.denied
    asked = world.asked()
    assert not asked & {*must.denied.values(), *must.unasked}
    if must.untouched:
        assert world.requests() == 0
    shown = json.dumps(must.data)
    assert [value for value in SECRETS if value in json.dumps(told.responses) and value not in shown] == []


@OVER_EACH
async def test_az05_no_response_key_is_taken_for_the_type(world: World, transport: str):
    query = '{node(id:"s1"){__typename: id ...on Person{name} ...on SourceRecord{title}}}'
    told = await ask(world, transport, "AZ05", query=query)
    assert told.data == {"node": None}
    assert set(denied(told).values()) <= {"SourceRecord.id", "SourceRecord.title"}
    assert not world.asked() & {"SourceRecord.id", "SourceRecord.title"}


@OVER_EACH
async def test_az15_a_rule_on_the_interface_holds_for_its_types(moved: World, transport: str):
    moved.forget()
    told = await ask(moved, transport, "AZ15")
    assert told.data == {"reports": [{"summary": None}, {}]}
    assert denied(told) == {("reports", 0, "summary"): "CrimeReport.summary"}
    assert not moved.asked() & {"CrimeReport.summary", "IntelReport.summary"}


@OVER_EACH
async def test_rc06_nothing_is_withheld_without_a_word(world: World, transport: str):
    told = await ask(world, transport, "AZ17", claims={})
    assert told.data == {"search": [{"name": "Ann", "dob": None}, {"name": "car"}, {"title": None}]}
    assert denied(told) == {("search", 0, "dob"): "Person.dob", ("search", 2, "title"): "SourceRecord.title"}


@OVER_EACH
async def test_az20_the_order_of_fragments_says_nothing(world: World, transport: str):
    parts = table()["shapes"]["AZ20"]["query"].split("fragment ")
    turned = " ".join(["fragment " + part for part in reversed(parts[1:])] + [parts[0]])
    told = await ask(world, transport, "AZ20", query=turned)
    assert (told.data, denied(told)) == (QUERIES["AZ20"].data, QUERIES["AZ20"].denied)


@OVER_EACH
async def test_az30_a_plan_carries_no_decision(world: World, transport: str):
    for included in (False, True, False):
        told = await ask(world, transport, "AZ30", variables={"p": included})
        assert told.data == {"person": {"id": "1", **({"dob": "1990"} if included else {})}}
        assert told.errors == []
        world.forget()
        told = await ask(world, transport, "AZ30", variables={"p": included}, claims={"sub": "pc1", "scope": ""})
        assert denied(told) == ({("person", "dob"): "Person.dob"} if included else {})
        assert "Person.dob" not in world.asked()


@OVER_EACH
async def test_az31_the_operation_that_runs_is_the_one_that_is_judged(world: World, transport: str):
    told = await ask(world, transport, "AZ31", operationName="Priv")
    assert (told.data, denied(told)) == ({"me": None}, {("me",): "Query.me"})
    assert world.requests() == 0


@OVER_EACH
async def test_az32_values_that_only_denied_fields_use_are_sent_to_nobody(world: World, transport: str):
    query = (
        'query Q($f: PersonFilter, $t: String!){ person(id:"1"){ name } '
        "people(filter:$f){ nodes { nino } } search(text:$t){ ...on SourceRecord { title } } sources { id } }"
    )
    await ask(world, transport, "AZ32", query=query, variables={"f": {"name": "ONLY-DENIED"}, "t": "ALSO-DENIED"})
    assert world.requests() > 0
    sent = world.sent()
    used = {name for name in ("ONLY-DENIED", "ALSO-DENIED") if name in sent}
    asked = {body["query"] for known in world.subgraphs.values() for body in known.bodies}
    # A list that is fetched to be counted into the answer's shape needs its arguments; one that is not, none.
    assert ("ONLY-DENIED" in used) is any("people(" in query for query in asked)
    assert ("ALSO-DENIED" in used) is any("search(" in query for query in asked)


@OVER_EACH
async def test_az35_a_deferred_part_is_no_way_around(world: World, transport: str):
    """There is no `@defer` in any graph that is served: it is refused before anybody is asked."""
    told = await ask(world, transport, "AZ35")
    assert told.codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert "@defer" in told.errors[0]["message"]
    assert not any(response.get("data") for response in told.responses)
    assert world.requests() == 0


@OVER_EACH
async def test_az36_a_mixed_document_is_no_introspection(world: World, transport: str):
    told = await ask(world, transport, "AZ36")
    assert told.data == {"__type": None, "me": None}
    assert denied(told) == {("me",): "Query.me"}
    assert world.requests() == 0


@OVER_EACH
async def test_az36_introspection_is_of_what_the_caller_may_use(world: World, transport: str):
    may = await ask(world, transport, "AZ36", claims={"sub": "pc1", "scope": "source:read"})
    assert {field["name"] for field in may.data["__type"]["fields"]} == {"id", "title", "author", "handler"}
    world.forget()
    # What is only reached through what is hidden is hidden too; what does not exist looks the same.
    query = '{ e: __type(name: "Grading") { name } s: __type(name: "Sealed") { name } n: __type(name: "N") { name } }'
    told = await ask(world, transport, "AZ36", query=query)
    assert (told.data, told.errors) == ({"e": None, "s": None, "n": None}, [])
    assert (await ask(world, transport, "AZ36", query=query, claims={"sub": "pc2", "scope": "intel sealed"})).data == {
        "e": {"name": "Grading"},
        "s": {"name": "Sealed"},
        "n": None,
    }
    assert world.requests() == 0


PERSONAL = ("Person.dob", "Person.nino", "PersonFilter.nino")
SHOWN: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nobody": ({}, {"SourceRecord", "CrimeReport.summary", *PERSONAL, "Officer.collar", "Query.me"}),
    "an officer": ({"sub": "pc1", "scope": ""}, {"SourceRecord", "CrimeReport.summary", *PERSONAL}),
    "of personal data": ({"sub": "pc1", "scope": "pii"}, {"SourceRecord", "CrimeReport.summary"}),
    "of crime": ({"sub": "pc1", "scope": "crime"}, {"SourceRecord", *PERSONAL}),
}
ANSWERED = ("SourceRecord", "CrimeReport.summary", *PERSONAL, "PersonFilter.name", "Officer.collar", "Query.me")


@pytest.mark.parametrize("who", SHOWN)
async def test_az36_the_schema_as_text_is_a_valid_one_of_what_the_caller_may_use(world: World, who: str):
    claims, hidden = SHOWN[who]
    response = await world.client.get("/schema.graphql", headers=bearer(claims))
    assert "authorization" in response.headers["vary"].lower()
    schema = build_schema(response.text)
    assert validate_schema(schema) == []
    assert {name for name in ANSWERED if not has(schema, name)} == hidden
    introspected = await send(world, "POST", bearer(claims), get_introspection_query(specified_by_url=True))
    assert print_schema(build_client_schema(introspected.data)) == print_schema(schema)


def has(schema: GraphQLSchema, coordinate: str) -> bool:
    """Whether a type, or a field of one, is in a schema."""
    name, _, field = coordinate.partition(".")
    kind: Any = schema.type_map.get(name)
    return kind is not None and (not field or field in kind.fields)


@OVER_EACH
async def test_az37_no_name_of_an_operation_or_fragment_lifts_a_limit(world: World, transport: str):
    row = table()["shapes"]["AZ37"]
    many = " ".join(f'a{number}: person(id:"1"){{ id }}' for number in range(1_001))
    told = await ask(world, transport, "AZ37", query=row["query"].replace('person(id:"1"){ id }', many))
    assert told.codes == ["DOCUMENT_TOO_LARGE"]
    told = await ask(world, transport, "AZ37", query=row["query"].replace("{ id }", "{ dob }"))
    assert denied(told) == {("person", "dob"): "Person.dob"}
    assert "Person.dob" not in world.asked()


BY_VARIABLE = {
    "AZ40": ("query($f: PersonFilter){people(filter:$f){totalCount}}", {"f": {"name": "Ann"}}, {"f": {"nino": "Q"}}),
    "AZ41": ("query($o: PersonOrder){people(orderBy:$o,first:5){totalCount}}", {"o": "NAME"}, {"o": "NINO"}),
}


@OVER_EACH
@pytest.mark.parametrize("shape", BY_VARIABLE)
async def test_what_is_filtered_and_ordered_by_is_judged_by_the_values_of_variables(
    world: World, transport: str, shape: str
):
    query, open_to_all, protected = BY_VARIABLE[shape]
    for _ in range(2):
        told = await ask(world, transport, shape, query=query, variables=open_to_all)
        assert (told.data, told.errors) == ({"people": {"totalCount": 1}}, [])
        world.forget()
        told = await ask(world, transport, shape, query=query, variables=protected)
        assert denied(told) == {("people",): "Query.people"}
        assert world.requests() == 0
        told = await ask(world, transport, shape, query=query, variables=protected, claims={"sub": "a", "scope": "pii"})
        assert (told.data, told.errors) == ({"people": {"totalCount": 1}}, [])


@OVER_EACH
async def test_az42_both_routes_to_an_object_are_judged_alike(world: World, transport: str):
    told = await ask(world, transport, "AZ42", query="{people{edges{node{nino}}}}")
    assert (told.data, denied(told)) == (None, {("people", "edges", 0, "node", "nino"): "Person.nino"})
    assert "Person.nino" not in world.asked()


@OVER_EACH
async def test_az46_to_az48_whoever_may_gets_what_is_computed_and_no_key_leaves(world: World, transport: str):
    claims = {"sub": "pc1", "scope": "pii"}
    told = await ask(world, transport, "AZ48", claims=claims, query='{person(id:"1"){name riskScore band}}')
    assert told.data == {"person": {"name": "Ann", "riskScore": 9, "band": "low"}}
    assert told.errors == []
    assert "Person.nino" in world.asked()
    assert "QQ123456C" not in json.dumps(told.responses)


@pytest.mark.parametrize("rules", [("", PII), (PII, ""), ("", "")], ids=["risks", "bands", "both"])
async def test_az46_and_az47_composition_refuses_to_compute_from_what_is_protected_without_its_rule(rules):
    texts = {"people": people(), "risks": RISKS.format(rules[0]), "bands": BANDS.format(rules[1])}
    parts = [SubgraphDefinition(name, ADDRESS.format(name), FEDERATION + text) for name, text in texts.items()]
    with pytest.raises(CompositionFailed) as caught:
        compose(parts)
    assert Counter(error.code for error in caught.value.errors).keys() == {"MISSING_TRANSITIVE_AUTH_REQUIREMENTS"}
