"""Widenings of the access table in, lines for a reviewer out: each change once, below it for whom. Decides nothing."""

from collections.abc import Iterator, Sequence

from authz.access_table import Widening


def widening_lines(opened: Sequence[Widening]) -> Iterator[str]:
    """`Person.sex: MASK YEAR → FULL`, and below it a line for each caller with the purposes it holds for."""
    changes: dict[str, dict[str, list[str]]] = {}
    for widening in opened:
        changes.setdefault(_change(widening), {}).setdefault(_who(widening), []).append(widening.purpose)
    for change, callers in sorted(changes.items()):
        yield change
        for who, purposes in callers.items():
            yield f"  {who}: {', '.join(purposes)}" if any(purposes) else f"  {who}"


def _who(widening: Widening) -> str:
    return widening.caller if widening.purpose else f"anyone without {widening.caller}"


def _change(widening: Widening) -> str:
    """The coordinate with both cells; row rules are named where they are not the same."""
    (before, rows_before), (after, rows_after) = (
        cell.partition("/")[::2] for cell in (widening.before, widening.after)
    )
    if rows_before == rows_after:
        return f"{widening.coordinate}: {before} → {after}"
    return f"{widening.coordinate}: {widening.before} → {widening.after}"
