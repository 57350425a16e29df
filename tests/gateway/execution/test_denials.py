"""A denied coordinate is null at its response path and says why; silence says nothing; nothing denied is shown."""

import json

import pytest
from graphql import parse

from authz.decision import Decision, Form
from gateway.execution.introspection import introspect
from gateway.execution.projection import ProjectionSource
from gateway.execution.result import ExecutionRequest
from tests.gateway.execution.kit import SHOP, Saying, codes, run

DENIED = Decision(Form.DENY, ("P05",), "DVLA.VEH", ("training T1",), "desk@example.org")
ANSWER = {
    "data": {
        "products": [{"__typename": "Product", "sku": "p1", "name": "canary", "n": "canary", "price": 3, "weight": 1}]
    }
}


async def denied(query: str, **decisions: Decision):
    denials = {f"Product.{name}": decision for name, decision in decisions.items()}
    return await run(query, {"products": Saying([ANSWER])}, ExecutionRequest(denials=denials))


async def test_a_denied_field_is_null_with_its_reasons_at_the_alias():
    result = await denied("{ products { n: name price } }", name=DENIED)
    assert result.data == {"products": [{"n": None, "price": 3}]}
    assert result.errors == (
        {
            "message": "You may not be shown 'Product.name'.",
            "path": ["products", 0, "n"],
            "extensions": {
                "code": "ACCESS_DENIED",
                "coordinate": "Product.name",
                "policies": ["P05"],
                "dataset": "DVLA.VEH",
                "missing": ["training T1"],
                "contact": "desk@example.org",
            },
        },
    )


async def test_null_propagates_from_a_denied_field_as_the_schema_says():
    result = await denied("{ products { weight price } }", weight=DENIED)
    assert result.data == {"products": [None]}
    assert codes(result) == [("ACCESS_DENIED", ("products", 0, "weight"))]


async def test_silence_looks_like_absence():
    silent = Decision(Form.SILENT, ("P13",))
    result = await denied("{ products { name price } }", name=silent)
    assert result.data == {"products": [{"name": None, "price": 3}]}
    assert result.errors == ()


async def test_a_silent_list_is_empty():
    answer = {"data": {"products": [{"__typename": "Product", "sku": "p1"}]}}
    request = ExecutionRequest(denials={"Product.reviews": Decision(Form.SILENT)})
    result = await run("{ products { sku reviews { body } } }", {"products": Saying([answer])}, request)
    assert result.data == {"products": [{"sku": "p1", "reviews": []}]}


@pytest.mark.parametrize("form", [Form.DENY, Form.SILENT, Form.EXISTS])
async def test_a_denied_value_is_nowhere_even_when_a_subgraph_sends_it(form):
    result = await denied("{ products { name n: name } }", name=Decision(form, ("P05",)))
    assert "canary" not in json.dumps([result.data, result.errors])


def test_introspection_mixes_with_data_and_reads_its_variables():
    document = parse(
        "query($type: String!, $sku: Sku!) { a: __type(name: $type) { ...Name } product(sku: $sku) { name } "
        "__schema { queryType { ...Name } } }"
        "fragment Name on __Type { name }"
    )
    source = ProjectionSource.of(document, None, SHOP.api_schema)
    data, errors = introspect(source, {"type": "Size", "sku": "p1"})
    assert data == {"a": {"name": "Size"}, "__schema": {"queryType": {"name": "Query"}}}
    assert errors == []


async def test_introspection_knows_nothing_of_the_machinery():
    result = await run("{ __schema { types { name } } }", {})
    names = {each["name"] for each in result.data["__schema"]["types"]}
    assert {"Product", "Review"} <= names
    assert not any(name.startswith(("join__", "link__", "_Entity")) for name in names)


async def test_skipped_introspection_is_not_answered():
    result = await run(
        'query($a: Boolean!) { __typename __type(name: "Size") @include(if: $a) { name } }',
        {},
        ExecutionRequest({"a": False}),
    )
    assert result.data == {"__typename": "Query"}
