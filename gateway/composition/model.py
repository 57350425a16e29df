"""A subgraph's schema as composition sees it: definitions and extensions folded, federation machinery left out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from graphql.language import (
    ConstDirectiveNode,
    ConstValueNode,
    DirectiveDefinitionNode,
    Node,
    StringValueNode,
    ValueNode,
    print_ast,
)

from gateway.composition.link import Links, Version
from gateway.composition.location import Location, location_of


class Kind(StrEnum):
    """The kind of a type, shown as the Federation specification's messages name it."""

    SCALAR = "Scalar Type"
    OBJECT = "Object Type"
    INTERFACE = "Interface Type"
    UNION = "Union Type"
    ENUM = "Enum Type"
    INPUT = "Input Object Type"


@dataclass(frozen=True, slots=True)
class Application:
    """One use of a directive. `federation` is its name in the federation specification when it comes from there.

    `part` numbers the declaration (definition or extension) of the element that carries it; `on_extension` says
    whether that declaration is an extension.
    """

    name: str
    arguments: Mapping[str, ValueNode]
    federation: str | None = None
    part: int = 0
    on_extension: bool = False
    node: ConstDirectiveNode | None = field(default=None, compare=False)

    def text(self, argument: str) -> str | None:
        """The text of a string argument, or None."""
        value = self.arguments.get(argument)
        return value.value if isinstance(value, StringValueNode) else None

    def flag(self, argument: str, default: bool) -> bool:
        """The value of a boolean argument."""
        value = self.arguments.get(argument)
        return default if value is None else print_ast(value) == "true"

    def __str__(self) -> str:
        given = ", ".join(f"{name}: {print_ast(value)}" for name, value in self.arguments.items())
        return f"@{self.name}({given})" if given else f"@{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """What every element of a schema has."""

    name: str
    description: str | None = None
    applications: tuple[Application, ...] = ()
    node: Node | None = field(default=None, compare=False)

    def all_of(self, federation: str) -> tuple[Application, ...]:
        """The uses of a federation directive on this element."""
        return tuple(a for a in self.applications if a.federation == federation)

    def has(self, federation: str) -> bool:
        """Whether the element carries a federation directive."""
        return any(a.federation == federation for a in self.applications)


@dataclass(frozen=True, slots=True, kw_only=True)
class InputValue(Element):
    """An argument or an input field; `type` is the type reference as text."""

    type: str
    default: ConstValueNode | None = field(default=None, compare=False)

    @property
    def is_required(self) -> bool:
        """Whether a caller has to give a value."""
        return self.type.endswith("!") and self.default is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Element):
    """An output field; `part` numbers the declaration of its type that holds it."""

    type: str
    arguments: Mapping[str, InputValue]
    part: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDefinition(Element):
    """A type, all its declarations together. `extensions` says for each declaration whether it is an extension."""

    kind: Kind
    fields: Mapping[str, Field] = field(default_factory=dict)
    inputs: Mapping[str, InputValue] = field(default_factory=dict)
    values: Mapping[str, Element] = field(default_factory=dict)
    members: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    extensions: tuple[bool, ...] = (False,)

    @property
    def is_interface_object(self) -> bool:
        """Whether it stands for an interface of other subgraphs."""
        return self.kind is Kind.OBJECT and self.has("interfaceObject")

    @property
    def is_composite(self) -> bool:
        """Whether selections can be made on it."""
        return self.kind in (Kind.OBJECT, Kind.INTERFACE, Kind.UNION)

    @property
    def is_extension(self) -> bool:
        """Whether the subgraph only extends the type, by keyword or by @extends."""
        return self.has("extends") or all(self.extensions)

    def children(self) -> Iterator[Element]:
        """Fields, input fields or values."""
        yield from self.fields.values()
        yield from self.inputs.values()
        yield from self.values.values()


@dataclass(frozen=True, slots=True)
class Subgraph:
    """One subgraph's schema, root types under their default names, federation's own types and fields left out."""

    name: str
    url: str
    links: Links
    version: Version
    types: Mapping[str, TypeDefinition]
    directives: Mapping[str, DirectiveDefinitionNode]
    applications: tuple[Application, ...] = ()
    is_federation_1: bool = False
    description: str | None = None

    def type(self, name: str) -> TypeDefinition | None:
        """The type of that name, if the subgraph has it."""
        return self.types.get(name)

    def field(self, type_name: str, field_name: str) -> Field | None:
        """The field of that coordinate, if the subgraph has it."""
        owner = self.types.get(type_name)
        return None if owner is None else owner.fields.get(field_name)

    def of_kind(self, *kinds: Kind) -> Iterator[TypeDefinition]:
        """The types of these kinds, in the schema's order."""
        return (t for t in self.types.values() if t.kind in kinds)

    def implementations(self, interface: str) -> tuple[TypeDefinition, ...]:
        """The object types that implement an interface."""
        return tuple(t for t in self.of_kind(Kind.OBJECT) if interface in t.interfaces)

    def runtime_types(self, name: str) -> tuple[str, ...]:
        """The object types a value of a composite type can have here."""
        owner = self.types.get(name)
        if owner is None:
            return ()
        if owner.kind is Kind.UNION:
            return owner.members
        if owner.kind is Kind.INTERFACE:
            return tuple(t.name for t in self.implementations(name))
        return (name,)

    def is_subtype(self, name: str, other: str) -> bool:
        """Whether one named type implements, or is a member of, another."""
        owner, target = self.types.get(name), self.types.get(other)
        if owner is None or target is None:
            return False
        return other in owner.interfaces or name in target.members

    def at(self, element: Element | Application | None) -> tuple[Location, ...]:
        """Where an element stands in the subgraph's SDL."""
        return () if element is None else location_of(self.name, element.node)


ROOTS = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
"""The default names of the root types, by operation."""
ROOT_NAMES = frozenset(ROOTS.values())
BUILT_IN_SCALARS = frozenset({"Int", "Float", "String", "Boolean", "ID"})
MACHINERY_TYPES = frozenset({"_Any", "_Entity", "_Service", "_FieldSet"})
MACHINERY_FIELDS = frozenset({"_entities", "_service"})
