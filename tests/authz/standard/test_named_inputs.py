"""Which input is about which field with a rule, told by names: whatever filters or orders by a field needs its rule."""

import pytest
from graphql import GraphQLNamedType, build_schema

from authz.standard.named_inputs import about_by_name, records_of, words

SCHEMA = build_schema("""
type Query {
  people(where: PersonFilter, order: [Order!]): PersonConnection
  person(id: ID!, by: Key): Person
  cars(where: CarFilter): [Car!]
  any(where: AnyFilter): [Node]
}
type Mutation { register(person: NewPerson): Person }
interface Node { id: ID }
type PersonConnection { edges: [PersonEdge] pageInfo: Int nino: Int }
type PersonEdge { node: Person cursor: String }
type Person implements Node { id: ID nino: String dateOfBirth: String name: String cars(order: CarOrder): [Car] }
type Car implements Node { id: ID nino: String vrm: String }
input PersonFilter {
  nino: Text nino_contains: String DATE_OF_BIRTH: Text AND: [PersonFilter!] cars: CarFilter ninos: Int
}
input Text { eq: String nino: String }
input CarFilter { vrm: Text nino: Text owner: PersonFilter }
input AnyFilter { vrm: String }
input Key { nino: String }
input NewPerson { nino: String }
input Order { by: OrderBy descending: Boolean }
enum OrderBy { NAME NINO_DESC DATE_OF_BIRTH }
enum CarOrder { VRM NINO }
""")
PROTECTED = {"Person.nino", "Person.dateOfBirth", "Car.vrm", "PersonConnection.pageInfo"}

ABOUT = {
    "a filter": ("PersonFilter.nino", {"Person.nino"}),
    "a filter with an operator": ("PersonFilter.nino_contains", {"Person.nino"}),
    "a filter in another case": ("PersonFilter.DATE_OF_BIRTH", {"Person.dateOfBirth"}),
    "a filter of related records": ("CarFilter.vrm", {"Car.vrm"}),
    "a field of the same name without a rule": ("CarFilter.owner", set()),
    "another word": ("PersonFilter.ninos", set()),
    "an ordering": ("OrderBy.NINO_DESC", {"Person.nino"}),
    "an ordering by several words": ("OrderBy.DATE_OF_BIRTH", {"Person.dateOfBirth"}),
    "an ordering by what has no rule": ("OrderBy.NAME", set()),
    "an ordering below a record": ("CarOrder.VRM", {"Car.vrm"}),
    "a key": ("Key.nino", {"Person.nino"}),
    "one of the types of an interface": ("AnyFilter.vrm", {"Car.vrm"}),
    "what is written": ("NewPerson.nino", set()),
    "an operator": ("Text.eq", set()),
}


@pytest.mark.parametrize("case", ABOUT)
def test_is_about(case: str):
    coordinate, about = ABOUT[case]
    assert set(about_by_name(SCHEMA, PROTECTED).get(coordinate, ())) == about


def test_without_rules_nothing_is_about_anything():
    assert about_by_name(SCHEMA, ()) == {}


@pytest.mark.parametrize(
    ("name", "records"),
    [
        ("PersonConnection", {"PersonConnection", "PersonEdge", "Person"}),
        ("Person", {"Person"}),
        ("Node", {"Person", "Car"}),
        ("Int", {"Int"}),
    ],
)
def test_the_records_of_a_field_are_also_those_inside_a_connection(name: str, records: set[str]):
    kind = SCHEMA.type_map[name]
    assert isinstance(kind, GraphQLNamedType)
    assert records_of(SCHEMA, kind) == records


@pytest.mark.parametrize("name", ["dateOfBirth", "DateOfBirth", "date_of_birth", "DATE_OF_BIRTH"])
def test_words_are_the_same_in_every_case(name: str):
    assert words(name) == ("date", "of", "birth")
