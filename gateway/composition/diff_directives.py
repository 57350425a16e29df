"""Two API schemas in; the changes of the directives that operations may use out."""

from collections.abc import Iterator

from graphql import GraphQLDirective, GraphQLSchema, is_specified_directive

from gateway.composition.changes import Change, both, breaking, missing, safe
from gateway.composition.diff_inputs import argument_changes, description_changes


def directive_changes(old: GraphQLSchema, new: GraphQLSchema) -> Iterator[Change]:
    """Every change of the executable directives' definitions."""
    before, after = _own_directives(old), _own_directives(new)
    for name in missing(before, after):
        yield breaking("DIRECTIVE_REMOVED", name, "The directive was removed.")
    for name in missing(after, before):
        yield safe("DIRECTIVE_ADDED", name, "A directive was added.")
    for name, was, now in both(before, after):
        yield from _changed(name, was, now)


def _own_directives(schema: GraphQLSchema) -> dict[str, GraphQLDirective]:
    return {f"@{item.name}": item for item in schema.directives if not is_specified_directive(item)}


def _changed(name: str, old: GraphQLDirective, new: GraphQLDirective) -> Iterator[Change]:
    yield from argument_changes(name, old.args, new.args)
    yield from description_changes(name, old.description, new.description)
    was, now = ({location.name for location in item.locations} for item in (old, new))
    for location in missing(was, now):
        yield breaking("DIRECTIVE_LOCATION_REMOVED", name, f"may no longer stand on {location}.")
    for location in missing(now, was):
        yield safe("DIRECTIVE_LOCATION_ADDED", name, f"may stand on {location} now.")
    if old.is_repeatable and not new.is_repeatable:
        yield breaking("DIRECTIVE_REPEATABLE_REMOVED", name, "may no longer be repeated.")
    elif new.is_repeatable and not old.is_repeatable:
        yield safe("DIRECTIVE_REPEATABLE_ADDED", name, "may be repeated now.")
