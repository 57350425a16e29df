"""Two versions of a type reference, an argument or an input field in; the changes between them out."""

from collections.abc import Callable, Iterator, Mapping

from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLType,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
    print_ast,
)
from graphql.utilities.sort_value_node import sort_value_node

from gateway.composition.changes import Change, both, breaking, dangerous, missing, safe

Input = GraphQLArgument | GraphQLInputField
Inputs = Mapping[str, Input]


def is_safe_for_readers(old: GraphQLType, new: GraphQLType) -> bool:
    """Whether whoever reads `old` can read `new`: the same type, at any level perhaps no longer nullable."""
    if is_non_null_type(new) and not is_non_null_type(old):
        return is_safe_for_readers(old, new.of_type)
    return _same_shape(old, new, is_safe_for_readers)


def is_safe_for_writers(old: GraphQLType, new: GraphQLType) -> bool:
    """Whether whoever writes `old` can write `new`: the same type, at any level perhaps nullable now."""
    if is_non_null_type(old) and not is_non_null_type(new):
        return is_safe_for_writers(old.of_type, new)
    return _same_shape(old, new, is_safe_for_writers)


def argument_changes(prefix: str, old: Inputs, new: Inputs) -> Iterator[Change]:
    """The changes of a field's or directive's arguments; `prefix` is its coordinate."""
    before, after = ({f"{prefix}({name}:)": item for name, item in items.items()} for items in (old, new))
    yield from _input_changes("ARGUMENT", "argument", before, after)


def input_field_changes(prefix: str, old: Inputs, new: Inputs) -> Iterator[Change]:
    """The changes of an input object's fields; `prefix` is the type's name."""
    before, after = ({f"{prefix}.{name}": item for name, item in items.items()} for items in (old, new))
    yield from _input_changes("INPUT_FIELD", "input field", before, after)


def deprecation_changes(coordinate: str, old: str | None, new: str | None) -> Iterator[Change]:
    """The changes of a reason for deprecation."""
    if old is None and new is not None:
        yield safe("DEPRECATION_ADDED", coordinate, f"is deprecated now: {new}")
    elif old is not None and new is None:
        yield safe("DEPRECATION_REMOVED", coordinate, "is no longer deprecated.")
    elif old != new:
        yield safe("DEPRECATION_CHANGED", coordinate, f"is deprecated for another reason: {new}")


def description_changes(coordinate: str, old: str | None, new: str | None) -> Iterator[Change]:
    """The change of a description."""
    if (old or "") != (new or ""):
        yield safe("DESCRIPTION_CHANGED", coordinate, "is described differently.")


def _same_shape(old: GraphQLType, new: GraphQLType, inner: Callable[[GraphQLType, GraphQLType], bool]) -> bool:
    for wrapper in (GraphQLNonNull, GraphQLList):
        if isinstance(old, wrapper) or isinstance(new, wrapper):
            return isinstance(old, wrapper) and isinstance(new, wrapper) and inner(old.of_type, new.of_type)
    return str(old) == str(new)


def _input_changes(code: str, what: str, old: Inputs, new: Inputs) -> Iterator[Change]:
    for coordinate in missing(old, new):
        yield breaking(f"{code}_REMOVED", coordinate, f"The {what} was removed.")
    for coordinate in missing(new, old):
        if _required(new[coordinate]):
            yield breaking(f"REQUIRED_{code}_ADDED", coordinate, f"A required {what} was added.")
        else:
            yield dangerous(f"OPTIONAL_{code}_ADDED", coordinate, f"An optional {what} was added.")
    for coordinate, before, after in both(old, new):
        yield from _changed_input(code, coordinate, before, after)


def _changed_input(code: str, coordinate: str, old: Input, new: Input) -> Iterator[Change]:
    if str(old.type) != str(new.type):
        kind = safe if is_safe_for_writers(old.type, new.type) else breaking
        yield kind(f"{code}_TYPE_CHANGED", coordinate, f"changed its type from {old.type} to {new.type}.")
    before, after = _default(old), _default(new)
    if before != after:
        if _required(new) and not _required(old):
            yield breaking(f"{code}_DEFAULT_REMOVED", coordinate, f"lost its default {before} and is required now.")
        else:
            message = f"changed its default from {before or 'none'} to {after or 'none'}."
            yield dangerous(f"{code}_DEFAULT_CHANGED", coordinate, message)
    yield from deprecation_changes(coordinate, old.deprecation_reason, new.deprecation_reason)
    yield from description_changes(coordinate, old.description, new.description)


def _required(item: Input) -> bool:
    return is_required_argument(item) if isinstance(item, GraphQLArgument) else is_required_input_field(item)


def _default(item: Input) -> str | None:
    """The default as GraphQL text, members in order of name, or None."""
    literal = item.default.literal if item.default else None
    return print_ast(sort_value_node(literal)) if literal else None
