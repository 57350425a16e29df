"""A leaf value as a subgraph sent it in; the value of its GraphQL type out (specification 3.5, result coercion), or
ValueError."""

import math
import sys
from collections.abc import Callable
from typing import Any

from graphql import GraphQLEnumType, GraphQLScalarType

Coercion = Callable[[Any], Any]
MAX_INT, MIN_INT = 2**31 - 1, -(2**31)
MAX_FLOAT = int(sys.float_info.max)
MAX_SCALAR_DEPTH = 64


def leaf_coercion(leaf: GraphQLScalarType | GraphQLEnumType) -> Coercion:
    """The result coercion of a leaf type of the API schema.

    A subgraph has already coerced, so nothing is converted that a GraphQL service would not have sent; an enum value
    that the API schema does not know (inaccessible, or invented) is refused. The value never appears in the error.
    """
    if isinstance(leaf, GraphQLEnumType):
        return _enum_coercion(frozenset(leaf.values))
    return _BUILT_IN.get(leaf.name, _custom)


def _enum_coercion(names: frozenset[str]) -> Coercion:
    def coerce(value: Any) -> str:
        if isinstance(value, str) and value in names:
            return value
        raise ValueError("is not a value of the enum")

    return coerce


def _int(value: Any) -> int:
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is int and MIN_INT <= value <= MAX_INT:
        return value
    raise ValueError("is not a 32-bit integer")


def _float(value: Any) -> float:
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and abs(value) <= MAX_FLOAT:
        return value
    raise ValueError("is not a finite number")


def _string(value: Any) -> str:
    if type(value) is str:
        return value
    raise ValueError("is not a string")


def _id(value: Any) -> str:
    if type(value) is str:
        return value
    if type(value) is int:
        return str(value)
    raise ValueError("is not an ID")


def _boolean(value: Any) -> bool:
    if type(value) is bool:
        return value
    raise ValueError("is not a Boolean")


def _custom(value: Any) -> Any:
    """Whatever JSON the scalar uses, but not deeper than can be written again."""
    layer = [value]
    for _ in range(MAX_SCALAR_DEPTH):
        layer = [child for item in layer for child in _children(item)]
        if not layer:
            return value
    raise ValueError("is nested too deeply")


def _children(value: Any) -> list[Any]:
    if type(value) is list:
        return value
    return list(value.values()) if type(value) is dict else []


_BUILT_IN: dict[str, Coercion] = {"Int": _int, "Float": _float, "String": _string, "ID": _id, "Boolean": _boolean}
