"""Keys in, one `select()` out for each table of the Property product; every statement reads one dataset. No I/O."""

from collections.abc import Sequence

import sqlalchemy as sa

from resolvers.controls.predicates import PERSON, hidden, shown, visible
from resolvers.property import tables as t

ITEM, CERTIFICATE = "PropertyItem", "FirearmCertificate"
_NO_NAME = sa.cast(sa.null(), sa.String).label("match_name")
VEHICLE_NUMBERS = ("VIN", "CHASSIS", "ENGNO")


def items(ids: Sequence[str]) -> sa.Select:
    """Items by id."""
    return _items().where(t.property_item.c.property_id.in_(ids))


def identifiers(ids: Sequence[str]) -> sa.Select:
    """Every number on these items."""
    number = t.property_identifier
    return sa.select(number).where(number.c.property_id.in_(ids)).order_by(number.c.property_id, number.c.seq)


def items_by_identifier(keys: Sequence[str]) -> sa.Select:
    """Items that carry a number with one of these keys (`keys.identifier_key`); `found_by` is the key."""
    number, item = t.property_identifier, t.property_item
    carriers = sa.select(number.c.property_id, number.c.value_key).where(number.c.value_key.in_(keys)).distinct()
    found = carriers.subquery("found")
    return _items(found.c.value_key.label("found_by")).join(found, found.c.property_id == item.c.property_id)


def items_by_vehicle_number(keys: Sequence[str]) -> sa.Select:
    """R19 candidates: items whose VIN, chassis or engine number has one of these keys; `found_value` is as recorded."""
    number, item = t.property_identifier, t.property_item
    return (
        _items(number.c.value_key.label("found_by"), number.c.value.label("found_value"))
        .join(number, number.c.property_id == item.c.property_id)
        .where(number.c.value_key.in_(keys), number.c.type.in_(VEHICLE_NUMBERS))
        .order_by(item.c.property_id, number.c.seq)
    )


def items_of_people(person_ids: Sequence[str]) -> sa.Select:
    """R20: items whose reported owner is one of these people."""
    item = t.property_item
    return _items().where(item.c.owner_type == PERSON, item.c.owner_key.in_(person_ids))


def reports(ids: Sequence[str]) -> sa.Select:
    """Reports on these items."""
    return sa.select(t.property_report).where(t.property_report.c.property_id.in_(ids))


def certificates(ids: Sequence[str]) -> sa.Select:
    """Firearm certificates by id."""
    return _certificates().where(t.firearm_certificate.c.certificate_id.in_(ids))


def certificates_of_people(person_ids: Sequence[str]) -> sa.Select:
    """R17: certificates whose recorded holder is one of these people."""
    certificate = t.firearm_certificate
    return _certificates().where(certificate.c.holder_type == PERSON, certificate.c.holder_key.in_(person_ids))


def certificates_by_address(places: Sequence[str]) -> sa.Select:
    """R17 candidates: certificates without a recorded holder at one of these postcode keys."""
    certificate = t.firearm_certificate
    unclaimed = sa.or_(certificate.c.holder_key.is_(None), _silent(certificate, "holder"))
    return (
        _certificates()
        .where(unclaimed, certificate.c.match_postcode.in_(places))
        .order_by(certificate.c.certificate_id)
    )


def certificate_marks(keys: Sequence[str]) -> sa.Select:
    """R17, the existence probe: by what certificates are matched with people and postcode keys (`found_by`), and
    nothing else of them. Those that `certificates_of_people` and `certificates_by_address` find."""
    held, near = certificates_of_people(keys), certificates_by_address(keys).order_by(None)
    certificate = t.firearm_certificate
    found = sa.union_all(
        held.with_only_columns(certificate.c.certificate_id, certificate.c.holder_key.label("found_by"), _NO_NAME),
        near.with_only_columns(
            certificate.c.certificate_id, certificate.c.match_postcode.label("found_by"), certificate.c.match_name
        ),
    ).subquery("found")
    return sa.select(found)


def _items(*more: sa.ColumnElement) -> sa.Select:
    """Items that are shown."""
    return _linked(t.property_item, "owner", *more).where(shown(ITEM, t.property_item.c.property_id))


def _certificates() -> sa.Select:
    """Certificates that are shown."""
    return _linked(t.firearm_certificate, "holder").where(shown(CERTIFICATE, t.firearm_certificate.c.certificate_id))


def _silent(table: sa.Table, link: str) -> sa.ColumnElement[bool]:
    """Whether the person a row is linked to is SILENT."""
    return sa.and_(table.c[f"{link}_type"] == PERSON, hidden(PERSON, table.c[f"{link}_key"]))


def _linked(table: sa.Table, link: str, *more: sa.ColumnElement) -> sa.Select:
    """Rows with a link to a person, whose key is not there when the person is not: without it there is no link."""
    unnamed, key = _silent(table, link), f"{link}_key"
    columns = (visible(column, unnamed) if column.name == key else column for column in table.columns)
    return sa.select(*columns, *more)
