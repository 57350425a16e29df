"""A subgraph's schema as its supergraph remembers it: every field it declares, external ones too, and `_entities`."""

from collections.abc import Iterator
from functools import cache

from graphql import (
    GraphQLNamedType,
    GraphQLSchema,
    build_schema,
    is_input_object_type,
    print_ast,
    specified_scalar_types,
)
from graphql.utilities.print_schema import print_directive

from gateway.composition.supergraph import SubgraphType, Supergraph
from gateway.planning.directives import known_by


@cache
def subgraph_schema(supergraph: Supergraph, subgraph: str) -> GraphQLSchema:
    """The schema of one subgraph; not checked for being a valid schema, as value types may be partly known."""
    return build_schema("\n".join(_definitions(supergraph, subgraph)), assume_valid=True, assume_valid_sdl=True)


def _definitions(supergraph: Supergraph, subgraph: str) -> Iterator[str]:
    full = supergraph.full_schema
    yield "scalar _Any"
    known_here = {name for name, subgraphs in known_by(supergraph).items() if subgraph in subgraphs}
    yield from (print_directive(each) for each in full.directives if each.name in known_here)
    entities: list[str] = []
    for name, by_graph in supergraph.types.items():
        declared = by_graph.get(subgraph)
        if declared and name not in specified_scalar_types:
            yield _definition(declared, full.type_map[name])
            if declared.kind == "OBJECT" and declared.keys:
                entities.append(name)
    query = full.query_type.name if full.query_type else "Query"
    look_up = "_entities(representations: [_Any!]!): [_Entity]!" if entities else "_service: String"
    yield f"union _Entity = {' | '.join(entities)}" if entities else "scalar _Entity"
    declared = supergraph.types.get(query, {}).get(subgraph)
    yield f"extend type {query} {{ {look_up} }}" if declared and declared.fields else f"type {query} {{ {look_up} }}"
    mutation = full.mutation_type.name if full.mutation_type else None
    known = mutation and supergraph.types[mutation].get(subgraph) and supergraph.types[mutation][subgraph].fields
    yield f"schema {{ query: {query} {f'mutation: {mutation}' if known else ''} }}"


def _definition(declared: SubgraphType, full: GraphQLNamedType) -> str:
    name = declared.name
    match declared.kind:
        case "SCALAR":
            return f"scalar {name}"
        case "ENUM":
            return f"enum {name} {{ {' '.join(declared.values)} }}"
        case "UNION":
            return f"union {name} = {' | '.join(declared.members)}" if declared.members else f"union {name}"
    fields = " ".join(f"{field.name}{_arguments(full, field.name)}: {field.type}" for field in declared.fields.values())
    if not fields:
        return ""
    if is_input_object_type(full):
        return f"input {name} {{ {fields} }}"
    implements = f" implements {' & '.join(declared.interfaces)}" if declared.interfaces else ""
    return f"{'interface' if declared.kind == 'INTERFACE' else 'type'} {name}{implements} {{ {fields} }}"


def _arguments(full: GraphQLNamedType, name: str) -> str:
    field = getattr(full, "fields", {}).get(name)
    arguments = getattr(field, "args", {})
    if not arguments:
        return ""
    shown = []
    for argument, definition in arguments.items():
        node = definition.ast_node.default_value if definition.ast_node else None
        shown.append(f"{argument}: {definition.type}{f' = {print_ast(node)}' if node else ''}")
    return f"({', '.join(shown)})"
