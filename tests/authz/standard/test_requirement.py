"""How requirements add up and follow from one another, held to a truth table."""

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from authz.decision import Form
from authz.standard.decide import Standing, decision
from authz.standard.requirement import NOTHING, Requirement, together

NAMES = "abc"
alternatives = st.frozensets(st.frozensets(st.sampled_from(NAMES), min_size=1), max_size=3)
requirements = st.builds(
    Requirement,
    st.booleans(),
    st.frozensets(alternatives, max_size=3),
    st.frozensets(alternatives, max_size=2),
)
held = st.frozensets(st.sampled_from(NAMES))
standings = st.builds(Standing, st.just(True), held, held) | st.just(Standing())


def everybody() -> list[Standing]:
    """Every standing that there is with these names."""
    sets = [frozenset(each) for size in range(4) for each in combinations(NAMES, size)]
    return [Standing(), *(Standing(True, scopes, policies) for scopes in sets for policies in sets)]


def meets(requirement: Requirement, standing: Standing) -> bool:
    """The directives' own words, without any of our shortcuts."""
    scopes = all(any(standing.scopes.issuperset(each) for each in wanted) for wanted in requirement.scopes)
    policies = all(any(standing.policies.issuperset(each) for each in wanted) for wanted in requirement.policies)
    return scopes and policies and (standing.authenticated or not requirement.authenticated)


@given(requirements, standings)
def test_a_decision_is_what_the_directives_say(requirement, standing):
    found = decision(requirement, standing)
    assert found.allowed == meets(requirement, standing)
    assert found.allowed or (found.form is Form.DENY and found.missing and found.policies)


@given(requirements, requirements, standings)
def test_requirements_add_up(one, other, standing):
    both = together([one, other])
    assert meets(both, standing) == (meets(one, standing) and meets(other, standing))
    assert together([other, one]) == both


@given(requirements, requirements)
def test_what_goes_beyond_others_is_exactly_what_is_lacking(stated, others):
    beyond = stated.beyond(others)
    for standing in everybody():
        assert not meets(others, standing) or meets(beyond, standing) == meets(stated, standing)


@given(requirements)
def test_nothing_goes_beyond_itself(stated):
    assert stated.beyond(stated) == NOTHING


@given(requirements, requirements)
def test_what_composers_state_on_an_interface_follows_from_its_types(one, other):
    """A composer writes the conjunction as one list of alternatives (a product): nothing of it is its own account."""
    both = together([one, other])
    stated = Requirement(both.authenticated, _product(both.scopes), _product(both.policies))
    assert stated.beyond(both) == NOTHING


def _product(wanted: frozenset[frozenset[frozenset[str]]]) -> frozenset[frozenset[frozenset[str]]]:
    if not wanted:
        return wanted
    sets = [frozenset[str]()]
    for each in wanted:
        sets = [one | other for one in sets for other in each]
    return frozenset({frozenset(sets)})


@given(requirements, standings, held, held)
def test_who_holds_more_is_never_shown_less(requirement, standing, scopes, policies):
    more = Standing(True, standing.scopes | scopes, standing.policies | policies)
    assert not decision(requirement, standing).allowed or decision(requirement, more).allowed


def test_too_many_combinations_are_said_not_to_follow():
    wide = [frozenset(frozenset({f"{row}{column}"}) for column in range(4)) for row in range(8)]
    stated = Requirement(scopes=frozenset({frozenset(chain.from_iterable(wide[:2]))}))
    assert stated.beyond(Requirement(scopes=frozenset(wide[2:]))) == stated


def test_standings_that_differ_have_keys_that_differ():
    assert len({each.key for each in everybody()}) == len(everybody())
