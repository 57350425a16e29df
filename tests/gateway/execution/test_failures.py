"""A subgraph that is down, slow, wrong or lying costs its own fields, and says so at each of them (law 8)."""

import asyncio
import json

import pytest

from gateway.execution.executor import Limits
from gateway.execution.reply import ReplyRules
from gateway.execution.result import ExecutionRequest
from gateway.execution.transport import AsgiTransport, SubgraphReply, TransportError
from gateway.planning.plan import Fetch, Parallel, QueryPlan
from tests.gateway.execution.kit import Saying, codes, run
from tests.gateway.shop import products_subgraph, reviews_subgraph

PRODUCTS = {
    "data": {
        "products": [
            {"__typename": "Product", "sku": "p1", "name": "One"},
            {"__typename": "Product", "sku": "p2", "name": "Two"},
        ]
    }
}
QUERY = "{ products { sku name stars } }"
STARS = [("UNAVAILABLE", ("products", 0, "stars")), ("UNAVAILABLE", ("products", 1, "stars"))]
DEEP = b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}"

LIES = {
    "unreachable": TransportError("unreachable", "could not be reached"),
    "no JSON": b"<html>busy</html>",
    "empty": b"",
    "not UTF-8": b'{"data":{"_entities":[{"stars":"\xff\xfe"},null]}}',
    "half a surrogate pair": b'{"data":{"_entities":[{"stars":"\\ud800"},null]}}',
    "a number beyond all bounds": b'{"data":{"_entities":[{"stars":1e999999},null]}}',
    "nested without end": DEEP,
    "a list": [],
    "nothing in it": {},
    "null data without errors": {"data": None},
    "data of another type": {"data": [1]},
    "no entities": {"data": {}},
    "entities of another type": {"data": {"_entities": "none"}},
    "fewer entities than asked": {"data": {"_entities": [{"stars": 1.5}]}},
    "more entities than asked": {"data": {"_entities": [{"stars": 1.5}] * 3}},
    "entities that are no objects": {"data": {"_entities": ["p1", 2]}},
    "fields left out": {"data": {"_entities": [{}, {}]}},
    "values of another type": {"data": {"_entities": [{"stars": "4"}, {"stars": [4]}]}},
}


@pytest.mark.parametrize("lie", LIES)
async def test_costs_only_its_own_fields_when_it_sends(lie):
    result = await run(QUERY, {"products": Saying([PRODUCTS]), "reviews": Saying([LIES[lie]])})
    assert result.data == {
        "products": [{"sku": "p1", "name": "One", "stars": None}, {"sku": "p2", "name": "Two", "stars": None}]
    }
    assert codes(result) == STARS
    assert "4" not in json.dumps([error["message"] for error in result.errors])


async def test_a_failed_status_with_data_is_not_believed():
    reviews = Saying([{"data": {"_entities": [{"stars": 1.5}, {"stars": 2.5}]}}], status=500)
    assert codes(await run(QUERY, {"products": Saying([PRODUCTS]), "reviews": reviews})) == STARS


async def test_a_subgraph_without_an_address_is_unavailable():
    assert codes(await run(QUERY, {"products": Saying([PRODUCTS])})) == STARS


async def test_a_root_fetch_that_fails_is_no_empty_answer():
    result = await run(
        "{ products { name } latest { body } }",
        {"products": Saying([b"no"]), "reviews": Saying([{"data": {"latest": {"body": "ok"}}}])},
    )
    assert result.data == {"products": None, "latest": {"body": "ok"}}
    assert codes(result) == [("UNAVAILABLE", ("products",))]


async def test_what_depends_on_a_lost_value_is_lost_too():
    answer = {"data": {"latest": {"body": "x", "product": {"__typename": "Product"}}}}
    result = await run("{ latest { product { name } } }", {"products": Saying([PRODUCTS]), "reviews": Saying([answer])})
    assert result.data == {"latest": {"product": {"name": None}}}
    assert codes(result) == [("UNAVAILABLE", ("latest", "product", "name"))]


async def test_an_unknown_entity_is_null_without_error():
    reviews = Saying([{"data": {"_entities": [None, {"stars": 2.5}]}}])
    result = await run(QUERY, {"products": Saying([PRODUCTS]), "reviews": reviews})
    assert [product["stars"] for product in result.data["products"]] == [None, 2.5]
    assert result.errors == ()


async def test_an_entity_error_stands_at_every_place_of_the_entity():
    same = {"data": {"products": [{"__typename": "Product", "sku": "p1"}] * 3}}
    reviews = Saying(
        [
            {
                "data": {"_entities": [{"s": None}]},
                "errors": [{"message": "secret", "path": ["_entities", 0, "s"], "extensions": {"code": "NOT_FOUND"}}],
            }
        ]
    )
    result = await run("{ products { s: stars } }", {"products": Saying([same]), "reviews": reviews})
    assert len(reviews.bodies[0]["variables"]["representations"]) == 1
    assert codes(result) == [("NOT_FOUND", ("products", place, "s")) for place in range(3)]
    assert {error["message"] for error in result.errors} == {"'reviews' could not answer this."}
    assert result.errors[0]["extensions"]["serviceName"] == "reviews"


