"""Masks on what resolvers answer: a value and its mask in, what stands in the data and what is said beside it out.

Which types carry their masked form in the data is mask_types.csv's to say (`in_data_for`); any other mask leaves the
data null. A list is masked entry by entry. Nothing here decides whether to mask.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from authz import masks
from authz.masks import Pseudonyms
from schema.reference_lists import ReferenceCatalogue
from subgraphs.coded import CodedValue
from subgraphs.entries import NOTHING
from subgraphs.records import Record
from subgraphs.relay import Connection
from subgraphs.values import ContactPoint, Identifier, Money, OrgName, PersonName

TEXT = "String"
# The lists whose groups stand for codes that are scalars of their own.
GROUPED_SCALARS = {"OffenceCodeCjs": "offence_codes_sample", "OffenceCodeNpcc": "npcc_offence_code_sample"}
S3 = "S3"


@dataclass(frozen=True, slots=True)
class Masked:
    """`data` stands where the value would; `value` is the reduced form said beside it, NOTHING where none is."""

    data: Any = None
    value: Any = NOTHING


@dataclass(frozen=True, slots=True)
class Total:
    """How many entries a list has, which is all that is known of it here."""

    entries: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What a mask must know of a field: the name of its innermost GraphQL type and its sensitivity."""

    type_name: str
    sensitivity: str

    @property
    def free_text(self) -> bool:
        """Whether its length may be told roughly: text below S3 (mask_types.csv, REDACT)."""
        return self.type_name == TEXT and self.sensitivity < S3


@dataclass(frozen=True, slots=True)
class Masking:
    """The masks of one request: its day, its reference lists, the pseudonyms of its organisation and purpose."""

    catalogue: ReferenceCatalogue
    pseudonyms: Pseudonyms
    today: date

    def masked(self, mask: str | None, value: Any, kind: Kind) -> Masked:
        """The masked form of a field's value; null stays null, and what a mask does not fit is as if redacted.

        Without a mask only records are left, each of whose fields is masked by its own.
        """
        if mask in masks.BESIDE_DATA:
            return Masked(value=self._beside(mask, value, kind))
        if value is None:
            return Masked()
        if isinstance(value, Connection):
            return Masked(self._page(mask, value, kind))
        if isinstance(value, list | tuple):
            return self._list(mask, value, kind)
        return self._one(mask, value, kind)

    def _beside(self, mask: str | None, value: Any, kind: Kind) -> Any:
        match mask:
            case "BOOL":
                return value.entries > 0 if isinstance(value, Total) else masks.held(value)
            case "REDACT":
                texts = [each for each in _entries(value) if isinstance(each, str)]
                return masks.length_band(texts) if kind.free_text and texts else NOTHING
            case "COUNT":
                found = value.entries if isinstance(value, Total) else masks.count(value)
            case "HASH":
                found = None if value is None else self._pseudonyms(value)
            case "BAND":
                found = _banded(value)
            case _:
                found = masks.age_band(value, self.today) if isinstance(value, str | date) else None
        return NOTHING if found is None else found

    def _pseudonyms(self, value: Any) -> Any:
        """One for each entry of a list, so that entries can be compared."""
        if isinstance(value, list | tuple):
            return [self.pseudonyms.of(_plain(entry)) for entry in value]
        return self.pseudonyms.of(_plain(value))

    def _page(self, mask: str | None, page: Connection[Any], kind: Kind) -> Any:
        edges = [replace(edge, node=self._one(mask, edge.node, kind).data) for edge in page.edges or ()]
        return replace(page, edges=edges)

    def _list(self, mask: str | None, entries: list[Any] | tuple[Any, ...], kind: Kind) -> Masked:
        found = [self._one(mask, entry, kind) for entry in entries if entry is not None]
        if any(entry.data is None for entry in found):
            return Masked(value=NOTHING)
        return Masked([entry.data for entry in found])

    def _one(self, mask: str | None, value: Any, kind: Kind) -> Masked:
        if value is None or isinstance(value, Record):
            return Masked(value)  # the fields of a record below are decided, and masked, by their own labels
        found = _records_of(value) if mask is None else _MASKS[mask](self, value, kind)
        if found is None:
            return Masked(value=self._beside("REDACT", value if isinstance(value, str) else None, kind))
        return found

    def year(self, value: Any, kind: Kind) -> Masked | None:
        """A partial date may be a year; a whole date may not."""
        if not isinstance(value, str | date):
            return None
        found = masks.year(value)
        if found is None:
            return None
        return Masked(found) if kind.type_name == "PartialDate" else Masked(value=found)

    def outcode(self, value: Any, _kind: Kind) -> Masked | None:
        """The outward code alone, in an address's own place for it."""
        if isinstance(value, str):
            found = masks.outcode(value)
            return None if found is None else Masked(value=found)
        if not hasattr(value, "postcode"):
            return None
        return Masked(_only(value, postcode=masks.outcode(value.postcode or "")))

    def town(self, value: Any, _kind: Kind) -> Masked | None:
        """The town alone."""
        if isinstance(value, str):
            found = masks.town(value)
            return None if found is None else Masked(found)
        if not hasattr(value, "lines"):
            return None
        found = masks.town(",".join(value.lines or ()))
        return Masked(_only(value, lines=[found] if found else []))

    def initial(self, value: Any, kind: Kind) -> Masked | None:
        """Surname and initials; an organisation's name is redacted."""
        if isinstance(value, PersonName):
            return Masked(_only(value, last=value.last, first=masks.initials(value.first or ())))
        if isinstance(value, OrgName):
            return Masked(value=self._beside("REDACT", value.name, replace(kind, type_name=TEXT)))
        if hasattr(value, "last") and hasattr(value, "first"):
            return Masked(_only(value, last=value.last, first=masks.initials(value.first or ())))
        return None

    def last_four(self, value: Any, kind: Kind) -> Masked | None:
        """Text in its place; a scalar that is checked has no masked form, so it goes beside."""
        if isinstance(value, str):
            found = masks.last_four(value)
            if found is None:
                return None
            return Masked(found) if kind.type_name == TEXT else Masked(value=found)
        if isinstance(value, Identifier | ContactPoint) or type(value).__name__ == "PropertyIdentifier":
            return Masked(_only(value, type=value.type, value=masks.last_four(value.value or "")))
        issue = getattr(value, "issue", None)
        found = masks.last_four(issue) if isinstance(issue, str) else None
        return None if found is None else Masked(value=found)

    def group(self, value: Any, kind: Kind) -> Masked | None:
        """A code's group; of an object, the groups of its codes and nothing else."""
        if isinstance(value, CodedValue):
            return _grouped(value)
        if isinstance(value, str):
            known = GROUPED_SCALARS.get(kind.type_name)
            found = self.catalogue.value(known, value).group if known else None
            return None if found is None else Masked(value=found)
        coded = {name: held for name, held in _attributes(value).items() if isinstance(held, CodedValue)}
        if not coded:
            return None
        groups = {name: found.data for name, held in coded.items() if (found := _grouped(held)) is not None}
        return Masked(_only(value, **groups))


