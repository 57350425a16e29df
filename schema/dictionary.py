"""The field dictionary: a coordinate `Type.field` in, its tags from `fields.csv` out. Knows no caller."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from schema.errors import InternalError

FIELDS = Path(__file__).parent / "fields.csv"
DERIVED = Path(__file__).parent / "derived.csv"


class UntaggedCoordinate(InternalError):
    """A governed field was asked for its tags and the dictionary has none: it may not be served."""

    code = "UNTAGGED_COORDINATE"


@dataclass(frozen=True, slots=True)
class FieldTag:
    """The tags of one field: its unit of separation, sensitivity S0..S4, default mask, and whether it is internal."""

    coordinate: str
    dataset: str
    sensitivity: str
    mask: str | None
    internal: bool
    gtype: str
    rule: str
    area: str


def _tag(row: Mapping[str, str]) -> FieldTag:
    return FieldTag(
        coordinate=f"{row['type']}.{row['field']}",
        dataset=row["dataset"],
        sensitivity=row["sensitivity"],
        mask=row["mask"] or None,
        internal=row["internal"] == "yes",
        gtype=row["gtype"],
        rule=row["rule"],
        area=row["area"],
    )


@cache
def field_dictionary() -> Mapping[str, FieldTag]:
    """Every tag by coordinate, in dictionary order; read once."""
    with FIELDS.open(newline="", encoding="utf-8") as lines:
        tags = map(_tag, csv.DictReader(lines))
        return MappingProxyType({tag.coordinate: tag for tag in tags})


@dataclass(frozen=True, slots=True)
class Derivation:
    """One derived answer of the graph: its label, the record types it reaches, and the coordinates it is made from.

    The owner of an input knows from here who may be answered from it, although another subgraph gives the answer.
    """

    coordinate: str
    dataset: str
    sensitivity: str
    mask: str | None
    reaches: tuple[str, ...]
    inputs: tuple[str, ...]


@cache
def derivations() -> tuple[Derivation, ...]:
    """Every derived answer, in the order of `derived.csv`; read once. A test holds it to the subgraphs' `@derived`."""
    with DERIVED.open(newline="", encoding="utf-8") as lines:
        return tuple(
            Derivation(
                coordinate=row["coordinate"],
                dataset=row["dataset"],
                sensitivity=row["sensitivity"],
                mask=row["mask"] or None,
                reaches=tuple(filter(None, row["reaches"].split(";"))),
                inputs=tuple(row["inputs"].split(";")),
            )
            for row in csv.DictReader(lines)
        )


def tag(coordinate: str) -> FieldTag:
    """The tags of a coordinate. Raises UntaggedCoordinate, so that nothing untagged is served by accident."""
    found = field_dictionary().get(coordinate)
    if found is None:
        raise UntaggedCoordinate(f"{coordinate} is not in the field dictionary.")
    return found


def fields_of(type_name: str) -> tuple[FieldTag, ...]:
    """The tags of a type's fields in dictionary order; empty for a type the dictionary does not know."""
    prefix = f"{type_name}."
    return tuple(tag for coordinate, tag in field_dictionary().items() if coordinate.startswith(prefix))
