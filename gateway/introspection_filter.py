"""The API schema as a document and what one caller may use of it in; the schema that this caller is shown out.

What may not be used is left out with everything that leads to it or is only reached through it, so that the result is a
valid schema like that of a graph without it. Decides nothing.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    DefinitionNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumValueNode,
    FieldDefinitionNode,
    InputObjectTypeDefinitionNode,
    InputValueDefinitionNode,
    InterfaceTypeDefinitionNode,
    ListValueNode,
    NamedTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    ObjectValueNode,
    OperationTypeDefinitionNode,
    SchemaDefinitionNode,
    StringValueNode,
    TypeDefinitionNode,
    TypeNode,
    UnionTypeDefinitionNode,
    ValueNode,
    specified_scalar_types,
)

Composite = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)


@dataclass(frozen=True, slots=True)
class Usable:
    """What of a schema is shown. `fields` has the coordinates of object fields with what is said of each beside its
    description; `inputs` those of arguments, input fields and enum values that may be used, `judged` those that need
    to be in it (others are no inputs of governed fields). Fields of interfaces follow their types'."""

    fields: Mapping[str, str]
    inputs: frozenset[str]
    judged: frozenset[str]

    def input(self, coordinate: str) -> bool:
        """Whether an argument, input field or enum value may be used."""
        return coordinate in self.inputs or coordinate not in self.judged


def filtered(document: DocumentNode, usable: Usable) -> DocumentNode:
    """The part of a schema (type definitions, no extensions) that is usable. A root type stays, even without fields."""
    roots = _roots(document)
    types = {node.name.value: node for node in document.definitions if isinstance(node, TypeDefinitionNode)}
    kept = _Filter(types, usable, roots)
    kept.settle()
    reached = kept.reached([node for node in document.definitions if isinstance(node, DirectiveDefinitionNode)])
    definitions: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            definitions.append(_with_roots(node, kept.types))
        elif not isinstance(node, TypeDefinitionNode):
            definitions.append(node)
        elif node.name.value in reached:
            definitions.append(kept.described(kept.types[node.name.value]))
    return DocumentNode(definitions=tuple(definitions))


def _roots(document: DocumentNode) -> Mapping[str, str]:
    """The root types' names by operation."""
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode):
            return {each.operation.value: each.type.name.value for each in node.operation_types}
    return {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}


def _with_roots(node: SchemaDefinitionNode, types: Mapping[str, Any]) -> SchemaDefinitionNode:
    operations: tuple[OperationTypeDefinitionNode, ...] = tuple(
        each for each in node.operation_types if each.type.name.value in types
    )
    return replace(node, operation_types=operations)


