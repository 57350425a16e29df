"""Finds fields of different shape under one response key in one subgraph operation and tells them apart by aliases."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count

from gateway.planning.graph import Graph
from gateway.planning.plan import KeyRenamer
from gateway.planning.selections import TYPENAME, Field, Fragment, Selections

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Occurrence:
    """A field where it stands: under which type, at which path (keys and `... on T`), in which shape."""

    parent: str
    path: Path
    field: Field
    type: str
    shape: str


@dataclass(slots=True)
class _Namer:
    graph: Graph
    subgraph: str
    taken: set[str]
    aliases: dict[Path, str] = field(default_factory=dict)
    renamers: list[KeyRenamer] = field(default_factory=list)

    def visit(self, parts: list[tuple[str, Path, Selections]]) -> None:
        """One response position: all selection sets whose fields end up in the same objects' shape check."""
        groups: dict[str, dict[str, list[_Occurrence]]] = {}
        for parent, path, selections in parts:
            for item in self._occurrences(parent, path, selections):
                groups.setdefault(item.field.key, {}).setdefault(item.shape, []).append(item)
        for key, by_shape in groups.items():
            for position, same in enumerate(by_shape.values()):
                alias = self._unused(key) if position else key
                if position:
                    self._rename(same, alias, key)
                below = [(item.type, (*item.path, alias), item.field.selections) for item in same]
                self.visit([part for part in below if part[2]])

    def _unused(self, key: str) -> str:
        alias = next(name for number in count() if (name := f"{key}__alias_{number}") not in self.taken)
        self.taken.add(alias)
        return alias

    def _rename(self, same: list[_Occurrence], alias: str, key: str) -> None:
        for item in same:
            self.aliases[(*item.path, key)] = alias
            self.renamers.append(KeyRenamer((*item.path, alias), key))

    def _occurrences(self, parent: str, path: Path, selections: Selections) -> Iterator[_Occurrence]:
        for item in selections:
            if isinstance(item, Fragment):
                condition = item.type_condition
                yield from self._occurrences(condition, (*path, f"... on {condition}"), item.selections)
                continue
            resolver = self.graph.resolver(self.subgraph, parent, item.name)
            if resolver is None:
                yield _Occurrence(parent, path, item, "String", "String!" if item.name == TYPENAME else "")
                continue
            composite = (self.subgraph, resolver.named_type) in self.graph.fields and bool(item.selections)
            shape = resolver.type.replace(resolver.named_type, "") if composite else resolver.type
            yield _Occurrence(parent, path, item, resolver.named_type, shape)


def told_apart(
    graph: Graph, subgraph: str, root: str, selections: Selections
) -> tuple[Selections, tuple[KeyRenamer, ...]]:
    """The selections with aliases where GraphQL's field merging (5.3.2) would refuse them, and how to undo those."""
    namer = _Namer(graph, subgraph, set(_keys(selections)))
    namer.visit([(root, (), selections)])
    if not namer.renamers:
        return selections, ()
    return _aliased(selections, (), namer.aliases), tuple(namer.renamers)


def _keys(selections: Selections) -> Iterator[str]:
    for item in selections:
        if isinstance(item, Field):
            yield item.key
        yield from _keys(item.selections)


def _aliased(selections: Selections, path: Path, aliases: dict[Path, str]) -> Selections:
    found: list[Field | Fragment] = []
    for item in selections:
        if isinstance(item, Fragment):
            inner = _aliased(item.selections, (*path, f"... on {item.type_condition}"), aliases)
            found.append(replace(item, selections=inner))
        else:
            key = aliases.get((*path, item.key), item.key)
            found.append(replace(item, key=key, selections=_aliased(item.selections, (*path, key), aliases)))
    return tuple(found)
