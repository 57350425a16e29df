"""The fetch graph: which requests are made, where answers go and what must come first. Frozen; prints canonically."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.planning.plan import OperationKind, ValueSetter
from gateway.planning.selections import Conditions, Field, Fragment, Selection, Selections, printed


@dataclass(frozen=True, slots=True, order=True)
class ContextValue:
    """A variable of a request, and where the value is found for each object it looks up.

    `path` starts at the object `up` levels further out: `... on T` and response keys.
    """

    variable: str
    type: str
    up: int
    path: tuple[str, ...]

    @property
    def full_path(self) -> tuple[str, ...]:
        """The path from the object itself, `..` for each level."""
        return ("..",) * self.up + self.path


@dataclass(frozen=True, slots=True)
class FetchStep:
    """One request. With `requires` it looks up the objects at `path`; `parents` are the steps it waits for.

    What it requires is there when any of `conditions` holds (each of them a conjunction; the empty one always holds).
    `contexts` are the values that it is given beside, each nearest first where there are several places for one.
    """

    id: int
    subgraph: str
    path: tuple[str, ...]
    kind: OperationKind
    selections: Selections
    requires: Selections = ()
    parents: frozenset[int] = frozenset()
    rewrites: tuple[ValueSetter, ...] = ()
    conditions: frozenset[Conditions] = frozenset({()})
    contexts: tuple[ContextValue, ...] = ()

    def __str__(self) -> str:
        at = ".".join(self.path) or "(root)"
        after = f" after {', '.join(map(str, sorted(self.parents)))}" if self.parents else ""
        needs = f" {{{printed(self.requires)}}} =>" if self.requires else ""
        given = "".join(f" ${value.variable} = {'.'.join(value.full_path)}" for value in self.contexts)
        return f"{self.id}: {self.subgraph} at {at}{after}{given}{needs} {{{printed(self.selections)}}}"


@dataclass(frozen=True, slots=True)
class FetchGraph:
    """Steps in an order in which parents come first."""

    steps: tuple[FetchStep, ...]

    def __str__(self) -> str:
        return "\n".join(map(str, self.steps))


def levels(steps: Mapping[int, FetchStep]) -> dict[int, int]:
    """How many steps come before each step on its longest way (0 for those that wait for nothing)."""
    found: dict[int, int] = {}
    remaining = dict(steps)
    while remaining:
        ready = [step for step in remaining.values() if all(parent in found for parent in step.parents)]
        for step in ready:
            found[step.id] = 1 + max((found[parent] for parent in step.parents), default=-1)
            del remaining[step.id]
    return found


def compatible(first: FetchStep, second: FetchStep) -> bool:
    """Whether one representation can serve both steps.

    Not so where they need different values under one name (a field twice with different arguments), nor where one
    could be made without values that the other waits for, because it runs under other conditions.
    """
    if first.contexts != second.contexts and first.conditions != second.conditions:
        return False
    pairs = [(one, other) for one in first.requires for other in second.requires if _same_type(one, other)]
    return not any(
        conflicting(one.selections, other.selections)
        or (first.conditions != second.conditions and set(one.selections) != set(other.selections))
        for one, other in pairs
    )


def _same_type(one: Selection, other: Selection) -> bool:
    return isinstance(one, Fragment) and isinstance(other, Fragment) and one.type_condition == other.type_condition


def conflicting(first: Selections, second: Selections) -> bool:
    """Whether two representations hold different fields under one name."""
    return any(_conflict(one, other) for one in first for other in second)


def _conflict(one: Selection, other: Selection) -> bool:
    if isinstance(one, Field) and isinstance(other, Field):
        return one.name == other.name and (one.key != other.key or conflicting(one.selections, other.selections))
    return _same_type(one, other) and conflicting(one.selections, other.selections)
