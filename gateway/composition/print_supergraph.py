"""Prints a merged schema as supergraph SDL: definitions sorted by name, so the same schema gives the same bytes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graphql.language import DefinitionNode, DirectiveDefinitionNode, StringValueNode, TypeDefinitionNode, print_ast

from gateway.composition.model import Application, Element, Field, InputValue, Kind, TypeDefinition


@dataclass(frozen=True, slots=True)
class MergedSchema:
    """The supergraph before printing: its own types, the specifications' definitions, the schema's directives."""

    types: Mapping[str, TypeDefinition]
    definitions: tuple[DefinitionNode, ...]
    applications: tuple[Application, ...]
    roots: Mapping[str, str]
    description: str | None = None

    def type(self, name: str) -> TypeDefinition | None:
        """The type of that name, if there is one."""
        return self.types.get(name)


def print_supergraph(schema: MergedSchema) -> str:
    """The SDL: the schema, then directive definitions, then types."""
    directives = {d.name.value: print_ast(d) for d in schema.definitions if isinstance(d, DirectiveDefinitionNode)}
    types = {d.name.value: print_ast(d) for d in schema.definitions if isinstance(d, TypeDefinitionNode)}
    types |= {name: print_type(definition) for name, definition in schema.types.items()}
    blocks = [_schema(schema)]
    blocks += [directives[name] for name in sorted(directives)]
    blocks += [types[name] for name in sorted(types)]
    return "\n\n".join(blocks) + "\n"


def print_type(definition: TypeDefinition) -> str:
    """One type, its directives each on a line of its own."""
    head = f"{_description(definition, '')}{_KEYWORDS[definition.kind]} {definition.name}"
    if definition.interfaces:
        head += f" implements {' & '.join(definition.interfaces)}"
    head += "".join(f"\n  {use}" for use in definition.applications)
    if definition.kind is Kind.UNION:
        return head + ("\n = " if definition.applications else " = ") + " | ".join(definition.members)
    lines = [*map(_field, definition.fields.values()), *map(_input_line, definition.inputs.values())]
    lines += [f"{_description(v, '  ')}  {v.name}{_uses(v)}" for v in definition.values.values()]
    if not lines:
        return head
    separator = "\n" if definition.applications else " "
    return f"{head}{separator}{{\n" + "\n".join(lines) + "\n}"


_KEYWORDS: Mapping[Kind, str] = {
    Kind.SCALAR: "scalar",
    Kind.OBJECT: "type",
    Kind.INTERFACE: "interface",
    Kind.UNION: "union",
    Kind.ENUM: "enum",
    Kind.INPUT: "input",
}


def _schema(schema: MergedSchema) -> str:
    uses = "".join(f"\n  {use}" for use in schema.applications)
    roots = "".join(f"\n  {operation}: {name}" for operation, name in schema.roots.items())
    text = f"{_block(schema.description, '')}" if schema.description else ""
    return f"{text}schema{uses}\n{{{roots}\n}}"


def _field(field: Field) -> str:
    return (
        f"{_description(field, '  ')}  {field.name}{_arguments(field.arguments.values())}: {field.type}{_uses(field)}"
    )


def _arguments(arguments: Iterable[InputValue]) -> str:
    listed = list(arguments)
    if not listed:
        return ""
    if not any(argument.description for argument in listed):
        return f"({', '.join(map(_input, listed))})"
    lines = (f"{_description(argument, '    ')}    {_input(argument)}" for argument in listed)
    return "(\n" + "\n".join(lines) + "\n  )"


def _input_line(value: InputValue) -> str:
    return f"{_description(value, '  ')}  {_input(value)}"


def _input(value: InputValue) -> str:
    default = f" = {print_ast(value.default)}" if value.default is not None else ""
    return f"{value.name}: {value.type}{default}{_uses(value)}"


def _uses(element: Element) -> str:
    return "".join(f" {use}" for use in element.applications)


def _description(element: Element, indent: str) -> str:
    return "" if element.description is None else _block(element.description, indent)


def _block(text: str, indent: str) -> str:
    """A description as a block string, indented, with its line end."""
    printed = print_ast(StringValueNode(value=text, block=True))
    return "".join(f"{indent}{line}\n" if line else "\n" for line in printed.split("\n"))
