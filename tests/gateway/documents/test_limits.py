"""The limits of documents and their variables: each refused one beyond it and served at it, whatever
is sent."""

import json
from collections.abc import Mapping

import pytest
from graphql import OperationDefinitionNode, build_schema, parse
from hypothesis import given
from hypothesis import strategies as st

from gateway.documents.limits import MOST, DocumentLimits, Extent, extent_of
from gateway.documents.scan import TOKEN, check_text
from gateway.documents.store import DocumentStore
from gateway.errors import DocumentTooLarge, GraphQLRequestError

SDL = """
    directive @d repeatable on FIELD | INLINE_FRAGMENT | FRAGMENT_SPREAD
    input Filter { names: [String] inner: Filter first: Int }
    type Query { node: Node nodes(first: Int, last: Int = 5, filter: Filter, matrix: [[Int]]): [Node!]
      top(first: ID): Node }
    type Node { a: Node b: Node v: Int nodes(first: Int): [Node!] }
"""


def store(**limits: int) -> DocumentStore:
    return DocumentStore(build_schema(SDL), limits=DocumentLimits(**limits))


def code_of(documents: DocumentStore, query: str, variables: object = None) -> str | None:
    """The code of what refuses this, None when nothing does."""
    try:
        documents.check_variables(documents.find(query).operation(None), variables or {})  # type: ignore[arg-type]
    except GraphQLRequestError as error:
        return error.code
    return None


def doubling(times: int) -> str:
    parts = (f"fragment F{n} on Node {{ ...F{n + 1} ...F{n + 1} }}" for n in range(times))
    return f"{{ node {{ ...F0 }} }} {' '.join(parts)} fragment F{times} on Node {{ v }}"


def chained(length: int) -> str:
    parts = (f"fragment F{n} on Node {{ ...F{n + 1} }}" for n in range(length - 1))
    return f"{{ node {{ ...F0 }} }} {' '.join(parts)} fragment F{length - 1} on Node {{ v }}"


# limit: (how many are allowed, a document with exactly that many, one with one more)
AT_AND_BEYOND = {
    "tokens": (9, "{node{a{v}}}", "{node{a{v}}#\n}"),
    "nesting": (3, "{node{a{v}}}", "{node{a{a{v}}}}"),
    "depth": (3, "{node{...{a{v}}}}", "{node{...{a{a{v}}}}}"),
    "fields": (3, "{node{...F}} fragment F on Node{a{v}}", "{node{...F v}} fragment F on Node{a{v}}"),
    "aliases": (2, "{x:node{...F}} fragment F on Node{y:v}", "{x:node{...F ...F}} fragment F on Node{y:v}"),
    "directives": (2, "{node@d{...@d{v}}}", "{node@d{...@d{v@d}}}"),
    "root_fields": (
        2,
        "{...F ...F} fragment F on Query{node{a{v} b{v}}}",
        "{node{v} ...F ...F} fragment F on Query{node{v}}",
    ),
    "introspections": (1, '{a:__type(name:"Q"){name}}', '{a:__type(name:"Q"){name} node:__schema{description}}'),
    "fragments": (3, chained(2), chained(3)),
}


@pytest.mark.parametrize("limit", AT_AND_BEYOND)
def test_a_document_is_served_at_its_limit_and_refused_beyond(limit: str):
    most, at, beyond = AT_AND_BEYOND[limit]
    assert code_of(store(**{limit: most}), at) is None
    assert code_of(store(**{limit: most}), beyond) == "DOCUMENT_TOO_LARGE"
    assert code_of(store(), beyond) is None


