"""What a new version of a graph could open: two sets of rules in, the coordinates that anybody might read better out.

Cheap and on the safe side: said of every coordinate that is new or whose rule is another one, unless it only needs more
datasets than before. What it really opens, and to whom, is the survey's to say (`access_survey.py`).
"""

from dataclasses import replace

from authz.rules import Rule, Rules


def opened_by(old: Rules, new: Rules) -> tuple[str, ...]:
    """The outputs and inputs of `new` that could show what those of `old` did not."""
    outputs = (name for name, rule in new.fields.items() if not _as_closed(old.fields.get(name), rule))
    inputs = (
        name for name, reads in new.inputs.items() if name not in old.inputs or not set(old.inputs[name]) <= set(reads)
    )
    return tuple(sorted([*outputs, *inputs]))


def _as_closed(old: Rule | None, new: Rule) -> bool:
    """Whether the new rule asks for all that the old one does. One that nobody can name is as closed as can be."""
    if old is None:
        return new.internal and not new.derived
    if old == new:
        return True
    return set(old.datasets) < set(new.datasets) and replace(new, datasets=old.datasets) == old
