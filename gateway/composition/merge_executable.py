"""Merging executable directive definitions: only what every subgraph defines can be used in operations."""

from collections.abc import Sequence
from dataclasses import replace

from graphql.language import (
    ConstArgumentNode,
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    InputValueDefinitionNode,
    NameNode,
    StringValueNode,
    parse_type,
)

from gateway.composition.merge_context import MergeContext, Sources
from gateway.composition.merge_fields import is_kept_argument, merge_argument
from gateway.composition.model import Application, Element, InputValue, Subgraph
from gateway.composition.read_subgraph import read_applications, type_text
from gateway.composition.specifications import federation_name

EXECUTABLE = frozenset(
    {
        "QUERY",
        "MUTATION",
        "SUBSCRIPTION",
        "FIELD",
        "FRAGMENT_DEFINITION",
        "FRAGMENT_SPREAD",
        "INLINE_FRAGMENT",
        "VARIABLE_DEFINITION",
    }
)
GRAPHQL = frozenset({"skip", "include", "deprecated", "specifiedBy", "oneOf", "defer", "stream"})
"""Directives of GraphQL itself, which no subgraph has to define."""

Definitions = Sequence[DirectiveDefinitionNode | None]


def merge_executable_directives(context: MergeContext) -> list[DirectiveDefinitionNode]:
    """The definitions of executable directives that all subgraphs share, on the locations they share."""
    merged = []
    for name in sorted({name for subgraph in context.subgraphs for name in _executable(subgraph)}):
        definition = _merge(
            context, name, [s.directives.get(name) if name in _executable(s) else None for s in context.subgraphs]
        )
        if definition is not None:
            merged.append(definition)
    return merged


def _executable(subgraph: Subgraph) -> list[str]:
    return [
        name
        for name, node in subgraph.directives.items()
        if _locations(node) and name not in GRAPHQL and federation_name(subgraph.links, name) is None
    ]


def _locations(node: DirectiveDefinitionNode) -> set[str]:
    return {location.value for location in node.locations} & EXECUTABLE


def _merge(context: MergeContext, name: str, nodes: Definitions) -> DirectiveDefinitionNode | None:
    elements = [None if node is None else Element(name=name, node=node) for node in nodes]
    having = [index for index, node in enumerate(nodes) if node is not None]
    missing = [index for index, node in enumerate(nodes) if node is None]
    places = context.at(elements)
    if missing:
        message = (
            f'Executable directive "@{name}" will not be part of the supergraph as it does not appear in all '
            "subgraphs: it is "
            f"defined in {context.names(having)} but not in {context.names(missing)}."
        )
        context.report.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE", message, f"@{name}", places)
        return None
    defined = [node for node in nodes if node is not None]
    locations = [_locations(node) for node in defined]
    common = set.intersection(*locations)
    shown = context.spread([_shown(found) for found in locations])
    if not common:
        message = (
            f'Executable directive "@{name}" has no location that is common to all subgraphs: it will not '
            "appear in the "
            f"supergraph as there no intersection between {shown.replace(' but ', ' and ')}."
        )
        context.report.hint("NO_EXECUTABLE_DIRECTIVE_INTERSECTION", message, f"@{name}", places)
        return None
    if any(found != common for found in locations):
        message = (
            f'Executable directive "@{name}" has inconsistent locations across subgraphs: will use '
            f"{_shown(common)} in the "
            f"supergraph, but it has {shown}."
        )
        context.report.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS", message, f"@{name}", places)
    repeatable = all(node.repeatable for node in defined)
    if repeatable != any(node.repeatable for node in defined):
        message = (
            f'Executable directive "@{name}" is repeatable in some subgraphs only: it will not be in the supergraph.'
        )
        context.report.hint("INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE", message, f"@{name}", places)
    return DirectiveDefinitionNode(
        name=NameNode(value=name),
        description=next((node.description for node in defined if node.description), None),
        arguments=tuple(map(_node, _arguments(context, name, nodes))),
        repeatable=repeatable,
        locations=tuple(NameNode(value=location) for location in sorted(common)),
    )


def _shown(locations: set[str]) -> str:
    quoted = [f'"{location}"' for location in sorted(locations)]
    return f"location{'s' if len(quoted) > 1 else ''} {', '.join(quoted)}"


def _arguments(context: MergeContext, name: str, nodes: Definitions) -> list[InputValue]:
    read = [
        {a.name.value: _argument(subgraph, a) for a in node.arguments or ()} if node else {}
        for subgraph, node in zip(context.subgraphs, nodes, strict=True)
    ]
    merged = []
    for argument in dict.fromkeys(argument for arguments in read for argument in arguments):
        sources: Sources = tuple(arguments.get(argument) for arguments in read)
        coordinate = f"@{name}({argument}:)"
        if is_kept_argument(context, nodes, sources, coordinate):
            merged.append(replace(merge_argument(context, sources, coordinate), name=argument))
    return merged


def _argument(subgraph: Subgraph, node: InputValueDefinitionNode) -> InputValue:
    return replace(input_value(node), applications=read_applications(subgraph.links, node.directives))


def input_value(node: InputValueDefinitionNode) -> InputValue:
    """An argument of a directive definition, of the supergraph or of a subgraph whose links do not matter."""
    description = node.description.value if node.description else None
    return InputValue(
        name=node.name.value,
        type=type_text(node.type, {}),
        default=node.default_value,
        description=description,
        applications=tuple(
            Application(use.name.value, {a.name.value: a.value for a in use.arguments or ()})
            for use in node.directives or ()
        ),
        node=node,
    )


def _node(argument: InputValue) -> InputValueDefinitionNode:
    return InputValueDefinitionNode(
        name=NameNode(value=argument.name),
        type=parse_type(argument.type, no_location=True),
        default_value=argument.default,
        description=StringValueNode(value=argument.description, block=True) if argument.description else None,
        directives=tuple(map(_use, argument.applications)),
    )


def _use(application: Application) -> ConstDirectiveNode:
    given = (ConstArgumentNode(name=NameNode(value=name), value=value) for name, value in application.arguments.items())
    return ConstDirectiveNode(name=NameNode(value=application.name), arguments=tuple(given))
