"""Labels: the fields of a graph in each of their datasets, by all that the access tables can tell apart.

In: rules and facts. Out: for each coordinate its kind; coordinates of one kind get one decision. Decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from authz.facts import Facts
from authz.row_rules import RowRule, covering
from authz.rules import Rule, Rules
from schema.dictionary import field_dictionary

Way: TypeAlias = tuple[tuple[str, ...], bool]
NO_WAY: Way = ((), False)
UNNAMED = ""
# What is appended to a dataset changes no record of it: it is done under the reasons that the dataset is read under.
APPENDED_TO = frozenset({"AUD.LOG"})


@dataclass(frozen=True, slots=True)
class Label:
    """One field in one of its datasets.

    `name` is its coordinate where an access table names it, else nothing. A way in to records (`way_in`) has the names
    of their fields in the same dataset (`below`), nothing standing for those that no table names; `masked_below`: one
    of them has a mask.
    """

    dataset: str
    sensitivity: str
    mask: str | None
    write: bool
    name: str
    way_in: bool
    below: tuple[str, ...]
    masked_below: bool


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """All that decides about a field: its labels in the order of its datasets, the row rules that cover it, and for
    one without a dataset its rule. One object for all fields of a kind, so that it is told by identity."""

    labels: tuple[Label, ...]
    row_rules: tuple[RowRule, ...]
    rule: Rule


def kinds_of(judged: Iterable[Rule], ways: Mapping[tuple[str, str], Way], facts: Facts) -> Mapping[str, Kind]:
    """The kinds of these rules by coordinate."""
    named = facts.entitled_fields.union(*(agreement.fields for agreement in facts.agreements.values()))
    known: dict[tuple[object, ...], Kind] = {}
    found = {}
    for rule in judged:
        labels = tuple(
            _label(rule, dataset, ways.get((rule.coordinate, dataset), NO_WAY), named) for dataset in rule.datasets
        )
        rows = covering(rule.coordinate)
        key = (labels, tuple(row_rule.name for row_rule in rows), rule.inherits, rule.open, rule.internal)
        found[rule.coordinate] = known.setdefault(key, Kind(labels, rows, rule))
    return found


def _label(rule: Rule, dataset: str, way: Way, named: frozenset[str]) -> Label:
    below, masked_below = way
    return Label(
        dataset=dataset,
        sensitivity=rule.sensitivity,
        mask=rule.mask,
        write=rule.write and dataset not in APPENDED_TO,
        name=rule.coordinate if rule.coordinate in named else UNNAMED,
        way_in=bool(below),
        below=tuple(sorted({name if name in named else UNNAMED for name in below})),
        masked_below=masked_below,
    )


def ways_in(rules: Rules, judged: Sequence[Rule]) -> Mapping[tuple[str, str], Way]:
    """For each field that answers with records, and each of its datasets: the records' fields of that dataset, and
    whether one of them has a mask."""
    fields = _fields_by_type(rules)
    found = {}
    for rule in (rule for rule in judged if rule.reaches and not rule.write):
        for dataset in rule.datasets:
            below = [each for name in rule.reaches for each in fields.get(name, ()) if dataset in each.datasets]
            found[rule.coordinate, dataset] = (tuple(each.coordinate for each in below), any(e.mask for e in below))
    return found


def _fields_by_type(rules: Rules) -> Mapping[str, list[Rule]]:
    """Fields by type; the field dictionary fills in for types other subgraphs own, so that all decide alike."""
    known = {tag.coordinate: Rule(tag.coordinate, (tag.dataset,), mask=tag.mask) for tag in field_dictionary().values()}
    known |= {coordinate: rule for coordinate, rule in rules.fields.items() if rule.datasets}
    found: dict[str, list[Rule]] = {}
    for coordinate, rule in sorted(known.items()):
        found.setdefault(coordinate.partition(".")[0], []).append(rule)
    return found
