"""A fetch graph in; one with fewer fetches and no more sequential steps out. Runs until nothing changes."""

from collections.abc import Iterator
from dataclasses import replace

from gateway.planning.fetches import FetchGraph, FetchStep, compatible, levels
from gateway.planning.selections import Conditions, merged_once

Steps = dict[int, FetchStep]
EFFORT = 50_000
"""How many looks at steps the merging of levels may take."""


def optimised(graph: FetchGraph) -> FetchGraph:
    """Merge fetches of one subgraph for the same objects, as long as no answer comes later than before the last one."""
    steps = _level_by_level({step.id: step for step in graph.steps})
    # Each try across levels looks at every step; a graph too large for that stays as it is.
    for _ in range(EFFORT // (1 + len(steps))):
        pair = _mergeable(steps)
        if pair is None:
            break
        steps = _level_by_level(_merge(steps, *pair))
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


def _level_by_level(steps: Steps) -> Steps:
    """Merge what is on one level: it costs nothing, and no level changes by it."""
    level = levels(steps)
    groups: dict[tuple, list[FetchStep]] = {}
    renamed: dict[int, int] = {}
    for step in steps.values():
        kept = groups.setdefault((level[step.id], *_subject(step)), [])
        for position, other in enumerate(kept):
            if compatible(other, step):
                kept[position] = _together(other, step)
                renamed[step.id] = other.id
                break
        else:
            kept.append(step)
    if not renamed:
        return steps
    found = {step.id: step for group in groups.values() for step in group}
    return {
        key: replace(found[key], parents=frozenset(renamed.get(parent, parent) for parent in found[key].parents))
        for key in steps
        if key in found
    }


def _mergeable(steps: Steps) -> tuple[int, int] | None:
    """The first pair of different levels that may become one fetch, the closest first."""
    level = levels(steps)
    pairs = sorted(_alike(steps), key=lambda pair: abs(level[pair[0]] - level[pair[1]]))
    if not pairs:
        return None
    depth = max(level.values(), default=0)
    ancestors = _ancestors(steps, level)
    for first, second in pairs[: EFFORT // (1 + len(steps))]:
        related = first in ancestors[second] or second in ancestors[first]
        if not related and max(levels(_merge(steps, first, second)).values()) <= depth:
            return first, second
    return None


def _subject(step: FetchStep) -> tuple:
    """Whom a step asks about which objects."""
    return step.subgraph, step.path, step.kind, bool(step.requires)


def _alike(steps: Steps) -> Iterator[tuple[int, int]]:
    """Pairs that ask one subgraph about the same objects in a compatible way."""
    groups: dict[tuple, list[FetchStep]] = {}
    for step in steps.values():
        groups.setdefault(_subject(step), []).append(step)
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
    together = _together(steps[first], steps[second])
    result = {step.id: step for step in steps.values() if step.id != second} | {first: together}
    return {
        key: replace(step, parents=step.parents - {second} | {first}) if second in step.parents else step
        for key, step in result.items()
    }


def _together(one: FetchStep, other: FetchStep) -> FetchStep:
    """Two steps as one request, which keeps the first one's place."""
    return replace(
        one,
        selections=merged_once(one.selections + other.selections),
        requires=merged_once(one.requires + other.requires),
        parents=one.parents | other.parents,
        rewrites=tuple(dict.fromkeys(one.rewrites + other.rewrites)),
        conditions=_either(one.conditions | other.conditions),
        contexts=tuple(sorted({*one.contexts, *other.contexts})),
    )


def _either(conditions: frozenset[Conditions]) -> frozenset[Conditions]:
    """The alternatives, without those that another one makes superfluous."""
    return frozenset(each for each in conditions if not any(set(other) < set(each) for other in conditions))


def _in_order(steps: Steps) -> tuple[FetchStep, ...]:
    level = levels(steps)
    return tuple(sorted(steps.values(), key=lambda step: (level[step.id], step.id)))
