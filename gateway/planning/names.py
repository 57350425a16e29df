"""Response keys by place in the response: what the client's mean, and which ones the plan's own fields may take."""

from dataclasses import dataclass, field

from gateway.planning.graph import Graph
from gateway.planning.selections import TYPENAME, Field, Fragment, Selection, Selections

Keys = tuple[str, ...]
Meaning = tuple[str, str]
"""A field's name and arguments."""


@dataclass(slots=True)
class ResponseKeys:
    """By path of response keys: which fields a key stands for, and for objects of which types. Grows while building."""

    graph: Graph
    meanings: dict[Keys, dict[str, dict[Meaning, frozenset[str]]]] = field(default_factory=dict)

    def register(self, selections: Selections, parent: str, keys: Keys = ()) -> None:
        """Take note of the keys that the client uses for objects of the type `parent` and below."""
        for item in selections:
            if isinstance(item, Fragment):
                self.register(item.selections, item.type_condition, keys)
                continue
            meanings = self.meanings.setdefault(keys, {}).setdefault(item.key, {})
            meaning = (item.name, item.arguments)
            meanings[meaning] = meanings.get(meaning, frozenset()) | self._possible(parent)
            if item.selections:
                self.register(item.selections, self._below(parent, item.name), (*keys, item.key))

    def key_of(self, item: Field, keys: Keys) -> str:
        """The response key of a field at a path: the client's; an internal field's name unless it means another."""
        if not item.internal or item.name == TYPENAME:
            return item.key
        taken, meaning = self.meanings.setdefault(keys, {}), (item.name, item.arguments)
        alternatives = (f"_{number}_{item.name}" for number in range(len(taken) + 1))
        for key in (item.name, *alternatives):
            if taken.setdefault(key, {meaning: frozenset()}).keys() == {meaning}:
                return key
        raise AssertionError("more alternatives than keys taken")

    def ambiguous(self, selections: Selections, parent: str, keys: Keys) -> bool:
        """Whether a key asked for means different fields for objects of one type, by how the response got to them."""
        return any(self._ambiguous(item, parent, keys) for item in selections)

    def _ambiguous(self, item: Selection, parent: str, keys: Keys) -> bool:
        if isinstance(item, Fragment):
            return self.ambiguous(item.selections, item.type_condition, keys)
        if self._several(item.key, parent, keys):
            return True
        return self.ambiguous(item.selections, self._below(parent, item.name), (*keys, item.key))

    def _several(self, key: str, parent: str, keys: Keys) -> bool:
        possible = self._possible(parent)
        meanings = self.meanings.get(keys, {}).get(key, {})
        return sum(bool(types & possible) for types in meanings.values()) > 1

    def _possible(self, type_name: str) -> frozenset[str]:
        return self.graph.possible_anywhere.get(type_name, frozenset())

    def _below(self, parent: str, name: str) -> str:
        """The named type of a field's value."""
        declared = getattr(self.graph.supergraph.full_schema.type_map.get(parent), "fields", {}).get(name)
        return str(declared.type).strip("[]!") if declared else ""
