"""Two supergraphs in; the changes of directives on their elements out: guards wider or stricter, tags, others."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from graphql import DirectiveDefinitionNode, DocumentNode, Node, SchemaDefinitionNode, parse, print_ast

from gateway.composition.changes import Change, both, breaking, dangerous, safe
from gateway.composition.supergraph_api import KEPT_DIRECTIVES
from gateway.composition.supergraph_features import Features, arguments_of, features_from_document
from gateway.composition.supergraph_model import Supergraph

_GUARDS: Mapping[str, str] = {"authenticated": "", "requiresScopes": "scopes", "policy": "policies"}
_HARMLESS = frozenset({"tag"})
# What the API schema already shows, or what join metadata says better.
_TOLD_ELSEWHERE = KEPT_DIRECTIVES | {"inaccessible", "link", "core"}

DEFAULT_SENSITIVITY = "S1"
SENSITIVITIES = ("S0", "S1", "S2", "S3", "S4")

Alternatives = frozenset[frozenset[str]]


def guard_changes(old: Supergraph, new: Supergraph) -> Iterator[Change]:
    """Every change of directives on elements that both supergraphs have."""
    before, after = _Reader(old.sdl).elements(), _Reader(new.sdl).elements()
    for coordinate, was, now in both(before, after):
        for name in sorted(was.keys() | now.keys()):
            if was.get(name, ()) != now.get(name, ()):
                yield _change(coordinate, name, was.get(name), now.get(name))


class _Reader:
    """A supergraph document's elements with their directives, by the names the specifications give these."""

    def __init__(self, sdl: str) -> None:
        self.document: DocumentNode = parse(sdl, no_location=True)
        self.features: Features = features_from_document(self.document)
        self.governed = "access" in self.features.by_name
        self.names = {
            feature.directive(element): element
            for feature in self.features.by_name.values()
            for element in (feature.name, *(name.removeprefix("@") for name, _ in feature.renames))
        }

    def elements(self) -> dict[str, dict[str, tuple[str, ...] | Alternatives]]:
        """Coordinate → directive → its applications; a guard's as alternatives, each a set that has to be met."""
        found: dict[str, dict[str, Any]] = {}
        for node in self.document.definitions:
            name = getattr(node, "name", None)
            if isinstance(node, SchemaDefinitionNode | DirectiveDefinitionNode) or name is None:
                continue
            if not self.features.is_machinery(name.value):
                self._collect(name.value, node, found)
        return found

    def _collect(self, coordinate: str, node: Node, found: dict[str, dict[str, Any]]) -> None:
        found[coordinate] = dict(self._uses(node))
        for part in ("fields", "values"):
            for child in getattr(node, part, None) or ():
                self._collect(f"{coordinate}.{child.name.value}", child, found)
        for argument in getattr(node, "arguments", None) or ():
            self._collect(f"{coordinate}({argument.name.value}:)", argument, found)

    def _uses(self, node: Node) -> Iterator[tuple[str, Any]]:
        uses: dict[str, list[Any]] = {}
        for item in getattr(node, "directives", None) or ():
            written: str = item.name.value
            name = self.names.get(written, written)
            if name not in _TOLD_ELSEWHERE and (name in _GUARDS or not self.features.is_machinery(written)):
                uses.setdefault(name, []).append(item)
        for name, items in uses.items():
            if name in _GUARDS:
                yield name, _alternatives(arguments_of(items[0]).get(_GUARDS[name]))
            elif self.governed and name in _DEMANDS:
                given = list(map(arguments_of, items))
                yield name, frozenset({frozenset(part for one in given for part in _DEMANDS[name](one))})
                yield f"{name}(mask:)", tuple(one["mask"] for one in given if one.get("mask"))
            elif self.governed and name == "open":
                yield name, any(arguments_of(item).get("inherit") for item in items)
            else:
                yield name, tuple(sorted(map(print_ast, items)))


def _alternatives(argument: Any) -> Alternatives:
    """`[["a", "b"], ["c"]]`: a and b, or c. Without an argument there is one demand: to be authenticated."""
    if argument is None:
        return frozenset({frozenset({"authenticated"})})
    return frozenset(frozenset(map(str, demand)) for demand in argument)


def _dataset(arguments: Mapping[str, Any]) -> Iterator[str]:
    """A dataset's demands: the dataset, and its sensitivity with every lower one."""
    yield f"dataset {arguments.get('id')}"
    sensitivity = str(arguments.get("sensitivity", DEFAULT_SENSITIVITY))
    known = SENSITIVITIES.index(sensitivity) + 1 if sensitivity in SENSITIVITIES else 0
    yield from SENSITIVITIES[:known] or [sensitivity]


_DEMANDS: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = {
    "dataset": _dataset,
    "reads": lambda arguments: map(str, arguments.get("fields") or ()),
}
"""Directives of the LEDS access specification that ask for something, and what."""


def _implies(stricter: Alternatives, wider: Alternatives) -> bool:
    """Whether whoever meets the first meets the second."""
    return all(any(demand <= given for demand in wider) for given in stricter)


def _change(coordinate: str, name: str, old: Any, new: Any) -> Change:
    if isinstance(old, frozenset) or isinstance(new, frozenset):
        return _guard_change(coordinate, name, old, new)
    if isinstance(old, bool) or isinstance(new, bool):
        return _open_change(coordinate, old, new)
    word = "added" if old is None else "removed" if new is None else "changed"
    kind = safe if name in _HARMLESS else dangerous
    return kind(f"DIRECTIVE_USE_{word.upper()}", coordinate, f"@{name} was {word}.")


def _open_change(coordinate: str, old: bool | None, new: bool | None) -> Change:
    """The values are @open's `inherit`, which asks for as much as what leads there; without @open all is denied."""
    if new is None or (old is False and new):
        return breaking("GUARD_ADDED", coordinate, "is no longer @open to everyone.")
    return dangerous("ACCESS_WIDENED", coordinate, f"is @open {'with what leads there' if new else 'to everyone'} now.")


def _guard_change(coordinate: str, name: str, old: Alternatives | None, new: Alternatives | None) -> Change:
    if old is None:
        return breaking("GUARD_ADDED", coordinate, f"asks for @{name} now.")
    if new is None:
        return dangerous("ACCESS_WIDENED", coordinate, f"no longer asks for @{name}.")
    if _implies(old, new):
        return dangerous("ACCESS_WIDENED", coordinate, f"is satisfied with less by its @{name}.")
    return breaking("GUARD_CHANGED", coordinate, f"asks for something else by its @{name}.")
