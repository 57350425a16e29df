"""Random valid operations over a schema: fragments of both kinds, aliases, variables, conditions, abstract types.

Same source of chance, same operation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    OverlappingFieldsCanBeMergedRule,
    ast_from_value,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
    parse,
    print_ast,
    validate,
)

Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType
ATTEMPTS = 30
DEPTH = 5
MOST_FIELDS = 40
CONDITIONS = ("$on", "$off", "$on", "$off", "true", "false")


@dataclass(frozen=True, slots=True)
class Operation:
    """The text of an operation and the values of its variables."""

    text: str
    variables: Mapping[str, Any] = field(default_factory=dict)


def random_operation(schema: GraphQLSchema, random: Random) -> Operation | None:
    """A valid operation; None when every attempt let two fields claim one response key."""
    for _ in range(ATTEMPTS):
        operation = _Writer(schema, random).operation()
        # Everything else is valid as it is written.
        if not validate(schema, parse(operation.text), [OverlappingFieldsCanBeMergedRule]):
            return operation
    return None


@dataclass(slots=True)
class _Writer:
    """Writes one operation."""

    schema: GraphQLSchema
    random: Random
    fields: int = 0
    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    fragments: dict[str, tuple[Composite, str]] = field(default_factory=dict)

    def operation(self) -> Operation:
        mutating = self.schema.mutation_type is not None and self.random.random() < 0.4
        root = self.schema.mutation_type if mutating else self.schema.query_type
        assert root is not None
        body = self._selections(root, DEPTH)
        definitions = "".join(
            f" fragment {name} on {type_.name} {text}" for name, (type_, text) in self.fragments.items()
        )
        for name in ("on", "off"):
            if f"${name}" in body + definitions:
                self.variables[name] = ("Boolean!", self.random.random() < 0.5)
        declared = ", ".join(f"${name}: {type_}" for name, (type_, _) in self.variables.items())
        kind = "mutation" if mutating else "query"
        text = f"{kind}{f' ({declared})' if declared else ''} {body}{definitions}"
        return Operation(text, {name: value for name, (_, value) in self.variables.items()})

    def _selections(self, parent: Composite, depth: int) -> str:
        most = 5 if self.fields < MOST_FIELDS else 1
        parts = [self._field(parent, depth) for _ in range(self.random.randint(1, most))]
        if is_abstract_type(parent):
            parts += [self._fragment(parent, depth) for _ in range(self.random.randint(0, 3))]
        elif self.random.random() < 0.15:
            parts.append(self._fragment(parent, depth))
        return f"{{ {' '.join(parts)} }}"

    def _fragment(self, parent: Composite, depth: int) -> str:
        """An inline or named fragment on a type that an object here may have, or one that is there already."""
        members = self.schema.get_possible_types(parent) if is_abstract_type(parent) else (parent,)
        interfaces = {interface.name for member in members for interface in member.interfaces}  # type: ignore[union-attr]
        chosen: Any = self.schema.type_map[
            self.random.choice(sorted({member.name for member in members} | interfaces | {parent.name}))
        ]
        known = [name for name, (type_, _) in self.fragments.items() if type_ is chosen]
        if known and self.random.random() < 0.5:
            return f"...{self.random.choice(known)}{self._condition()}"
        text = self._selections(chosen, depth - 1)
        if self.random.random() < 0.3:
            name = f"F{len(self.fragments) + 1}"
            self.fragments[name] = (chosen, text)
            return f"...{name}{self._condition()}"
        condition = "" if chosen is parent and self.random.random() < 0.5 else f" on {chosen.name}"
        return f"...{condition}{self._condition()} {text}"

    def _field(self, parent: Composite, depth: int) -> str:
        self.fields += 1
        fields = {} if isinstance(parent, GraphQLUnionType) else parent.fields
        usable = [name for name, item in fields.items() if depth > 0 or is_leaf_type(get_named_type(item.type))]
        if not usable or self.random.random() < 0.08:
            return self.random.choice(("", "", "kind: ")) + "__typename"
        name = self.random.choice(sorted(usable))
        item: GraphQLField = fields[name]
        alias = self.random.choice(("", "", "", "", f"{name}_1: ", f"{name}_2: ", "x: "))
        inner = get_named_type(item.type)
        below = "" if is_leaf_type(inner) else f" {self._selections(inner, depth - 1)}"  # type: ignore[arg-type]
        return f"{alias}{name}{self._arguments(item.args)}{self._condition()}{below}"

    def _condition(self) -> str:
        if self.random.random() < 0.75:
            return ""
        return f" @{self.random.choice(('include', 'skip'))}(if: {self.random.choice(CONDITIONS)})"

    def _arguments(self, arguments: Mapping[str, GraphQLArgument]) -> str:
        given = [
            f"{name}: {self._given(item)}"
            for name, item in arguments.items()
            if _is_needed(item) or self.random.random() < 0.4
        ]
        return f"({', '.join(given)})" if given else ""

    def _given(self, item: GraphQLArgument) -> str:
        value = self._value(item.type)
        if self.random.random() < 0.5:
            name = f"v{len(self.variables) + 1}"
            self.variables[name] = (str(item.type), value)
            return f"${name}"
        node = ast_from_value(value, item.type)
        assert node is not None
        return print_ast(node)

    def _value(self, type_: Any) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type)
        if isinstance(type_, GraphQLList):
            return [self._value(type_.of_type) for _ in range(self.random.randint(0, 2))]
        if isinstance(type_, GraphQLEnumType):
            return self.random.choice(sorted(type_.values))
        if isinstance(type_, GraphQLInputObjectType):
            return {
                name: self._value(item.type)
                for name, item in type_.fields.items()
                if _is_needed(item) or (self.random.random() < 0.3 and is_leaf_type(get_named_type(item.type)))
            }
        scalars = {
            "Int": self.random.randint(1, 3),
            "Float": self.random.choice((0.5, 2.5)),
            "Boolean": self.random.random() < 0.5,
        }
        return scalars.get(type_.name, self.random.choice("ab"))


def _is_needed(item: GraphQLArgument | GraphQLInputField) -> bool:
    return is_required_argument(item) if isinstance(item, GraphQLArgument) else is_required_input_field(item)
