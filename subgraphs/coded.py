"""Coded values: a code in, the value of its reference list out. An unknown code is answered, not refused."""

from schema.reference_lists import ReferenceCatalogue
from subgraphs.tags import value_type

# A vehicle of two colours is coded "BLU/WHI" in one column.
PAIR_SEPARATOR = "/"


@value_type
class CodedValue:
    """A code with its label; `resolved` is false for a code its list does not hold, whose raw code is kept (R27)."""

    list_id: str | None
    code: str | None
    label: str | None
    group: str | None
    list_version: str | None
    resolved: bool | None


def coded_value(catalogue: ReferenceCatalogue, reference_list: str, code: str | None) -> CodedValue | None:
    """The value of a code, or of two joined by a slash; None where none is held. Raises UnknownReferenceList."""
    if code is None:
        return None
    parts = [catalogue.value(reference_list, part) for part in code.split(PAIR_SEPARATOR)]
    whole = catalogue.value(reference_list, code)
    if len(parts) == 1 or whole.resolved:
        parts = [whole]
    labels = [part.label for part in parts if part.label]
    return CodedValue(
        list_id=whole.list_id,
        code=code,
        label=f" {PAIR_SEPARATOR} ".join(labels) or None,
        group=parts[0].group,
        list_version=whole.version,
        resolved=all(part.resolved for part in parts),
    )