async def test_messages_codes_and_advice_are_shown_only_where_allowed():
    reply = {
        "data": {"latest": None},
        "errors": [
            {
                "message": "table x is gone",
                "path": ["latest"],
                "extensions": {"code": "PG_42P01", "advice": "Wait.", "stacktrace": ["x"]},
            }
        ],
    }
    masked = await run("{ latest { body } }", {"reviews": Saying([reply])})
    shown = await run(
        "{ latest { body } }", {"reviews": Saying([reply])}, limits=Limits(rules=ReplyRules(expose_errors=True))
    )
    assert "table" not in json.dumps(masked.errors)
    assert masked.errors[0]["extensions"] == {"code": "DOWNSTREAM_SERVICE_ERROR", "serviceName": "reviews"}
    assert shown.errors[0]["message"] == "table x is gone"
    assert shown.errors[0]["extensions"] == {"code": "PG_42P01", "serviceName": "reviews", "advice": "Wait."}


async def test_an_error_of_an_internal_key_is_told_at_the_object_the_client_asked_for():
    reply = {"data": {"products": [None]}, "errors": [{"message": "x", "path": ["products", 0, "sku"]}]}
    result = await run("{ products { stars } }", {"products": Saying([reply]), "reviews": Saying([{}])})
    assert result.data == {"products": [None]}
    assert codes(result) == [("DOWNSTREAM_SERVICE_ERROR", ("products", 0))]


async def test_refused_requests_carry_the_refusal_to_each_object():
    refusal = {"errors": [{"message": "no", "extensions": {"code": "UNAUTHENTICATED"}}]}
    result = await run(QUERY, {"products": Saying([PRODUCTS]), "reviews": Saying([refusal], status=401)})
    assert codes(result) == [("UNAUTHENTICATED", ("products", place)) for place in range(2)]


async def test_an_error_without_a_place_keeps_the_data():
    reply = {
        "data": {"latest": {"body": "b"}},
        "errors": [{"message": "x"}, {"message": "y", "path": ["latest", "body"]}, "no error"],
    }
    result = await run("{ latest { body } }", {"reviews": Saying([reply])})
    assert result.data == {"latest": {"body": "b"}}
    assert [error.get("path") for error in result.errors] == [None, None]


async def test_errors_of_one_kind_are_cut_with_a_summary():
    many = {"data": {"products": [{"__typename": "Product", "sku": f"p{number}"} for number in range(250)]}}
    result = await run("{ products { stars } }", {"products": Saying([many]), "reviews": Saying([b""])})
    assert len(result.errors) == 101
    assert result.errors[-1]["extensions"] == {"code": "UNAVAILABLE", "omitted": 150}


class Never:
    """A subgraph that does not answer, and knows when it was given up on."""

    def __init__(self) -> None:
        self.asked, self.given_up = asyncio.Event(), asyncio.Event()

    async def send(self, body, headers, *, repeatable=False) -> SubgraphReply:
        self.asked.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.given_up.set()
        raise AssertionError

    async def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(
    ("limits", "request_"),
    [
        (Limits(seconds_by_subgraph={"reviews": 0.001}), ExecutionRequest()),
        (Limits(), ExecutionRequest(deadline=0.001)),
    ],
    ids=["of the subgraph", "of the request"],
)
async def test_a_deadline_is_kept(limits, request_):
    never = Never()
    transports = {"products": AsgiTransport(products_subgraph()), "reviews": never}
    async with asyncio.timeout(60):
        result = await run("{ latest { body } }", transports, request_, limits=limits)
    assert codes(result) == [("UNAVAILABLE", ("latest",))]
    assert result.fetches[0].status == "timeout"
    assert never.given_up.is_set()


async def test_cancelling_the_request_gives_up_every_fetch():
    products, reviews = Never(), Never()
    task = asyncio.ensure_future(
        run("{ products { name } latest { body } }", {"products": products, "reviews": reviews})
    )
    await products.asked.wait()
    await reviews.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert products.given_up.is_set()
    assert reviews.given_up.is_set()


async def test_an_application_that_crashes_is_unavailable_and_says_nothing():
    async def crash(scope, receive, send):
        raise RuntimeError("secret")

    result = await run(QUERY, {"products": Saying([PRODUCTS]), "reviews": AsgiTransport(crash)})
    assert codes(result) == STARS
    assert "secret" not in json.dumps(result.errors)
    assert result.fetches[-1].status == "crashed"


async def test_an_application_that_says_too_much_is_cut_off():
    async def flood(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})

    result = await run(QUERY, {"products": Saying([PRODUCTS]), "reviews": AsgiTransport(flood, max_reply=10_000)})
    assert codes(result) == STARS
    assert result.fetches[-1].status == "oversized"


async def test_an_application_that_stops_in_the_middle_is_unavailable():
    async def stop(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})

    assert codes(await run(QUERY, {"products": Saying([PRODUCTS]), "reviews": AsgiTransport(stop)})) == STARS


async def test_lists_of_different_length_are_not_mixed():
    names = {"data": {"products": [{"name": "a"}, {"name": "b"}]}}
    prices = {"data": {"products": [{"price": 1}]}}
    plan = QueryPlan(Parallel((Fetch("products", "{products{name}}"), Fetch("reviews", "{products{price}}"))))
    transports = {"products": Saying([names]), "reviews": Saying([prices])}
    result = await run("{ products { name price } }", transports, plan=plan)
    assert result.data == {"products": [{"name": "a", "price": None}, {"name": "b", "price": None}]}
    assert codes(result) == [("UNAVAILABLE", ("products", 0, "price")), ("UNAVAILABLE", ("products", 1, "price"))]


async def test_both_subgraphs_of_the_shop_answer():
    transports = {"products": AsgiTransport(products_subgraph()), "reviews": AsgiTransport(reviews_subgraph())}
    result = await run(QUERY, transports)
    assert [product["stars"] for product in result.data["products"]] == [4.5, 4.5, 4.5, 4.5, None]
