"""The access tags of one subgraph, read from its SDL: names resolved through `@link`, nothing merged, nothing decided.

In: a subgraph's name and SDL. Out: `SubgraphTags`. A directive imported under another name is the same directive; one
of that name that is not linked from our specification is not ours, so what it marks stays untagged.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from graphql import (
    ConstDirectiveNode,
    DocumentNode,
    EnumValueDefinitionNode,
    FieldDefinitionNode,
    GraphQLError,
    InputValueDefinitionNode,
    ListTypeNode,
    NamedTypeNode,
    NonNullTypeNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeDefinitionNode,
    TypeExtensionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    parse,
    value_from_ast_untyped,
)

from authz.errors import InvalidRules

ACCESS = "https://specs.leds.example/access"
FEDERATION = "https://specs.apollo.dev/federation"
INACCESSIBLE = "https://specs.apollo.dev/inaccessible"

SPECIFICATIONS: Mapping[str, frozenset[str]] = {
    ACCESS: frozenset({"dataset", "subject", "derived", "open", "reads", "standIn"}),
    FEDERATION: frozenset({"key", "external", "inaccessible", "interfaceObject"}),
    INACCESSIBLE: frozenset({"inaccessible"}),
}
ACCESS_MAJOR = "1"
URL = re.compile(r"(?P<identity>.*?/(?P<name>[^/]+))/v(?P<major>\d+)\.\d+/?")
ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
MACHINERY = re.compile(r"__|_(Any|Entity|Service|FieldSet)$|(federation|link|core|join|access)__")
MACHINERY_FIELDS = frozenset({"_entities", "_service"})

Arguments: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Label:
    """What `@dataset` says: the unit of separation, the sensitivity S0-S4 and the mask that applies when masked."""

    dataset: str
    sensitivity: str = "S1"
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class Tags:
    """The access directives on one element of a schema. `reads` is None where there is no `@reads`."""

    label: Label | None = None
    open: bool = False
    inherit: bool = False
    reads: tuple[str, ...] | None = None
    derived: tuple[str, ...] = ()
    external: bool = False
    inaccessible: bool = False

    @property
    def present(self) -> bool:
        """Whether the element is tagged at all."""
        return self.label is not None or self.open or self.reads is not None


@dataclass(frozen=True, slots=True)
class Element:
    """A field, input field or enum value with its named type (empty for enum values) and its arguments."""

    name: str
    type_name: str
    tags: Tags
    arguments: tuple["Element", ...] = ()


@dataclass(frozen=True, slots=True)
class TypeTags:
    """One type of one subgraph. `members` are a union's types, `keys` the selection sets of its `@key`s; `stand_in` is
    the outcome that the type stands for where a record cannot be given."""

    name: str
    kind: str
    tags: Tags
    elements: tuple[Element, ...] = ()
    implements: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    interface_object: bool = False
    subject: tuple[str, str] | None = None
    stand_in: str | None = None


@dataclass(frozen=True, slots=True)
class SubgraphTags:
    """Every type of one subgraph with its tags, in the order of the SDL; root types under their standard names."""

    name: str
    types: Mapping[str, TypeTags] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Names:
    """Which directive of which specification a printed name is, and what the schema calls its root types."""

    subgraph: str
    directives: Mapping[str, str]
    roots: Mapping[str, str]

    def of(self, node: "_Directed", name: str) -> Iterator[Arguments]:
        """The arguments of every use on `node` of the directive we call `name`."""
        for directive in node.directives or ():
            if self.directives.get(directive.name.value) == name:
                yield _arguments(directive)

    def has(self, node: "_Directed", name: str) -> bool:
        return any(True for _ in self.of(node, name))


_Directed: TypeAlias = (
    TypeDefinitionNode | TypeExtensionNode | FieldDefinitionNode | InputValueDefinitionNode | EnumValueDefinitionNode
)


def tags_of_subgraph(name: str, sdl: str) -> SubgraphTags:
    """The access tags of one subgraph. Raises InvalidRules for SDL that does not parse and for unusable tags."""
    try:
        document = parse(sdl, no_location=True)
    except GraphQLError as error:
        raise InvalidRules(f"The SDL of subgraph {name} does not parse: {error.message}") from error
    names = _names(name, document)
    types: dict[str, TypeTags] = {}
    for node in document.definitions:
        if isinstance(node, TypeDefinitionNode | TypeExtensionNode) and not MACHINERY.match(node.name.value):
            found = _type(names, node)
            types[found.name] = _joined(types[found.name], found) if found.name in types else found
    return SubgraphTags(name, types)


def _arguments(directive: ConstDirectiveNode) -> Arguments:
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}


def _names(subgraph: str, document: DocumentNode) -> _Names:
    """Names as the link specification says: imported ones as they are or renamed, others under a prefix."""
    schemas = [node for node in document.definitions if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode)]
    links = [_arguments(directive) for node in schemas for directive in node.directives or ()]
    directives: dict[str, str] = {}
    for link in (link for link in links if "url" in link):
        directives |= _linked(subgraph, link)
    if not any(str(link.get("url", "")).startswith(FEDERATION) for link in links):
        directives |= {name: name for name in SPECIFICATIONS[FEDERATION]}
    roots = {
        node.type.name.value: ROOTS[node.operation.value] for schema in schemas for node in schema.operation_types or ()
    }
    return _Names(subgraph, directives, roots)


def _linked(subgraph: str, link: Arguments) -> Mapping[str, str]:
    match = URL.fullmatch(str(link["url"]))
    known = SPECIFICATIONS.get(match["identity"], frozenset()) if match else frozenset()
    if match is None or not known:
        return {}
    if match["identity"] == ACCESS and match["major"] != ACCESS_MAJOR:
        raise InvalidRules(f"Subgraph {subgraph} links {link['url']}; this service enforces version {ACCESS_MAJOR}.")
    prefix = link.get("as") or match["name"]
    names = {f"{prefix}__{name}": name for name in known}
    if match["name"] in known:
        names[prefix] = match["name"]
    for imported in link.get("import") or ():
        original, alias = (imported, imported) if isinstance(imported, str) else (imported["name"], imported.get("as"))
        if original.removeprefix("@") in known and original.startswith("@"):
            names[(alias or original).removeprefix("@")] = original.removeprefix("@")
    return names


def _type(names: _Names, node: TypeDefinitionNode | TypeExtensionNode) -> TypeTags:
    name = node.name.value
    subjects = [(str(found.get("key", "")), str(found.get("kind", ""))) for found in names.of(node, "subject")]
    standing = [str(found.get("for", "")) for found in names.of(node, "standIn")]
    return TypeTags(
        name=names.roots.get(name, name),
        kind=node.kind.split("_")[0],
        tags=_tags(names, node, name),
        elements=tuple(_elements(names, node, name)),
        implements=tuple(interface.name.value for interface in getattr(node, "interfaces", None) or ()),
        members=tuple(_members(node)),
        keys=tuple(str(key.get("fields", "")) for key in names.of(node, "key")),
        interface_object=names.has(node, "interfaceObject"),
        subject=subjects[0] if subjects else None,
        stand_in=standing[0] if standing else None,
    )


def _members(node: TypeDefinitionNode | TypeExtensionNode) -> Iterator[str]:
    if isinstance(node, UnionTypeDefinitionNode | UnionTypeExtensionNode):
        yield from (member.name.value for member in node.types or ())


def _elements(names: _Names, node: TypeDefinitionNode | TypeExtensionNode, owner: str) -> Iterator[Element]:
    for child in getattr(node, "fields", None) or ():
        if child.name.value not in MACHINERY_FIELDS:
            yield _element(names, child, f"{owner}.{child.name.value}")
    for value in getattr(node, "values", None) or ():
        yield Element(value.name.value, "", _tags(names, value, f"{owner}.{value.name.value}"))


def _element(names: _Names, node: FieldDefinitionNode | InputValueDefinitionNode, coordinate: str) -> Element:
    arguments = node.arguments or () if isinstance(node, FieldDefinitionNode) else ()
    return Element(
        node.name.value,
        _named_type(node.type),
        _tags(names, node, coordinate),
        tuple(_element(names, argument, f"{coordinate}({argument.name.value}:)") for argument in arguments),
    )


def _named_type(node: TypeNode) -> str:
    while isinstance(node, ListTypeNode | NonNullTypeNode):
        node = node.type
    assert isinstance(node, NamedTypeNode)
    return node.name.value


def _tags(names: _Names, node: _Directed, coordinate: str) -> Tags:
    labels = [_label(found, coordinate) for found in names.of(node, "dataset")]
    opened = list(names.of(node, "open"))
    reads = [coordinate for found in names.of(node, "reads") for coordinate in found.get("fields") or ()]
    if labels and opened:
        raise InvalidRules(f"{coordinate} in subgraph {names.subgraph} is tagged both @dataset and @open.")
    return Tags(
        label=labels[0] if labels else None,
        open=bool(opened),
        inherit=any(found.get("inherit", False) for found in opened),
        reads=tuple(reads) if names.has(node, "reads") else None,
        derived=tuple(source for found in names.of(node, "derived") for source in found.get("from") or ()),
        external=names.has(node, "external"),
        inaccessible=names.has(node, "inaccessible"),
    )


def _label(found: Arguments, coordinate: str) -> Label:
    if not found.get("id"):
        raise InvalidRules(f"@dataset on {coordinate} names no dataset.")
    return Label(str(found["id"]), str(found.get("sensitivity") or "S1"), found.get("mask") or None)


def _joined(first: TypeTags, second: TypeTags) -> TypeTags:
    """A type and one of its extensions as one type; what both say about the type itself adds up."""
    one, two = first.tags, second.tags
    if (one.label and two.label and one.label != two.label) or (one.present and two.present and one.open != two.open):
        raise InvalidRules(f"{first.name} and an extension of it in one subgraph are tagged differently.")
    return TypeTags(
        name=first.name,
        kind=first.kind,
        tags=Tags(
            label=one.label or two.label,
            open=one.open or two.open,
            inherit=one.inherit or two.inherit,
            inaccessible=one.inaccessible or two.inaccessible,
        ),
        elements=_unique(first.elements + second.elements),
        implements=first.implements + second.implements,
        members=first.members + second.members,
        keys=first.keys + second.keys,
        interface_object=first.interface_object or second.interface_object,
        subject=first.subject or second.subject,
        stand_in=first.stand_in or second.stand_in,
    )


def _unique(elements: Iterable[Element]) -> tuple[Element, ...]:
    return tuple({element.name: element for element in elements}.values())
