"""Checks @context and @fromContext in one subgraph: names, places, and what the selections select."""

from collections.abc import Iterator
from dataclasses import dataclass

from graphql.language import FieldNode, InlineFragmentNode, SelectionSetNode

from gateway.composition.context import ContextualArgument, contexts_of, contextual_arguments, parse_selection
from gateway.composition.location import location_of
from gateway.composition.model import Kind, Subgraph, TypeDefinition
from gateway.composition.needs import resolvable_keys
from gateway.composition.report import Report
from gateway.composition.specifications import federation_name
from gateway.composition.type_references import named_type

Problem = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Selected:
    """What a selection yields on one type: its type reference, or why it is not valid."""

    type: str | None = None
    problem: str | None = None


def validate_contexts(subgraph: Subgraph, report: Report) -> None:
    """Reports every invalid context name and contextual argument."""
    contexts = contexts_of(subgraph)
    for name, owners in contexts.items():
        problem = _name_problem(name)
        if problem is not None:
            report.error("CONTEXT_NAME_INVALID", f"[{subgraph.name}] {problem}", subgraph.at(owners[0]))
    for name, definition in subgraph.directives.items():
        for argument in definition.arguments or ():
            if any(federation_name(subgraph.links, d.name.value) == "fromContext" for d in argument.directives or ()):
                message = (
                    f'@fromContext argument cannot be used on a directive definition "@{name}({argument.name.value}:)".'
                )
                report.error("CONTEXT_NOT_SET", f"[{subgraph.name}] {message}", location_of(subgraph.name, argument))
    for use in contextual_arguments(subgraph):
        for code, message in _argument(subgraph, use, contexts):
            report.error(code, f"[{subgraph.name}] {message}", subgraph.at(use.argument))


def _name_problem(name: str) -> str | None:
    if "_" in name:
        return f'Context name "{name}" may not contain an underscore.'
    if not (name.isascii() and name.isalnum() and name[0].isalpha()):
        return f'Context name "{name}" is invalid. It should have only alphanumeric characters.'
    return None


def _argument(
    subgraph: Subgraph, use: ContextualArgument, contexts: dict[str, list[TypeDefinition]]
) -> Iterator[Problem]:
    coordinate = f"{use.owner.name}.{use.field.name}"
    if use.owner.kind is Kind.INTERFACE:
        yield "CONTEXT_NOT_SET", f'@fromContext argument cannot be used on a field of an abstract type "{coordinate}".'
        return
    declaring = next((i for i in use.owner.interfaces if subgraph.field(i, use.field.name) is not None), None)
    if declaring is not None:
        place = f"{declaring}.{use.field.name}"
        yield (
            "CONTEXT_NOT_SET",
            f'@fromContext argument cannot be used on a field implementing an interface field "{place}".',
        )
    if use.argument.default is not None:
        yield "CONTEXT_NOT_SET", f'@fromContext arguments may not have a default value: "{use.coordinate}".'
    yield from _reference(subgraph, use, contexts)


def _reference(
    subgraph: Subgraph, use: ContextualArgument, contexts: dict[str, list[TypeDefinition]]
) -> Iterator[Problem]:
    """The context has to be named and set, and the object fetched again with its value."""
    if not use.context or not use.selection:
        yield "NO_CONTEXT_IN_SELECTION", f'@fromContext argument does not reference a context in "{use.coordinate}".'
        return
    if use.context not in contexts:
        yield (
            "CONTEXT_NOT_SET",
            f'Context "{use.context}" is used at location "{use.coordinate}" but is never set.',
        )
    else:
        yield from _selection(subgraph, use, contexts[use.context])
    if not resolvable_keys(use.owner):
        yield (
            "CONTEXT_NO_RESOLVABLE_KEY",
            f'Object "{use.owner.name}" has no resolvable key but has a field with a contextual argument.',
        )


