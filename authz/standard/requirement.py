"""What an element of a supergraph asks of a caller, as a frozen value; how requirements add up and imply one another.

In: the arguments of `@authenticated`, `@requiresScopes` and `@policy`. Never decides about anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from itertools import product
from math import prod
from typing import Any, TypeAlias

from authz.errors import InvalidRules

Alternatives: TypeAlias = frozenset[frozenset[str]]
"""An OR of ANDs: one of these sets must be held whole. Without any set nobody can."""
MOST_COMBINATIONS = 4_096


@dataclass(frozen=True, slots=True)
class Requirement:
    """A verified token when `authenticated`, and one set of each of `scopes` and of each of `policies`."""

    authenticated: bool = False
    scopes: frozenset[Alternatives] = frozenset()
    policies: frozenset[Alternatives] = frozenset()

    def __bool__(self) -> bool:
        return self.authenticated or bool(self.scopes or self.policies)

    def beyond(self, others: "Requirement") -> "Requirement":
        """The parts of this that do not follow from the others: whoever meets the others may still lack these."""
        return Requirement(
            self.authenticated and not others.authenticated,
            frozenset(wanted for wanted in self.scopes if not _follows(wanted, others.scopes)),
            frozenset(wanted for wanted in self.policies if not _follows(wanted, others.policies)),
        )


NOTHING = Requirement()


def together(requirements: Iterable[Requirement]) -> Requirement:
    """All of these requirements: each must be met (restrictions add up)."""
    return reduce(_both, requirements, NOTHING)


def _both(one: Requirement, other: Requirement) -> Requirement:
    if not one or not other:
        return one or other
    return Requirement(
        one.authenticated or other.authenticated, one.scopes | other.scopes, one.policies | other.policies
    )


def alternatives(value: Any, where: str) -> Alternatives:
    """The alternatives that an argument states; a text stands for a list of itself (GraphQL specification 3.11).

    An empty set asks for nothing and is left out, so that `[]` and `[[]]` let nobody in instead of everybody. Raises
    InvalidRules for anything but texts in lists.
    """
    sets = value if isinstance(value, list) else [value]
    rows = [item if isinstance(item, list) else [item] for item in sets]
    if not all(isinstance(name, str) and name for row in rows for name in row):
        raise InvalidRules(f"{where} states something else than lists of names.")
    return frozenset(frozenset(row) for row in rows if row)


def _follows(wanted: Alternatives, given: frozenset[Alternatives]) -> bool:
    """Whether everybody who has one set of each given alternatives has one of the wanted sets. What is too much to look
    through is said not to follow, which asks for more."""
    if any(_covered(wanted, choice) for choice in given):
        return True
    if prod(len(choice) for choice in given) > MOST_COMBINATIONS:
        return False
    return _covered(wanted, (frozenset[str]().union(*chosen) for chosen in product(*given)))


def _covered(wanted: Alternatives, sets: Iterable[frozenset[str]]) -> bool:
    return all(any(held >= needed for needed in wanted) for held in sets)
