"""Where a new version of a supergraph asks less of a caller than the one before: two sets of standard rules in, the
coordinates out. A coordinate that is gone asks nothing of anybody and is not among them."""

from collections.abc import Iterable, Iterator

from authz.standard.requirement import NOTHING, Requirement
from authz.standard.rules import Requirements, StandardRules


def lowered_by(old: StandardRules, new: StandardRules, present: Iterable[str]) -> tuple[str, ...]:
    """The coordinates of `present` (fields, enums and scalars of the new graph) with a part of the old rule that does
    not follow from the new one."""
    there = frozenset(present)
    return tuple(
        sorted([*_lowered(old.fields, new.fields, there), *_lowered(old.inputs, new.inputs, there)]),
    )


def _lowered(old: Requirements, new: Requirements, there: frozenset[str]) -> Iterator[str]:
    for name, before in old.items():
        now: Requirement = new.get(name, NOTHING)
        if name in there and before.beyond(now):
            yield name
