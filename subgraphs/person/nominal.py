"""Links from a nominal (R14 and shared addresses, contacts and driver numbers): what PNC holds, never PND.

Vehicles and drivers are answered as their keys, resolved by their own subgraphs.
"""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import federation

from resolvers.person.links import DRIVER, PERSON, VEHICLE, Link
from resolvers.person.walk import links_from
from subgraphs.coded import CodedValue, coded_value
from subgraphs.joined import Restricted, Unavailable
from subgraphs.person.matches import METHODS, Driver
from subgraphs.person.types import CORE, Person, people_with
from subgraphs.records import Record, column, governed_type, resolved
from subgraphs.request import RequestInfo
from subgraphs.tags import OPEN, dataset_tag, value_type


@governed_type(keys=["vehicleId"], subject=("vehicle_id", "Vehicle"), resolvable=False)
class Vehicle(Record):
    """A vehicle somebody linked to a person; its own subgraph knows the rest."""

    vehicle_id: strawberry.ID


LinkTarget = Annotated[Person | Vehicle | Driver | Restricted | Unavailable, strawberry.union("LinkTarget")]


@value_type
class NominalLink:
    """One link: what kind, how it is known, how surely, when last seen, and at how many steps from the nominal."""

    kind: str | None
    label: str | None
    depth: int | None
    last_seen: date | None
    method: CodedValue | None
    score: float | None
    link: strawberry.Private[Link]

    @federation.field()
    async def source(self, info: RequestInfo) -> Person | None:
        """The person the link starts from."""
        return (await people_with([self.link.source_id], info))[0]

    @federation.field()
    async def target(self, info: RequestInfo) -> LinkTarget | None:
        """What the link leads to."""
        if self.link.target_type == PERSON:
            return (await people_with([self.link.target_key], info))[0]
        if self.link.target_type == VEHICLE:
            return Vehicle(row={"vehicle_id": self.link.target_key})
        if self.link.target_type == DRIVER:
            return Driver(row={"driver_number": self.link.target_key})
        return None


async def _links(
    root: Record,
    info: RequestInfo,
    depth: Annotated[int, OPEN] = 1,
    limit: Annotated[int, OPEN] = 50,
) -> list[NominalLink]:
    found = await links_from(info.context.loading, root.row["person_id"], depth, limit)
    return [_nominal_link(link, info) for link in found]


def _nominal_link(link: Link, info: RequestInfo) -> NominalLink:
    catalogue = info.context.catalogue
    kind = coded_value(catalogue, "association_type", link.kind)
    return NominalLink(
        kind=link.kind,
        label=kind.label if kind else None,
        depth=link.depth,
        last_seen=link.last_seen,
        method=coded_value(catalogue, METHODS, link.method),
        score=link.score,
        link=link,
    )


@governed_type(subject=("person_id", "Person"))
class Nominal(Record):
    """A nominal as the start of a link analysis."""

    person_id: strawberry.ID | None = column(internal=True, tag=CORE)
    person: Person | None = resolved(lambda root: Person(row=root.row), tag=CORE)
    links: list[NominalLink] | None = resolved(_links, tag=dataset_tag("PNC.NAMES.CORE", "S2", "COUNT"))
