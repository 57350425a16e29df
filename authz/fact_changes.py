"""What was changed in the access tables since they were shipped: numbered, dated, attributed, each bound to the one
before by its hash. In: packaged tables and changes; out: the facts that hold. Does no I/O.

A change that can only take access away counts as it is. Any other counts only with an approver's signature: it is
passed over without one, whoever wrote it, and what comes after it still counts.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import TypeAlias

import msgspec

from authz.decision import HEIGHT, Form
from authz.errors import FactsRewritten, InvalidFactChange, InvalidFacts
from authz.facts import ACTIVE, Facts, FactTables, Row, Standing, facts_of

FORMAT = "leds-fact-change/1"
STANDINGS = "standings"
IN_FORCE, APPROVED = "IN_FORCE", "APPROVED"
# What names a row, and which of its cells may be changed.
KEYS: Mapping[str, tuple[str, ...]] = {
    "agreements": ("id",),
    "organisations": ("id",),
    "systems": ("name",),
    "entitlements": ("role", "dataset", "fields"),
    STANDINGS: ("subject",),
}
CHANGEABLE: Mapping[str, frozenset[str]] = {
    "agreements": frozenset({"state", "end"}),
    "organisations": frozenset({"agreement"}),
    "systems": frozenset({"state"}),
    "entitlements": frozenset({"form", "needs_training"}),
    STANDINGS: frozenset({"state", "lapsed"}),
}
NAMES: Mapping[str, str] = {
    "agreements": "agreement",
    "organisations": "organisation",
    "systems": "system",
    "entitlements": "entitlement",
    STANDINGS: "standing",
}
REMOVABLE = frozenset({"organisations", "entitlements"})
STATES: Mapping[str, frozenset[str]] = {
    "agreements": frozenset({"DRAFT", IN_FORCE, "SUSPENDED", "EXPIRED", "TERMINATED", "REVIEW_DUE"}),
    "systems": frozenset({APPROVED, "WITHDRAWN"}),
    STANDINGS: frozenset({ACTIVE, "SUSPENDED"}),
}

Key: TypeAlias = tuple[str, ...]
Verify: TypeAlias = Callable[[bytes, str], bool]
"""Bytes and a signature → whether an approver made it."""
Place: TypeAlias = tuple[str, Key]


class FactChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One change: the row `key` of `table` gets `cells`; without cells it is taken out. `previous` is the hash of the
    change before (the first one's: nothing)."""

    number: int
    at: str
    by: str
    because: str
    table: str
    key: tuple[str, ...]
    cells: dict[str, str] | None
    previous: str
    signature: str = ""
    format: str = FORMAT

    @property
    def signed(self) -> bytes:
        """What an approver signs: everything but the signature, in the one way of writing it."""
        return _encode(msgspec.structs.replace(self, signature=""))

    @property
    def line(self) -> bytes:
        """The change as it is kept."""
        return _encode(self)

    @property
    def hash(self) -> str:
        """What the next change is bound to."""
        return hashlib.sha256(self.line).hexdigest()


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(FactChange, strict=True).decode


def change_from(line: bytes) -> FactChange:
    """The change in a kept line. Raises FactsRewritten when it is anything else."""
    try:
        change = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise FactsRewritten("The kept changes of access facts hold something else than changes.") from error
    if change.format != FORMAT or change.line != line:
        raise FactsRewritten("A kept change of access facts is not written as it was.")
    return change


@dataclass(frozen=True, slots=True)
class FactState:
    """The packaged tables with every change up to `number`, whose hash is `head`. `changed` are the rows that differ
    from the packaged ones (None: taken out), `passed_over` the changes that nobody signed and that would have opened
    something."""

    base: FactTables
    number: int = 0
    head: str = ""
    changed: Mapping[Place, Row | None] = field(default_factory=lambda: MappingProxyType({}))
    passed_over: tuple[int, ...] = ()

    def row(self, table: str, key: Key) -> Row | None:
        """A row as it is now; None when there is none."""
        place = (table, key)
        return self.changed[place] if place in self.changed else _packaged(self.base, place)

    def rows(self, table: str) -> Iterator[Row]:
        """Every row of a table as it is now, the added ones last."""
        left = {key: row for (name, key), row in self.changed.items() if name == table}
        for packaged in self.base.rows.get(table, ()):
            row = left.pop(key_of(table, packaged), packaged)
            if row is not None:
                yield row
        yield from (row for row in left.values() if row is not None)

    def after(self, change: FactChange, verify: Verify) -> "FactState":
        """This state with one more change.

        Raises FactsRewritten when it does not follow, InvalidFactChange when it makes no sense.
        """
        if change.number != self.number + 1 or change.previous != self.head:
            raise FactsRewritten(f"Change {change.number} of the access facts does not follow {self.number}.")
        before, now = self.row(change.table, change.key), changed_row(self, change)
        counted = replace(self, number=change.number, head=change.hash)
        if widens(change.table, before, now) and not (change.signature and verify(change.signed, change.signature)):
            return replace(counted, passed_over=(*self.passed_over, change.number))
        return replace(counted, changed=_with(self, (change.table, change.key), now))

    @property
    def version(self) -> str:
        """The hash of the tables' content: the packaged one's when nothing differs. Standings are not in it: they are
        about persons, not about classes of callers."""
        differing = sorted(
            (table, list(key), None if row is None else sorted(row.items()))
            for (table, key), row in self.changed.items()
            if table != STANDINGS
        )
        if not differing:
            return self.base.version
        return hashlib.sha256(f"{self.base.version}\0{json.dumps(differing)}".encode()).hexdigest()

    def facts(self) -> Facts:
        """The facts that hold. Raises InvalidFacts."""
        rows = {name: tuple(self.rows(name)) if name in KEYS else found for name, found in self.base.rows.items()}
        standings = {row["subject"]: _standing(row) for row in self.rows(STANDINGS)}
        return facts_of(FactTables(self.version, MappingProxyType(rows)), self.number, standings)


