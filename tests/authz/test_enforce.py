"""What is left of an operation: nothing a caller may not read, by whatever name or way it is asked for."""

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLDefaultInput,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInt,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    build_schema,
    parse,
)

from authz.decision import UNTAGGED
from authz.enforce import UNTAGGED_INPUT, enforce
from tests.authz.enforcing import REFUSED, RULES, SCHEMA, clearance, enforced, left, operation


def test_a_document_of_which_everything_is_allowed_stays_as_it_is():
    document = operation(
        "query A($f: Boolean!) { person { ...F @skip(if: $f) } } fragment F on Person { name { last } }"
    )
    found = enforce(document, "A", SCHEMA, clearance(), RULES)
    assert found.document is document
    assert found.denials == {}


@pytest.mark.parametrize(
    ("text", "denied", "expected"),
    [
        ("{ person { id dob } }", "Person.dob", "{ person { id } }"),
        ("{ person { id name: dob } }", "Person.dob", "{ person { id } }"),
        ("{ person { dob } }", "Person.dob", "{ person { __typename } }"),
        ("{ p: person { id } }", "Query.person", None),
        ("{ person { id } __typename }", "Query.person", "{ __typename }"),
        ("{ person { ... { id dob } } }", "Person.dob", "{ person { ... { id } } }"),
        ("{ person { ... @include(if: true) { dob } } }", "Person.dob", "{ person { __typename } }"),
        (
            "{ person { ...F } } fragment F on Person { id dob }",
            "Person.dob",
            "{ person { ...F } } fragment F on Person { id }",
        ),
        ("{ person { id ...F } } fragment F on Person { dob }", "Person.dob", "{ person { id } }"),
        (
            "{ person { id ...F } } fragment F on Person { ...G } fragment G on Person { dob }",
            "Person.dob",
            "{ person { id } }",
        ),
        (
            "{ a: person { author { dob id } } b: person { author { dob } } }",
            "Person.dob",
            "{ a: person { author { id } } b: person { author { __typename } } }",
        ),
        (
            "{ people { nodes { dob } edges { cursor node { dob } } totalCount } }",
            "Person.dob",
            "{ people { nodes { __typename } edges { cursor node { __typename } } totalCount } }",
        ),
        ("{ people { totalCount } person { id } }", "Query.people", "{ person { id } }"),
        ("{ person { name { last } id } }", "Person.name", "{ person { id } }"),
        ("mutation { add { id } }", "Mutation.add", None),
        (
            '{ __schema { types { name } } __type(name: "Person") { name } person { id } }',
            "Query.person",
            '{ __schema { types { name } } __type(name: "Person") { name } }',
        ),
    ],
)
def test_what_is_denied_is_taken_out(text: str, denied: str, expected: str | None):
    found = enforced(text, denied)
    assert left(found) == expected
    assert found.denials == {denied: REFUSED}


@pytest.mark.parametrize(
    ("text", "denied", "expected"),
    [
        (
            "{ records { id title } }",
            ["Intel.title"],
            "{ records { id ... on Person { title } ... on Report { title } } }",
        ),
        ("{ records { id title } }", ["Intel.title", "Report.title", "Person.title"], "{ records { id } }"),
        ("{ records { ... on Report { title } } }", ["Intel.title"], "{ records { ... on Report { title } } }"),
        ("{ records { ... on Report { state } } }", ["Report.state"], "{ records { __typename } }"),
        (
            "{ targets { ... on Record { title } __typename } }",
            ["Intel.title"],
            "{ targets { ... on Record { title } __typename } }",
        ),
        (
            "{ targets { ... on Record { title } __typename } }",
            ["Person.title"],
            "{ targets { ... on Record { ... on Report { title } } __typename } }",
        ),
        (
            "{ records { ...F } } fragment F on Record { author { dob id } }",
            ["Person.dob", "Person.author", "Report.author"],
            "{ records { ...F } } fragment F on Record { ... on Intel { author { id } } }",
        ),
        (
            "{ records { related { title } } }",
            ["Person.related", "Report.related", "Person.title"],
            "{ records { ... on Intel { related { title } } } }",
        ),
        (
            "{ records { related { title } } }",
            ["Person.title"],
            "{ records { related { ... on Intel { title } ... on Report { title } } } }",
        ),
    ],
)
def test_a_read_through_an_abstract_type_is_judged_for_every_type_it_can_reach(
    text: str, denied: list[str], expected: str
):
    found = enforced(text, *denied)
    assert left(found) == expected
    assert set(found.denials) <= set(denied)


