"""@inaccessible (v0.2): what stays visible must not need what is hidden. Checks a merged schema, hides nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql.language import (
    DirectiveDefinitionNode,
    EnumValueNode,
    InputValueDefinitionNode,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
)

from gateway.composition.location import location_of
from gateway.composition.merge_context import MergeContext
from gateway.composition.merge_executable import EXECUTABLE, input_value
from gateway.composition.model import Element, Field, InputValue, Kind, Subgraph, TypeDefinition
from gateway.composition.print_supergraph import MergedSchema
from gateway.composition.specifications import federation_name
from gateway.composition.type_references import named_type

Types = Mapping[str, TypeDefinition]
Problem = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Visibility:
    """The merged types, and the name @inaccessible goes by among their directives."""

    types: Types
    directive: str

    def hides(self, element: Element | None) -> bool:
        """Whether the element itself is @inaccessible."""
        return element is not None and any(use.name == self.directive for use in element.applications)

    def hides_type(self, reference: str) -> bool:
        """Whether the named type of a reference is @inaccessible."""
        return self.hides(self.types.get(named_type(reference)))


def validate_inaccessible(context: MergeContext, schema: MergedSchema) -> None:
    """Reports every visible element that cannot do without a hidden one."""
    types = schema.types
    _validate_directives(context)
    directive = context.composed.federation.get("inaccessible")
    if directive is None:
        return
    visibility = Visibility(types, directive)
    if visibility.hides(types.get("Query")):
        message = 'Type "Query" is @inaccessible but is the query root type, which must be in the API schema.'
        places = context.at([subgraph.type("Query") for subgraph in context.subgraphs])
        context.report.error("QUERY_ROOT_TYPE_INACCESSIBLE", message, places)
    for owner in types.values():
        if not visibility.hides(owner):
            for code, message in _type(visibility, owner):
                places = context.at([subgraph.type(owner.name) for subgraph in context.subgraphs])
                context.report.error(code, message, places)
    for definition in schema.definitions:
        if isinstance(definition, DirectiveDefinitionNode) and _is_executable(definition):
            name = definition.name.value
            for code, message in _directive(visibility, definition):
                nodes = (s.directives.get(name) for s in context.subgraphs)
                places = [
                    p for s, node in zip(context.subgraphs, nodes, strict=True) for p in location_of(s.name, node)
                ]
                context.report.error(code, message, tuple(places))


def _is_executable(definition: DirectiveDefinitionNode) -> bool:
    return any(location.value in EXECUTABLE for location in definition.locations)


def _directive(visibility: Visibility, definition: DirectiveDefinitionNode) -> Iterator[Problem]:
    """Clients use executable directives: their arguments are part of the API as those of fields are."""
    for node in definition.arguments or ():
        yield from _input(visibility, f"@{definition.name.value}({node.name.value}:)", input_value(node))


def _validate_directives(context: MergeContext) -> None:
    """Whoever reads the schema has to know all arguments of a composed directive that stands on its elements."""
    for subgraph in context.subgraphs:
        for local, definition in subgraph.directives.items():
            if (subgraph.name, local) in context.composed.requested and not _only_executable(definition):
                for argument in definition.arguments or ():
                    _validate_argument(context, subgraph, local, argument)


def _validate_argument(
    context: MergeContext, subgraph: Subgraph, directive: str, argument: InputValueDefinitionNode
) -> None:
    uses = (federation_name(subgraph.links, use.name.value) for use in argument.directives or ())
    if "inaccessible" in uses:
        message = (
            f'Argument "@{directive}({argument.name.value}:)" cannot be @inaccessible because "@{directive}" may be '
            "applied to elements of the schema."
        )
        context.report.error("DISALLOWED_INACCESSIBLE", message, location_of(subgraph.name, argument))


def _only_executable(definition: DirectiveDefinitionNode) -> bool:
    return all(location.value in EXECUTABLE for location in definition.locations)


def _type(visibility: Visibility, owner: TypeDefinition) -> Iterator[Problem]:
    children = list(owner.children())
    hidden_members = owner.kind is Kind.UNION and all(visibility.hides_type(name) for name in owner.members)
    if (children and all(map(visibility.hides, children))) or hidden_members:
        what = "members" if owner.kind is Kind.UNION else "children"
        yield (
            "ONLY_INACCESSIBLE_CHILDREN",
            f'Type "{owner.name}" is in the API schema but all of its {what} are @inaccessible.',
        )
        return
    for field in owner.fields.values():
        if visibility.hides(field):
            yield from _hidden_field(visibility, owner, field)
        else:
            yield from _field(visibility, owner, field)
    for item in owner.inputs.values():
        yield from _input(visibility, f"{owner.name}.{item.name}", item)


def _hidden_field(visibility: Visibility, owner: TypeDefinition, field: Field) -> Iterator[Problem]:
    """A hidden field must not implement a visible one."""
    for name in owner.interfaces:
        interface = visibility.types.get(name)
        declared = interface.fields.get(field.name) if interface else None
        if declared is not None and not visibility.hides(interface) and not visibility.hides(declared):
            message = (
                f'Field "{owner.name}.{field.name}" is @inaccessible but implements the interface field '
                f'"{name}.{field.name}", which is in the API schema.'
            )
            yield "IMPLEMENTED_BY_INACCESSIBLE", message


def _field(visibility: Visibility, owner: TypeDefinition, field: Field) -> Iterator[Problem]:
    coordinate = f"{owner.name}.{field.name}"
    if visibility.hides_type(field.type):
        yield "REFERENCED_INACCESSIBLE", _reference(named_type(field.type), f'field "{coordinate}"')
    for argument in field.arguments.values():
        place = f"{coordinate}({argument.name}:)"
        yield from _input(visibility, place, argument)
        if visibility.hides(argument):
            yield from _hidden_argument(visibility, owner, field, argument)


def _hidden_argument(
    visibility: Visibility, owner: TypeDefinition, field: Field, argument: InputValue
) -> Iterator[Problem]:
    for name in owner.interfaces:
        interface = visibility.types.get(name)
        declaring = interface.fields.get(field.name) if interface else None
        declared = declaring.arguments.get(argument.name) if declaring else None
        if declared is None or any(map(visibility.hides, (interface, declaring, declared))):
            continue
        message = (
            f'Argument "{owner.name}.{field.name}({argument.name}:)" is @inaccessible but implements the '
            "interface argument "
            f'"{name}.{field.name}({argument.name}:)", which is in the API schema.'
        )
        yield "IMPLEMENTED_BY_INACCESSIBLE", message


def _input(visibility: Visibility, coordinate: str, item: InputValue) -> Iterator[Problem]:
    what = f'argument "{coordinate}"' if coordinate.endswith(":)") else f'input field "{coordinate}"'
    if visibility.hides(item):
        if item.is_required:
            message = (
                f"{what[0].upper()}{what[1:]} is @inaccessible but is required and its parent is in the API schema."
            )
            yield "REQUIRED_INACCESSIBLE", message
        return
    if visibility.hides_type(item.type):
        yield "REFERENCED_INACCESSIBLE", _reference(named_type(item.type), what)
    elif item.default is not None and _uses_hidden(visibility, item.type, item.default):
        yield "DEFAULT_VALUE_USES_INACCESSIBLE", f"The default value of {what} uses an @inaccessible element."


def _reference(name: str, what: str) -> str:
    return f'Type "{name}" is @inaccessible but is referenced by {what}, which is in the API schema.'


def _uses_hidden(visibility: Visibility, reference: str, default: ValueNode) -> bool:
    owner = visibility.types.get(named_type(reference))
    if owner is None:
        return False
    if isinstance(default, ListValueNode):
        return any(_uses_hidden(visibility, reference, item) for item in default.values)
    if isinstance(default, EnumValueNode):
        return visibility.hides(owner.values.get(default.value))
    if isinstance(default, ObjectValueNode):
        given = ((owner.inputs.get(f.name.value), f.value) for f in default.fields)
        return any(item is not None and _is_hidden_input(visibility, item, value) for item, value in given)
    return False


def _is_hidden_input(visibility: Visibility, item: InputValue, default: ValueNode) -> bool:
    return visibility.hides(item) or _uses_hidden(visibility, item.type, default)