_MASKS: Mapping[str, Callable[[Masking, Any, Kind], Masked | None]] = {
    "YEAR": Masking.year,
    "OUTCODE": Masking.outcode,
    "TOWN": Masking.town,
    "INITIAL": Masking.initial,
    "LAST4": Masking.last_four,
    "GROUP": Masking.group,
}


def _grouped(value: CodedValue) -> Masked | None:
    if value.group is None:
        return None
    return Masked(replace(value, code=None, label=None, resolved=None))


def _records_of(value: Any) -> Masked | None:
    """A value that leads to records: these, and nothing that is said about them."""
    records = {name: held for name, held in _attributes(value).items() if isinstance(held, Record)}
    return Masked(_only(value, **records)) if records else None


def _only(whole: Any, /, **kept: Any) -> Any:
    """The object with these attributes and every other one null."""
    return replace(whole, **dict.fromkeys(_attributes(whole)) | kept)


def _entries(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _attributes(value: Any) -> dict[str, Any]:
    if not is_dataclass(value):
        return {}
    return {each.name: getattr(value, each.name) for each in fields(value) if each.init}


def _banded(value: Any) -> str | None:
    number = value.amount if isinstance(value, Money) else value
    if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
        return None
    return masks.band(number)


def _plain(value: Any) -> Any:
    """A value type as JSON, by its attributes."""
    if isinstance(value, Record):
        return {name: str(held) for name, held in value.row.items()}
    if is_dataclass(value):
        return {name: _plain(held) for name, held in _attributes(value).items()}
    return [_plain(entry) for entry in value] if isinstance(value, list | tuple) else value
