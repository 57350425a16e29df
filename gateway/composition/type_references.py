"""Type references as text (`[Int!]!`): taking them apart, and the subtyping rules of merging."""

from collections.abc import Callable

Subtypes = Callable[[str, str], bool]
"""Whether the first named type is a strict subtype (implementation or member) of the second."""


def named_type(reference: str) -> str:
    """The name inside all the wrappers."""
    return reference.strip("[]!")


def is_non_null(reference: str) -> bool:
    """Whether the outermost wrapper is non-null."""
    return reference.endswith("!")


def nullable(reference: str) -> str:
    """The reference without its outermost non-null."""
    return reference[:-1] if reference.endswith("!") else reference


def is_list(reference: str) -> bool:
    """Whether this is a list, null or not."""
    return reference.startswith("[")


def list_item(reference: str) -> str:
    """What a list holds."""
    return nullable(reference)[1:-1]


def is_strict_subtype(reference: str, other: str, subtypes: Subtypes) -> bool:
    """Whether a value of `reference` always fits `other`, the two being different (covariance, no list coercion)."""
    if reference == other:
        return False
    if is_non_null(other):
        return is_non_null(reference) and is_strict_subtype(nullable(reference), nullable(other), subtypes)
    if is_non_null(reference):
        return nullable(reference) == other or is_strict_subtype(nullable(reference), other, subtypes)
    if is_list(other):
        return is_list(reference) and is_strict_subtype(list_item(reference), list_item(other), subtypes)
    return not is_list(reference) and subtypes(reference, other)