HOSTILE = {
    "fragments doubled thirty times": doubling(30),
    "fragments doubled past any machine number": doubling(190),
    "braces": "{a" * 100_000,
    "lists": "{nodes(matrix:" + "[" * 100_000,
    "objects": "{nodes(filter:" + "{inner:" * 100_000,
    "brackets that close": "{nodes(matrix:" + "[" * 100_000 + "]" * 100_000 + "){v}}",
    "comments": "{node{v}}" + "#\n" * 100_000,
    "one list of numbers": "{nodes(matrix:[[" + "1 " * 100_000 + "]]){v}}",
    "aliases inside a fragment spread often": "{node{" + "...F " * 500 + "}} fragment F on Node{" + "x:v " * 3 + "}",
    "directives": "{node" + "@d" * 7_000 + "{v}}",
    "a chain of fragments": chained(1_500),
    "fields at the root": "{" + "".join(f"a{n}:node{{v}}" for n in range(500)) + "}",
    "introspection aliased": "{" + "".join(f"a{n}:__schema{{types{{name}}}}" for n in range(50)) + "}",
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_document_is_refused_by_its_size(document: str):
    assert code_of(store(), document) == "DOCUMENT_TOO_LARGE"


def test_introspection_that_multiplies_is_refused_by_validation():
    query = "{__schema{types" + "{fields{type" * 4 + "{name}" + "}}" * 4 + "}}"
    assert code_of(store(), query) == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("names", [("A", "A"), ("A", "B"), ("B", "A")])
def test_circular_fragments_end_every_count_and_are_left_to_validation(names: tuple[str, str]):
    fragments = f"fragment A on Node{{a{{...{names[0]}}}}} fragment B on Node{{b{{...{names[1]}}}}}"
    assert code_of(store(), f"{{node{{...A ...B}}}} {fragments}") == "GRAPHQL_VALIDATION_FAILED"


def test_counts_stop_growing():
    extent = Extent(fields=MOST - 1)
    assert extent.beside(extent).fields == extent.beside(extent).beside(extent).fields == MOST


def selections(*choices: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(choices), min_size=1, max_size=5).map(" ".join)


def measured(text: str, fragments: Mapping[str, Extent]) -> Extent:
    (definition,) = parse(f"{{{text}}}").definitions
    assert isinstance(definition, OperationDefinitionNode)
    return extent_of(definition.selection_set, fragments)


@given(selections("a", "...F", "...G", "n{...F}", "x:v"), selections("a", "...G", "...@d{b}"), selections("y:v", "a@d"))
def test_counting_a_fragment_once_comes_to_what_is_spread_out(own: str, of_f: str, of_g: str):
    of_f_spread = of_f.replace("...G", f"...{{{of_g}}}")
    spread = own.replace("...F", f"...{{{of_f_spread}}}").replace("...G", f"...{{{of_g}}}")
    known = {"G": measured(of_g, {})}
    known["F"] = measured(of_f, known)
    assert measured(own, known) == measured(spread, {})


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ('{a(b:"}{\\"(",c:"""x"{\\""" """){d}}', 14),
        ("{ a # { ( \n }", 4),
        ("{a(b:-1.5e+3)}", 8),
        ("query($a:[Int!]=[1]){...A}", 18),
    ],
)
def test_the_scan_reads_the_tokens_of_the_language(text: str, tokens: int):
    check_text(text, tokens, 3)
    with pytest.raises(DocumentTooLarge):
        check_text(text, tokens - 1, 3)


@given(st.text(alphabet='{}[]()"\\#\n\r a1.-,é', max_size=60))
def test_the_scan_leaves_nothing_out(text: str):
    assert "".join(match[0] for match in TOKEN.finditer(text)) == text


