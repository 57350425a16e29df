"""Items, reports on them and firearm certificate pointers: every field of the dictionary, one line each."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

import strawberry

from resolvers.property import loaders
from schema.scalars import FsCode
from subgraphs.coded import CodedValue, coded_value
from subgraphs.descriptions import entity_link
from subgraphs.lists import listed
from subgraphs.records import Record, coded, column, governed_type, records_by_key, value
from subgraphs.relay import Connection, paged
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag, value_type
from subgraphs.values import Address, EntityLink, RecordMeta, address, record_meta

PROPERTY, FIREARMS = "PNC.PROP", "NFLMS"

Row = Mapping[str, Any]


@value_type
class PropertyIdentifier:
    """A number on an item and what kind of number it is."""

    type: CodedValue | None = None
    value: str | None = None


def _identifier(row: Row, info: RequestInfo) -> PropertyIdentifier:
    kind = coded_value(info.context.catalogue, "property_identifier_type", row["type"])
    return PropertyIdentifier(type=kind, value=row["value"])


@governed_type(subject=("property_id", "PropertyItem"))
class PropertyReport(Record):
    """A report on an item: lost, stolen, found, seized, recovered …"""

    property_report_id: strawberry.ID | None
    property_id: strawberry.ID | None = column(internal=True, tag=dataset_tag(PROPERTY))
    state: CodedValue | None = coded("property_report_state")
    reported_at: datetime | None
    crime_reference: str | None
    owner_fs: FsCode | None
    outcome: CodedValue | None = coded("recovery_outcome")
    weed_date: date | None
    meta: RecordMeta | None = record_meta(PROPERTY)


@governed_type(keys=["propertyId"], subject=("property_id", "PropertyItem"))
class PropertyItem(Record):
    """One identifiable item."""

    property_id: strawberry.ID
    category: CodedValue | None = coded("property_type")
    identifiers: list[PropertyIdentifier] | None = listed(loaders.IDENTIFIERS, "property_id", make=_identifier)
    make: str | None
    model: str | None
    colour: CodedValue | None = coded("vehicle_colour")
    description: str | None
    value_band: str | None
    reports: Connection[PropertyReport] | None = paged(PropertyReport, loaders.REPORTS, via="property_id")
    owner_person: EntityLink | None = value(lambda row, info: entity_link(row, info, "owner"))
    meta: RecordMeta | None = record_meta(PROPERTY)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Items by their key."""
        return await records_by_key(cls, loaders.ITEM, "propertyId", representations, info)


@governed_type(keys=["certificateId"], subject=("certificate_id", "FirearmCertificate"))
class FirearmCertificate(Record):
    """A pointer to a certificate on the national firearms licensing system."""

    certificate_id: strawberry.ID
    certificate_type: CodedValue | None = coded("firearm_certificate_type")
    state: CodedValue | None = coded("firearm_certificate_state")
    holder: EntityLink | None = value(lambda row, info: entity_link(row, info, "holder"))
    address: Address | None = value(address)
    weapons_held: int | None
    meta: RecordMeta | None = record_meta(FIREARMS)

    @classmethod
    async def resolve_references(
        cls, representations: Sequence[Mapping[str, Any]], info: RequestInfo
    ) -> Sequence[Self | None]:
        """Certificates by their key."""
        return await records_by_key(cls, loaders.CERTIFICATE, "certificateId", representations, info)
