"""A fetch graph in; one with fewer fetches and no more sequential steps out. Runs until nothing changes."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.planning.fetches import FetchGraph, FetchStep, compatible, levels
from gateway.planning.selections import Conditions, merged

Steps = dict[int, FetchStep]


def optimised(graph: FetchGraph) -> FetchGraph:
    """Merge fetches of one subgraph for the same objects, as long as no answer comes later than before the last one."""
    steps = {step.id: step for step in graph.steps}
    while pair := _mergeable(steps):
        steps = _merge(steps, *pair)
    return FetchGraph(_in_order(steps))


def joined(groups: tuple[FetchGraph, ...]) -> tuple[FetchGraph, ...]:
    """Serial groups, neighbours made one where a subgraph can keep their order itself.

    That is: one subgraph for both, and nothing to be fetched for the first that the second would overtake.
    """
    result: list[FetchGraph] = []
    for group in groups:
        if result and (both := _joined(result[-1], group)):
            result[-1] = both
        else:
            result.append(group)
    return tuple(result)


def _joined(first: FetchGraph, second: FetchGraph) -> FetchGraph | None:
    if len(first.steps) != 1 or not second.steps:
        return None
    [before], after = first.steps, second.steps[0]
    if before.subgraph != after.subgraph or after.path or any(not step.parents for step in second.steps[1:]):
        return None
    conditions = _either(before.conditions | after.conditions)
    both = replace(after, selections=before.selections + after.selections, conditions=conditions)
    return FetchGraph((both, *second.steps[1:]))


def _mergeable(steps: Steps) -> tuple[int, int] | None:
    """The first pair that may become one fetch; pairs on the same level come first, for they cost nothing."""
    level = levels(steps)
    depth = max(level.values(), default=0)
    ancestors = _ancestors(steps, level)
    pairs = [pair for pair in _alike(steps) if pair[0] not in ancestors[pair[1]] and pair[1] not in ancestors[pair[0]]]
    for first, second in sorted(pairs, key=lambda pair: abs(level[pair[0]] - level[pair[1]])):
        if level[first] == level[second] or max(levels(_merge(steps, first, second)).values()) <= depth:
            return first, second
    return None


def _alike(steps: Steps) -> Iterator[tuple[int, int]]:
    """Pairs that ask one subgraph about the same objects in a compatible way."""
    groups: dict[tuple, list[FetchStep]] = {}
    for step in steps.values():
        groups.setdefault((step.subgraph, step.path, step.kind, bool(step.requires)), []).append(step)
    for group in groups.values():
        for position, first in enumerate(group):
            for second in group[position + 1 :]:
                if compatible(first, second):
                    yield first.id, second.id


def _ancestors(steps: Steps, level: dict[int, int]) -> dict[int, frozenset[int]]:
    found: dict[int, frozenset[int]] = {}
    for step in sorted(steps.values(), key=lambda step: level[step.id]):
        found[step.id] = step.parents.union(*(found[parent] for parent in step.parents))
    return found


def _merge(steps: Steps, first: int, second: int) -> Steps:
    """The steps with `second` made part of `first`."""
    one, other = steps[first], steps[second]
    together = replace(
        one,
        selections=merged(one.selections + other.selections),
        requires=merged(one.requires + other.requires),
        parents=one.parents | other.parents,
        rewrites=tuple(dict.fromkeys(one.rewrites + other.rewrites)),
        conditions=_either(one.conditions | other.conditions),
    )
    result = {step.id: step for step in steps.values() if step.id != second} | {first: together}
    return {
        key: replace(step, parents=step.parents - {second} | {first}) if second in step.parents else step
        for key, step in result.items()
    }


def _either(conditions: frozenset[Conditions]) -> frozenset[Conditions]:
    """The alternatives, without those that another one makes superfluous."""
    return frozenset(each for each in conditions if not any(set(other) < set(each) for other in conditions))


def _in_order(steps: Steps) -> tuple[FetchStep, ...]:
    level = levels(steps)
    return tuple(sorted(steps.values(), key=lambda step: (level[step.id], step.id)))
