"""Keys in, one `select()` out for each table of the Property product; every statement reads one dataset. No I/O."""

from collections.abc import Sequence

import sqlalchemy as sa

from resolvers.property import tables as t
from resolvers.property.keys import identifier_key

PERSON = "Person"
VEHICLE_NUMBERS = ("VIN", "CHASSIS", "ENGNO")


def items(ids: Sequence[str]) -> sa.Select:
    """Items by id."""
    return sa.select(t.property_item).where(t.property_item.c.property_id.in_(ids))


def identifiers(ids: Sequence[str]) -> sa.Select:
    """Every number on these items."""
    number = t.property_identifier
    return sa.select(number).where(number.c.property_id.in_(ids)).order_by(number.c.property_id, number.c.seq)


def items_by_identifier(keys: Sequence[str]) -> sa.Select:
    """Items that carry a number with one of these keys (`keys.identifier_key`); `found_by` is the key."""
    return _items_by_number(t.property_identifier.c.value_key.in_(keys))


def items_by_vehicle_number(numbers: Sequence[str]) -> sa.Select:
    """R19: items whose VIN, chassis or engine number is one of these, in normal form; `found_by` is that form."""
    number = t.property_identifier
    keys = [identifier_key(value) for value in numbers]
    return _items_by_number(sa.and_(number.c.value_key.in_(keys), number.c.type.in_(VEHICLE_NUMBERS)))


def _items_by_number(condition: sa.ColumnElement[bool]) -> sa.Select:
    number, item = t.property_identifier, t.property_item
    return (
        sa.select(item, number.c.value_key.label("found_by"))
        .join(number, number.c.property_id == item.c.property_id)
        .where(condition)
        .distinct()
    )


def items_of_people(person_ids: Sequence[str]) -> sa.Select:
    """R20: items whose reported owner is one of these people."""
    item = t.property_item
    return sa.select(item).where(item.c.owner_type == PERSON, item.c.owner_key.in_(person_ids))


def reports(ids: Sequence[str]) -> sa.Select:
    """Reports on these items."""
    return sa.select(t.property_report).where(t.property_report.c.property_id.in_(ids))


def certificates(ids: Sequence[str]) -> sa.Select:
    """Firearm certificates by id."""
    return sa.select(t.firearm_certificate).where(t.firearm_certificate.c.certificate_id.in_(ids))


def certificates_of_people(person_ids: Sequence[str]) -> sa.Select:
    """R17: certificates whose recorded holder is one of these people."""
    certificate = t.firearm_certificate
    return sa.select(certificate).where(certificate.c.holder_type == PERSON, certificate.c.holder_key.in_(person_ids))


def certificates_by_address(places: Sequence[str]) -> sa.Select:
    """R17 candidates: certificates without a recorded holder at one of these postcode keys."""
    certificate = t.firearm_certificate
    return (
        sa.select(certificate)
        .where(certificate.c.holder_key.is_(None), certificate.c.match_postcode.in_(places))
        .order_by(certificate.c.certificate_id)
    )
