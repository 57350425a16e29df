"""What the property subgraph adds to people and vehicles: items they own or carry the number of, and certificates."""

from typing import Annotated

import strawberry

from resolvers.connections import page_from
from resolvers.listing import slice_of
from resolvers.property import loaders
from resolvers.property.candidates import certificates_counted, certificates_of_person, items_of_vehicle
from schema.scalars import Vin
from subgraphs.coded import CodedValue, coded_value
from subgraphs.joined import Restricted, Unavailable
from subgraphs.property.types import FIREARMS, PROPERTY, FirearmCertificate, PropertyItem
from subgraphs.records import Record, column, governed_type, resolved
from subgraphs.relay import Connection, connection_of, given, paged
from subgraphs.request import RequestInfo, SubgraphRequest
from subgraphs.tags import Cursor, First, dataset_tag, value_type

FirearmCertificateAnswer = Annotated[
    FirearmCertificate | Restricted | Unavailable, strawberry.union("FirearmCertificateAnswer")
]


@value_type
class CertificateMatch:
    """A firearm certificate the person may hold: how that is known, and how sure it is (0..1; `resolvers.matching`)."""

    method: CodedValue | None = None
    score: float | None = None
    certificate: FirearmCertificateAnswer | None = None


async def _certificates(root: Record, info: RequestInfo) -> list[CertificateMatch]:
    row, loading = root.row, info.context.loading
    names, postcodes = row.get("match_names") or (), row.get("match_postcodes") or ()
    return [
        CertificateMatch(
            method=coded_value(info.context.catalogue, "match_method", found.match.method),
            score=found.match.score,
            certificate=FirearmCertificate(row=found.row),
        )
        for found in await certificates_of_person(loading, row["person_id"], names, postcodes)
    ]


async def _certificates_counted(root: Record, request: SubgraphRequest) -> int:
    row = root.row
    names, postcodes = row.get("match_names") or (), row.get("match_postcodes") or ()
    return await certificates_counted(request.loading, row["person_id"], names, postcodes)


async def _items_of_vehicle(
    root: Record,
    info: RequestInfo,
    first: First = strawberry.UNSET,
    after: Cursor = strawberry.UNSET,
    last: First = strawberry.UNSET,
    before: Cursor = strawberry.UNSET,
) -> Connection[PropertyItem]:
    page = page_from(given(first), given(after), given(last), given(before))
    numbers = [number for number in (root.row.get("vin"), root.row.get("engine_number")) if number]
    items = await items_of_vehicle(info.context.loading, numbers)

    async def count() -> int:
        return len(items)

    found = slice_of(items, loaders.BY_ID, page)
    return connection_of(lambda row: PropertyItem(row=row), found, loaders.BY_ID, count)


@governed_type(keys=["personId"], subject=("person_id", "Person"))
class Person(Record):
    """A PNC nominal, seen from property: items reported as theirs (R20) and firearm certificates (R17)."""

    person_id: strawberry.ID | None
    match_names: list[str] | None = column(external=True)
    match_postcodes: list[str] | None = column(external=True)
    linked_property: Connection[PropertyItem] | None = paged(
        PropertyItem, loaders.ITEMS_OF_PEOPLE, via="person_id", tag=dataset_tag(PROPERTY)
    )
    firearm_certificates: list[CertificateMatch] | None = resolved(
        _certificates,
        counted=_certificates_counted,
        tag=dataset_tag(FIREARMS),
        requires=["matchNames matchPostcodes"],
        derived=["Person.names", "Person.filedName", "Person.addresses"],
    )


@governed_type(keys=["vehicleId"], subject=("vehicle_id", "Vehicle"))
class Vehicle(Record):
    """A vehicle, seen from property: items that carry its VIN, chassis or engine number (R19)."""

    vehicle_id: strawberry.ID
    vin: Vin | None = column(external=True)
    engine_number: str | None = column(external=True)
    linked_property: Connection[PropertyItem] | None = resolved(
        _items_of_vehicle,
        tag=dataset_tag(PROPERTY),
        requires=["vin engineNumber"],
        derived=["Vehicle.vin", "Vehicle.engineNumber"],
    )
