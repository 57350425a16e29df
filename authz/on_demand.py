"""The decisions of a graph's rules, made when they are first looked up: rules and who decides in, mapping out.

A request touches few of a graph's fields, and deciding is what a class of callers pays for its first request.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from authz.decision import HEIGHT, UNTAGGED, Decision
from authz.rules import Rule


def lowest(decisions: Sequence[Decision]) -> Decision:
    """The lowest of these decisions, the first of equals; nothing to decide on is a denial."""
    return min(decisions, key=lambda decision: HEIGHT[decision.form], default=UNTAGGED)


class OnDemand(Mapping[str, Decision]):
    """Decides a field when it is looked up, and all of them at once when they are listed."""

    def __init__(self, decide: Callable[[Sequence[Rule]], Mapping[str, Decision]], rules: Mapping[str, Rule]) -> None:
        self._decide = decide
        self._made: dict[str, Decision] = {}
        self._waiting = dict(rules)

    def __getitem__(self, coordinate: str) -> Decision:
        """The decision, made now if need be. Raises KeyError for a coordinate without a rule."""
        found = self._made.get(coordinate)
        if found is None:
            rule = self._waiting.pop(coordinate)
            found = self._lowest_of(rule) if rule.concrete else self._decide((rule,))[coordinate]
            self._made[coordinate] = found
        return found

    def __iter__(self) -> Iterator[str]:
        self._all()
        return iter(self._made)

    def __len__(self) -> int:
        self._all()
        return len(self._made)

    def _all(self) -> None:
        waiting, self._waiting = self._waiting, {}
        if own := [rule for rule in waiting.values() if not rule.concrete]:
            self._made.update(self._decide(own))
        self._made.update((rule.coordinate, self._lowest_of(rule)) for rule in waiting.values() if rule.concrete)

    def _lowest_of(self, rule: Rule) -> Decision:
        """An interface's field stands for that of every type that implements it."""
        return lowest([self.get(name, UNTAGGED) for name in rule.concrete])
