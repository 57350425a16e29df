"""The join specification's directives as applications, and the names of subgraphs in its `join__Graph` enum."""

import re
from collections.abc import Iterable, Mapping, Sequence

from graphql.language import (
    BooleanValueNode,
    EnumValueNode,
    IntValueNode,
    ListValueNode,
    NameNode,
    ObjectFieldNode,
    ObjectValueNode,
    StringValueNode,
    ValueNode,
)

from gateway.composition.model import Application

Plain = str | bool | int | None | ValueNode | Sequence["Plain"] | Mapping[str, "Plain"]


def value(plain: Plain) -> ValueNode:
    """A constant as a value node: texts become strings, nodes stay."""
    match plain:
        case ValueNode():
            return plain
        case str():
            return StringValueNode(value=plain, block=False)
        case bool():
            return BooleanValueNode(value=plain)
        case int():
            return IntValueNode(value=str(plain))
        case Mapping():
            fields = ((name, item) for name, item in plain.items() if item is not None)
            return ObjectValueNode(
                fields=tuple(ObjectFieldNode(name=NameNode(value=name), value=value(item)) for name, item in fields)
            )
        case _:
            return ListValueNode(values=tuple(value(item) for item in plain or ()))


def enum(name: str) -> EnumValueNode:
    """An enum value."""
    return EnumValueNode(value=name)


def applied(name: str, arguments: Mapping[str, Plain]) -> Application:
    """An application; arguments that are None are left out."""
    return Application(name, {key: value(plain) for key, plain in arguments.items() if plain is not None})


def graph_names(subgraphs: Iterable[str]) -> dict[str, str]:
    """The `join__Graph` value of each subgraph: upper case, only letters, digits and underscores, no two alike."""
    wanted: dict[str, list[str]] = {}
    for subgraph in subgraphs:
        wanted.setdefault(_graph_name(subgraph), []).append(subgraph)
    names: dict[str, str] = {}
    for name, sharing in wanted.items():
        numbered = [name] if len(sharing) == 1 else [f"{name}_{number}" for number in range(1, len(sharing) + 1)]
        names |= dict(zip(sharing, numbered, strict=True))
    return names


def _graph_name(subgraph: str) -> str:
    """A trailing `_<digits>` gets an underscore more, so that it cannot be taken for the number of a collision."""
    name = re.sub(r"\W", "_", subgraph, flags=re.ASCII).upper()
    name = f"_{name}" if re.match(r"\d", name) else name
    return f"{name}_" if re.search(r"_\d+$", name) else name
