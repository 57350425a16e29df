"""Laws of the standard directives over random rules, operations and callers, through real HTTP and real subgraphs.

What a subgraph was asked for is judged by the rules as they were put in, without our propagation.
"""

from collections.abc import AsyncIterator, Iterator
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, get_named_type

from gateway.composition.supergraph import supergraph_from_sdl
from gateway.reload import ReloadOutcome
from tests.gateway.archive import Archive, access, composed, running
from tests.gateway.laws.operations import Operation, random_operation
from tests.laws.report import SEED, cases

SCOPES = ("a", "b", "c")
WORLDS, OPERATIONS = 4, 4
KEYS = {"Member.id", "OpenRecord.id", "SealedRecord.id"}
CALLERS: list[str | None] = [None, "", "a", "b c", "a b c"]
Rules = dict[str, list[list[str]] | None]
"""By coordinate: the alternatives of scopes, None for `@authenticated`."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def archive() -> AsyncIterator[Archive]:
    async with running(access()) as started:
        yield started


def random_rules(schema: GraphQLSchema, random: Random) -> Rules:
    """Rules on a few types, interfaces, enums, scalars and fields."""
    kinds = [name for name in schema.type_map if not name.startswith("__")]
    owners = [kind for kind in schema.type_map.values() if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)]
    fields = [f"{kind.name}.{name}" for kind in owners if not kind.name.startswith("__") for name in kind.fields]
    types = [name for name in ("SealedRecord", "OpenRecord", "Record", "Seal", "Stamp", "Note") if name in kinds]
    chosen = random.sample(fields, random.randint(1, 6)) + random.sample(types, random.randint(0, 2))
    return {name: random_rule(random) for name in chosen}


def random_rule(random: Random) -> list[list[str]] | None:
    if random.random() < 0.2:
        return None
    return [random.sample(SCOPES, random.randint(1, 2)) for _ in range(random.randint(1, 2))]


def applied(rules: Rules) -> dict[str, str]:
    def text(alternatives: list[list[str]] | None) -> str:
        if alternatives is None:
            return "@authenticated"
        return f"@requiresScopes(scopes: {str(alternatives).replace(chr(39), chr(34))})"

    return {name: text(alternatives) for name, alternatives in rules.items()}


def is_met(rule: list[list[str]] | None, scope: str | None) -> bool:
    if scope is None:
        return False
    return rule is None or any(set(each) <= set(scope.split()) for each in rule)


def stated_on(rules: Rules, schema: GraphQLSchema, coordinate: str) -> Iterator[list[list[str]] | None]:
    """The rules that stand on a field, its type and the type it leads to; those of its interfaces where no type that
    implements them states any."""
    owner, _, name = coordinate.partition(".")
    kind = schema.type_map[owner]
    assert isinstance(kind, GraphQLObjectType)
    places = [coordinate, owner, get_named_type(kind.fields[name].type).name]
    for above in kind.interfaces:
        types = [each.name for each in schema.get_possible_types(above)]
        places += [above.name] if not any(each in rules for each in types) else []
        places += [f"{above.name}.{name}"] if not any(f"{each}.{name}" in rules for each in types) else []
    yield from (rules[each] for each in places if each in rules)


def shows_no_more(less: Any, more: Any) -> bool:
    """Whether everything in the one answer stands in the other; null says nothing."""
    if less is None:
        return True
    if isinstance(less, dict):
        return isinstance(more, dict) and all(shows_no_more(value, more.get(key)) for key, value in less.items())
    if isinstance(less, list):
        return isinstance(more, list) and len(less) == len(more) and all(map(shows_no_more, less, more))
    return less == more


def named(data: Any) -> Iterator[str]:
    """Every text in an answer: type names are unlike any value of the archive."""
    if isinstance(data, dict | list):
        for value in data.values() if isinstance(data, dict) else data:
            yield from named(value)
    elif isinstance(data, str):
        yield data


async def told(archive: Archive, operation: Operation, scope: str | None) -> dict[str, Any]:
    archive.forget()
    response = await archive.send(operation.text, scope, variables=dict(operation.variables))
    assert response.status_code == 200, response.text
    found = response.json()
    assert {each["extensions"]["code"] for each in found.get("errors", ())} <= {"ACCESS_DENIED", "UNAVAILABLE"}
    return found


def unavailable(found: dict[str, Any]) -> list[Any]:
    return [each for each in found.get("errors", ()) if each["extensions"]["code"] == "UNAVAILABLE"]


@pytest.mark.law("standard-access-directives")
@pytest.mark.parametrize("seed", range((SEED - 1) * 1000, (SEED - 1) * 1000 + cases(WORLDS)))
async def test_nothing_more_is_asked_or_shown_than_the_rules_allow(archive: Archive, seed: int):
    random = Random(seed)
    schema = supergraph_from_sdl(composed()).api_schema
    operations = [each for _ in range(OPERATIONS) if (each := random_operation(schema, random))]
    rules = random_rules(schema, random)
    more = rules | {name: random_rule(random) for name in random.sample(sorted(rules), 1)}

    await archive.guard({})
    without = [await told(archive, each, None) for each in operations]
    assert await archive.guard(applied(rules)) is ReloadOutcome.REPLACED
    answers: dict[str | None, list[Any]] = {}
    for scope in CALLERS:
        answers[scope] = []
        for operation, open_answer in zip(operations, without, strict=True):
            answer = await told(archive, operation, scope)
            for coordinate in archive.asked() - KEYS:
                assert all(is_met(rule, scope) for rule in stated_on(rules, schema, coordinate)), coordinate
            assert not [name for name in named(answer["data"]) if name in rules and not is_met(rules[name], scope)]
            assert not unavailable(answer) or unavailable(open_answer), operation.text
            assert shows_no_more(answer["data"], open_answer["data"])
            answers[scope].append(answer["data"])
    for scope, given in answers.items():
        for richer in CALLERS:
            if scope is None or (richer is not None and set(scope.split()) <= set(richer.split())):
                assert all(map(shows_no_more, given, answers[richer]))
    assert answers["a b c"] == [each["data"] for each in without]

    both = {name: f"{applied(rules)[name]} {applied(more)[name]}" for name in rules}
    await archive.guard(both)
    for scope in (None, "a", "b c"):
        stricter = [(await told(archive, each, scope))["data"] for each in operations]
        assert all(map(shows_no_more, stricter, answers[scope]))
