"""What a subgraph was asked for in; its reply's data without anything else out: nobody answers another one's fields.

Changes the data it is given, in place, before it is placed among what others said.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.execution.failures import Failure

MAX_LEAF_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """The response keys asked for at an object, whatever its type, and the shapes below those that are no leaves."""

    keys: frozenset[str]
    below: Mapping[str, "Shape"]


def shape_of(selected: Iterable[tuple[str, "Shape | None"]]) -> Shape:
    """One shape of what several places select of an object."""
    parts: dict[str, list[Shape]] = {}
    keys: set[str] = set()
    for key, below in selected:
        keys.add(key)
        if below is not None:
            parts.setdefault(key, []).append(below)
    return Shape(frozenset(keys), {key: _joined(shapes) for key, shapes in parts.items()})


def _joined(shapes: list[Shape]) -> Shape:
    if len(shapes) == 1:
        return shapes[0]
    return shape_of((key, shape.below.get(key)) for shape in shapes for key in shape.keys)


def keep_asked(value: Any, shape: Shape, too_deep: Failure) -> None:
    """Take out of objects, at any depth, what was not asked for. Leaves that cannot be written again become
    failures."""
    if type(value) is list:
        for item in value:
            keep_asked(item, shape, too_deep)
        return
    if type(value) is not dict:
        return
    if not shape.keys.issuperset(value):
        for key in value.keys() - shape.keys:
            del value[key]
    below = shape.below
    for key, item in value.items():
        kind = type(item)
        if kind is dict or kind is list:
            inner = below.get(key)
            if inner is None:
                value[key] = _leaf(item, too_deep)
            else:
                keep_asked(item, inner, too_deep)


def _leaf(value: Any, too_deep: Failure, depth: int = 0) -> Any:
    """The value of a leaf that is no plain one: a list of leaves, or a custom scalar's JSON (an error in it is its
    own)."""
    if depth == MAX_LEAF_DEPTH:
        return too_deep
    if type(value) is list:
        for position, item in enumerate(value):
            if type(item) is dict or type(item) is list:
                value[position] = _leaf(item, too_deep, depth + 1)
        return value
    return next(_failures(value, too_deep, depth), value) if type(value) is dict else value


def _failures(value: dict[str, Any], too_deep: Failure, depth: int) -> Iterator[Failure]:
    layer: list[Any] = [value]
    while layer and depth < MAX_LEAF_DEPTH:
        depth += 1
        layer = [child for item in layer for child in (item.values() if type(item) is dict else item)]
        yield from (child for child in layer if type(child) is Failure)
        layer = [child for child in layer if type(child) is dict or type(child) is list]
    if layer:
        yield too_deep
