"""Merges valid subgraphs into one schema: every type, the executable directives, and the schema's links."""

from collections.abc import Mapping, Sequence

from graphql.language import DirectiveDefinitionNode, EnumValueNode, ValueNode, print_ast

from gateway.composition.compose_directive import composed_directives
from gateway.composition.interface_objects import with_interface_object_fields
from gateway.composition.join import applied, graph_names
from gateway.composition.link import CONNECT
from gateway.composition.merge_applications import merge_applications
from gateway.composition.merge_auth import with_propagated_auth
from gateway.composition.merge_context import MergeContext, present
from gateway.composition.merge_enums import enum_positions, merge_enum
from gateway.composition.merge_executable import merge_executable_directives
from gateway.composition.merge_features import supergraph_features
from gateway.composition.merge_override import validate_places
from gateway.composition.merge_types import merge_type
from gateway.composition.merge_values import merge_description
from gateway.composition.model import ROOT_NAMES, ROOTS, Application, Element, Kind, Subgraph, TypeDefinition
from gateway.composition.print_supergraph import MergedSchema
from gateway.composition.read_subgraph import type_text
from gateway.composition.report import Report
from gateway.composition.type_references import named_type
from gateway.composition.usage import usage_of


def merge_subgraphs(context: MergeContext) -> MergedSchema:
    """The merged schema; errors go to the report, after which the result is good for nothing."""
    kinds = _kinds(context)
    _validate_extensions(context)
    validate_places(context)
    types: dict[str, TypeDefinition] = {}
    for name, kind in kinds.items():
        if kind is not Kind.ENUM:
            merged = merge_type(context, name, kind, _sources(context, name))
            if merged is not None:
                types[name] = merged
    executable = merge_executable_directives(context)
    positions = enum_positions(types.values(), _directive_inputs(executable))
    for name in (name for name, kind in kinds.items() if kind is Kind.ENUM):
        types[name] = merge_enum(context, name, _sources(context, name), positions.get(name, {}))
    types = with_propagated_auth(context, with_interface_object_fields(context, types))
    if not types.get("Query") or not types["Query"].fields:
        context.report.error(
            "NO_QUERIES", "No queries found in any subgraph: a supergraph must have a query root type."
        )
    features = supergraph_features(context.subgraphs, context.composed)
    definitions = [*executable, *(d for feature in features for d in feature.definitions)]
    types["join__Graph"] = _graphs(context)
    schemas = [Element(name=s.name, applications=s.applications, description=s.description) for s in context.subgraphs]
    return MergedSchema(
        types=types,
        definitions=tuple(definitions),
        applications=(*(feature.link() for feature in features), *_schema_applications(context, schemas)),
        roots={operation: name for operation, name in ROOTS.items() if name in types},
        description=merge_description(context, schemas, "Schema", "schema"),
    )


def merge_context(subgraphs: Sequence[Subgraph], report: Report) -> MergeContext:
    """What the merging passes share, the subgraphs sorted by name."""
    ordered = tuple(sorted(subgraphs, key=lambda subgraph: subgraph.name))
    return MergeContext(
        subgraphs=ordered,
        usages=tuple(usage_of(subgraph) for subgraph in ordered),
        graphs=graph_names([subgraph.name for subgraph in ordered]),
        composed=composed_directives(ordered, report),
        subtypes=frozenset(pair for subgraph in ordered for pair in _subtypes(subgraph)),
        report=report,
    )


def _subtypes(subgraph: Subgraph) -> list[tuple[str, str]]:
    implementing = [(t.name, interface) for t in subgraph.types.values() for interface in t.interfaces]
    return implementing + [(member, t.name) for t in subgraph.of_kind(Kind.UNION) for member in t.members]


def _sources(context: MergeContext, name: str) -> tuple[TypeDefinition | None, ...]:
    return tuple(subgraph.type(name) for subgraph in context.subgraphs)


def _kinds(context: MergeContext) -> dict[str, Kind]:
    """The kind of each type; an interface object counts as the interface it stands for. Mismatches are reported."""
    kinds: dict[str, Kind] = {}
    for name in dict.fromkeys(name for subgraph in context.subgraphs for name in subgraph.types):
        sources = _sources(context, name)
        found = {Kind.INTERFACE if t.is_interface_object else t.kind for _, t in present(sources)}
        objects = [t.is_interface_object for _, t in present(sources)]
        if len(found) > 1:
            text = f'Type "{name}" has mismatched kind: it is defined as '
            context.report_mismatch("TYPE_KIND_MISMATCH", text, sources, _shown_kind)
        elif all(objects):
            message = f'Type "{name}" is declared with @interfaceObject in all the subgraphs in which is is defined'
            context.report.error("INTERFACE_OBJECT_USAGE_ERROR", message, context.at(sources))
        else:
            kinds[name] = found.pop()
    return kinds


def _validate_extensions(context: MergeContext) -> None:
    """A type that subgraphs extend has to be defined in one of them; the roots need not be."""
    defined = {t.name for subgraph in context.subgraphs for t in subgraph.types.values() if not all(t.extensions)}
    for subgraph in context.subgraphs:
        for owner in subgraph.types.values():
            if owner.name not in defined | ROOT_NAMES:
                message = (
                    f'[{subgraph.name}] Type "{owner.name}" is an extension type, but there is no type definition for '
                    f'"{owner.name}" in any subgraph.'
                )
                context.report.error("EXTENSION_WITH_NO_BASE", message, subgraph.at(owner))


def _shown_kind(source: TypeDefinition) -> str:
    return (
        "Interface Object Type (Object Type with @interfaceObject)" if source.is_interface_object else str(source.kind)
    )


def _directive_inputs(directives: Sequence[DirectiveDefinitionNode]) -> list[str]:
    return [named_type(type_text(a.type, {})) for d in directives for a in d.arguments or ()]


def _graphs(context: MergeContext) -> TypeDefinition:
    values: Mapping[str, Element] = {
        context.graphs[s.name]: Element(
            name=context.graphs[s.name], applications=(applied("join__graph", {"name": s.name, "url": s.url}),)
        )
        for s in context.subgraphs
    }
    return TypeDefinition(name="join__Graph", kind=Kind.ENUM, values=values)


def _schema_applications(context: MergeContext, schemas: Sequence[Element]) -> list[Application]:
    """The schema's own directives, and the links of specifications carried by `@join__directive`."""
    linking: dict[str, tuple[Mapping[str, ValueNode], list[EnumValueNode]]] = {}
    for index, subgraph in enumerate(context.subgraphs):
        connect = subgraph.links.feature(CONNECT)
        if connect is not None and connect.node is not None:
            arguments = {a.name.value: a.value for a in connect.node.arguments or ()}
            linking.setdefault(print_ast(connect.node), (arguments, []))[1].append(context.graph(index))
    links = [applied("join__directive", {"graphs": g, "name": "link", "args": a}) for a, g in linking.values()]
    return [*links, *merge_applications(context, schemas, "schema")]
