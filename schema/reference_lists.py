"""Reference lists: CSV files and pycountry in, a frozen catalogue of dated, versioned values out.

An unknown code is answered, never refused.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pycountry

from schema.errors import CodedError

DIRECTORY = Path(__file__).parent / "reference"
INDEX = DIRECTORY / "_index.csv"
_OWN_COLUMNS = frozenset({"code", "label", "group", "validFrom", "validTo", "notes", "basis", "source"})
# List key → pycountry database, its root, and the member that is our code (reference_data.md, "From packages").
_ISO_SOURCES: Mapping[str, tuple[str, str, str]] = {
    "country": ("iso3166-1.json", "3166-1", "alpha_2"),
    "subdivision": ("iso3166-2.json", "3166-2", "code"),
    "currency": ("iso4217.json", "4217", "alpha_3"),
    "language": ("iso639-3.json", "639-3", "alpha_2"),
}


class UnknownReferenceList(CodedError):
    """No list has this id, or this key."""

    code = "UNKNOWN_REFERENCE_LIST"
    advice = "Ask Query.referenceLists for the ids; a list answers to its id (RD080) and to its key (vehicle_colour)."


@dataclass(frozen=True, slots=True)
class ReferenceValue:
    """One value as asked for: `resolved` is False for a code the list does not hold, whose label is then None."""

    list_id: str
    code: str
    label: str | None
    group: str | None
    version: str
    resolved: bool
    valid_from: date | None = None
    valid_to: date | None = None
    notes: str = ""
    basis: str = ""
    source: str = ""
    extra: tuple[tuple[str, str], ...] = ()

    def valid_at(self, day: date) -> bool:
        """Whether the value may be used on `day`; both ends are inclusive, an open end is unbounded."""
        return (self.valid_from or day) <= day <= (self.valid_to or day)


@dataclass(frozen=True, slots=True)
class ReferenceList:
    """One list's header; `key` is its name in the field dictionary, `version` what new rows are written under."""

    list_id: str
    key: str
    name: str
    owner: str
    scope: str
    used_in: str
    size_in_life: str
    version: str
    origin: str
    used_by: tuple[str, ...]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _csv_values(header: ReferenceList) -> Iterator[ReferenceValue]:
    with (DIRECTORY / f"{header.key}.csv").open(newline="", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            yield ReferenceValue(
                list_id=header.list_id,
                code=row["code"],
                label=row["label"],
                group=row["group"] or None,
                version=header.version,
                resolved=True,
                valid_from=_day(row["validFrom"]),
                valid_to=_day(row["validTo"]),
                notes=row["notes"],
                basis=row["basis"],
                source=row["source"],
                extra=tuple((name, value) for name, value in row.items() if name not in _OWN_COLUMNS and value),
            )


def _iso_values(header: ReferenceList) -> Iterator[ReferenceValue]:
    database, root, code_name = _ISO_SOURCES[header.key]
    entries = json.loads((Path(pycountry.DATABASE_DIR) / database).read_text(encoding="utf-8"))[root]
    for entry in sorted((entry for entry in entries if code_name in entry), key=lambda entry: entry[code_name]):
        yield ReferenceValue(
            list_id=header.list_id,
            code=entry[code_name],
            label=entry["name"],
            group=entry.get("type"),
            version=header.version,
            resolved=True,
            basis="V",
            source=f"pycountry {pycountry.__version__}",
        )


@cache
def _values(header: ReferenceList) -> Mapping[str, ReferenceValue]:
    read = _iso_values if header.origin == "pycountry" else _csv_values
    return MappingProxyType({value.code: value for value in read(header)})


@dataclass(frozen=True, slots=True)
class ReferenceCatalogue:
    """Every list by id and by key; the values of a list are read when it is first asked for and kept."""

    lists: tuple[ReferenceList, ...]
    _by_name: Mapping[str, ReferenceList] = field(repr=False, compare=False)

    def header(self, name: str) -> ReferenceList:
        """The list with this id (`RD080`) or key (`vehicle_colour`). Raises UnknownReferenceList."""
        header = self._by_name.get(name)
        if header is None:
            raise UnknownReferenceList("There is no such reference list.")
        return header

    def values(self, name: str, at: date | None = None) -> tuple[ReferenceValue, ...]:
        """A list's values in list order; with `at`, only those valid on that day. Raises UnknownReferenceList."""
        values = _values(self.header(name)).values()
        return tuple(value for value in values if at is None or value.valid_at(at))

    def value(self, name: str, code: str, at: date | None = None) -> ReferenceValue:
        """The value of a code: retired codes still resolve, an unknown one (or one not valid `at`) keeps its raw code.

        Raises UnknownReferenceList. Rule: reference_data.md, "How the lists behave", 2.
        """
        header = self.header(name)
        value = _values(header).get(code)
        if value is None or (at is not None and not value.valid_at(at)):
            return ReferenceValue(header.list_id, code, None, None, header.version, resolved=False)
        return value


@cache
def reference_catalogue() -> ReferenceCatalogue:
    """The catalogue of the lists carried in `schema/reference`; read once."""
    with INDEX.open(newline="", encoding="utf-8") as lines:
        lists = tuple(
            ReferenceList(
                list_id=row["id"],
                key=row["key"],
                name=row["name"],
                owner=row["owner"],
                scope=row["scope"],
                used_in=row["used_in"],
                size_in_life=row["size_real"],
                version=row["version"],
                origin=row["origin"],
                used_by=tuple(filter(None, row["used_by"].split(";"))),
            )
            for row in csv.DictReader(lines)
        )
    by_name = {name: header for header in lists for name in (header.list_id, header.key)}
    return ReferenceCatalogue(lists, MappingProxyType(by_name))
