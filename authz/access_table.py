"""Who may read what, as a table that can be kept, compared and approved. Compares; never decides.

A table says for every organisation kind, role and purpose the highest cell of each coordinate: a form, for MASK with
the mask, and after a slash the row rules that may lower it (`MASK LAST4/own-record`). Coordinates that always share a
cell form a class, and callers with the same cells share a profile: millions of cells are a small file. What no decision
stands before is listed too: it would open silently.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType

from authz.decision import HEIGHT, Decision, Form
from authz.errors import InvalidAccessTable

CLOSED = Form.DENY.value
# What is said of a coordinate that no dataset decides about: shown to everybody, or to whoever comes by it.
OPEN, INHERITED = "OPEN", "INHERITED"
DECIDED = "decided by dataset"
EVERYONE, ANY_PURPOSE = "every caller", "any purpose"


@dataclass(frozen=True, slots=True)
class AccessTable:
    """`coordinates` by class; cells by profile and class; profile by caller (`kind role`) and purpose.

    `unguarded` names for each condition of access (training, vetting, agreement …) the labels that are open to a caller
    who fulfils everything else: a policy that is dropped shows here. What is not in a profile is closed. `sources` are
    the versions of what the table was computed from. `open` says OPEN or INHERITED of outputs that no dataset decides
    about; `inputs` what each argument, input field and enum value reads.
    """

    coordinates: Mapping[str, tuple[str, ...]]
    profiles: Mapping[str, Mapping[str, str]]
    callers: Mapping[str, Mapping[str, str]]
    unguarded: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, str]
    open: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def cells(self, caller: str, purpose: str) -> Mapping[str, str]:
        """The open cells of `kind role` for a purpose, by coordinate."""
        profile = self.profiles.get(self.callers.get(caller, {}).get(purpose, ""), {})
        return {coordinate: cell for name, cell in profile.items() for coordinate in self.coordinates[name]}

    def text(self) -> str:
        """The canonical text: JSON with sorted keys, the classes of a profile by cell."""
        value = {
            "coordinates": {name: list(found) for name, found in self.coordinates.items()},
            "profiles": {name: _by_cell(found) for name, found in self.profiles.items()},
            "callers": {name: dict(found) for name, found in self.callers.items()},
            "unguarded": {name: list(found) for name, found in self.unguarded.items()},
            "sources": dict(self.sources),
            "open": dict(self.open),
            "inputs": {name: list(reads) for name, reads in self.inputs.items()},
        }
        return json.dumps(value, indent=1, sort_keys=True) + "\n"

    @property
    def version(self) -> str:
        """The SHA-256 of the canonical text: what an approval names."""
        return hashlib.sha256(self.text().encode()).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Widening:
    """One (caller, purpose, coordinate) that can be read better than before; for a condition, `purpose` is empty.

    For what is open to whoever asks, caller and purpose are EVERYONE and ANY_PURPOSE.
    """

    caller: str
    purpose: str
    coordinate: str
    before: str
    after: str


def cell_of(decision: Decision) -> str:
    """The cell of a decision: `FULL`, `MASK YEAR/own-record,live-record`; what shows nothing is DENY."""
    if not decision.allowed:
        return CLOSED
    form = f"{decision.form} {decision.mask}" if decision.form is Form.MASK else decision.form.value
    return f"{form}/{','.join(sorted(decision.rows))}" if decision.rows else form


def higher(one: str, other: str) -> str:
    """The cell that shows more; of equal forms the one that fewer row rules can lower."""
    return max(one, other, key=_rank)


def widened(before: str, after: str) -> bool:
    """Whether `after` can show something that `before` could not: a higher form, another mask, a row rule less."""
    (old_form, old_rows), (new_form, new_rows) = _parts(before), _parts(after)
    old, new = (HEIGHT[Form(form.partition(" ")[0])] for form in (old_form, new_form))
    return new > old or (new == old > 0 and (new_form != old_form or not old_rows <= new_rows))


def widenings(old: AccessTable, new: AccessTable) -> tuple[Widening, ...]:
    """Everything that `new` opens, by caller, purpose and coordinate."""
    found = [
        Widening(caller, purpose, *change)
        for caller, purposes in new.callers.items()
        for purpose in purposes
        for change in _changes(old.cells(caller, purpose), new.cells(caller, purpose))
        if old.open.get(change[0]) != OPEN
    ]
    found.extend(Widening(EVERYONE, ANY_PURPOSE, *change) for change in (*_opened(old, new), *_unlocked(old, new)))
    for condition, labels in new.unguarded.items():
        fresh = set(labels) - set(old.unguarded.get(condition, ()))
        found.extend(Widening(condition, "", label, CLOSED, "open") for label in fresh)
    return tuple(sorted(found))


def parse_access_table(text: str) -> AccessTable:
    """The table of a canonical text. Raises InvalidAccessTable."""
    try:
        value = json.loads(text)
        return AccessTable(
            coordinates=MappingProxyType({name: tuple(found) for name, found in value["coordinates"].items()}),
            profiles=MappingProxyType({name: _by_class(found) for name, found in value["profiles"].items()}),
            callers=MappingProxyType({name: MappingProxyType(found) for name, found in value["callers"].items()}),
            unguarded=MappingProxyType({name: tuple(found) for name, found in value["unguarded"].items()}),
            sources=MappingProxyType(value["sources"]),
            open=MappingProxyType(value["open"]),
            inputs=MappingProxyType({name: tuple(reads) for name, reads in value["inputs"].items()}),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidAccessTable(f"This is no access table: {error}.") from error


def _by_cell(profile: Mapping[str, str]) -> Mapping[str, str]:
    found: dict[str, list[str]] = {}
    for name, cell in sorted(profile.items()):
        found.setdefault(cell, []).append(name)
    return {cell: " ".join(names) for cell, names in found.items()}


def _by_class(cells: Mapping[str, str]) -> Mapping[str, str]:
    return MappingProxyType({name: cell for cell, names in cells.items() for name in names.split()})


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for coordinate, cell in after.items():
        known = before.get(coordinate, CLOSED)
        if known != cell and widened(known, cell):
            yield coordinate, known, cell


def _opened(old: AccessTable, new: AccessTable) -> Iterator[tuple[str, str, str]]:
    """Outputs that no dataset decides about any more, or that were shown only to whoever came by them."""
    decided = {coordinate for names in old.coordinates.values() for coordinate in names}
    for coordinate, after in new.open.items():
        before = old.open.get(coordinate, DECIDED if coordinate in decided else CLOSED)
        if before not in (after, OPEN):
            yield coordinate, before, after


def _unlocked(old: AccessTable, new: AccessTable) -> Iterator[tuple[str, str, str]]:
    """Inputs that are new, or that need less of a caller than they did."""
    for coordinate, reads in new.inputs.items():
        before = old.inputs.get(coordinate)
        if before is None:
            yield coordinate, CLOSED, _needs(reads)
        elif not set(before) <= set(reads):
            yield coordinate, _needs(before), _needs(reads)


def _needs(reads: tuple[str, ...]) -> str:
    return f"for who may read {', '.join(reads)}" if reads else OPEN


@cache
def _parts(cell: str) -> tuple[str, frozenset[str]]:
    form, _, rows = cell.partition("/")
    return form, frozenset(filter(None, rows.split(",")))


def _rank(cell: str) -> tuple[int, int]:
    form, rows = _parts(cell)
    return HEIGHT[Form(form.partition(" ")[0])], -len(rows)
