"""The schema a caller is shown: valid for everybody, and that of a graph without what is sealed to them."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from graphql import build_schema, parse, print_ast, validate_schema

from authz.decide import Decider
from authz.facts import packaged_facts
from authz.rules import rules_from_sdl
from gateway.composition.compose import compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.introspection import Introspection, contexts_open_to, only_introspects
from gateway.introspection_filter import Usable, filtered
from leds.federation import embedded_definitions
from leds.personas import PERSONAS
from tests.authz.callers import caller

ON = datetime(2026, 11, 2, 12, tzinfo=UTC)
# One of each kind of organisation, with each kind of role.
SAMPLE = [
    ("ORG-20", "detective"),
    ("ORG-20", "supervisor"),
    ("ORG-INS-A", "partner_vehicle"),
    ("ORG-INSP-A", "inspector"),
    ("ORG-20", "no_such_role"),
    ("ORG-INS-A", "intel_analyst"),
]

SCHEMA = """
type Query { person(id: ID, by: Key): Person order(by: Order = SECRET): [Any!] seal(key: Sealed!): Int secret: Secret }
type Mutation { seal: Secret }
type Person { id: ID "Who." name: String secret: Secret related(first: Int, filter: Filter = { secret: 1 }): [Any!] }
type Secret { person: Person text: String }
type Alone { id: ID }
union Any = Person | Secret
enum Order { NAME SECRET }
input Filter { name: String secret: Int inner: Filter }
input Sealed { secret: Int }
input Key { id: ID! secret: Int! }
"""
INPUTS = {
    *("Query.person(id:)", "Query.person(by:)", "Query.order(by:)", "Query.seal(key:)", "Person.related(first:)"),
    *("Person.related(filter:)", "Order.NAME", "Order.SECRET", "Filter.name", "Filter.secret", "Filter.inner"),
    *("Sealed.secret", "Key.id", "Key.secret"),
}
FIELDS = ("Query.person", "Query.order", "Query.seal", "Person.id", "Person.name", "Person.related", "Secret.person")


def shown(fields: dict[str, str], inputs: set[str]) -> str:
    """The filtered schema, which must be valid."""
    text = print_ast(filtered(parse(SCHEMA), Usable(fields, frozenset(inputs), frozenset(INPUTS))))
    assert validate_schema(build_schema(text)) == []
    return text


def test_what_may_not_be_used_goes_with_all_that_leads_to_it_or_is_reached_through_it():
    fields = dict.fromkeys(FIELDS, "") | {"Person.name": "Dataset X (S1)."}
    assert shown(fields, {name for name in INPUTS if not name.endswith(("SECRET", ".secret"))}) == print_ast(
        parse('''
type Query { order(by: Order): [Any!] person(id: ID): Person }
type Person {
  id: ID
  """
  Who.

  Dataset X (S1).
  """
  name: String
  related(filter: Filter, first: Int): [Any!]
}
type Secret { person: Person }
union Any = Person | Secret
enum Order { NAME }
input Filter { inner: Filter name: String }
''')
    )


def test_a_query_type_without_fields_stays():
    assert print_ast(filtered(parse(SCHEMA), Usable({}, frozenset(), frozenset(INPUTS)))) == "type Query"


@pytest.mark.parametrize(
    ("operation", "alone"),
    [
        ("{ __schema { types { name } } }", True),
        ('query { __typename ...on Query { t: __type(name: "A") { name } } }', True),
        ("{ ...All } fragment All on Query { __schema { types { name } } }", True),
        ("{ ...All } fragment All on Query { __schema { types { name } } person { id } }", False),
        ("{ __typename }", False),
        ("{ __schema: person { id } }", False),
        ("subscription { __schema { types { name } } }", False),
    ],
)
def test_an_operation_only_introspects_when_nothing_else_is_asked(operation: str, alone: bool):
    document = parse(operation)
    assert only_introspects(document, document.definitions[0]) is alone  # type: ignore[arg-type]


@cache
def introspection(*without: str) -> Introspection:
    definitions = [each for each in embedded_definitions() if each.name not in without]
    rules = rules_from_sdl({each.name: each.sdl for each in definitions}, packaged_facts())
    supergraph = supergraph_from_sdl(compose(definitions).supergraph_sdl)
    decider = Decider(rules, packaged_facts())
    return Introspection(supergraph.api_schema, lambda: decider)


@pytest.mark.parametrize(("organisation", "role"), SAMPLE)
async def test_every_caller_is_shown_a_valid_schema(organisation: str, role: str):
    principal = caller(role, organisation)
    for context in contexts_open_to(principal, packaged_facts())[:2]:
        found = await introspection().schema_for(principal, context, ON)
        assert validate_schema(build_schema(found.sdl)) == []
        assert "type Query" in found.sdl


async def test_without_entitlement_the_schema_is_that_of_a_graph_without_the_sealed_product():
    """Byte for byte; the same caller with the entitlement is shown it."""
    analyst = PERSONAS["analyst"].principal
    untrained = replace(analyst, training=("COP", "DL-IMG", "NM-ENQ", "VP-ENQ"))
    (context,) = [
        each for each in contexts_open_to(analyst, packaged_facts()) if (each.reason, each.purpose) == ("5", "LE2")
    ]
    sealed = (await introspection().schema_for(untrained, context, ON)).sdl
    assert sealed == (await introspection("intelligence").schema_for(untrained, context, ON)).sdl
    assert "IntelReport" not in sealed
    assert "IntelReport" in (await introspection().schema_for(analyst, context, ON)).sdl


async def test_without_a_context_every_reason_that_the_agreement_is_for_counts():
    insurer = PERSONAS["insurer"].principal
    reasons = {each.reason for each in contexts_open_to(insurer, packaged_facts())}
    assert reasons == {"0", "8"}
    nobody = replace(insurer, agreement="none")
    assert len(contexts_open_to(nobody, packaged_facts())) == 1
    found = await introspection().schema_for(nobody, None, ON)
    assert "Dataset" not in found.sdl
    assert found is await introspection().schema_for(nobody, None, ON)
