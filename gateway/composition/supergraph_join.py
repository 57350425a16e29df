"""The join directives of a supergraph document in; what each subgraph declares of each type out (v0.1 to v0.5)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    InputObjectTypeDefinitionNode,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    ScalarTypeDefinitionNode,
    TypeDefinitionNode,
    UnionTypeDefinitionNode,
    print_ast,
)

from gateway.composition.supergraph_features import Features, arguments_of
from gateway.composition.supergraph_legacy import with_implied_fields
from gateway.composition.supergraph_model import (
    ContextArgument,
    InvalidSupergraph,
    Key,
    Subgraph,
    SubgraphField,
    SubgraphType,
    TypeKind,
)

_KINDS: Mapping[type[TypeDefinitionNode], TypeKind] = {
    ObjectTypeDefinitionNode: "OBJECT",
    InterfaceTypeDefinitionNode: "INTERFACE",
    UnionTypeDefinitionNode: "UNION",
    EnumTypeDefinitionNode: "ENUM",
    InputObjectTypeDefinitionNode: "INPUT_OBJECT",
    ScalarTypeDefinitionNode: "SCALAR",
}

Types = Mapping[str, Mapping[str, SubgraphType]]
Application = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Reader:
    """The document's names for the join directives, and the subgraph behind each `join__Graph` value."""

    features: Features
    names: Mapping[str, str]

    @property
    def legacy(self) -> bool:
        return self.features.join.version == "0.1"

    def applications(self, node: Any, element: str) -> list[Application]:
        """The arguments of every application of the join directive `element` on `node`, `graph` as subgraph name."""
        wanted = self.features.join.directive(element)
        directives: tuple[ConstDirectiveNode, ...] = node.directives or ()
        return [self._named(arguments_of(item)) for item in directives if item.name.value == wanted]

    def _named(self, arguments: dict[str, Any]) -> Application:
        graph = arguments.get("graph")
        if graph is None:
            return arguments
        if graph not in self.names:
            raise InvalidSupergraph(f"join directives name the graph {graph}, which the join__Graph enum does not have")
        return arguments | {"graph": self.names[graph]}


def subgraphs_from_document(document: DocumentNode, features: Features) -> Mapping[str, Subgraph]:
    """The subgraphs by name, in the order of the `join__Graph` enum.

    Raises:
        InvalidSupergraph: the enum is missing or a value has no `@join__graph`.
    """
    enum_name = f"{features.join.alias}__Graph"
    subgraphs: dict[str, Subgraph] = {}
    for node in document.definitions:
        if isinstance(node, EnumTypeDefinitionNode | EnumTypeExtensionNode) and node.name.value == enum_name:
            for value in node.values or ():
                subgraph = _subgraph(value, features.join.directive("graph"))
                subgraphs[subgraph.name] = subgraph
    if not subgraphs:
        raise InvalidSupergraph(f"the supergraph has no {enum_name} enum that names its subgraphs")
    return MappingProxyType(subgraphs)


def _subgraph(value: Any, directive: str) -> Subgraph:
    for item in value.directives or ():
        if item.name.value == directive:
            arguments = arguments_of(item)
            return Subgraph(arguments.get("name", value.name.value), value.name.value, arguments.get("url") or "")
    raise InvalidSupergraph(f"the graph {value.name.value} has no @{directive} with its name")


def types_from_document(document: DocumentNode, features: Features, subgraphs: Mapping[str, Subgraph]) -> Types:
    """What each subgraph declares of each type, by type name and then by subgraph name."""
    reader = _Reader(features, {subgraph.graph: subgraph.name for subgraph in subgraphs.values()})
    types: dict[str, Mapping[str, SubgraphType]] = {}
    for node in document.definitions:
        if isinstance(node, TypeDefinitionNode) and not features.is_machinery(node.name.value):
            types[node.name.value] = MappingProxyType(_declarations(node, reader))
    return with_implied_fields(types) if reader.legacy else MappingProxyType(types)


