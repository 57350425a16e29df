"""The shapes of concurrency and caches: whatever two callers share, neither's identity, decision or entry is the
other's."""

import asyncio
import json
import random
from typing import Any

import pytest

from authz.audit.leaf import Outcome
from authz.decision import Decision, Form
from gateway.execution.transport import AsgiTransport
from tests.gateway import kit
from tests.gateway.shop import products_subgraph, reviews_subgraph
from tests.laws.report import CASES, SEED, cases
from tests.shapes.asking import NEEDS_TABLE, OVER_EACH, ask, denied, send
from tests.shapes.world import World, bearer

pytestmark = pytest.mark.asyncio(loop_scope="session")
INTERLEAVED = cases(500)
AT_ONCE = 50
NAME = "query Q($sku: Sku!) { product(sku: $sku) { name price reviews { body } } }"
CALLERS = tuple(f"officer{number}" for number in range(7))


class Wandering(AsgiTransport):
    """Lets others run before it sends, and before it answers."""

    def __init__(self, app: Any, chance: random.Random) -> None:
        super().__init__(app)
        self._chance = chance

    async def send(self, body: bytes, headers: Any, *, repeatable: bool = False) -> Any:
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        reply = await super().send(body, headers, repeatable=repeatable)
        for _ in range(self._chance.randrange(4)):
            await asyncio.sleep(0)
        return reply


@pytest.mark.law("interleaved-callers")
async def test_kc01_nothing_of_one_caller_crosses_to_another(record_property):
    """Each caller is denied a field of their own: answers, grants, entries and denials must all be the caller's."""
    record_property(CASES, INTERLEAVED)
    fields = ("Product.name", "Product.price", "Product.reviews")
    own = {name: fields[number % 3] for number, name in enumerate(CALLERS)}
    edges = kit.Edges(denied={name: {own[name]: Decision(Form.DENY, (f"P-{name}",))} for name in CALLERS})
    chance, products, reviews = random.Random(SEED), products_subgraph(), reviews_subgraph()
    transports = {"products": Wandering(products, chance), "reviews": Wandering(reviews, chance)}
    line, room = kit.pipeline(edges.stages(), transports), asyncio.Semaphore(AT_ONCE)

    async def one(name: str) -> int:
        async with room:
            response = kit.told(await kit.ask(line, NAME, {"authorization": name}, variables={"sku": "p1"}))
        key = own[name].partition(".")[2]
        assert response["data"]["product"][key] is None
        assert all(value is not None for other, value in response["data"]["product"].items() if other != key)
        assert [each["extensions"]["policies"] for each in response["errors"]] == [[f"P-{name}"]]
        index = response["extensions"]["audit"]["index"]
        request, answer = edges.recorded[index]
        assert request.principal is not None
        assert request.context is not None
        assert (request.principal.subject, request.context.correlation_id) == (name, f"correlation-{name}")
        assert list(answer.denials) == [own[name]]
        return index

    order = [chance.choice(CALLERS) for _ in range(INTERLEAVED)]
    entries = await asyncio.gather(*(one(name) for name in order))
    assert sorted(entries) == list(range(INTERLEAVED))
    grants = [headers["x-grant"] for known in (products, reviews) for headers in known.headers]
    assert {name: grants.count(name) for name in CALLERS} == {
        name: sum(1 for _, signed in edges.signed if signed == name) for name in CALLERS
    }


@NEEDS_TABLE
@OVER_EACH
async def test_kc01_callers_at_once_over_the_same_transport(world: World, transport: str):
    async def one(scope: str) -> None:
        told = await ask(world, transport, "AZ30", claims={"sub": f"pc-{scope}", "scope": scope})
        assert told.data == {"person": {"id": "1", "dob": "1990" if scope == "pii" else None}}
        assert bool(told.errors) is (scope != "pii")

    await asyncio.gather(*(one(scope) for scope in ("pii", "", "crime", "pii", "intel", "") * 2))


async def test_kc02_equal_requests_of_two_callers_are_two_fetches_and_two_entries():
    edges, products = kit.Edges(), products_subgraph()
    line = kit.pipeline(edges.stages(), {"products": AsgiTransport(products)})
    query = '{ product(sku: "p1") { name } }'
    await asyncio.gather(*(kit.ask(line, query, {"authorization": name}) for name in ("ann", "bob", "ann")))
    assert sorted(headers["x-grant"] for headers in products.headers) == ["ann", "ann", "bob"]
    subjects = [request.principal.subject for request, _ in edges.recorded if request.principal]
    assert sorted(subjects) == ["ann", "ann", "bob"]


async def test_rc04_where_a_policy_cannot_be_evaluated_it_is_refused_as_unavailable_and_recorded():
    undecided = Decision(Form.DENY, ("P00",), undecided=True)
    edges = kit.Edges(denied={"ann": {"Product.price": undecided}})
    line = kit.pipeline(edges.stages(), {"products": AsgiTransport(products_subgraph())})
    response = kit.told(await kit.ask(line, '{ product(sku: "p1") { price } }', {"authorization": "ann"}))
    assert response["data"] == {"product": {"price": None}}
    (error,) = response["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["product", "price"], "POLICY_UNAVAILABLE")
    assert "alarm" in error["extensions"]["advice"]
    ((_, answer),) = edges.recorded
    assert (answer.outcome, dict(answer.denials)) == (Outcome.PARTIAL, {"Product.price": undecided})


@NEEDS_TABLE
@OVER_EACH
async def test_kc03_one_rule_on_two_fields_and_two_arguments_is_decided_at_each(world: World, transport: str):
    query = '{a:person(id:"1"){dob} b:person(id:"2"){nino} c:people(first:1){nodes{dob}} d:people(first:2){nodes{id}}}'
    told = await send(world, transport, bearer({"sub": "pc1", "scope": ""}), query)
    assert denied(told) == {
        ("a", "dob"): "Person.dob",
        ("b", "nino"): "Person.nino",
        ("c", "nodes", 0, "dob"): "Person.dob",
    }
    assert told.data["d"] == {"nodes": [{"id": "1"}]}


@NEEDS_TABLE
@OVER_EACH
async def test_kc04_kc05_what_is_known_already_is_decided_and_fetched_anew(world: World, transport: str):
    query = "query($id: ID!){ person(id:$id){ dob } }"
    may, may_not = bearer({"sub": "pc1", "scope": "pii"}), bearer({"sub": "pc1", "scope": ""})
    for number, (headers, shown) in enumerate([(may, "1990"), (may_not, None), ({}, None), (may, "1990")]):
        world.forget()
        told = await send(world, transport, headers, query, {"id": str(number)})
        assert told.data == {"person": {"dob": shown}}
        assert ("Person.dob" in world.asked()) is (shown is not None)
        assert (json.dumps(str(number)) in world.sent()) is (world.requests() > 0)
    assert world.requests() == 1
