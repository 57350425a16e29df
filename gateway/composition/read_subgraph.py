"""Reads one subgraph's parsed SDL into a `Subgraph`: folds extensions, resolves links, drops machinery."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graphql.language import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputObjectTypeExtensionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
)

from gateway.composition.definition import SubgraphDefinition
from gateway.composition.link import Links, Version, links_of
from gateway.composition.model import (
    BUILT_IN_SCALARS,
    MACHINERY_FIELDS,
    MACHINERY_TYPES,
    ROOTS,
    Application,
    Element,
    Field,
    InputValue,
    Kind,
    Subgraph,
    TypeDefinition,
)
from gateway.composition.specifications import KNOWN, federation_name

Declaration = TypeDefinitionNode | TypeExtensionNode

_KINDS: Mapping[type, Kind] = {
    ScalarTypeDefinitionNode: Kind.SCALAR,
    ScalarTypeExtensionNode: Kind.SCALAR,
    ObjectTypeDefinitionNode: Kind.OBJECT,
    ObjectTypeExtensionNode: Kind.OBJECT,
    InterfaceTypeDefinitionNode: Kind.INTERFACE,
    InterfaceTypeExtensionNode: Kind.INTERFACE,
    UnionTypeDefinitionNode: Kind.UNION,
    UnionTypeExtensionNode: Kind.UNION,
    EnumTypeDefinitionNode: Kind.ENUM,
    EnumTypeExtensionNode: Kind.ENUM,
    InputObjectTypeDefinitionNode: Kind.INPUT,
    InputObjectTypeExtensionNode: Kind.INPUT,
}


def read_subgraph(definition: SubgraphDefinition, document: DocumentNode) -> Subgraph:
    """The subgraph a valid document describes; the root types take their default names."""
    links = links_of(document)
    roots = root_types(document)
    reader = _Reader(links, {name: ROOTS[operation] for operation, name in roots.items()})
    types = reader.types(document)
    directives = {n.name.value: n for n in document.definitions if isinstance(n, DirectiveDefinitionNode)}
    described = (
        n.description.value for n in document.definitions if isinstance(n, SchemaDefinitionNode) and n.description
    )
    schema_nodes = [n for n in document.definitions if isinstance(n, SchemaDefinitionNode | SchemaExtensionNode)]
    return Subgraph(
        name=definition.name,
        url=definition.url,
        links=links,
        version=_version(links),
        types=types,
        directives=directives,
        applications=tuple(a for part, n in enumerate(schema_nodes) for a in reader.applications(n.directives, part)),
        is_federation_1=links.federation is None,
        description=next(described, None),
    )


def root_types(document: DocumentNode) -> dict[str, str]:
    """The root type of each operation, as the schema definition and extensions name them or by default."""
    roots: dict[str, str] = {}
    explicit = False
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            explicit = explicit or bool(node.operation_types)
            roots |= {o.operation.value: o.type.name.value for o in node.operation_types or ()}
    if explicit:
        return roots
    declared = {n.name.value for n in document.definitions if isinstance(n, Declaration)}
    return {operation: name for operation, name in ROOTS.items() if name in declared}


def is_machinery(links: Links, type_name: str) -> bool:
    """Whether a type belongs to federation or another known specification rather than to the subgraph's own schema."""
    known = (feature for feature in links.features if feature.identity in KNOWN)
    return (
        type_name in MACHINERY_TYPES
        or type_name.startswith("link__")
        or any(feature.owns_type(type_name) for feature in known)
    )


def type_text(node: TypeNode, renamed: Mapping[str, str]) -> str:
    """A type reference as text, root types under their default names."""
    if isinstance(node, NonNullTypeNode):
        return f"{type_text(node.type, renamed)}!"
    if isinstance(node, ListTypeNode):
        return f"[{type_text(node.type, renamed)}]"
    assert isinstance(node, NamedTypeNode)
    return renamed.get(node.name.value, node.name.value)


def read_applications(
    links: Links, nodes: Iterable[ConstDirectiveNode] | None, part: int = 0, *, on_extension: bool = False
) -> tuple[Application, ...]:
    """The applications of directives on one element, with what federation calls each."""
    return tuple(
        Application(
            name=node.name.value,
            arguments={a.name.value: a.value for a in node.arguments or ()},
            federation=federation_name(links, node.name.value),
            part=part,
            on_extension=on_extension,
            node=node,
        )
        for node in nodes or ()
    )


