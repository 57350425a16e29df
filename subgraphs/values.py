"""Value types every product shares (entities 3.1) and how they are made from columns. They carry no tags themselves."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated, Any

import strawberry
from strawberry import federation

from schema.directives import Open
from schema.scalars import Amount, FsCode
from subgraphs.coded import CodedValue, coded_value
from subgraphs.freshness import replication_state
from subgraphs.records import value
from subgraphs.request import RequestInfo
from subgraphs.tags import dataset_tag, value_type

Row = Mapping[str, Any]


@value_type
class PersonName:
    """A person's name; `type` says what kind of name it is."""

    title: CodedValue | None = None
    last: str | None = None
    first: list[str] | None = None
    type: CodedValue | None = None
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None


@value_type
class OrgName:
    """The legal name of a company or body."""

    name: str | None = None


KeeperName = Annotated[PersonName | OrgName, strawberry.union("KeeperName")]


@value_type
class Address:
    """An address; the postcode may be an outward code alone."""

    lines: list[str] | None = None
    postcode: str | None = None
    uprn: str | None = None
    country: CodedValue | None = None
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None
    usage: CodedValue | None = None
    status: CodedValue | None = None


@value_type
class ContactPoint:
    """A way to reach someone."""

    type: CodedValue | None = None
    value: str | None = None
    from_: date | None = strawberry.field(name="from", default=None)
    to: date | None = None


@value_type
class Identifier:
    """An identifier with the result of its check; invalid ones are kept and flagged."""

    type: CodedValue | None = None
    value: str | None = None
    valid: bool | None = None
    source: str | None = None


@value_type
class Money:
    """An amount in one currency (ISO 4217)."""

    amount: Amount | None = None
    currency: str | None = None


@value_type
class ImageRef:
    """Where an image is kept; never its bytes."""

    location: str | None = None
    taken_on: date | None = None
    view_only: bool | None = None


@value_type
class EntityLink:
    """A link to another record: how it was made, how sure it is (0..1) and who confirmed it."""

    type_name: str | None = None
    key: str | None = None
    method: CodedValue | None = None
    score: float | None = None
    confirmed_by: str | None = None


@value_type
class RecordMeta:
    """The housekeeping of a record: owner, version, and how far this copy is behind its source: seconds, and the state
    (list replication_states) that says whether to rely on it."""

    owner: FsCode | None = None
    version: str | None = None
    as_of: datetime | None = None
    lag: int | None = None
    dataset: str | None = None
    created: datetime | None = None
    updated: datetime | None = None
    review_date: date | None = None
    replication_state: CodedValue | None = None


@strawberry.input
class NameInput:
    """A name to search by: the surname, and forenames in order."""

    last: str = federation.field(directives=[Open()])
    first: list[str] | None = federation.field(directives=[Open()], default=None)


def person_name(row: Row, info: RequestInfo, prefix: str = "") -> PersonName | None:
    """The name in a row's columns (`title`, `last_name`, `first_names`, and `type` where there is one)."""
    if row.get(f"{prefix}last_name") is None:
        return None
    catalogue = info.context.catalogue
    return PersonName(
        title=coded_value(catalogue, "title", row.get(f"{prefix}title")),
        last=row[f"{prefix}last_name"],
        first=list(row.get(f"{prefix}first_names") or ()),
        type=coded_value(catalogue, "name_type", row.get(f"{prefix}type")),
        from_=row.get(f"{prefix}from_date"),
        to=row.get(f"{prefix}to_date"),
    )


def address(row: Row, info: RequestInfo, prefix: str = "address_") -> Address | None:
    """The address in a row's columns; None when neither lines nor postcode are held."""
    if row.get(f"{prefix}lines") is None and row.get(f"{prefix}postcode") is None:
        return None
    catalogue = info.context.catalogue
    return Address(
        lines=list(row.get(f"{prefix}lines") or ()),
        postcode=row.get(f"{prefix}postcode"),
        uprn=row.get(f"{prefix}uprn"),
        country=_country(info, row.get(f"{prefix}country")),
        from_=row.get(f"{prefix}from"),
        to=row.get(f"{prefix}to"),
        usage=coded_value(catalogue, "address_usage", row.get(f"{prefix}usage")),
        status=coded_value(catalogue, "address_status", row.get(f"{prefix}status")),
    )


def contact_point(row: Row, info: RequestInfo, prefix: str = "contact_") -> ContactPoint | None:
    """The contact in a row's columns; None when no value is held."""
    if row.get(f"{prefix}value") is None:
        return None
    return ContactPoint(
        type=coded_value(info.context.catalogue, "contact_type", row.get(f"{prefix}type")),
        value=row[f"{prefix}value"],
        from_=row.get(f"{prefix}from"),
        to=row.get(f"{prefix}to"),
    )


def money(row: Row, prefix: str = "") -> Money | None:
    """The amount in a row's columns; sterling where no currency is held (entities 3.1)."""
    amount = row.get(f"{prefix}amount")
    return None if amount is None else Money(amount=amount, currency=row.get(f"{prefix}currency") or "GBP")


def record_meta(dataset: str) -> Any:
    """The `meta` field of a record type, tagged with the type's dataset; reads the `record_columns` of its table."""

    def made(row: Row, info: RequestInfo) -> RecordMeta:
        state = replication_state(dataset, row["lag_seconds"])
        return RecordMeta(
            owner=row.get("owner_fs"),
            version=str(row["version"]),
            as_of=utc(row["as_of"]),
            lag=row["lag_seconds"],
            dataset=dataset,
            created=utc(row["created_at"]),
            updated=utc(row["updated_at"]),
            review_date=row.get("review_date"),
            replication_state=coded_value(info.context.catalogue, "replication_states", state),
        )

    return value(made, tag=dataset_tag(dataset))


def utc(instant: datetime) -> datetime:
    """A stored instant with its zone: SQLite hands UTC back without one."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


def day(text: str | None) -> date | None:
    """A date kept as ISO text inside a JSON column."""
    return None if text is None else date.fromisoformat(text)


def periods(kind: type, entries: Sequence[Row] | None) -> list[Any] | None:
    """Value types made of `value`, `from` and `to`, from a JSON column; None where none is held."""
    if entries is None:
        return None
    return [kind(value=entry["value"], from_=day(entry.get("from")), to=day(entry.get("to"))) for entry in entries]


def _country(info: RequestInfo, code: str | None) -> CodedValue | None:
    """ISO countries, then the nations and islands the police code beside them."""
    found = coded_value(info.context.catalogue, "country", code)
    if found is None or found.resolved:
        return found
    return coded_value(info.context.catalogue, "country_police_extensions", code)