def test_a_fragment_that_no_longer_fits_after_a_split_goes():
    """`Intel.related` holds reports only, so what was asked of other records there has nothing to apply to."""
    text = "{ records { related { id ...F ... on Person { dob } } } } fragment F on Intel { text }"
    found = enforced(text, "Report.related", "Person.related")
    assert left(found) == "{ records { ... on Intel { related { id } } } }"


def test_only_types_that_can_be_reached_are_denied():
    assert enforced("{ targets { ... on Record { title } } }", "Intel.title").denials == {}
    assert set(enforced("{ records { title } }", "Intel.title", "Report.title").denials) == {
        "Intel.title",
        "Report.title",
    }


@pytest.mark.parametrize(
    ("arguments", "denied", "allowed"),
    [
        ('(name: {last: "x"})', "Person.dob", False),
        ('(name: {last: "x", order: NAME})', "Person.dob", True),
        ('(name: {last: "x", order: NAME})', "Person.name", False),
        ('(name: {nino: "x", order: NAME})', "Person.nino", False),
        ('(name: {order: NAME, inner: {nino: "x", order: NAME}})', "Person.nino", False),
        ('(filters: [{dob: "x"}])', "Person.dob", False),
        ('(filters: {name: {nino: "x", order: NAME}})', "Person.nino", False),
        ("(filters: [])", "Person.dob", True),
        ("(name: null)", "Person.dob", True),
        ("(order: DOB)", "Person.dob", False),
        ("(order: NAME)", "Person.dob", True),
        ("(order: null)", "Person.dob", True),
        ("", "Person.dob", True),
        ("(first: 1)", "Person.dob", True),
    ],
)
def test_a_filter_or_order_on_a_denied_field_denies_the_list(arguments: str, denied: str, allowed: bool):
    found = enforced(f"{{ people{arguments} {{ totalCount }} }}", denied)
    assert found.denials == ({} if allowed else {"Query.people": REFUSED})
    assert (found.document is not None) is allowed


def test_an_argument_reads_what_it_says():
    assert enforced("{ person(id: 1) { title } }", "Person.id").denials == {"Query.person": REFUSED}
    assert enforced("{ person { title } }", "Person.id").denials == {}


def test_an_argument_without_a_tag_is_denied():
    found = enforced('{ people(secret: "x") { totalCount } }')
    assert (found.document, found.denials) == (None, {"Query.people": UNTAGGED_INPUT})


@pytest.mark.parametrize(
    ("arguments", "variables", "allowed"),
    [
        ("(name: $n, order: $o)", None, False),
        ("(name: $n)", {"n": {"last": "x", "order": "NAME"}}, True),
        ("(name: $n)", {"n": {"nino": "x", "order": "NAME"}}, False),
        ("(name: $n)", {"n": {"last": "x", "inner": {"nino": "y"}}}, False),
        ("(name: $n)", {"n": None}, True),
        ("(name: $n)", {}, False),
        ("(name: {last: $s, order: $o})", {"o": "NAME"}, True),
        ("(name: {last: $s, order: $o})", None, False),
        ("(filters: $f)", {"f": [{"name": {"order": "NAME"}}]}, True),
        ("(filters: $f)", {"f": [{"dob": "x"}]}, False),
        ("(order: $o)", {"o": "DOB"}, False),
        ("(order: $o)", {"o": "NAME"}, True),
        ("(order: $o)", None, False),
        ("(order: $o)", {"o": Undefined}, True),
        ("(name: $n)", {"n": Undefined}, True),
        ("(name: {order: $o})", {"o": Undefined}, False),
        ("(name: {nino: $s, order: NAME})", {"s": Undefined}, True),
        ("(name: {nino: $s, order: NAME})", {"s": None}, False),
        ("(name: {last: $s, order: NAME}, order: $o)", {"s": Undefined}, False),
        ("(name: {last: $s, order: NAME}, order: $o)", {"s": Undefined, "o": Undefined}, True),
    ],
)
def test_a_variable_reads_what_it_holds_or_may_hold(
    arguments: str, variables: Mapping[str, object] | None, allowed: bool
):
    used = [name for name in ("n", "o", "f", "s") if f"${name}" in arguments]
    declared = {"n": "$n: NameInput", "o": "$o: Order", "f": "$f: [Filter!]", "s": "$s: String"}
    text = f"query({', '.join(declared[name] for name in used)}) {{ people{arguments} {{ totalCount }} }}"
    given = None if variables is None else dict(variables)
    found = enforced(text, "Person.dob", "Person.nino", variables=given)
    assert (found.document is not None) is allowed


