"""Who is in an invented population: numbers in, humans with names, birth dates and homes out, block by block.

A block is 200 nominals with their drivers and vehicles (1 : 4.5 : 4.8, scale.md). Every join stays inside its block, so
nothing outside the block in hand is ever held. Whatever must be unique is so by construction.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from math import gcd

from leds.data.calendar import Calendar
from leds.data.dice import Dice, Weighted
from leds.data.words import INWARD_LETTERS, forenames, streets, surnames, towns
from resolvers.names import match_name, postcode_key
from schema.identifiers.driver import TIEBREAKS, driver_number

PEOPLE_PER_BLOCK = 200
MOST_PEOPLE = 2_500_000
_HUMANS_PER_PERSON = 5
_YOUNGEST_DRIVER_DAYS = 17 * 366
_DRIVER_AGE_SPAN_DAYS = 71 * 365
_SEXES = Weighted({"M": 0.56, "F": 0.44})
_FORENAME_COUNT = Weighted({1: 0.55, 2: 0.4, 3: 0.05})
_TITLES = {"M": Weighted({"MR": 0.94, "DR": 0.02, "MX": 0.04}), "F": Weighted({"MRS": 0.4, "MISS": 0.25, "MS": 0.35})}
# Stations of the force/station list that enter records.
STATIONS = Weighted({"20R1": 0.3, "01ZD": 0.25, "02BC": 0.2, "96HQ": 0.15, "59HQ": 0.04, "65JU": 0.06})

Row = tuple[object, ...]
Rows = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Home:
    """An invented address: its lines as JSON text, town and postcode."""

    number: int
    street: str
    town: str
    postcode: str

    @property
    def lines(self) -> str:
        """The address lines as the JSON the tables hold."""
        return f'["{self.number} {self.street}", "{self.town}"]'

    @property
    def line_texts(self) -> tuple[str, str]:
        """The address lines as text."""
        return (f"{self.number} {self.street}", self.town)


@dataclass(frozen=True, slots=True)
class Human:
    """One invented human; `number` is the driver number they have or would have, `born` an ordinal."""

    surname: str
    first: tuple[str, ...]
    title: str
    sex: str
    born: int
    number: str
    home: Home
    match_name: str
    match_postcode: str


class World:
    """What every block shares: the seed, the calendar, and the permutation that makes people unique."""

    def __init__(self, people: int, seed: int, as_of: date) -> None:
        self.people = people
        self.seed = seed
        self.calendar = Calendar(as_of)
        shuffle = Dice(f"{seed}:surnames")
        self._surnames = sorted(surnames(), key=lambda _name: shuffle.roll())
        self._size = len(self._surnames) * _DRIVER_AGE_SPAN_DAYS
        self._step = 7_368_787
        while gcd(self._step, self._size) != 1:
            self._step += 1
        self._offset = seed * 2_654_435_761 % self._size

    def surname_and_birth(self, index: int) -> tuple[str, int, str]:
        """Surname, birth ordinal and tiebreak of human `index`: no two humans share all three."""
        place = (index * self._step + self._offset) % self._size
        age, name = divmod(place, len(self._surnames))
        born = self.calendar.today - _YOUNGEST_DRIVER_DAYS - age
        return self._surnames[name], born, TIEBREAKS[index // self._size]

    def record(self, owner: str, created: int, updated: int, review: int | None = None) -> Row:
        """The record columns: owner, version, created, updated, as of, lag and review date."""
        iso = self.calendar.iso
        return (
            owner,
            1 + (updated > created),
            self.calendar.instant(created, created % 1440),
            self.calendar.instant(updated, updated % 1440),
            self.calendar.now,
            0,
            None if review is None else iso(review),
        )


def key(kind: int, number: int) -> str:
    """A UUID (version 8) of a record: its kind and its number. They ascend, which is what keeps loading fast."""
    return f"{kind:08x}-0000-8000-8000-{number:012x}"


def new_home(dice: Dice) -> Home:
    """An address nobody has, in an invented town with a never-issued postcode area."""
    town = dice.pick(towns())
    inward = f"{dice.below(10)}{dice.pick(INWARD_LETTERS)}{dice.pick(INWARD_LETTERS)}"
    return Home(1 + dice.below(240), dice.pick(streets()), town.name, f"{town.outward} {inward}")


def new_human(world: World, dice: Dice, index: int, home: Home) -> Human:
    """Human `index` with a driver number that nobody else has."""
    surname, born, tiebreak = world.surname_and_birth(index)
    first = tuple(dice.pick(forenames()) for _ in range(dice.draw(_FORENAME_COUNT)))
    sex = dice.draw(_SEXES)
    return Human(
        surname=surname,
        first=first,
        title=dice.draw(_TITLES[sex]),
        sex=sex,
        born=born,
        number=driver_number(surname, first, date.fromordinal(born), sex, tiebreak),
        home=home,
        match_name=match_name(surname, first),
        match_postcode=postcode_key(home.postcode) or "",
    )


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive people with their drivers and vehicles: the first number of each, and the humans themselves.

    The first `shared` humans are nominals and drivers, those up to `drivers` only drivers, the last only nominals.
    """

    world: World
    dice: Dice
    first_person: int
    people: int
    first_driver: int
    drivers: int
    first_vehicle: int
    vehicles: int
    shared: int
    humans: tuple[Human, ...]

    def nominal(self, place: int) -> Human:
        """The human behind the block's nominal number `place`."""
        return self.humans[place if place < self.shared else self.drivers + place - self.shared]


def _household_homes(dice: Dice, humans: int) -> Iterator[Home]:
    home = new_home(dice)
    for _ in range(humans):
        if dice.chance(0.7):
            home = new_home(dice)
        yield home


def blocks(world: World) -> Iterator[Block]:
    """The population in blocks; the same world gives the same blocks."""
    for first in range(0, world.people, PEOPLE_PER_BLOCK):
        yield _block(world, first, min(first + PEOPLE_PER_BLOCK, world.people))


def _block(world: World, first: int, end: int) -> Block:
    dice = Dice(f"{world.seed}:{first}")
    first_driver, first_vehicle = first * 9 // 2, first * 24 // 5
    drivers = end * 9 // 2 - first_driver
    shared = end * 7 // 10 - first * 7 // 10
    count = drivers + (end - first) - shared
    homes = _household_homes(dice, count)
    humans = tuple(new_human(world, dice, first * _HUMANS_PER_PERSON + place, home) for place, home in enumerate(homes))
    return Block(
        world=world,
        dice=dice,
        first_person=first,
        people=end - first,
        first_driver=first_driver,
        drivers=drivers,
        first_vehicle=first_vehicle,
        vehicles=end * 24 // 5 - first_vehicle,
        shared=shared,
        humans=humans,
    )
