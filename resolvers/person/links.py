"""Links from a nominal: one `select()` for each step and table, all over PNC.NAMES.CORE, and the walk that joins them.

A link is a recorded association (either way round), shared premises, a shared contact, or the driver number PNC holds.
Nothing of another product or of PND is read: a target of theirs is its key, resolved by its owner. Each select answers
`source_id, kind, other_type, other_key, last_seen, confidence`, latest first, and never more rows than it is asked for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from resolvers.controls.predicates import shown
from resolvers.person.controls import findable
from resolvers.person.tables import person, person_address, person_association, person_contact

MOST_LINKS = 200
DEEPEST = 2

PERSON, VEHICLE, DRIVER = "Person", "Vehicle", "Driver"
SAME_ADDRESS, SAME_CONTACT, RECORDED_DRIVER = "SAMEADDR", "SAMECONTACT", "DRIVERNO"

_METHOD = {SAME_ADDRESS: "ADDRESS", SAME_CONTACT: "IDENTIFIER", RECORDED_DRIVER: "IDENTIFIER"}
_SCORE = {SAME_ADDRESS: 0.5, SAME_CONTACT: 0.7, RECORDED_DRIVER: 0.9}  # of the link, not of identity


@dataclass(frozen=True, slots=True)
class Link:
    """One step from a person: its kind (list association_type, or one of ours), how it is known, when last seen."""

    source_id: str
    kind: str
    target_type: str
    target_key: str
    depth: int
    method: str
    score: float | None
    last_seen: date | None


def links_of(ids: Sequence[str], most: int) -> tuple[sa.Select, ...]:
    """The selects of one step from `ids`, each bounded to `most` rows."""
    return (
        associations_from(ids, most),
        associations_to(ids, most),
        shared_premises(ids, most),
        shared_contacts(ids, most),
        recorded_drivers(ids, most),
    )


def associations_from(ids: Sequence[str], most: int) -> sa.Select:
    """What the associations of `ids` lead to."""
    link = person_association
    columns = (link.c.person_id, link.c.type, link.c.other_type, link.c.other_key, link.c.last_seen, link.c.confidence)
    to_people = findable(link.c.other_key)
    seen = sa.case((link.c.other_type == PERSON, sa.and_(*to_people)), else_=shown(link.c.other_type, link.c.other_key))
    return _latest(_link(*columns).where(link.c.person_id.in_(ids), seen), most)


def associations_to(ids: Sequence[str], most: int) -> sa.Select:
    """Who has recorded an association with one of `ids`."""
    link = person_association
    other = (sa.literal(PERSON), link.c.person_id)
    statement = _link(link.c.other_key, link.c.type, *other, link.c.last_seen, link.c.confidence)
    found = statement.where(link.c.other_type == PERSON, link.c.other_key.in_(ids), *findable(link.c.person_id))
    return _latest(found, most)


def shared_premises(ids: Sequence[str], most: int) -> sa.Select:
    """Who else is recorded at premises of `ids`, by first line and full postcode."""
    mine, theirs = person_address.alias("mine"), person_address.alias("theirs")
    last_seen = sa.func.coalesce(theirs.c.address_to, theirs.c.address_from)
    together = _shared(SAME_ADDRESS, mine.c.person_id, theirs.c.person_id, last_seen)
    joined = together.select_from(mine).join(theirs, mine.c.premises_key == theirs.c.premises_key)
    others = mine.c.person_id.in_(ids), mine.c.person_id != theirs.c.person_id, *findable(theirs.c.person_id)
    return _latest(joined.where(*others), most)


def shared_contacts(ids: Sequence[str], most: int) -> sa.Select:
    """Who else is recorded with a phone number or e-mail address of `ids`."""
    mine, theirs = person_contact.alias("mine"), person_contact.alias("theirs")
    last_seen = sa.func.coalesce(theirs.c.to_date, theirs.c.from_date)
    together = _shared(SAME_CONTACT, mine.c.person_id, theirs.c.person_id, last_seen)
    joined = together.select_from(mine).join(theirs, mine.c.value_key == theirs.c.value_key)
    others = mine.c.person_id.in_(ids), mine.c.person_id != theirs.c.person_id, *findable(theirs.c.person_id)
    return _latest(joined.where(*others), most)


def recorded_drivers(ids: Sequence[str], most: int) -> sa.Select:
    """The driver numbers PNC holds for `ids`: claims, not proof."""
    number = person.c.driver_number_recorded
    other = (sa.literal(DRIVER), number)
    never = sa.cast(sa.null(), sa.Date)
    statement = _link(person.c.person_id, sa.literal(RECORDED_DRIVER), *other, never, sa.cast(sa.null(), sa.Float))
    claimed = person.c.person_id.in_(ids), number.is_not(None), shown(DRIVER, number)
    return _latest(statement.where(*claimed), most)


def _link(*columns: sa.ColumnElement) -> sa.Select:
    names = ("source_id", "kind", "other_type", "other_key", "last_seen", "confidence")
    return sa.select(*(column.label(name) for column, name in zip(columns, names, strict=True)))


def _shared(kind: str, source: sa.Column, other: sa.Column, last_seen: sa.ColumnElement) -> sa.Select:
    return _link(source, sa.literal(kind), sa.literal(PERSON), other, last_seen, sa.cast(sa.null(), sa.Float))


def _latest(statement: sa.Select, most: int) -> sa.Select:
    row = statement.subquery().c
    order = (row.last_seen.is_(None), row.last_seen.desc(), row.other_key, row.kind, row.source_id)
    return (
        sa.select(row.source_id, row.kind, row.other_type, row.other_key, row.last_seen, row.confidence)
        .order_by(*order)
        .limit(most)
    )


def link_from_row(row: Mapping, depth: int) -> Link:
    """The link a row of one of the selects states, found at `depth` steps."""
    kind = row["kind"]
    return Link(
        source_id=row["source_id"],
        kind=kind,
        target_type=row["other_type"],
        target_key=row["other_key"],
        depth=depth,
        method=_METHOD.get(kind, "MANUAL"),
        score=_SCORE.get(kind, row["confidence"]),
        last_seen=row["last_seen"],
    )


def next_people(found: Iterable[Link], known: set[str]) -> list[str]:
    """The people a further step starts from: targets not yet stood on, in the order they were found."""
    targets = (link.target_key for link in found if link.target_type == PERSON)
    return [key for key in dict.fromkeys(targets) if key not in known]


def ranked(found: Iterable[Link], start: str, most: int) -> list[Link]:
    """At most `most` links, latest seen first, each target once for each kind (the nearest), never back to `start`."""
    nearest: dict[tuple[str, str, str], Link] = {}
    for link in sorted(found, key=lambda link: (link.depth, _latest_first(link))):
        if link.target_key != start:
            nearest.setdefault((link.kind, link.target_type, link.target_key), link)
    return sorted(nearest.values(), key=lambda link: (_latest_first(link), link.depth))[:most]


def _latest_first(link: Link) -> tuple[int, str, str, str]:
    when = -link.last_seen.toordinal() if link.last_seen else 1
    return when, link.kind, link.target_type, link.target_key
