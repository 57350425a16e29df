"""What a JSON value must look like, as data: a value and its shape in, an error that names the path out. No I/O."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Shape = Callable[[Any, str], None]


class Misshapen(ValueError):
    """A value that does not have its shape; says where, never what."""


def text(pattern: str | None = None) -> Shape:
    """A string, of a regular expression if one is given."""
    matches = re.compile(pattern).fullmatch if pattern is not None else bool

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str) or (pattern is not None and not matches(value)):
            raise Misshapen(f"{path} is not such a text")

    return check


def one_of(*values: str) -> Shape:
    """One of these strings."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, str) or value not in values:
            raise Misshapen(f"{path} is none of its values")

    return check


def count(value: Any, path: str) -> None:
    """An integer from 0 on."""
    if type(value) is not int or value < 0:
        raise Misshapen(f"{path} is no count")


def boolean(value: Any, path: str) -> None:
    """True or false."""
    if type(value) is not bool:
        raise Misshapen(f"{path} is neither true nor false")


def scalar(value: Any, path: str) -> None:
    """A string, an integer, true, false or null."""
    if value is not None and not isinstance(value, str | int):
        raise Misshapen(f"{path} is no single value")


def nothing(value: Any, path: str) -> None:
    """Null."""
    if value is not None:
        raise Misshapen(f"{path} does not apply and is not null")


def nullable(shape: Shape) -> Shape:
    """That shape or null."""

    def check(value: Any, path: str) -> None:
        if value is not None:
            shape(value, path)

    return check


def several(shape: Shape, order: Callable[[Any], Any] | None = None) -> Shape:
    """A list of that shape, sorted by `order` if one is given."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise Misshapen(f"{path} is no list")
        for number, member in enumerate(value):
            shape(member, f"{path}[{number}]")
        if order is not None and not _sorted([order(member) for member in value]):
            raise Misshapen(f"{path} is not sorted")

    return check


def _sorted(keys: Sequence[Any]) -> bool:
    return all(left <= right for left, right in pairwise(keys))


def struct(fields: Mapping[str, Shape]) -> Shape:
    """An object with exactly these keys."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict) or value.keys() != fields.keys():
            raise Misshapen(f"{path or 'the object'} does not have exactly its keys")
        for name, shape in fields.items():
            shape(value[name], f"{path}.{name}" if path else name)

    return check


def mapping(shape: Shape) -> Shape:
    """An object with any keys and values of that shape."""

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise Misshapen(f"{path} is no object")
        for member in value.values():
            shape(member, path)

    return check
