"""Selections as planning works with them: fragments expanded, arguments as text, conditions on each field. Frozen."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

Conditions = tuple[tuple[str, bool], ...]
"""Variables that must all have the given value, sorted: `@include(if: $v)` is (v, True), `@skip` is (v, False)."""

TYPENAME = "__typename"


@dataclass(frozen=True, slots=True)
class Directive:
    """A directive of the client's own: its name, its canonical text such as `@live(every:3)`, the variables in it."""

    name: str
    text: str
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `arguments` is canonical text such as `(first:3)`; `variables` are the ones used in it.

    `internal` fields were asked for by a key or a `@requires`, not by the client.
    """

    key: str
    name: str
    arguments: str = ""
    variables: tuple[str, ...] = ()
    conditions: Conditions = ()
    selections: tuple["Selection", ...] = ()
    internal: bool = False
    directives: tuple[Directive, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str, Conditions, tuple[Directive, ...]]:
        """Fields of one selection set with equal identity are one field (GraphQL specification 6.3.2)."""
        return self.key, self.name, self.arguments, self.conditions, self.directives


@dataclass(frozen=True, slots=True)
class Fragment:
    """Selections that apply to objects of `type_condition` only."""

    type_condition: str
    selections: tuple["Selection", ...]


Selection = Field | Fragment
Selections = tuple[Selection, ...]


def merged(selections: Iterable[Selection]) -> Selections:
    """The selections with equal fields and equal fragments made one, at every depth, in order of appearance."""
    groups: dict[object, list[Selection]] = {}
    for item in selections:
        groups.setdefault(item.identity if isinstance(item, Field) else item.type_condition, []).append(item)
    return tuple(_one(group, merged) for group in groups.values())


def merged_once(selections: Iterable[Selection]) -> Selections:
    """As `merged`, where everything below is merged already: only what has equals is looked into."""
    groups: dict[object, list[Selection]] = {}
    for item in selections:
        groups.setdefault(item.identity if isinstance(item, Field) else item.type_condition, []).append(item)
    return tuple(group[0] if len(group) == 1 else _one(group, merged_once) for group in groups.values())


def _one(group: list[Selection], merge: Callable[[list[Selection]], Selections]) -> Selection:
    first = group[0]
    below = [child for item in group for child in item.selections]
    internal = all(item.internal for item in group if isinstance(item, Field))
    if isinstance(first, Field):
        return replace(first, selections=merge(below), internal=internal)
    return replace(first, selections=merge(below))


def shared(selections: Selections, known: dict[object, Selection]) -> Selections:
    """The selections with equal ones made the same object, so that what is planned for one is planned for all.

    `known` holds those met so far, by what they are without what is below them, and the ids of that.
    """
    return tuple(_shared(item, known) for item in selections)


def _shared(item: Selection, known: dict[object, Selection]) -> Selection:
    below = shared(item.selections, known)
    own = (*item.identity, item.internal) if isinstance(item, Field) else item.type_condition
    return known.setdefault((own, tuple(map(id, below))), _holding(item, below))


def _holding(item: Selection, below: Selections) -> Selection:
    if all(one is other for one, other in zip(item.selections, below, strict=True)):
        return item
    return replace(item, selections=below)


def conditioned(selections: Selections, conditions: Conditions) -> Selections:
    """The selections with `conditions` added to each field (not below them)."""
    return tuple(
        replace(item, conditions=both(item.conditions, conditions) or ())
        if isinstance(item, Field)
        else replace(item, selections=conditioned(item.selections, conditions))
        for item in selections
    )


def both(first: Conditions, second: Conditions) -> Conditions | None:
    """The conjunction of two conditions; None when it can never hold."""
    together = dict(first)
    for variable, value in second:
        if together.setdefault(variable, value) is not value:
            return None
    return tuple(sorted(together.items()))


def leaves(selections: Selections) -> int:
    """How many leaf fields the selections ask for."""
    return sum(leaves(item.selections) if item.selections else 1 for item in selections)


def size(selections: Selections) -> int:
    """How many fields there are, at every depth."""
    return sum(isinstance(item, Field) + size(item.selections) for item in selections)


def printed(selections: Selections) -> str:
    """Canonical text, as it stands between the braces of an operation."""
    return " ".join(_print(item) for item in selections)


def _print(item: Selection) -> str:
    if isinstance(item, Fragment):
        return f"...on {item.type_condition}{{{printed(item.selections)}}}"
    alias = f"{item.key}:" if item.key != item.name else ""
    below = f"{{{printed(item.selections)}}}" if item.selections else ""
    text, wrappers = _directives(item.conditions)
    own = "".join(directive.text for directive in item.directives)
    field = f"{alias}{item.name}{item.arguments}{own}{text}{below}"
    for wrapper in wrappers:
        field = f"...{wrapper}{{{field}}}"
    return field


def _directives(conditions: Conditions) -> tuple[str, list[str]]:
    """Directives of a field: at most one of each kind fits on it, the rest wraps it."""
    own: dict[bool, str] = {}
    wrappers: list[str] = []
    for variable, value in conditions:
        text = f"@{'include' if value else 'skip'}(if:${variable})"
        if value in own:
            wrappers.append(text)
        else:
            own[value] = text
    return "".join(own.values()), wrappers


def held_key(key: str, name: str) -> str:
    """The key that a field's answers are asked for and held under: the client's, unless an object says its type there.
    Different keys stay different."""
    if key == name == TYPENAME or key.rstrip("_") != TYPENAME:
        return key
    return f"{key}_"
