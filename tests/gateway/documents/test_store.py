"""Documents: parsed and validated once, within limits, with coded refusals that name the place and never a value."""

import json

import pytest
from graphql import OperationType, build_schema

from gateway.documents.limits import DocumentLimits
from gateway.documents.store import DocumentStore
from gateway.errors import GraphQLRequestError
from schema.errors import CodedError
from schema.identifiers import IDENTIFIERS

SDL = """
    scalar Vrm
    enum Order { UP DOWN }
    input Filter { first: Int! plate: Vrm note: String }
    type Query { vehicle(vrm: Vrm!): Vehicle find(filter: Filter, order: Order, name: String): [Vehicle] }
    type Vehicle { vrm: Vrm keeper: Vehicle colour: String }
    type Mutation { touch: Boolean }
    type Subscription { touched: Boolean }
"""


def store(**limits: int) -> DocumentStore:
    parsers = {name: identifier.parse for name, identifier in IDENTIFIERS.items()}
    return DocumentStore(build_schema(SDL), parsers, DocumentLimits(**limits))


def refused(documents: DocumentStore, query: str) -> GraphQLRequestError:
    with pytest.raises(GraphQLRequestError) as caught:
        documents.find(query)
    return caught.value


def test_a_known_text_is_the_same_document():
    documents = store()
    assert documents.find("{ find { vrm } }") is documents.find("{ find { vrm } }")
    assert documents.find("{ find { vrm } }").hash.startswith("sha256:")


def test_the_least_recently_used_document_is_forgotten():
    documents = store(cached_documents=2)
    first = documents.find("{ a: find { vrm } }")
    for name in "bc":
        documents.find(f"{{ {name}: find {{ vrm }} }}")
    assert documents.find("{ a: find { vrm } }") is not first


def test_a_refusal_is_the_same_each_time():
    documents = store()
    first, second = refused(documents, "{ nope }"), refused(documents, "{ nope }")
    assert first is not second
    assert first.entries == second.entries


REFUSALS = {
    "{": ("GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found <EOF>."),
    "": ("GRAPHQL_PARSE_FAILED", "Syntax Error: Unexpected <EOF>."),
    "{ find { vrm } } query B { find }": (
        "GRAPHQL_VALIDATION_FAILED",
        "This anonymous operation must be the only defined operation.",
    ),
    '{ vehicle(vrm: "AB12CDE") { colr } }': (
        "GRAPHQL_VALIDATION_FAILED",
        "Cannot query field 'colr' on type 'Vehicle'.",
    ),
    "{ find {} }": ("GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found '}'."),
    "{" * 50: ("GRAPHQL_PARSE_FAILED", "Syntax Error: Expected Name, found '{'."),
}


@pytest.mark.parametrize("query", REFUSALS, ids=lambda query: query[:20])
def test_refuses_with_a_code_and_no_suggestion(query):
    code, message = REFUSALS[query]
    entry = refused(store(), query).entries[0]
    assert (entry["extensions"]["code"], entry["message"]) == (code, message)
    assert entry["locations"]


def nested(depth: int) -> str:
    return "{ find " + "{ keeper " * depth + "{ vrm }" + "}" * depth + " }"


BOMB = (
    "{ find { ...A0 } }"
    + "".join(f"fragment A{n} on Vehicle {{ keeper {{ ...A{n + 1} }} k: keeper {{ ...A{n + 1} }} }}" for n in range(30))
    + "fragment A30 on Vehicle { vrm }"
)
LIMITS = {
    "tokens": (store(tokens=10), "{ a: find { vrm } b: find { vrm } }"),
    "depth": (store(depth=5), nested(5)),
    "depth through fragments": (
        store(depth=3),
        "{ find { ...A } } fragment A on Vehicle { keeper { ...B } } fragment B on Vehicle { keeper { vrm } }",
    ),
    "aliases": (store(aliases=2), "{ a: find { vrm } b: find { vrm } c: find { vrm } }"),
    "fields through fragments": (store(), BOMB),
    "depth beyond the parser": (store(tokens=10**6), nested(4_000)),
}


@pytest.mark.parametrize("limit", LIMITS)
def test_a_document_beyond_a_limit_is_refused(limit):
    documents, query = LIMITS[limit]
    assert refused(documents, query).code == "DOCUMENT_TOO_LARGE"


