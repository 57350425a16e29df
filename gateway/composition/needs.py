"""Field sets as needs: the `fields` of a @key, @requires or @provides in, what a query has to collect for it out."""

from functools import lru_cache
from typing import NamedTuple

from graphql.language import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway.composition.field_set import fields_text, parse_field_set
from gateway.composition.model import Application, Field, TypeDefinition


class Need(NamedTuple):
    """One field a field set needs, on which type when a fragment says so, with what is needed below it."""

    field: str
    below: tuple["Need", ...] = ()
    on: str | None = None


def needs_of(selections: SelectionSetNode, on: str | None = None) -> tuple[Need, ...]:
    """A field set's needs; `__typename` is always at hand."""
    found: list[Need] = []
    for selection in selections.selections:
        if isinstance(selection, InlineFragmentNode):
            condition = selection.type_condition.name.value if selection.type_condition else on
            found += needs_of(selection.selection_set, condition)
        elif isinstance(selection, FieldNode) and selection.name.value != "__typename":
            below = needs_of(selection.selection_set) if selection.selection_set else ()
            found.append(Need(selection.name.value, below, on))
    return tuple(found)


def field_set_needs(application: Application) -> tuple[Need, ...]:
    """The needs of an application's `fields`."""
    return _needs_of_text(fields_text(application.arguments.get("fields")) or "__typename")


def needs_on(field: Field, directive: str) -> tuple[Need, ...]:
    """The needs of every use of a directive on a field."""
    return tuple(need for use in field.all_of(directive) for need in field_set_needs(use))


def resolvable_keys(owner: TypeDefinition) -> list[Application]:
    """The keys by which others can ask for objects of a type."""
    return [key for key in owner.all_of("key") if key.flag("resolvable", default=True)]


@lru_cache(maxsize=4096)
def _needs_of_text(text: str) -> tuple[Need, ...]:
    return needs_of(parse_field_set(text))
