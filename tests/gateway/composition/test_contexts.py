"""@fromContext: each row is a selection, the type of the argument it fills, and the codes composition answers with."""

import pytest

from gateway.composition.compose import compose
from gateway.composition.errors import CompositionFailed
from tests.gateway.composition.subgraphs import subgraphs

SCHEMA = """
type Query {{ t: T! b: Bar }}
union Any @context(name: "any") = T | Bar
interface Named {{ prop: String! }}
type T implements Named @key(fields: "id") @context(name: "ctx") {{
  id: ID! prop: String! tags: [String!]! items: [Item!]! item: Item! u: U! n: Int
}}
type Bar @key(fields: "id") {{ id: ID! prop2: String{around} }}
type Item {{ name: String }}
type U @key(fields: "id"{key}) {{ id: ID! field(a: {type} @fromContext(field: "{field}")): Int! }}
"""

CASES = {
    "a field of the context": ("$ctx { prop }", "String", set()),
    "blanks, commas and comments are ignored": (",$ ,ctx { prop }", "String", set()),
    "a list": ("$ctx { tags }", "[String]", set()),
    "a value in each object of a list": ("$ctx { items { name } }", "[String]", set()),
    "a value of a list is no single value": ("$ctx { items { name } }", "String", {"CONTEXT_INVALID_SELECTION"}),
    "what may not be there for an argument that has to be": (
        "$ctx { prop }",
        "String!",
        {"CONTEXT_INVALID_SELECTION"},
    ),
    "another type": ("$ctx { n }", "String", {"CONTEXT_INVALID_SELECTION"}),
    "one condition for each type": ("$any ... on T { prop } ... on Bar { prop2 }", "String", set()),
    "a condition twice": (
        "$any ... on T { prop } ... on T { prop } ... on Bar { prop2 }",
        "String",
        {"CONTEXT_INVALID_SELECTION"},
    ),
    "a condition that is never met": (
        "$ctx ... on T { prop } ... on Bar { prop2 }",
        "String",
        {"CONTEXT_INVALID_SELECTION"},
    ),
    "a condition on an interface": ("$ctx ... on Named { prop }", "String", {"CONTEXT_INVALID_SELECTION"}),
    "a fragment without condition": ("$ctx ... { prop }", "String", {"CONTEXT_INVALID_SELECTION"}),
    "a fragment below a field": ("$ctx { item { ... on Item { name } } }", "String", {"CONTEXT_INVALID_SELECTION"}),
    "no context": ("{ prop }", "String", {"NO_CONTEXT_IN_SELECTION"}),
    "no selection": ("$ctx", "String", {"NO_CONTEXT_IN_SELECTION"}),
    "a name that begins with a digit": ("$1ctx { prop }", "String", {"NO_CONTEXT_IN_SELECTION"}),
    "a context never set": ("$other { prop }", "String", {"CONTEXT_NOT_SET"}),
    "a default beside a wrong selection": (
        "$ctx { n }",
        'String = "x"',
        {"CONTEXT_NOT_SET", "CONTEXT_INVALID_SELECTION"},
    ),
}


def codes(sdl: str) -> set[str]:
    try:
        compose(subgraphs(sdl))
    except CompositionFailed as failure:
        return {error.code for error in failure.errors}
    return set()


@pytest.mark.parametrize("case", CASES)
def test_a_contextual_argument_is_given(case: str) -> None:
    field, argument, expected = CASES[case]
    assert codes(SCHEMA.format(field=field, type=argument, key="", around="")) == expected


def test_an_object_with_a_contextual_argument_has_to_be_fetched_again() -> None:
    without_way_in = SCHEMA.format(field="$ctx { prop }", type="String", key=", resolvable: false", around="")
    assert codes(without_way_in) == {"CONTEXT_NO_RESOLVABLE_KEY"}


def test_every_way_to_a_contextual_argument_passes_an_object_that_sets_the_context() -> None:
    way_round = SCHEMA.format(field="$ctx { prop }", type="String", key="", around=" u: U")
    with pytest.raises(CompositionFailed, match=r'required context for field "U\.field"') as caught:
        compose(subgraphs(way_round))
    assert {error.code for error in caught.value.errors} == {"SATISFIABILITY_ERROR"}


OWN = """
type Query {{ t: T }}
type T @key(fields: "id"){context} {{ id: ID! prop: String t: T field(a: String @fromContext(field: "$ctx {{ prop }}")): Int }}
"""  # noqa: E501


def test_an_object_does_not_set_a_context_for_itself() -> None:
    assert codes(OWN.format(context=' @context(name: "ctx")')) == {"SATISFIABILITY_ERROR"}


def test_what_every_implementation_inherits_sets_a_context_on_each_of_them() -> None:
    schema = """
    type Query { i: I }
    interface I%s { prop: String u: U }
    type S implements I { prop: String u: U }
    type T implements I%s { prop: String u: U }
    type U @key(fields: "id") { id: ID! field(a: String @fromContext(field: "$ctx { prop }")): Int }
    """
    assert codes(schema % (' @context(name: "ctx")', "")) == set()
    assert codes(schema % ("", ' @context(name: "ctx")')) == {"SATISFIABILITY_ERROR"}
