"""The Cedar policies say what their table says, and each policy that is wrong in one place is found to be.

`make test-laws` tries every mutant; `make test` some.
"""

from collections.abc import Iterator, Sequence
from random import Random

import pytest

from authz.errors import InvalidPolicies
from authz.policy_set import packaged_policies
from tests.laws.policy_model import TABLES, Point, disagreement, finite_points, points
from tests.laws.policy_mutants import PolicyMutant, policy_mutants
from tests.laws.report import CASES, SEED, cases, of_all

QUESTIONS = 4_000
# Some mutants differ in rare conjunctions only; one that is noticed is asked no further.
QUESTIONS_OF_MUTANTS = 20_000
CHUNK = 400
SOME = 30

_REFUSED_ANYWAY = "its refusal under P05 already asks for this, and a permit only counts where nothing refuses"
_NO_HIGHER = "no table opens more than 3"
_THE_REST = "3 is in the other alternative already"
_EITHER_WAY = "both at 2 is in the other alternative already"

# Mutants that decide every question as the original does, and why.
EQUIVALENT = {
    **dict.fromkeys(
        (
            "P05.full condition-dropped 0",
            "P05.full operand-dropped 0.5",
            "P05.full operand-dropped 0.6",
            "P05.full operand-dropped 0.7",
            "P05.full operand-dropped 0.8",
            "P05.mask condition-dropped 0",
            "P05.mask operand-dropped 0.0",
            "P05.mask operand-dropped 0.1",
            "P05.mask number-moved 0.2",
            "P05.exists condition-dropped 0",
            "P05.exists number-moved 0.0",
            "P08.report operand-dropped 0.0",
            "P08.report operand-dropped 0.2",
            "P08.report number-moved 0.4",
            "P11.mask condition-dropped 0",
            "P11.mask operand-dropped 0.0",
            "P11.mask operand-dropped 0.1",
            "P11.mask number-moved 0.2",
            "P11.exists condition-dropped 0",
            "P11.exists number-moved 0.0",
            "P12.referral operand-dropped 0.0",
            "P12.referral number-moved 0.2",
            "P13.referral condition-dropped 0",
            "P13.referral number-moved 0.0",
        ),
        _REFUSED_ANYWAY,
    ),
    **dict.fromkeys(
        (
            "P05.full comparison-loosened 0.4",
            "P05.less-than-full comparison-loosened 0.4",
            "P06.full comparison-loosened 0.4",
            "P08.check comparison-loosened 0.4",
            "P09.sensitive comparison-loosened 0.4",
            "P09.safety comparison-loosened 0.2",
            "P11.full comparison-loosened 0.6",
            "P12.review comparison-loosened 0.4",
            "P13.full comparison-loosened 0.2",
            "P18.training comparison-loosened 0.6",
        ),
        _NO_HIGHER,
    ),
    **dict.fromkeys(
        (
            "P05.full comparison-loosened 0.11",
            "P05.less-than-full comparison-loosened 0.11",
            "P06.full comparison-loosened 0.11",
        ),
        _THE_REST,
    ),
    **dict.fromkeys(("P05.no-mask number-moved 0.11", "P05.no-mask number-moved 0.18"), _EITHER_WAY),
}


def chunks(seed: int, count: int) -> Iterator[Sequence[Point]]:
    random = Random(seed)
    yield tuple(finite_points())
    yield from (tuple(points(random, CHUNK)) for _ in range(count // CHUNK))


def is_noticed(mutant: PolicyMutant, asked: Sequence[Sequence[Point]]) -> bool:
    """Whether the service would refuse the policies, or they answer a question otherwise than the table."""
    try:
        policies = mutant.policies()
    except InvalidPolicies:
        return True
    return any(disagreement(policies, chunk) for chunk in asked)


@pytest.mark.law("policies-as-tabled")
def test_the_policies_answer_every_question_as_the_table_does(record_property):
    count = cases(QUESTIONS)
    record_property(CASES, count)
    assert [found for chunk in chunks(SEED, count) if (found := disagreement(packaged_policies(), chunk))] == []


def test_the_table_has_every_policy_and_no_other():
    tables = [says for pair in TABLES.values() for says in pair]
    assert {name for says in tables for name in says} == {name for name in packaged_policies().ranks if name}


@pytest.mark.law("policy-mutants")
def test_a_policy_that_is_wrong_in_one_place_is_noticed(record_property):
    mutants = list(policy_mutants())
    names = {mutant.name for mutant in mutants}
    assert len(names) == len(mutants)
    assert names >= EQUIVALENT.keys()
    tried = Random(SEED).sample(mutants, of_all(SOME, len(mutants)))
    record_property(CASES, len(tried))
    asked = list(chunks(SEED, QUESTIONS_OF_MUTANTS))
    surviving = {mutant.name for mutant in tried if not is_noticed(mutant, asked)}
    assert surviving == EQUIVALENT.keys() & {mutant.name for mutant in tried}
