"""Checks the merged schema as a whole: interfaces implemented, arguments of @requires known, guards carried."""

from collections.abc import Iterator, Mapping

from graphql.language import DocumentNode, FieldNode, Node, TypeDefinitionNode, parse

from gateway.composition.field_set import selected_fields
from gateway.composition.inaccessible import validate_inaccessible
from gateway.composition.location import Location
from gateway.composition.merge_context import MergeContext
from gateway.composition.model import Kind, Subgraph, TypeDefinition
from gateway.composition.print_supergraph import MergedSchema
from gateway.composition.report import listed
from gateway.composition.validate_auth import validate_auth
from gateway.composition.validate_graphql import schema_errors

Types = Mapping[str, TypeDefinition]


def validate_merged(context: MergeContext, schema: MergedSchema, supergraph_sdl: str) -> None:
    """Reports what only shows once all subgraphs are merged."""
    types = schema.types
    _validate_interfaces(context, types)
    for subgraph in context.subgraphs:
        _validate_requires(context, types, subgraph)
    validate_inaccessible(context, schema)
    validate_auth(context, types)
    if not context.report.errors:
        _validate_graphql(context, supergraph_sdl)


def _validate_graphql(context: MergeContext, supergraph_sdl: str) -> None:
    """Merging can break what each subgraph keeps, such as an implementing field's type."""
    document = parse(supergraph_sdl)
    for error in schema_errors(document):
        elements = {element for node in error.nodes or () for element in _declaring(document, node)}
        places = (p for s in context.subgraphs for owner, name in elements for p in _declared(s, owner, name))
        context.report.error("INVALID_GRAPHQL", error.message, tuple(sorted(set(places))))


def _declaring(document: DocumentNode, node: Node) -> Iterator[tuple[str, str | None]]:
    """The type, and the field of it if there is one, in whose text a node of the supergraph stands."""
    for owner in document.definitions:
        if isinstance(owner, TypeDefinitionNode) and _holds(owner, node):
            children = (child for child in getattr(owner, "fields", None) or () if _holds(child, node))
            yield owner.name.value, next((child.name.value for child in children), None)


def _holds(outer: Node, inner: Node) -> bool:
    if outer.loc is None or inner.loc is None:
        return False
    return outer.loc.start <= inner.loc.start and inner.loc.end <= outer.loc.end


def _declared(subgraph: Subgraph, owner: str, name: str | None) -> tuple[Location, ...]:
    return subgraph.at(subgraph.field(owner, name) if name is not None else subgraph.type(owner))


def _validate_interfaces(context: MergeContext, types: Types) -> None:
    """Each implementation has each field of its interfaces, whichever subgraph that comes from."""
    for owner in types.values():
        for name in owner.interfaces:
            interface = types.get(name)
            for field in interface.fields if interface else ():
                if field not in owner.fields:
                    _report_missing(context, owner, name, field)


def _report_missing(context: MergeContext, owner: TypeDefinition, interface: str, field: str) -> None:
    declaring = [s.name for s in context.subgraphs if s.field(interface, field) is not None]
    implementing = [s for s in context.subgraphs if (t := s.type(owner.name)) is not None and interface in t.interfaces]
    names = [s.name for s in implementing]
    message = (
        f'Interface field "{interface}.{field}" is declared in {listed(declaring)} but type "{owner.name}", '
        "which implements "
        f'"{interface}" only in {listed(names)} does not have field "{field}".'
    )
    places = tuple(place for s in implementing for place in s.at(s.type(owner.name)))
    context.report.error("INTERFACE_FIELD_NO_IMPLEM", message, places)


def _validate_requires(context: MergeContext, types: Types, subgraph: Subgraph) -> None:
    """A field that @requires selects is asked elsewhere: its arguments have to exist in the supergraph."""
    for owner in subgraph.of_kind(Kind.OBJECT):
        for field in owner.fields.values():
            for use in field.all_of("requires"):
                prefix = f'[{subgraph.name}] On field "{owner.name}.{field.name}", for {use}: '
                for selected in selected_fields(subgraph, owner.name, use):
                    problem = _argument_problem(context, types, selected.coordinate, selected.node)
                    if problem:
                        context.report.error("REQUIRES_INVALID_FIELDS", prefix + problem, subgraph.at(use))


def _argument_problem(context: MergeContext, types: Types, coordinate: str, node: FieldNode) -> str | None:
    type_name, field_name = coordinate.split(".")
    merged = types[type_name].fields.get(field_name) if type_name in types else None
    if merged is None:
        return None
    given = {argument.name.value for argument in node.arguments or ()}
    unknown = next((name for name in sorted(given) if name not in merged.arguments), None)
    if unknown is not None:
        fields = ((s, s.field(type_name, field_name)) for s in context.subgraphs)
        without = [s.name for s, field in fields if field is not None and unknown not in field.arguments]
        return (
            f'cannot provide a value for argument "{unknown}" of field "{coordinate}" as argument "{unknown}" '
            "is not defined "
            f"in {listed(without)}"
        )
    missing = next((a.name for a in merged.arguments.values() if a.is_required and a.name not in given), None)
    if missing is not None:
        return f'no value provided for argument "{missing}" of field "{coordinate}" but a value is mandatory'
    return None