def test_a_document_at_its_limit_is_served():
    store(depth=7).find(nested(5))


def test_a_cycle_of_fragments_is_left_to_validation():
    error = refused(store(), "{ find { ...A } } fragment A on Vehicle { keeper { ...A } }")
    assert error.code == "GRAPHQL_VALIDATION_FAILED"


def test_the_operation_is_found_by_name():
    document = store().find("query A { find { vrm } } mutation B { touch }")
    assert document.operation("A").kind is OperationType.QUERY
    assert document.operation("B").kind is OperationType.MUTATION


@pytest.mark.parametrize(
    ("query", "name", "code"),
    [
        ("query A { find { vrm } } query B { find { vrm } }", None, "UNKNOWN_OPERATION"),
        ("query A { find { vrm } }", "B", "UNKNOWN_OPERATION"),
        ("{ find { vrm } }", "A", "UNKNOWN_OPERATION"),
        ("fragment A on Vehicle { vrm } query B { find { ...A } }", "A", "UNKNOWN_OPERATION"),
    ],
)
def test_refuses_an_operation_it_cannot_run(query, name, code):
    with pytest.raises(CodedError) as caught:
        store().find(query).operation(name)
    assert caught.value.code == code


QUERY = """
    query($vrm: Vrm!, $f: Filter, $o: Order, $name: String) {
      vehicle(vrm: $vrm) { vrm } find(filter: $f, order: $o, name: $name) { vrm }
    }
"""
VARIABLES = {
    "missing": ({}, "BAD_VARIABLES", "$vrm: Expected a value of non-null type 'Vrm!' to be provided."),
    "null": ({"vrm": None}, "BAD_VARIABLES", "$vrm: Expected value of non-null type 'Vrm!' not to be None."),
    "a bad identifier": ({"vrm": "SECRET-1!"}, IDENTIFIERS["Vrm"].code, None),
    "a bad nested identifier": (
        {"vrm": "AB12CDE", "f": {"first": 1, "plate": "SECRET-1!"}},
        IDENTIFIERS["Vrm"].code,
        None,
    ),
    "a wrong type": (
        {"vrm": "AB12CDE", "f": {"first": "SECRET"}},
        "BAD_VARIABLES",
        "$f.first: Int cannot represent non-integer value.",
    ),
    "an unknown field": (
        {"vrm": "AB12CDE", "f": {"first": 1, "SECRET": 1}},
        "BAD_VARIABLES",
        "$f: Expected value of type 'Filter' not to include unknown fields.",
    ),
    "an unknown enum value": (
        {"vrm": "AB12CDE", "o": "SECRET"},
        "BAD_VARIABLES",
        "$o: not a value of the enum 'Order'.",
    ),
    "no string": (
        {"vrm": "AB12CDE", "name": {"SECRET": 1}},
        "BAD_VARIABLES",
        "$name: String cannot represent a non string value.",
    ),
}


@pytest.mark.parametrize("case", VARIABLES)
def test_a_variable_that_does_not_fit_is_named_without_its_value(case):
    variables, code, message = VARIABLES[case]
    documents = store()
    with pytest.raises(GraphQLRequestError) as caught:
        documents.check_variables(documents.find(QUERY).operation(None), variables)
    (entry,) = caught.value.entries
    assert entry["extensions"]["code"] == code
    assert message in (None, entry["message"])
    assert "SECRET" not in json.dumps(caught.value.entries)


def test_variables_that_fit_pass():
    documents = store()
    documents.check_variables(documents.find(QUERY).operation(None), {"vrm": "ab12 cde", "f": {"first": 1}, "o": "UP"})


def test_a_bad_identifier_in_the_document_keeps_its_code():
    entry = refused(store(), '{ vehicle(vrm: "!!") { vrm } }').entries[0]
    assert entry["extensions"]["code"] == IDENTIFIERS["Vrm"].code
    assert entry["locations"] == [{"line": 1, "column": 16}]


def test_only_flags_numbers_and_enums_are_plain():
    used = """
        query($vrm: Vrm!, $f: Filter, $o: Order, $b: Boolean!) {
          vehicle(vrm: $vrm) { vrm @skip(if: $b) } find(filter: $f, order: $o) { vrm }
        }
    """
    assert store().find(used).operation(None).plain_variables == {"o", "b"}