def test_one_refused_use_takes_a_coordinate_out_everywhere():
    found = enforced("{ a: people(order: DOB) { totalCount } b: people { totalCount } person { id } }", "Person.dob")
    assert left(found) == "{ person { id } }"
    assert found.denials == {"Query.people": REFUSED}


def test_uses_in_fragments_and_on_abstract_types_are_judged():
    found = enforced(
        "{ ...F ...F } fragment F on Query { records(order: DOB) { id } ... on Query { __typename } }", "Person.dob"
    )
    assert found.denials == {"Query.records": REFUSED}


@pytest.mark.parametrize(
    ("default", "allowed"),
    [
        ({"default": GraphQLDefaultInput("NAME")}, True),
        ({"default": GraphQLDefaultInput("DOB")}, False),
        ({"default_value": "NAME"}, False),
        ({}, True),
    ],
)
def test_a_default_of_a_schema_made_in_code_counts(default: dict[str, Any], allowed: bool):
    """One that is held only in its internal form may stand for any value."""
    order = GraphQLEnumType("Order", {"NAME": 1, "DOB": 2})
    people = GraphQLField(GraphQLInt, args={"order": GraphQLArgument(order, **default)})
    schema = GraphQLSchema(GraphQLObjectType("Query", {"people": people}))
    found = enforce(parse("{ people }"), None, schema, clearance("Person.dob"), RULES)
    assert (found.document is not None) is allowed


def test_unused_variables_and_fragments_go():
    found = enforced(
        "query A($a: ID, $b: Boolean!) { person(id: $a) { id } people { ...F nodes { dob @skip(if: $b) } } }"
        " fragment F on PersonConnection { totalCount }",
        "Query.people",
        name="A",
    )
    assert left(found) == "query A($a: ID) { person(id: $a) { id } }"
    assert (
        left(enforced("query A($a: ID) { person(id: $a) { id } records { id } }", "Query.person"))
        == "query A { records { id } }"
    )


def test_only_the_operation_asked_for_is_left():
    text = "query A { person { id ...F } } query B { records { ...F } } fragment F on Record { title }"
    assert left(enforced(text, name="B")) == "query B { records { ...F } } fragment F on Record { title }"


def test_variables_used_only_in_fragments_and_directives_stay():
    text = """
      query A($a: Boolean!, $b: Boolean!) { person { ...F @skip(if: $a) dob } }
      fragment F on Person { id @include(if: $b) }
    """
    assert "($a: Boolean!, $b: Boolean!)" in str(left(enforced(text, "Person.dob")))


def test_a_coordinate_that_no_rule_knows_is_denied():
    schema = build_schema("type Query { unknown: Int person: Person } type Person { id: ID }")
    found = enforce(parse("{ unknown person { id } }"), None, schema, clearance(), RULES)
    assert found.denials == {"Query.unknown": UNTAGGED}
    assert left(found) == "{ person { id } }"


def test_introspection_stays_with_the_fragments_it_comes_in():
    text = (
        "{ __schema { types { ...Kind } } person(id: 1) { dob } } fragment Kind on __Type { name ofType { ...Name } } "
    )
    found = enforced(f"{text} fragment Name on __Type {{ name }}", "Person.dob")
    assert left(found) == (
        "{ __schema { types { ...Kind } } person(id: 1) { __typename } } "
        "fragment Kind on __Type { name ofType { ...Name } } fragment Name on __Type { name }"
    )