def _selection(subgraph: Subgraph, use: ContextualArgument, owners: list[TypeDefinition]) -> Iterator[Problem]:
    intro = f'Context "{use.context}" is used in "{use.coordinate}" but the selection is invalid'
    selections = parse_selection(use.selection or "")
    if selections is None:
        yield "CONTEXT_INVALID_SELECTION", f"{intro}: no selection is made"
        return
    for owner in owners:
        found = _on_type(subgraph, owner, selections)
        if found.problem is not None:
            yield "CONTEXT_INVALID_SELECTION", f"{intro}{found.problem}"
            return
        if found.type is not None and found.type != use.argument.type:
            yield (
                "CONTEXT_INVALID_SELECTION",
                f'{intro}: the type of the selection "{found.type}" does not match the expected type '
                f'"{use.argument.type}"',
            )
            return
    problem = _conditions_problem(subgraph, owners, selections)
    if problem is not None:
        yield "CONTEXT_INVALID_SELECTION", f"{intro}: {problem}"


def _conditions_problem(subgraph: Subgraph, owners: list[TypeDefinition], selections: SelectionSetNode) -> str | None:
    """What is wrong with the type conditions: each names another object type, on which the context may be set."""
    fragments = [node for node in selections.selections if isinstance(node, InlineFragmentNode)]
    names = [node.type_condition.name.value if node.type_condition else "" for node in fragments]
    if "" in names:
        return "inline fragments must have type conditions"
    if len(set(names)) < len(names):
        return "type conditions have same name"
    known = [subgraph.type(name) for name in names]
    if any(target is not None and target.kind is not Kind.OBJECT for target in known):
        return "type conditions must be an object type"
    possible = {name for owner in owners for name in subgraph.runtime_types(owner.name)}
    unused = next((name for name in names if name not in possible), None)
    return None if unused is None else f'type condition "{unused}" is never used.'


def _on_type(subgraph: Subgraph, owner: TypeDefinition, selections: SelectionSetNode) -> _Selected:
    """The one value a selection selects on a type a context is set on."""
    nodes = selections.selections
    if any(node.directives for node in nodes):
        return _Selected(problem=": directives are not allowed in the selection")
    fields = [node for node in nodes if isinstance(node, FieldNode)]
    fragments = [node for node in nodes if isinstance(node, InlineFragmentNode)]
    if len(fields) > 1 or (fields and fragments):
        return _Selected(problem=": multiple selections are made")
    if fields:
        return _field(subgraph, owner, fields[0])
    return _fragments(subgraph, owner, fragments)


def _fragments(subgraph: Subgraph, owner: TypeDefinition, fragments: list[InlineFragmentNode]) -> _Selected:
    """Conditions choose by type: each type the context may be set on needs one, and only one, that matches."""
    matching = []
    for fragment in fragments:
        name = fragment.type_condition.name.value if fragment.type_condition else owner.name
        if _overlaps(subgraph, owner.name, name):
            target = subgraph.type(name)
            matching.append(_on_type(subgraph, target or owner, fragment.selection_set))
    if not matching:
        return _Selected(problem=f': no type condition matches the location "{owner.name}"')
    return next((found for found in matching if found.problem is not None), matching[0])


def _overlaps(subgraph: Subgraph, name: str, other: str) -> bool:
    return bool(set(subgraph.runtime_types(name)) & set(subgraph.runtime_types(other)))


def _field(subgraph: Subgraph, owner: TypeDefinition, node: FieldNode) -> _Selected:
    """The value of a field: never non-null, since no object may have set the context; of a field of lists, a list."""
    if node.alias:
        return _Selected(problem=": aliases are not allowed in the selection")
    if owner.is_interface_object:
        return _Selected(problem=f': One of the types in the selection is an interfaceObject: "{owner.name}"')
    field = owner.fields.get(node.name.value)
    if field is None:
        problem = f' for type {owner.name}. Error: Cannot query field "{node.name.value}" on type "{owner.name}".'
        return _Selected(problem=problem)
    wrapped = field.type.replace("!", "")
    target = subgraph.type(named_type(field.type))
    if node.selection_set is None or target is None:
        return _Selected(wrapped)
    if not all(isinstance(inner, FieldNode) for inner in node.selection_set.selections):
        return _Selected(problem=": type conditions are not allowed below a field")
    below = _on_type(subgraph, target, node.selection_set)
    return below if below.type is None else _Selected(wrapped.replace(target.name, below.type))