def _version(links: Links) -> Version:
    feature = links.federation
    return (feature.version if feature else None) or (2, 0)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads nodes of one schema, knowing its links and how its root types are renamed."""

    links: Links
    renamed: Mapping[str, str]

    def types(self, document: DocumentNode) -> dict[str, TypeDefinition]:
        declarations: dict[str, list[Declaration]] = {}
        for node in document.definitions:
            if isinstance(node, Declaration) and not self._is_dropped(node.name.value):
                name = self.renamed.get(node.name.value, node.name.value)
                declarations.setdefault(name, []).append(node)
        types = {name: self._type(name, nodes) for name, nodes in declarations.items()}
        types.setdefault("Query", TypeDefinition(name="Query", kind=Kind.OBJECT))
        return types

    def _is_dropped(self, name: str) -> bool:
        return name in BUILT_IN_SCALARS or is_machinery(self.links, name)

    def _type(self, name: str, nodes: Sequence[Declaration]) -> TypeDefinition:
        ordered = sorted(nodes, key=lambda node: isinstance(node, TypeExtensionNode))
        parts = list(enumerate(ordered))
        described = (n.description.value for n in ordered if isinstance(n, TypeDefinitionNode) and n.description)
        kind = _KINDS[type(ordered[0])]
        return TypeDefinition(
            name=name,
            kind=kind,
            description=next(described, None),
            applications=tuple(a for part, node in parts for a in self._type_applications(node, part)),
            fields={f.name: f for part, node in parts for f in self._fields(name, kind, node, part)},
            inputs={
                f.name: f for node in ordered if kind is Kind.INPUT for f in self._inputs(_children(node, "fields"))
            },
            values={v.name: v for node in ordered for v in self._values(_children(node, "values"))},
            members=tuple(self._name(member) for node in ordered for member in _children(node, "types")),
            interfaces=tuple(dict.fromkeys(self._name(i) for node in ordered for i in _children(node, "interfaces"))),
            extensions=tuple(isinstance(node, TypeExtensionNode) for node in ordered),
            node=ordered[0],
        )

    def _fields(self, owner: str, kind: Kind, node: Declaration, part: int) -> list[Field]:
        if kind not in (Kind.OBJECT, Kind.INTERFACE):
            return []
        nodes = _children(node, "fields")
        hidden = MACHINERY_FIELDS if owner == "Query" else frozenset()
        return [self._field(n, part) for n in nodes if n.name.value not in hidden]

    def _field(self, node: FieldDefinitionNode, part: int) -> Field:
        return Field(
            name=node.name.value,
            type=type_text(node.type, self.renamed),
            arguments={a.name: a for a in self._inputs(node.arguments or ())},
            description=_text(node.description),
            applications=self.applications(node.directives),
            part=part,
            node=node,
        )

    def _inputs(self, nodes: Iterable[InputValueDefinitionNode]) -> list[InputValue]:
        return [
            InputValue(
                name=node.name.value,
                type=type_text(node.type, self.renamed),
                default=node.default_value,
                description=_text(node.description),
                applications=self.applications(node.directives),
                node=node,
            )
            for node in nodes
        ]

    def _values(self, nodes: Iterable) -> list[Element]:
        return [
            Element(
                name=node.name.value,
                description=_text(node.description),
                applications=self.applications(node.directives),
                node=node,
            )
            for node in nodes
        ]

    def _type_applications(self, node: Declaration, part: int) -> tuple[Application, ...]:
        return self.applications(node.directives, part, on_extension=isinstance(node, TypeExtensionNode))

    def applications(
        self, nodes: Iterable[ConstDirectiveNode] | None, part: int = 0, *, on_extension: bool = False
    ) -> tuple[Application, ...]:
        return read_applications(self.links, nodes, part, on_extension=on_extension)

    def _name(self, node: NamedTypeNode) -> str:
        return self.renamed.get(node.name.value, node.name.value)


def _children(node: Declaration, attribute: str) -> tuple:
    """The children a declaration has under an attribute that not every kind of declaration knows."""
    return tuple(getattr(node, attribute, None) or ())


def _text(node: StringValueNode | None) -> str | None:
    return None if node is None else node.value
