"""A field of a world and the things around it in; its value out, given what it reads from contexts there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphql import FieldNode, GraphQLError, InlineFragmentNode, SelectionSetNode

from tests.gateway.laws.ground import Fed
from tests.gateway.laws.world import Thing, World


@dataclass(frozen=True, slots=True)
class Met(Thing):
    """A thing and those around it, from the root on."""

    around: tuple[Thing, ...] = ()


def answered(world: World, thing: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
    """The value of a field that is given what it reads from contexts; things in it know what is around them.

    Raises:
        GraphQLError: what it reads cannot be had.
    """
    around = thing.around if isinstance(thing, Met) else ()
    fed = world.ground.fed.get((thing.type, name), ())
    given = {each.name: _read(world, each, (*around, thing)) for each in fed}
    return _met(world.value(thing, name, {**arguments, **given}), (*around, thing))


def _read(world: World, fed: Fed, chain: tuple[Thing, ...]) -> Any:
    """What the nearest object that sets the context has: of those around, else the object itself."""
    *around, own = chain
    source = next(thing for thing in (*reversed(around), own) if thing.type in fed.setters)
    return _selected(world, source, fed.selection)


def _selected(world: World, thing: Thing, selection: SelectionSetNode) -> Any:
    for item in selection.selections:
        if isinstance(item, FieldNode):
            return _below(world, answered(world, thing, item.name.value, {}), item.selection_set)
        assert isinstance(item, InlineFragmentNode)
        assert item.type_condition
        if thing.type in world.ground.possible(item.type_condition.name.value):
            return _selected(world, thing, item.selection_set)
    raise AssertionError(f"nothing is selected of a {thing.type}")


def _below(world: World, value: Any, selection: SelectionSetNode | None) -> Any:
    if isinstance(value, GraphQLError):
        raise value
    if isinstance(value, list):
        return [_below(world, item, selection) for item in value]
    return _selected(world, value, selection) if isinstance(value, Thing) and selection else value


def _met(value: Any, around: tuple[Thing, ...]) -> Any:
    if isinstance(value, list):
        return [_met(item, around) for item in value]
    return Met(value.type, value.index, around) if isinstance(value, Thing) else value