def state_after(base: FactTables, changes: Iterable[FactChange], verify: Verify) -> FactState:
    """The packaged tables with all of these changes. Raises FactsRewritten, InvalidFactChange."""
    state = FactState(base)
    for change in changes:
        state = state.after(change, verify)
    return state


def key_of(table: str, row: Row) -> Key:
    """What names a row of a table."""
    return tuple(row[name] for name in KEYS[table])


def changed_row(state: FactState, change: FactChange) -> Row | None:
    """The row as the change makes it; None when it takes the row out. Raises InvalidFactChange, also for a row that
    does not exist."""
    table, key, before = change.table, change.key, state.row(change.table, change.key)
    if table not in KEYS or len(key) != len(KEYS[table]):
        raise InvalidFactChange(f"There is no table {table} whose rows are named so.")
    if before is None and table not in (STANDINGS, "entitlements", "organisations"):
        raise InvalidFactChange(f"There is no {NAMES[table]} {' '.join(key)}.")
    if change.cells is None:
        if before is None or table not in REMOVABLE:
            raise InvalidFactChange(f"There is no {NAMES[table]} {' '.join(filter(None, key))} to take out.")
        return None
    if unknown := sorted(change.cells.keys() - CHANGEABLE[table]):
        raise InvalidFactChange(f"{table} has no cell {unknown[0]} that can be changed.")
    row = {**(before or _new_row(state.base, table, key)), **change.cells}
    _check(table, row)
    return row


def _new_row(base: FactTables, table: str, key: Key) -> Row:
    named = dict(zip(KEYS[table], key, strict=True))
    if table == "organisations":
        # One that was taken out comes back as it was packaged.
        packaged = _packaged(base, (table, key))
        if packaged is None:
            raise InvalidFactChange(f"There is no organisation {key[0]}.")
        return packaged
    defaults = {"scope": "all", "needs_training": "", "note": "", "basis": "D"}
    return (named | defaults) if table == "entitlements" else (named | {"state": ACTIVE, "lapsed": ""})


def _check(table: str, row: Row) -> None:
    if table in STATES and row["state"] not in STATES[table]:
        raise InvalidFactChange(f"{row['state']} is no state of {table}: {', '.join(sorted(STATES[table]))}.")
    try:
        if table == "agreements" and row["end"]:
            date.fromisoformat(row["end"])
        if table == "entitlements":
            Form(row["form"].partition("(")[0])
    except (KeyError, ValueError) as error:
        raise InvalidFactChange(f"A cell of {table} makes no sense: {error}.") from error


def widens(table: str, before: Row | None, after: Row | None) -> bool:
    """Whether anybody could be shown more after a change of this row; said also where it is not sure."""
    if before is not None and after is not None and dict(before) == dict(after):
        return False
    return _WIDENS[table](before, after)


def _agreement(before: Row | None, after: Row | None) -> bool:
    if before is None or after is None:
        return after is not None
    taken_up = after["state"] == IN_FORCE and before["state"] != IN_FORCE
    longer = before["end"] != "" and (after["end"] == "" or after["end"] > before["end"])
    return taken_up or longer


def _organisation(_before: Row | None, after: Row | None) -> bool:
    return after is not None


def _system(before: Row | None, after: Row | None) -> bool:
    taken_up = after is not None and after["state"] == APPROVED
    return taken_up and (before is None or before["state"] != APPROVED)


def _entitlement(before: Row | None, after: Row | None) -> bool:
    """A row that names fields stands before that of the whole dataset: to take it out may show more of them."""
    if before is None or after is None:
        return before is None or bool(before["fields"])
    old, new = (HEIGHT[Form(row["form"].partition("(")[0])] for row in (before, after))
    lower = new < old or (new == old and before["form"] == after["form"])
    return not (lower and _parts(before["needs_training"]) <= _parts(after["needs_training"]))


def _of_user(before: Row | None, after: Row | None) -> bool:
    old, new = (_standing(row) if row else Standing() for row in (before, after))
    return (old.state != ACTIVE and new.state == ACTIVE) or not old.lapsed <= new.lapsed


_WIDENS: Mapping[str, Callable[[Row | None, Row | None], bool]] = {
    "agreements": _agreement,
    "organisations": _organisation,
    "systems": _system,
    "entitlements": _entitlement,
    STANDINGS: _of_user,
}


def _standing(row: Row) -> Standing:
    return Standing(row["state"], _parts(row["lapsed"]))


def _parts(cell: str) -> frozenset[str]:
    return frozenset(filter(None, cell.split(";")))


def _packaged(base: FactTables, place: Place) -> Row | None:
    table, key = place
    return next((row for row in base.rows.get(table, ()) if key_of(table, row) == key), None)


def _with(state: FactState, place: Place, row: Row | None) -> Mapping[Place, Row | None]:
    """The rows that differ from the packaged ones; one that is again as it was differs no more."""
    changed = dict(state.changed)
    changed.pop(place, None)
    if row != _packaged(state.base, place):
        changed[place] = row
    return MappingProxyType(changed)


def require_sensible(state: FactState) -> Facts:
    """The facts of a state. Raises InvalidFactChange when the tables then contradict one another."""
    try:
        return state.facts()
    except InvalidFacts as error:
        raise InvalidFactChange(error.message) from error