PAGES: dict[str, tuple[str, object, str | None]] = {
    "a number": ("{nodes(first:10){v}}", {}, None),
    "none": ("{nodes(first:0){v}}", {}, None),
    "at the bound": ("{nodes(first:100){v}}", {}, None),
    "beyond it": ("{nodes(first:101){v}}", {}, "PAGE_OUT_OF_BOUNDS"),
    "below none": ("{nodes(first:-1){v}}", {}, "PAGE_OUT_OF_BOUNDS"),
    "backwards": ("{nodes(last:-1){v}}", {}, "PAGE_OUT_OF_BOUNDS"),
    "null": ("{nodes(first:null){v}}", {}, None),
    "no integer of the language": ("{nodes(first:2147483648){v}}", {}, "GRAPHQL_VALIDATION_FAILED"),
    "a text": ('{nodes(first:"10"){v}}', {}, "GRAPHQL_VALIDATION_FAILED"),
    "below, in a fragment": ("{node{...F}} fragment F on Node{nodes(first:-1){v}}", {}, "PAGE_OUT_OF_BOUNDS"),
    "a variable": ("query($n:Int){nodes(first:$n){v}}", {"n": 10}, None),
    "a variable of null": ("query($n:Int){nodes(first:$n){v}}", {"n": None}, None),
    "a variable below none": ("query($n:Int){nodes(first:$n){v}}", {"n": -1}, "PAGE_OUT_OF_BOUNDS"),
    "a variable beyond": ("query($n:Int){nodes(first:$n){v}}", {"n": 101}, "PAGE_OUT_OF_BOUNDS"),
    "a variable of 2^31": ("query($n:Int){nodes(first:$n){v}}", {"n": 2**31}, "BAD_VARIABLES"),
    "a variable of text": ("query($n:Int){nodes(first:$n){v}}", {"n": "10"}, "BAD_VARIABLES"),
    "a variable's default": ("query($n:Int=-1){nodes(first:$n){v}}", {}, "PAGE_OUT_OF_BOUNDS"),
    "a variable in a fragment": (
        "query($n:Int){node{...F}} fragment F on Node{nodes(first:$n){v}}",
        {"n": -1},
        "PAGE_OUT_OF_BOUNDS",
    ),
    "a variable used elsewhere": ("query($n:Int){nodes(filter:{first:$n}){v}}", {"n": -1}, None),
    "another kind of first": ('{top(first:"-1"){v}}', {}, None),
}  # fmt: skip


@pytest.mark.parametrize(("query", "variables", "code"), PAGES.values(), ids=PAGES)
def test_a_page_is_bounded_on_both_sides(query: str, variables: object, code: str | None):
    assert code_of(store(page=100), query, variables) == code


def nested_filter(levels: int) -> object:
    value: object = None
    for _ in range(levels):
        value = {"inner": value}
    return value


VARIABLES: dict[str, tuple[object, str | None]] = {
    "a list at the limit": ({"f": {"names": ["SECRET"] * 10}}, None),
    "a list beyond": ({"f": {"names": ["SECRET"] * 11}}, "VARIABLES_TOO_LARGE"),
    "a list of lists": ({"m": [[1] * 10] * 10}, None),
    "a list beyond in a list": ({"m": [[1], [1] * 11]}, "VARIABLES_TOO_LARGE"),
    "nested to the limit": ({"f": nested_filter(5)}, None),
    "nested beyond": ({"f": nested_filter(7)}, "VARIABLES_TOO_LARGE"),
    "nested without end": ({"m": json.loads("[" * 900 + "]" * 900)}, "VARIABLES_TOO_LARGE"),
    "not declared": ({"other": [1] * 11}, "VARIABLES_TOO_LARGE"),
}


@pytest.mark.parametrize(("variables", "code"), VARIABLES.values(), ids=VARIABLES)
def test_variables_hold_lists_and_levels_within_limits(variables: object, code: str | None):
    documents = store(list_items=10, variable_nesting=6)
    query = "query($f:Filter,$m:[[Int]]){nodes(filter:$f,matrix:$m){v}}"
    assert code_of(documents, query, variables) == code
    if code:
        with pytest.raises(GraphQLRequestError) as caught:
            documents.check_variables(documents.find(query).operation(None), variables)  # type: ignore[arg-type]
        assert "SECRET" not in json.dumps(caught.value.entries)
