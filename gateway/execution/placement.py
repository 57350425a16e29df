"""Puts what a fetch brought into the merged data of one request. The only module that changes that data."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from gateway.execution.failures import Failure
from gateway.execution.fetch_operation import Selected
from gateway.execution.program import Segment
from gateway.execution.representations import TYPENAME
from gateway.execution.schema_index import SchemaIndex

Selection = tuple[Selected, ...]
_ABSENT = object()


def objects_at(data: dict[str, Any], path: Iterable[Segment], index: SchemaIndex) -> list[dict[str, Any]]:
    """Every object at a flatten path, in order; what is not shaped as the path says is left out."""
    values: list[Any] = [data]
    for segment in path:
        if segment.key is None:
            values = [item for value in values if type(value) is list for item in value]
        elif segment.key:
            values = [value.get(segment.key) for value in values if type(value) is dict]
        if segment.types:
            values = [value for value in values if type(value) is dict and _is_of(value, segment.types, index)]
    return [value for value in values if type(value) is dict]


def objects_around(
    data: dict[str, Any], path: Iterable[Segment], index: SchemaIndex
) -> list[tuple[dict[str, Any], tuple[dict[str, Any], ...]]]:
    """Every object at a flatten path as `objects_at` finds it, each with the objects from the root to its holder."""
    found: list[tuple[Any, tuple[dict[str, Any], ...]]] = [(data, ())]
    for segment in path:
        if segment.key is None:
            found = [(item, around) for value, around in found if type(value) is list for item in value]
        elif segment.key:
            found = [(value.get(segment.key), (*around, value)) for value, around in found if type(value) is dict]
        if segment.types:
            found = [pair for pair in found if type(pair[0]) is dict and _is_of(pair[0], segment.types, index)]
    return [pair for pair in found if type(pair[0]) is dict]


def _is_of(value: dict[str, Any], types: frozenset[str], index: SchemaIndex) -> bool:
    name = value.get(TYPENAME)
    return type(name) is str and any(index.matches(name, condition) for condition in types)


@dataclass(frozen=True, slots=True)
class Placement:
    """Places the result of one fetch. `disagreed` stands where its lists have another length than the ones already
    there."""

    index: SchemaIndex
    disagreed: Failure

    def merge(self, target: dict[str, Any], source: dict[str, Any], selection: Selection) -> None:
        """Deep-merge: objects by key, lists by position; a value replaces null and failures; concrete type names
        stay."""
        for key, value in source.items():
            present = target.get(key, _ABSENT)
            if key == TYPENAME:
                self._name(target, present, value)
            elif present is _ABSENT or present is None or type(present) is Failure:
                target[key] = value
            elif type(present) in (dict, list):
                self._merge_value(present, value, below(selection, key))
            else:
                target[key] = value

    def _name(self, target: dict[str, Any], present: Any, value: Any) -> None:
        """An object keeps the concrete type it was first said to be of: nobody else can make it another."""
        if type(present) is not str or (self.index.is_abstract(present) and type(value) is str):
            target[TYPENAME] = value

    def _merge_value(self, present: Any, value: Any, selection: Selection) -> None:
        if type(present) is dict and type(value) is dict:
            self.merge(present, value, selection)
        elif type(present) is list and type(value) is list and len(present) == len(value):
            self._merge_items(present, value, selection)
        else:
            self.fill(present, selection, value if value is None or type(value) is Failure else self.disagreed)

    def _merge_items(self, present: list[Any], items: list[Any], selection: Selection) -> None:
        for position, (old, new) in enumerate(zip(present, items, strict=True)):
            if old is None or type(old) is Failure:
                present[position] = new
            elif type(old) in (dict, list):
                self._merge_value(old, new, selection)

    def fill(self, value: Any, selection: Selection, filler: Failure | None) -> None:
        """Put null or a failure at every field of a selection that has no value yet."""
        if type(value) is list:
            for item in value:
                self.fill(item, selection, filler)
        elif type(value) is dict:
            for item in selection:
                if self._asked(item, value):
                    self._fill_field(value, item, filler)

    def _fill_field(self, value: dict[str, Any], item: Selected, filler: Failure | None) -> None:
        present = value.get(item.key, _ABSENT)
        if present is _ABSENT:
            value[item.key] = filler
        elif item.below:
            self.fill(present, item.below, filler)

    def _asked(self, item: Selected, value: dict[str, Any]) -> bool:
        name = value.get(TYPENAME)
        if type(name) is not str:
            return True
        # An interface object's name may stand for any type behind it.
        return all(
            self.index.matches(name, condition) or self.index.matches(condition, name) for condition in item.conditions
        )


def below(selection: Selection, key: str) -> Selection:
    """What a selection asks for below a response key, in all places where the key stands."""
    return tuple(child for item in selection if item.key == key for child in item.below)


def copied(value: Any) -> Any:
    """A value whose objects and lists are its own: another place may merge other things into them."""
    if type(value) is dict:
        return {key: copied(item) for key, item in value.items()}
    if type(value) is list:
        return [copied(item) for item in value]
    return value
