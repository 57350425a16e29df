"""The shared table's schema as a governed subgraph: dates of birth and national insurance numbers of a dataset that an
officer is refused, records of sources sealed, filters and orderings that say what they read.

Every governed field is nullable, as the service demands. `app` holds a source's record, `twin` does not.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

import strawberry
from strawberry import federation

from schema.directives import Reads
from subgraphs.federated import GovernedSchema
from subgraphs.records import Record, column, governed_type, resolved
from subgraphs.service import Subgraph
from subgraphs.tags import OPEN, dataset_tag, reads, value_type
from tests.laws.recorded import Recorded

NAME = "people"
PEOPLE, CRIMINAL, VEHICLES, SEALED = "PNC.NAMES.CORE", "PNC.NAMES.CRIM", "DVLA.VEH", "PND.INT"
NINO, BORN, TITLE = "QQ123456C", "1990", "TITLE OF A SOURCE"
SOURCE_ID = "exists-but-source"


def of(dataset: str) -> Any:
    """A column of this dataset."""
    return column(tag=dataset_tag(dataset))


@federation.interface
class Node:
    """Whatever has an id."""

    id: strawberry.ID | None


@federation.interface
class Archived:
    """A record: of anybody's, or of a source's."""

    id: strawberry.ID | None
    title: str | None


@governed_type(subject=("id", "Record"))
class PublicRecord(Record, Node, Archived):
    """A record that is no secret."""

    id: strawberry.ID | None = of(PEOPLE)
    title: str | None = of(PEOPLE)


@governed_type(subject=("id", "Record"))
class SourceRecord(Record, Node, Archived):
    """A record of a source: sealed."""

    id: strawberry.ID | None = of(SEALED)
    title: str | None = of(SEALED)


@governed_type(keys=["id"], subject=("id", "Person"))
class Person(Record, Node):
    """A person."""

    id: strawberry.ID | None = of(PEOPLE)
    name: str | None = of(PEOPLE)
    dob: str | None = of(CRIMINAL)
    nino: str | None = of(CRIMINAL)


@governed_type(subject=("id", "Vehicle"))
class Vehicle(Record, Node):
    """A vehicle."""

    id: strawberry.ID | None = of(VEHICLES)
    vrm: str | None = of(VEHICLES)


Hit = Annotated[Person | Vehicle | SourceRecord, strawberry.union("Hit")]


@federation.input
class PersonFilter:
    """Whose people: each part reads what it is compared with."""

    name: str | None = federation.field(default=strawberry.UNSET, directives=[Reads(fields=["Person.name"])])
    dob: str | None = federation.field(default=strawberry.UNSET, directives=[Reads(fields=["Person.dob"])])
    nino: str | None = federation.field(default=strawberry.UNSET, directives=[Reads(fields=["Person.nino"])])


@federation.enum
class PersonOrder(Enum):
    """By what people are ordered: which reads it."""

    NAME = strawberry.enum_value("NAME", directives=[Reads(fields=["Person.name"])])
    DOB = strawberry.enum_value("DOB", directives=[Reads(fields=["Person.dob"])])
    NINO = strawberry.enum_value("NINO", directives=[Reads(fields=["Person.nino"])])


@value_type
class PersonConn:
    """People, and how many."""

    nodes: list[Person] | None
    total_count: int


ANN = Person(row={"id": "1", "name": "Ann", "dob": BORN, "nino": NINO})
BOB = Person(row={"id": "2", "name": "Bob", "dob": "1980", "nino": "QQ654321A"})
CAR = Vehicle(row={"id": "v1", "vrm": "AB12CDE"})
PUBLIC = PublicRecord(row={"id": "p1", "title": "public"})
SOURCE = SourceRecord(row={"id": SOURCE_ID, "title": TITLE})


def fits(person: Person, wanted: PersonFilter | None) -> bool:
    """Whether a person is among those who are wanted."""
    asked: Mapping[str, Any] = vars(wanted) if wanted else {}
    return all(not value or person.row[name] == value for name, value in asked.items())


async def _people(
    filter: PersonFilter | None = strawberry.UNSET,
    order_by: Annotated[PersonOrder | None, OPEN] = strawberry.UNSET,
    first: Annotated[int | None, OPEN] = strawberry.UNSET,
) -> PersonConn | None:
    found = [each for each in (ANN, BOB) if fits(each, filter)]
    if order_by:
        found.sort(key=lambda each: each.row[order_by.name.lower()])
    return PersonConn(nodes=found[: first or None], total_count=len(found))


def schema(*held: SourceRecord) -> GovernedSchema:
    """The schema over a world that holds these records of sources."""
    nodes = {each.row["id"]: each for each in (ANN, BOB, CAR, PUBLIC, *held)}
    ids = reads("Person.id", "Vehicle.id", "PublicRecord.id")

    async def find_node(id: Annotated[strawberry.ID, ids]) -> Node | None:
        return nodes.get(id)

    async def find_person(id: Annotated[strawberry.ID, reads("Person.id")]) -> Person | None:
        found = nodes.get(id)
        return found if isinstance(found, Person) else None

    async def find_search(text: Annotated[str, OPEN]) -> list[Hit] | None:
        return [ANN, *held, CAR]

    async def find_records() -> list[Archived] | None:
        return [*held, PUBLIC]

    async def find_sources() -> list[SourceRecord] | None:
        return list(held)

    @governed_type(name="Query")
    class Query:
        """Where questions begin."""

        node: Node | None = resolved(find_node, tag=dataset_tag(PEOPLE))
        person: Person | None = resolved(find_person, tag=dataset_tag(PEOPLE))
        people: PersonConn | None = resolved(_people, tag=dataset_tag(PEOPLE))
        search: list[Hit] | None = resolved(find_search, tag=dataset_tag(PEOPLE))
        records: list[Archived] | None = resolved(find_records, tag=dataset_tag(PEOPLE))
        sources: list[SourceRecord] | None = resolved(find_sources, tag=dataset_tag(SEALED))

    return GovernedSchema(Query, [PublicRecord, SourceRecord, Person, Vehicle])


def recorded(*held: SourceRecord) -> Recorded:
    """A subgraph of that world which keeps its replies."""
    return Recorded(Subgraph(NAME, schema(*held)))


app, twin = recorded(SOURCE), recorded()