def contexts_from_document(document: DocumentNode, features: Features) -> Mapping[str, tuple[str, ...]]:
    """The types that each context is set on, by the context's name."""
    context = features.by_name.get("context")
    found: dict[str, tuple[str, ...]] = {}
    for node in document.definitions if context else ():
        if context and isinstance(node, TypeDefinitionNode):
            for item in node.directives or ():
                if item.name.value == context.directive("context"):
                    name = arguments_of(item)["name"]
                    found[name] = (*found.get(name, ()), node.name.value)
    return MappingProxyType(found)


def _declarations(node: TypeDefinitionNode, reader: _Reader) -> dict[str, SubgraphType]:
    """One type in each of its subgraphs. A type without `@join__type` is a value type that all of them know (v0.1)."""
    joins = reader.applications(node, "type")
    owner = next((item["graph"] for item in reader.applications(node, "owner")), None)
    graphs = {item["graph"] for item in joins} or set(reader.names.values())
    declared: dict[str, SubgraphType] = {}
    for graph in (name for name in reader.names.values() if name in graphs):
        own = [item for item in joins if item["graph"] == graph]
        interface_object = any(item.get("isInterfaceObject") for item in own)
        declared[graph] = SubgraphType(
            name=node.name.value,
            kind="OBJECT" if interface_object else _KINDS[type(node)],
            fields=MappingProxyType({field.name: field for field in _fields(node, reader, graph, owner)}),
            keys=tuple(Key(item["key"], item.get("resolvable") is not False) for item in own if item.get("key")),
            interface_object=interface_object,
            interfaces=_listed(node, "interfaces", "interface", reader.applications(node, "implements"), graph),
            members=_listed(node, "types", "member", reader.applications(node, "unionMember"), graph),
            values=tuple(_values(node, reader, graph)),
        )
    return declared


def _listed(node: Any, part: str, argument: str, joins: list[Application], graph: str) -> tuple[str, ...]:
    """Interfaces or union members in one subgraph; without join directives (older versions) all of them."""
    names = tuple(item.name.value for item in getattr(node, part, None) or ())
    if not joins:
        return names
    here = {item[argument] for item in joins if item["graph"] == graph}
    return tuple(name for name in names if name in here)


def _values(node: Any, reader: _Reader, graph: str) -> Iterator[str]:
    for value in getattr(node, "values", None) or ():
        joins = reader.applications(value, "enumValue")
        if not joins or any(item["graph"] == graph for item in joins):
            yield value.name.value


def _fields(node: Any, reader: _Reader, graph: str, owner: str | None) -> Iterator[SubgraphField]:
    """The fields of one type in one subgraph.

    Cases: no `@join__field` — in every subgraph of the type (of its owner only, in v0.1); with a graph — in that one;
    without a graph — an interface object's field, declared by no subgraph under this type (v0.1: as if absent).
    """
    for field in getattr(node, "fields", None) or ():
        joins = reader.applications(field, "field")
        plain = SubgraphField(field.name.value, print_ast(field.type))
        located = [item for item in joins if item.get("graph")]
        if (not joins or (reader.legacy and not located)) and owner in (None, graph):
            yield _joined(plain, joins[0]) if joins else plain
        for item in located:
            if item["graph"] == graph:
                yield _joined(plain, item)
                break


def _joined(field: SubgraphField, join: Application) -> SubgraphField:
    return replace(
        field,
        type=join.get("type") or field.type,
        external=bool(join.get("external")),
        overridden=bool(join.get("usedOverridden")),
        requires=join.get("requires"),
        provides=join.get("provides"),
        override=join.get("override"),
        override_label=join.get("overrideLabel"),
        context_arguments=tuple(
            ContextArgument(item["name"], item["type"], item["context"], item["selection"])
            for item in join.get("contextArguments") or ()
        ),
    )
