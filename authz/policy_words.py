"""The words that policies tell texts apart by: policies as Cedar's JSON in, every text they compare with out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from authz.policy_slices import dataset_of

# What compares: with literals on one side, a text on the other matters only by which of them it equals.
_COMPARING = frozenset({"==", "!=", "in", "contains", "containsAll", "containsAny", "<", "<=", ">", ">="})
_JOINING = frozenset({"&&", "||", "!", "if-then-else", "isEmpty", "has", "is", "."})
_LEAVES = frozenset({"Value", "Var"})


@dataclass(frozen=True, slots=True)
class Words:
    """The texts that any policy tells from others, and those that the policies for everything and those for one
    dataset alone (`resource in Dataset::"…"` in their scope) do."""

    all: frozenset[str]
    general: frozenset[str]
    by_dataset: Mapping[str, frozenset[str]]

    def of(self, dataset: str) -> frozenset[str]:
        """The texts that policies for this dataset can tell apart."""
        return self.by_dataset.get(dataset, self.general)


def words_of(policies: Iterable[Mapping[str, Any]]) -> Words | None:
    """Every text these policies can tell from others; None when that cannot be said of them: they match patterns,
    compare what they are asked with itself, or say something else than comparisons."""
    found: dict[str | None, set[str]] = {None: set()}
    for policy in policies:
        conditions = [condition["body"] for condition in policy["conditions"]]
        if not all(map(_plain, conditions)):
            return None
        scopes = [policy[part] for part in ("principal", "action", "resource")]
        found.setdefault(dataset_of(policy), set()).update(_texts([*scopes, *conditions]))
    every, general = frozenset().union(*found.values()), frozenset(found.pop(None))
    if "" in every:
        return None
    return Words(
        every, general, {dataset: general.union(words) for dataset, words in found.items() if dataset is not None}
    )


def _plain(node: Any) -> bool:
    """Whether an expression joins comparisons of what is asked with literals, and nothing else."""
    if not isinstance(node, dict):
        return True  # the name of an attribute or a type
    ((operator, below),) = node.items()
    if operator in _LEAVES:
        return True
    if operator == "Set":
        return all(map(_plain, below))
    if operator not in _COMPARING | _JOINING or (operator in _COMPARING and all(map(_asks, below.values()))):
        return False
    return all(map(_plain, below.values()))


def _asks(node: Any) -> bool:
    """Whether an expression reads anything of what is asked."""
    if isinstance(node, dict):
        return "Var" in node or any(map(_asks, node.values()))
    return isinstance(node, list) and any(map(_asks, node))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for below in node.values():
            yield from _texts(below)
    elif isinstance(node, Iterable):
        for below in node:
            yield from _texts(below)
