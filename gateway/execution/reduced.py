"""Values that are shown in a lower form than they have: what a subgraph says beside its data in, markers in place out.

A marker stands where the value would, so that it is placed, moved and copied with the data; the projection shows its
masked form and says beside the answer which form it is. Nothing here decides.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from authz.decision import HEIGHT, Decision, Form
from authz.disclosure import Disclosure

NOTHING: Final = object()
Decide = Callable[[str], Decision]


@dataclass(frozen=True, slots=True)
class Reduced:
    """One value as it may be shown: `data` in its place (None: not at all), `value` said beside the answer. `internal`
    is the value itself where the federation needs it (a key, an input of a derived answer): sent on, never shown."""

    decision: Decision
    data: Any = None
    value: Any = NOTHING
    internal: Any = None

    def said(self, path: tuple[str | int, ...]) -> dict[str, Any]:
        """The entry of `extensions.access` for a place of the response."""
        return said(path, self.decision, self.value)


class Reduction(msgspec.Struct):
    """What a subgraph says of one place of its data, as it travels."""

    path: tuple[str | int, ...]
    coordinate: str
    form: Form
    policies: tuple[str, ...] = ()
    dataset: str | None = None
    mask: str | None = None
    contact: str | None = None
    missing: tuple[str, ...] = ()
    value: Any = NOTHING
    data: Any = NOTHING

    @property
    def decision(self) -> Decision:
        """The decision by which it is shown so."""
        return Decision(self.form, self.policies, self.dataset, self.missing, self.contact, self.mask)


def said(path: tuple[str | int, ...], decision: Decision, value: Any = NOTHING) -> dict[str, Any]:
    """One entry of `extensions.access`: response path, form, policy, and the reduced value if there is one; of what
    only exists, the dataset and whom to ask."""
    entry: dict[str, Any] = {"path": list(path), "form": decision.form}
    if decision.mask:
        entry["mask"] = decision.mask
    entry["policy"] = decision.policies[0] if decision.policies else None
    if decision.form is Form.EXISTS:
        entry |= {"dataset": decision.dataset, "contact": decision.contact}
    return entry if value is NOTHING else entry | {"value": value}


def read_reductions(entries: Any) -> tuple[Reduction, ...] | None:
    """What a subgraph says beside its data; None when it cannot be read, so that nothing may be shown."""
    try:
        return msgspec.convert(entries, tuple[Reduction, ...]) if entries is not None else ()
    except msgspec.ValidationError:
        return None


def mark(data: dict[str, Any], entries: Iterable[Reduction]) -> bool:
    """Put the markers in their places in the data. False when one has no place: the reply contradicts itself."""
    return all(_marked(data, entry) for entry in entries)


def _marked(data: Any, entry: Reduction) -> bool:
    holder, last = data, entry.path[-1] if entry.path else None
    for key in entry.path[:-1]:
        holder = _at(holder, key)
    value = _at(holder, last)
    if value is NOTHING or (value is not None and entry.data is NOTHING):
        return False
    shown = None if entry.data is NOTHING else entry.data
    holder[last] = Reduced(entry.decision, shown, entry.value, value)
    return True


def _at(holder: Any, key: Any) -> Any:
    if type(holder) is dict:
        return holder.get(key, NOTHING)
    if type(holder) is list and type(key) is int and 0 <= key < len(holder):
        return holder[key]
    return NOTHING


def disagrees(entries: Iterable[Reduction], disclosures: Iterable[Disclosure], decide: Decide) -> bool:
    """Whether a subgraph showed anything in another form than was decided here.

    A lower one is agreed where a row rule may lower the coordinate: those are decided where the rows are.
    """
    found = [(entry.coordinate, entry.form, entry.mask) for entry in entries]
    found += [
        (name if "." in name else f"{disclosure.type}.{name}", disclosure.form, None)
        for disclosure in disclosures
        for name in disclosure.fields
    ]
    return any(_differs(decide(coordinate), form, mask) for coordinate, form, mask in found)


def _differs(decision: Decision, form: Form, mask: str | None) -> bool:
    if form is decision.form:
        return mask is not None and mask != decision.mask and not decision.rows
    return HEIGHT[form] > HEIGHT[decision.form] or not decision.rows
