"""Random access rules on supergraphs of the shared planner corpus: what is left of an operation can be planned, its
plan passes the check, and it reads nothing that a rule, as it was put in, denies."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, parse, validate

from gateway.composition.supergraph import Supergraph, supergraph_from_sdl
from gateway.general import GENERAL
from gateway.planning.check import coordinates_of
from gateway.planning.errors import PlanningError
from gateway.planning.plan import fetches_of
from gateway.planning.planner import Planner
from gateway.standard import enforceable_rules, standard_stages
from tests.authz.callers import NOON
from tests.authz.standard.graphs import holder
from tests.gateway.archive import access, with_rules
from tests.gateway.execution.corpus import rows, shared_folder

pytestmark = pytest.mark.skipif(
    shared_folder() is None, reason="no conformance folder: set LEDS_SHARED or put shared/ beside the repository"
)
STEP, PARTS = 9, 3


def operations(part: int) -> Iterator[dict[str, Any]]:
    """A few of the corpus's operations, from all over it."""
    return (row for number, row in enumerate(rows("planner.jsonl")) if number % STEP == part)


def random_rules(schema: GraphQLSchema, random: Random) -> dict[str, str]:
    """Rules of two scopes on a few fields and one type."""
    objects = [kind for kind in schema.type_map.values() if isinstance(kind, GraphQLObjectType)]
    owners = [kind for kind in objects if not kind.name.startswith("__")]
    fields = sorted(f"{kind.name}.{name}" for kind in owners for name in kind.fields)
    inner = sorted({kind.name for kind in owners} - {"Query", "Mutation", "Subscription"})
    chosen = random.sample(fields, min(len(fields), random.randint(1, 4)))
    chosen += random.sample(inner, min(len(inner), random.randint(0, 1)))
    return {name: f'@requiresScopes(scopes: [["{random.choice("ab")}"]])' for name in chosen}


def denied_by(rules: dict[str, str], schema: GraphQLSchema, coordinate: str, scope: str) -> bool:
    owner, _, name = coordinate.partition(".")
    kind = schema.type_map[owner]
    assert isinstance(kind, GraphQLObjectType)
    places = (coordinate, owner, get_named_type(kind.fields[name].type).name)
    return any(place in rules and f'"{scope}"' not in rules[place] for place in places)


def keys_of(graph: Supergraph) -> set[str]:
    """The names of fields in keys, on every type: wider than what is internal."""
    texts = [key.fields for known in graph.types.values() for each in known.values() for key in each.keys]
    return {name.strip("{}") for text in texts for name in text.replace("{", " ").replace("}", " ").split()}


@pytest.mark.parametrize("part", range(PARTS))
def test_what_is_left_can_be_planned_and_reads_nothing_denied(part: int):
    planned = 0
    for row in operations(part):
        plain = supergraph_from_sdl(row["supergraph_sdl"])
        document = parse(row["operation"])
        if validate(plain.api_schema, document):
            continue
        planned += check_operation(row, plain, Random(row["id"]))
    assert planned


def check_operation(row: dict[str, Any], plain: Supergraph, random: Random) -> bool:
    """Hold one operation under random rules to the law; False where it cannot be planned even without them."""
    rules = random_rules(plain.full_schema, random)
    graph = supergraph_from_sdl(with_rules(row["supergraph_sdl"], rules))
    allowed = access()
    stages = standard_stages(GENERAL, graph, enforceable_rules(graph, allowed), allowed, None)
    document, name = parse(row["operation"]), row["operation_name"]
    scope = random.choice("ab")
    clearance = stages.decide(holder(scope), NOON)
    enforced = stages.enforce(document, name, clearance, frozenset())
    if enforced.document is None:
        return False
    try:
        Planner(plain).plan(document, name)
    except PlanningError:
        return False
    plan = Planner(graph).plan(enforced.document, name)
    stages.check(plan, clearance)
    keys = keys_of(graph)
    for fetch in fetches_of(plan):
        for coordinate in coordinates_of(fetch, graph.full_schema):
            in_key = coordinate.partition(".")[2] in keys
            assert in_key or not denied_by(rules, graph.full_schema, coordinate, scope), (row["id"], coordinate)
    return True