@dataclass(slots=True)
class _Filter:
    """The types that are left; `settle` takes from them until nothing leads to what is gone."""

    types: dict[str, Any]
    usable: Usable
    roots: Mapping[str, str]
    implementers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def settle(self) -> None:
        changed = True
        while changed:
            self.implementers = self._implementers()
            kept = {name: self.kept(node) for name, node in self.types.items()}
            left = {name: node for name, node in kept.items() if node is not None}
            changed = left.keys() != self.types.keys() or any(left[name] is not self.types[name] for name in left)
            self.types = left

    def _implementers(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for node in self.types.values():
            if isinstance(node, ObjectTypeDefinitionNode):
                for interface in node.interfaces or ():
                    found.setdefault(interface.name.value, []).append(node.name.value)
        return {name: tuple(names) for name, names in found.items()}

    def kept(self, node: Any) -> Any:
        """What is left of a type now; None when nothing is, the same node when nothing changed."""
        if isinstance(node, Composite):
            return self._composite(node)
        if isinstance(node, UnionTypeDefinitionNode):
            return _having(node, "types", [each for each in node.types or () if each.name.value in self.types])
        if isinstance(node, EnumTypeDefinitionNode):
            name = node.name.value
            values = [each for each in node.values or () if self.usable.input(f"{name}.{each.name.value}")]
            return _having(node, "values", values)
        if isinstance(node, InputObjectTypeDefinitionNode):
            name = node.name.value
            return self._with_inputs(node, "fields", lambda each: f"{name}.{each.name.value}")
        return node

    def _composite(self, node: Any) -> Any:
        found = [self._field(node, each) for each in node.fields or ()]
        left = _having(node, "fields", [each for each in found if each is not None])
        if left is None:
            return self._bare(node) if node.name.value == self.roots["query"] else None
        interfaces = [each for each in node.interfaces or () if each.name.value in self.types]
        return left if len(interfaces) == len(node.interfaces or ()) else replace(left, interfaces=tuple(interfaces))

    @staticmethod
    def _bare(node: Any) -> Any:
        return replace(node, fields=()) if node.fields else node

    def _field(self, owner: Any, node: FieldDefinitionNode) -> FieldDefinitionNode | None:
        name = node.name.value
        concretes = self._concretes(owner)
        shown = bool(concretes) and all(f"{each}.{name}" in self.usable.fields for each in concretes)
        if not shown or not self._known(node.type):
            return None
        return self._with_inputs(
            node, "arguments", lambda each: f"{concretes[0]}.{name}({each.name.value}:)", may_be_empty=True
        )

    def _concretes(self, owner: Any) -> tuple[str, ...]:
        """The object types whose fields a type's fields are."""
        if isinstance(owner, ObjectTypeDefinitionNode):
            return (owner.name.value,)
        return self.implementers.get(owner.name.value, ())

    def _with_inputs(
        self,
        node: Any,
        attribute: str,
        coordinate: Callable[[InputValueDefinitionNode], str],
        *,
        may_be_empty: bool = False,
    ) -> Any:
        """The node with the arguments or input fields that may be used; None where one that has to be used may not."""
        given: Sequence[InputValueDefinitionNode] = getattr(node, attribute) or ()
        left = []
        for each in given:
            if self.usable.input(coordinate(each)) and self._known(each.type):
                left.append(self._with_default(each))
            elif isinstance(each.type, NonNullTypeNode) and each.default_value is None:
                return None
        return _having(node, attribute, left, may_be_empty=may_be_empty)

    def _with_default(self, node: InputValueDefinitionNode) -> InputValueDefinitionNode:
        """A default that uses what may not be used is not shown: this caller has to give a value."""
        if node.default_value is None or self._fits(node.default_value, _named(node.type)):
            return node
        return replace(node, default_value=None)

    def _fits(self, value: ValueNode, type_name: str) -> bool:
        if isinstance(value, ListValueNode):
            return all(self._fits(each, type_name) for each in value.values)
        kind = self.types.get(type_name)
        if isinstance(value, EnumValueNode) and isinstance(kind, EnumTypeDefinitionNode):
            return any(each.name.value == value.value for each in kind.values or ())
        if isinstance(value, ObjectValueNode) and isinstance(kind, InputObjectTypeDefinitionNode):
            types = {each.name.value: _named(each.type) for each in kind.fields or ()}
            return all(
                each.name.value in types and self._fits(each.value, types[each.name.value]) for each in value.fields
            )
        return True

    def _known(self, node: TypeNode) -> bool:
        name = _named(node)
        return name in self.types or name in specified_scalar_types

    def reached(self, directives: Sequence[DirectiveDefinitionNode]) -> frozenset[str]:
        """The types that a client can come to, from the root types and the directives."""
        found: set[str] = set()
        pending = [*self.roots.values(), *(_named(arg.type) for each in directives for arg in each.arguments or ())]
        while pending:
            name = pending.pop()
            if name in self.types and name not in found:
                found.add(name)
                pending += _leads_to(self.types[name])
                pending += self.implementers.get(name, ())
        return frozenset(found)

    def described(self, node: Any) -> Any:
        """The type in alphabetical order, with what is said of each field beside its description. The order of
        composition would tell that something was merged which is not shown."""
        node = _in_order(node)
        if not isinstance(node, ObjectTypeDefinitionNode):
            return node
        name = node.name.value
        said = [_saying(each, self.usable.fields[f"{name}.{each.name.value}"]) for each in node.fields or ()]
        return replace(node, fields=tuple(said))


def _in_order(node: Any) -> Any:
    """A type with its members by name, and the arguments of its fields."""
    lists = ("fields", "values", "types", "interfaces", "arguments")
    sorted_lists = {name: _by_name(getattr(node, name)) for name in lists if getattr(node, name, None)}
    return replace(node, **sorted_lists) if sorted_lists else node


def _by_name(nodes: Sequence[Any]) -> tuple[Any, ...]:
    found = sorted(nodes, key=lambda node: node.name.value)
    return tuple(_in_order(node) if isinstance(node, FieldDefinitionNode) else node for node in found)


def _saying(node: FieldDefinitionNode, said: str) -> FieldDefinitionNode:
    if not said:
        return node
    before = f"{node.description.value}\n\n" if node.description else ""
    return replace(node, description=StringValueNode(value=before + said, block=True))


def _having(node: Any, attribute: str, left: Sequence[Any], *, may_be_empty: bool = False) -> Any:
    """The node with these members: the same when they are the ones it has, None when there are none."""
    before = getattr(node, attribute) or ()
    if not left and not may_be_empty:
        return None
    if len(left) == len(before) and all(one is other for one, other in zip(left, before, strict=True)):
        return node
    return replace(node, **{attribute: tuple(left)})


def _named(node: TypeNode) -> str:
    while not isinstance(node, NamedTypeNode):
        node = node.type  # type: ignore[attr-defined]
    return node.name.value


def _leads_to(node: Any) -> Iterator[str]:
    if isinstance(node, Composite):
        yield from (each.name.value for each in node.interfaces or ())
        for each in node.fields or ():
            yield _named(each.type)
            yield from (_named(argument.type) for argument in each.arguments or ())
    elif isinstance(node, UnionTypeDefinitionNode):
        yield from (each.name.value for each in node.types or ())
    elif isinstance(node, InputObjectTypeDefinitionNode):
        yield from (_named(each.type) for each in node.fields or ())
