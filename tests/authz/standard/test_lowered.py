"""Where a graph asks less of a caller than the one before."""

from types import MappingProxyType

import pytest

from authz.standard.lowered import lowered_by
from authz.standard.requirement import Requirement
from authz.standard.rules import StandardRules

LOGIN = Requirement(authenticated=True)
THERE = frozenset({"A.a", "A.b", "Colour"})


def scopes(*sets: str) -> Requirement:
    return Requirement(scopes=frozenset({frozenset(frozenset(each.split()) for each in sets)}))


def rules(**fields: Requirement) -> StandardRules:
    return StandardRules(MappingProxyType({f"A.{name}": found for name, found in fields.items()}))


CASES = {
    "the same": (rules(a=LOGIN), rules(a=LOGIN), ()),
    "a rule that is gone": (rules(a=LOGIN, b=LOGIN), rules(b=LOGIN), ("A.a",)),
    "a field that is gone with its rule": (rules(c=LOGIN), rules(), ()),
    "a rule where there was none": (rules(), rules(a=LOGIN), ()),
    "one more alternative": (rules(a=scopes("x")), rules(a=scopes("x", "y")), ("A.a",)),
    "one alternative less": (rules(a=scopes("x", "y")), rules(a=scopes("x")), ()),
    "a set that needs more": (rules(a=scopes("x")), rules(a=scopes("x y")), ()),
    "a set that needs less": (rules(a=scopes("x y")), rules(a=scopes("x")), ("A.a",)),
    "another scope": (rules(a=scopes("x")), rules(a=scopes("y")), ("A.a",)),
    "scopes in place of a token": (rules(a=LOGIN), rules(a=scopes("x")), ("A.a",)),
    "nobody any more": (rules(a=scopes("x")), rules(a=scopes()), ()),
    "somebody again": (rules(a=scopes()), rules(a=scopes("x")), ("A.a",)),
    "a value's rule that is gone": (
        StandardRules(inputs=MappingProxyType({"Colour": LOGIN})),
        StandardRules(),
        ("Colour",),
    ),
}


@pytest.mark.parametrize(("old", "new", "lowered"), CASES.values(), ids=CASES)
def test_what_a_new_graph_lowers(old: StandardRules, new: StandardRules, lowered: tuple[str, ...]):
    assert lowered_by(old, new, THERE) == lowered
