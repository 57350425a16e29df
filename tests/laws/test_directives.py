"""Each access directive of the published schemas that is deleted or says less is noticed, and by what.

`make test-laws` tries every mutant; `make test` some of each kind.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from random import Random

import pytest

from authz.access_table import parse_access_table
from authz.errors import InvalidRules
from authz.rules import Rules, rules_from_sdl
from gateway import access_subgraph
from leds.access_approval import TABLE
from schema.datasets import effective_sensitivity
from schema.dictionary import derivations, field_dictionary
from subgraphs.snapshots import printed_schemas
from tests.laws.directive_mutants import DirectiveMutant, directive_mutants, published
from tests.laws.report import CASES, SEED, of_all

OF_EACH_KIND = 3
KINDS = {
    "dataset-deleted", "dataset-opened", "mask-dropped", "sensitivity-lowered", "reads-deleted", "reads-opened",
    "derived-deleted", "derived-shortened", "open-deleted", "inherit-dropped", "inaccessible-deleted",
    "subject-deleted", "stand-in-deleted",
}  # fmt: skip

# What notices a mutant, in this order.
START, DICTIONARY, DERIVED = "start refused", "field dictionary", "derived answers"
ACCESS_TABLE, SNAPSHOT = "approved access table", "snapshot"


APPROVED = parse_access_table(TABLE.read_text(encoding="utf-8"))


def notices(mutant: DirectiveMutant, served: Mapping[str, str]) -> str | None:
    """The first check that fails on these schemas; None when none does."""
    try:
        rules = rules_from_sdl({**mutant.sdls, access_subgraph.NAME: access_subgraph.DEFINITION.sdl})
    except InvalidRules:
        return START
    if rules.untagged or rules.dangling:
        return START
    if next(not_as_in_the_dictionary(rules), None):
        return DICTIONARY
    if {name: rule.derived for name, rule in rules.fields.items() if rule.derived} != {
        each.coordinate: each.inputs for each in derivations()
    }:
        return DERIVED
    if rules.version != APPROVED.sources["rules"]:
        return ACCESS_TABLE
    return SNAPSHOT if dict(mutant.sdls) != dict(served) else None


def not_as_in_the_dictionary(rules: Rules) -> Iterator[str]:
    """The coordinates whose tags are not those of the field dictionary."""
    for coordinate, tag in field_dictionary().items():
        rule = rules.fields.get(coordinate)
        if rule is None or tag.area != "foundation":
            continue
        level = effective_sensitivity(tag.dataset, tag.sensitivity).name
        said = (rule.datasets, rule.sensitivity, rule.mask, rule.internal or not tag.internal)
        if said != ((tag.dataset,), level, tag.mask, True):
            yield coordinate


@pytest.fixture(scope="module")
def mutants() -> Sequence[DirectiveMutant]:
    return list(directive_mutants())


@pytest.fixture(scope="module")
def served() -> Mapping[str, str]:
    return printed_schemas()


def test_the_published_schemas_themselves_are_not_noticed(served: Mapping[str, str]):
    assert notices(DirectiveMutant("", "", "", published()), served) is None


def some_of_each_kind(mutants: Sequence[DirectiveMutant]) -> Iterator[DirectiveMutant]:
    by_kind: dict[str, list[DirectiveMutant]] = defaultdict(list)
    for mutant in mutants:
        by_kind[mutant.kind].append(mutant)
    assert by_kind.keys() == KINDS
    for kind, found in sorted(by_kind.items()):
        yield from Random(f"{kind} {SEED}").sample(found, of_all(OF_EACH_KIND, len(found)))


@pytest.mark.law("directive-mutants")
def test_a_directive_that_says_less_is_noticed(
    mutants: Sequence[DirectiveMutant], served: Mapping[str, str], record_property
):
    tried = list(some_of_each_kind(mutants))
    record_property(CASES, len(tried))
    assert [mutant.name for mutant in tried if notices(mutant, served) is None] == []
