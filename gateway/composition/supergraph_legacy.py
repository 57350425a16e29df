"""Join v0.1 names only who owns a field; this adds the fields a subgraph knows from keys, `@requires`, `@provides`."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from graphql import FieldNode, GraphQLSyntaxError, InlineFragmentNode, OperationDefinitionNode, SelectionSetNode, parse

from gateway.composition.supergraph_model import InvalidSupergraph, SubgraphField, SubgraphType

Types = Mapping[str, Mapping[str, SubgraphType]]
Implied = tuple[str, str, str]
"""Type, field and subgraph."""


def with_implied_fields(types: Types) -> Types:
    """The types with the implied fields added: key fields as resolvable, required and provided ones as external."""
    types = _without_unknown_types(types)
    external = set(_named_by_directives(types))
    resolvable = set(_named_by_keys(types))
    completed: dict[str, Mapping[str, SubgraphType]] = {}
    for name, by_graph in types.items():
        here = {graph: _completed(types, item, graph, external, resolvable) for graph, item in by_graph.items()}
        completed[name] = MappingProxyType(here)
    return MappingProxyType(completed)


def _without_unknown_types(types: Types) -> Types:
    """Value types stand in every subgraph; their fields and members whose types a subgraph does not know do not."""
    return {
        name: {
            graph: replace(
                declared,
                fields=_known(types, declared, graph),
                members=tuple(member for member in declared.members if graph in types.get(member, {})),
            )
            for graph, declared in by_graph.items()
        }
        for name, by_graph in types.items()
    }


def _known(types: Types, declared: SubgraphType, graph: str) -> Mapping[str, SubgraphField]:
    fields = declared.fields.values()
    known = {item.name: item for item in fields if graph in types.get(item.type.strip("[]!"), {graph: None})}
    return MappingProxyType(known)


def _completed(
    types: Types, declared: SubgraphType, graph: str, external: set[Implied], resolvable: set[Implied]
) -> SubgraphType:
    fields = dict(declared.fields)
    for name, field in _all_fields(types, declared.name).items():
        item = (declared.name, name, graph)
        if name not in fields and item in external | resolvable:
            fields[name] = SubgraphField(name, field.type, external=item not in resolvable)
    return replace(declared, fields=MappingProxyType(fields))


def _named_by_keys(types: Types) -> Iterator[Implied]:
    for name, by_graph in types.items():
        for graph, declared in by_graph.items():
            for key in declared.keys:
                yield from _walk(types, name, graph, _selection(key.fields))


def _named_by_directives(types: Types) -> Iterator[Implied]:
    for name, by_graph in types.items():
        for graph, declared in by_graph.items():
            for field in declared.fields.values():
                if field.requires:
                    yield from _walk(types, name, graph, _selection(field.requires))
                if field.provides:
                    yield from _walk(types, field.type.strip("[]!"), graph, _selection(field.provides))


def _walk(types: Types, parent: str, graph: str, selections: SelectionSetNode) -> Iterator[Implied]:
    for node in selections.selections:
        if isinstance(node, InlineFragmentNode):
            condition = node.type_condition.name.value if node.type_condition else parent
            yield from _walk(types, condition, graph, node.selection_set)
        elif isinstance(node, FieldNode):
            name = node.name.value
            yield parent, name, graph
            field = _all_fields(types, parent).get(name)
            if node.selection_set and field:
                yield from _walk(types, field.type.strip("[]!"), graph, node.selection_set)


def _all_fields(types: Types, name: str) -> dict[str, SubgraphField]:
    return {field.name: field for declared in types.get(name, {}).values() for field in declared.fields.values()}


def _selection(text: str) -> SelectionSetNode:
    try:
        definition = parse("{" + text + "}", no_location=True).definitions[0]
    except GraphQLSyntaxError as error:
        raise InvalidSupergraph(f"the field set {text!r} is not valid: {error.message}") from error
    if not isinstance(definition, OperationDefinitionNode):
        raise InvalidSupergraph(f"the field set {text!r} is not a selection")
    return definition.selection_set
