"""Value types that several of the person, property, missing and intelligence subgraphs publish, and their making."""

from collections.abc import Mapping, Sequence
from typing import Any

from subgraphs.coded import CodedValue, coded_value
from subgraphs.request import RequestInfo
from subgraphs.tags import value_type
from subgraphs.values import EntityLink

Row = Mapping[str, Any]


@value_type
class Mark:
    """A scar, tattoo or other mark and where on the body it is."""

    type: CodedValue | None = None
    location: CodedValue | None = None
    text: str | None = None


@value_type
class EntityRef:
    """Another record by the name of its type and its key."""

    type_name: str | None = None
    key: str | None = None


def marks(entries: Sequence[Row] | None, info: RequestInfo) -> list[Mark]:
    """Marks from a JSON column of {type, location, text}."""
    catalogue = info.context.catalogue
    return [
        Mark(
            type=coded_value(catalogue, "mark_type", entry.get("type")),
            location=coded_value(catalogue, "body_location", entry.get("location")),
            text=entry.get("text"),
        )
        for entry in entries or ()
    ]


def entity_link(row: Row, info: RequestInfo, prefix: str) -> EntityLink | None:
    """The link in a row's `<prefix>_type`, `_key`, `_method`, `_score`, `_confirmed_by`; None where there is none."""
    if row.get(f"{prefix}_key") is None:
        return None
    return EntityLink(
        type_name=row[f"{prefix}_type"],
        key=row[f"{prefix}_key"],
        method=coded_value(info.context.catalogue, "match_method", row[f"{prefix}_method"]),
        score=row[f"{prefix}_score"],
        confirmed_by=row[f"{prefix}_confirmed_by"],
    )
