"""Who was on duty when and where: duties in, answers about one user at one time out. Says nothing of whom it does not
cover: an organisation is covered from the start of its first duty to the end of its last.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from authz.misuse.transactions import Operator

_EARTH_KM = 6371.0088  # mean radius, IUGG
_COORDINATES = re.compile(r"\s*(-?\d{1,2}(?:\.\d+)?)\s*[,; ]\s*(-?\d{1,3}(?:\.\d+)?)\s*")


@dataclass(frozen=True, slots=True)
class Place:
    """A circle: degrees (WGS 84) and kilometres."""

    latitude: float
    longitude: float
    radius_km: float

    def kilometres_to(self, latitude: float, longitude: float) -> float:
        """The distance from the centre along a great circle (haversine)."""
        north, south = math.radians(latitude), math.radians(self.latitude)
        across = math.radians(longitude - self.longitude)
        chord = math.sin((north - south) / 2) ** 2 + math.cos(north) * math.cos(south) * math.sin(across / 2) ** 2
        return 2 * _EARTH_KM * math.asin(math.sqrt(chord))


@dataclass(frozen=True, slots=True)
class Duty:
    """A stretch of time of one user, `end` not included: on duty, with duty areas where they are known, or on leave."""

    operator: Operator
    name: str
    start: datetime
    end: datetime
    on_duty: bool
    areas: tuple[str, ...] = ()
    place: Place | None = None

    def holds(self, at: datetime, grace: timedelta) -> bool:
        """Whether it holds at that time; a duty is stretched by `grace` on both sides, a leave is not."""
        stretch = grace if self.on_duty else timedelta(0)
        return self.start - stretch <= at < self.end + stretch

    def is_away(self, geolocation: str) -> bool | None:
        """Whether a stated location is away from the duty's areas; None where the two cannot be compared."""
        coordinates = _COORDINATES.fullmatch(geolocation)
        if coordinates:
            return self.place and self.place.kilometres_to(*map(float, coordinates.groups())) > self.place.radius_km
        stated = geolocation.upper()
        return not any(stated.startswith(area.upper()) for area in self.areas) if self.areas else None


@dataclass(frozen=True, slots=True)
class Roster:
    """The duties of users, the time that they cover by organisation, and who is called what (an id or a name, without
    its case) in an organisation."""

    duties: Mapping[Operator, tuple[Duty, ...]]
    covered: Mapping[str, tuple[datetime, datetime]]
    names: Mapping[tuple[str, str], frozenset[Operator]]

    @staticmethod
    def of(duties: Iterable[Duty]) -> "Roster":
        """The roster with these duties."""
        found: dict[Operator, list[Duty]] = defaultdict(list)
        covered: dict[str, tuple[datetime, datetime]] = {}
        names: dict[tuple[str, str], set[Operator]] = defaultdict(set)
        for duty in duties:
            organisation, user = duty.operator
            found[duty.operator].append(duty)
            start, end = covered.get(organisation, (duty.start, duty.end))
            covered[organisation] = min(start, duty.start), max(end, duty.end)
            for name in (user, duty.name):
                names[organisation, name.casefold()].add(duty.operator)
        return Roster(
            {operator: tuple(theirs) for operator, theirs in found.items()},
            covered,
            {name: frozenset(operators) for name, operators in names.items()},
        )

    def covers(self, organisation: str, at: datetime) -> bool:
        """Whether the roster speaks of that organisation at that time."""
        start, end = self.covered.get(organisation, (at, at))
        return start <= at < end

    def at(self, operator: Operator, at: datetime, grace: timedelta) -> tuple[Duty, ...]:
        """The duties and leaves of a user that hold at that time."""
        return tuple(duty for duty in self.duties.get(operator, ()) if duty.holds(at, grace))

    def called(self, organisation: str, name: str) -> frozenset[Operator]:
        """The users of an organisation with that id or name, whatever its case."""
        return self.names.get((organisation, name.casefold()), frozenset())
