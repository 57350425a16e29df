"""The invented names: common nouns as surnames and forenames, made-up streets and towns. No list of real surnames."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DIRECTORY = Path(__file__).parent
_STREET_KINDS = ("Street", "Road", "Lane", "Avenue", "Close", "Way", "Terrace", "Drive")
_TOWN_BEGINNINGS = (
    "Amber",
    "Anvil",
    "Button",
    "Copper",
    "Feather",
    "Fiddle",
    "Kettle",
    "Marble",
    "Pebble",
    "Ribbon",
    "Thimble",
    "Walnut",
)
_TOWN_ENDINGS = ("bury", "combe", "dale", "ford", "gate", "ham", "mere", "mouth", "stead", "wick")
_AREA_LETTERS = "ABCDEFGHKL"
INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"


@dataclass(frozen=True, slots=True)
class Town:
    """An invented town and its outward code; the first letter is never issued (entities 2.1)."""

    name: str
    outward: str


def _lines(name: str) -> tuple[str, ...]:
    return tuple((_DIRECTORY / name).read_text(encoding="utf-8").split())


@cache
def surnames() -> tuple[str, ...]:
    """About 1,200 nouns whose first five letters differ, so that a driver number can be unique by construction."""
    return _lines("surnames.txt")


@cache
def forenames() -> tuple[str, ...]:
    """Words used as forenames for anybody."""
    return _lines("forenames.txt")


@cache
def towns() -> tuple[Town, ...]:
    """120 invented towns."""
    names = [f"{beginning}{ending}" for ending in _TOWN_ENDINGS for beginning in _TOWN_BEGINNINGS]
    return tuple(
        Town(name, f"{'XVQ'[place % 3]}{_AREA_LETTERS[place // 3 % 10]}{1 + place // 30}")
        for place, name in enumerate(names)
    )


@cache
def streets() -> tuple[str, ...]:
    """Street names made of the same words as surnames, without the accented ones."""
    words = [word.title() for word in surnames() if word.isascii()]
    return tuple(f"{word} {_STREET_KINDS[place % len(_STREET_KINDS)]}" for place, word in enumerate(words))
