"""What other systems know of users (`docs/feeds.md`): the text of CSV files in, indexed facts out. Does no I/O."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from authz.alert_reading import KeptAlert
from authz.errors import InvalidMisuseFeed
from authz.misuse.feed_table import NO_TIME, FeedRow, feed_rows
from authz.misuse.roster import Duty, Place, Roster
from authz.misuse.transactions import Operator

OWN_RECORD, COLLEAGUE, OWN_VEHICLE = "OWN_RECORD", "COLLEAGUE", "OWN_VEHICLE"
ON_DUTY, LEAVE = "ON_DUTY", "LEAVE"
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Contact:
    """An external contact event: when, about whose record, and with which user where that is known."""

    at: datetime
    subject: str
    operator: Operator | None


@dataclass(frozen=True, slots=True)
class Feeds:
    """What was supplied; None is a feed that was not. `alerts` are what the service told supervisors at look time,
    `hr_household` the households (keyed hashes) of users, `colleagues` by user the records (keyed hashes) that are
    their own or a colleague's, with the relation."""

    alerts: tuple[KeptAlert, ...] | None = None
    hr_household: Mapping[Operator, frozenset[str]] | None = None
    duty_roster: Roster | None = None
    colleagues: Mapping[Operator, Mapping[str, str]] | None = None
    contact_events: Mapping[str, Sequence[Contact]] | None = None

    def absent(self, names: Sequence[str]) -> tuple[str, ...]:
        """Those of the feeds that were not supplied."""
        return tuple(name for name in names if getattr(self, name) is None)

    def with_file(self, name: str, text: str) -> "Feeds":
        """These and the feed of that name, from a file's text. Raises InvalidMisuseFeed."""
        problems: list[str] = []
        read = _READERS[name](feed_rows(COLUMNS[name], text, problems))
        if problems:
            raise InvalidMisuseFeed(
                f"The feed {name} is not as docs/feeds.md has it: {len(problems)} problems.",
                details={"problems": problems[:_MOST_TOLD]},
            )
        return replace(self, **{name: read})


COLUMNS = {
    "hr_household": ("organisation", "user", "household"),
    "duty_roster": (
        "organisation",
        "user",
        "name",
        "from",
        "to",
        "state",
        "areas",
        "latitude",
        "longitude",
        "radius_km",
    ),
    "colleagues": ("organisation", "user", "relation", "subject"),
    "contact_events": ("at", "subject", "organisation", "user"),
}
"""The columns of each feed that is a file."""

FEEDS = ("alerts", *COLUMNS)


def _households(rows: Sequence[FeedRow]) -> Mapping[Operator, frozenset[str]]:
    found: dict[Operator, set[str]] = defaultdict(set)
    for row in rows:
        found[row.operator()].add(row.hashed("household"))
    return MappingProxyType({operator: frozenset(homes) for operator, homes in found.items()})


def _roster(rows: Sequence[FeedRow]) -> Roster:
    return Roster.of([_duty(row) for row in rows])


def _duty(row: FeedRow) -> Duty:
    start, end = row.time("from"), row.time("to")
    if start != NO_TIME and end <= start:
        row.wrong("to", "must be later than `from`")
    return Duty(
        operator=row.operator(),
        name=row.text("name"),
        start=start,
        end=end,
        on_duty=row.one_of("state", (ON_DUTY, LEAVE)) == ON_DUTY,
        areas=tuple(area.strip() for area in row.text("areas").split(";") if area.strip()),
        place=_place(row),
    )


def _place(row: FeedRow) -> Place | None:
    names = ("latitude", "longitude", "radius_km")
    if not any(row.text(name) for name in names):
        return None
    return Place(
        row.number("latitude", -90, 90), row.number("longitude", -180, 180), row.number("radius_km", 0, 20_000)
    )


def _colleagues(rows: Sequence[FeedRow]) -> Mapping[Operator, Mapping[str, str]]:
    found: dict[Operator, dict[str, str]] = defaultdict(dict)
    for row in rows:
        relation = row.one_of("relation", (OWN_RECORD, COLLEAGUE, OWN_VEHICLE))
        found[row.operator()][row.hashed("subject")] = relation
    return MappingProxyType(dict(found))


def _contacts(rows: Sequence[FeedRow]) -> Mapping[str, Sequence[Contact]]:
    found: dict[str, list[Contact]] = defaultdict(list)
    for row in rows:
        operator = row.operator() if row.text("user") or row.text("organisation") else None
        contact = Contact(row.time("at"), row.hashed("subject"), operator)
        found[contact.subject].append(contact)
    return MappingProxyType(dict(found))


_READERS = {
    "hr_household": _households,
    "duty_roster": _roster,
    "colleagues": _colleagues,
    "contact_events": _contacts,
}
