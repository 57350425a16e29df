"""The pipeline while its ledger fails: what is answered against the spool, what is refused, and what is fetched."""

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import pytest

from authz.audit.errors import AuditUnavailable
from authz.audit.leaf import Outcome
from authz.audit.recorder import AuditedAnswer, AuditedRequest
from authz.decision import Clearance, Decision, Form
from authz.enforce import Enforcement
from authz.rules import Rule, Rules
from authz.safety import Graph, OfficerSafety, officer_safety
from gateway.execution.transport import AsgiTransport
from gateway.planning.check import check_plan
from gateway.stages import Enforced, Recorded, Stages
from tests.gateway.kit import SHOP, Edges, Entry, ask, pipeline, told
from tests.gateway.shop import products_subgraph, reviews_subgraph

ANN = {"authorization": "ann"}
DOWN = AuditUnavailable("no ledger")
COORDINATES = [
    *("Query.products", "Query.product", "Query.latest", "Mutation.rename", "Mutation.review"),
    *("Product.sku", "Product.name", "Product.price", "Product.size", "Product.weight"),
    *("Product.reviews", "Product.stars", "Review.body", "Review.product"),
]
RULES = Rules(
    "",
    MappingProxyType({name: Rule(name, ("D",)) for name in COORDINATES}),
    MappingProxyType({}),
    MappingProxyType({}),
    frozenset({"Product.sku"}),
    (),
    (),
)
FULL = MappingProxyType(dict.fromkeys(COORDINATES, Decision(Form.FULL, ("P05",), "D")))
GRAPH = Graph(SHOP.api_schema, RULES, frozenset({"Product.stars", "Product.price"}))
BOTH = '{ product(sku: "p1") { name stars } }'


@dataclass
class Down(Edges):
    """A governed posture whose ledger fails from a given call on; the stars and price of a product are safety data."""

    calls_before: int = 0
    spool_fails: tuple[str, ...] = ()
    spooled: list[tuple[str, AuditedRequest, AuditedAnswer | None, Recorded | None]] = field(default_factory=list)
    clearance: Clearance = field(default_factory=lambda: Clearance("ann", FULL))

    def stages(self) -> Stages:
        return replace(
            super().stages(), decide=lambda known, now: self.clearance, check=self.check, without_ledger=Spooling(self)
        )

    def check(self, plan: Any, clearance: Clearance) -> None:
        check_plan(plan, SHOP, clearance, RULES.internal)

    async def intend(self, request: AuditedRequest) -> Entry:
        self._count()
        return await super().intend(request)

    async def record(self, request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None) -> Entry:
        self._count()
        return await super().record(request, answer, intent)

    def _count(self) -> None:
        if self.calls_before == 0:
            raise DOWN
        self.calls_before -= 1


@dataclass
class Spooling:
    """See WithoutLedger."""

    edges: Down

    def reduced(self, document, operation_name, enforced: Enforced, clearance, conditions) -> OfficerSafety:
        allowed = Enforcement(enforced.document, enforced.denials)
        return officer_safety(document, operation_name, allowed, clearance, GRAPH, conditions)

    async def intend(self, request: AuditedRequest) -> Entry:
        return self._kept("intent", request)

    async def record(self, request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None) -> Entry:
        return self._kept("outcome", request, answer, intent)

    def _kept(self, stage, request, answer=None, intent=None) -> Entry:
        if stage in self.edges.spool_fails:
            raise AuditUnavailable("the spool is full")
        self.edges.spooled.append((stage, request, answer, intent))
        return Entry("S1", len(self.edges.spooled) - 1, "test/log/spool")


class Shop:
    """The two subgraphs, and what they were asked."""

    def __init__(self) -> None:
        self.products, self.reviews = products_subgraph(), reviews_subgraph()

    def transports(self) -> dict[str, AsgiTransport]:
        return {"products": AsgiTransport(self.products), "reviews": AsgiTransport(self.reviews)}

    @property
    def queries(self) -> list[str]:
        return [" ".join(body["query"].split()) for body in [*self.products.bodies, *self.reviews.bodies]]


def refusals(body: dict[str, Any]) -> set[tuple[str, str]]:
    return {(".".join(map(str, error["path"])), error["extensions"]["code"]) for error in body.get("errors", ())}


async def test_safety_data_are_answered_and_the_rest_is_null_and_not_fetched():
    edges, shop = Down(), Shop()
    response = await ask(pipeline(edges.stages(), shop.transports()), BOTH, ANN)
    body = told(response)
    assert (response.status, body["data"]) == (200, {"product": {"name": None, "stars": 4.5}})
    (error,) = body["errors"]
    assert error["path"] == ["product", "name"]
    assert error["extensions"]["code"] == "AUDIT_UNAVAILABLE"
    assert error["extensions"]["advice"]
    assert body["extensions"]["audit"] == {"entry": "S1", "log": "test/log/spool", "index": 1, "leaf": "00"}
    assert len(shop.queries) == 2
    assert all("name " not in query.replace("__typename", "") for query in shop.queries)


async def test_intent_comes_before_the_fetch_and_the_outcome_before_the_answer():
    edges, shop = Down(), Shop()
    await ask(pipeline(edges.stages(), shop.transports()), BOTH, ANN)
    (intent, asked, _, _), (outcome, request, answer, intended) = edges.spooled
    assert (intent, outcome, asked) == ("intent", "outcome", request)
    assert intended is not None
    assert intended.log == "test/log/spool"
    assert answer is not None
    assert answer.outcome is Outcome.PARTIAL
    assert {name: found.unrecorded for name, found in answer.denials.items()} == {"Product.name": True}
    assert (edges.intended, edges.recorded) == ([], [])


async def test_a_key_that_a_join_needs_is_not_shown_by_it():
    edges, shop = Down(), Shop()
    body = told(await ask(pipeline(edges.stages(), shop.transports()), '{ product(sku: "p1") { sku stars } }', ANN))
    # The schema says that a product has a sku: without it there is no product.
    assert body["data"] == {"product": None}
    assert refusals(body) == {("product.sku", "AUDIT_UNAVAILABLE")}


async def test_what_is_asked_in_another_place_without_safety_data_is_null_there():
    query = '{ a: product(sku: "p1") { stars } b: product(sku: "p2") { name } products { size } }'
    edges, shop = Down(), Shop()
    body = told(await ask(pipeline(edges.stages(), shop.transports()), query, ANN))
    assert body["data"] == {"a": {"stars": 4.5}, "b": None, "products": None}
    assert refusals(body) == {("b", "AUDIT_UNAVAILABLE"), ("products", "AUDIT_UNAVAILABLE")}
    assert not any("p2" in str(sent) for sent in [*shop.products.bodies, *shop.reviews.bodies])


@pytest.mark.parametrize(
    "operation",
    [
        '{ product(sku: "p1") { name } }',
        '{ product(sku: "p1") { __typename } }',
        "{ __typename }",
        '{ product(sku: "p1") { name stars @include(if: false) } }',
        'mutation { rename(sku: "p1", name: "x") { stars } }',
    ],
)
async def test_what_holds_no_safety_data_and_what_changes_anything_is_refused_unfetched(operation: str):
    edges, shop = Down(), Shop()
    response = await ask(pipeline(edges.stages(), shop.transports()), operation, ANN)
    assert (response.status, "data" in told(response)) == (503, False)
    assert [error["extensions"]["code"] for error in told(response)["errors"]] == ["AUDIT_UNAVAILABLE"]
    assert (shop.queries, edges.spooled) == ([], [])


@pytest.mark.parametrize("form", [Form.MASK, Form.EXISTS, Form.DENY, Form.SILENT])
async def test_safety_data_that_are_not_shown_in_full_are_not_shown_at_all(form: Form):
    lower = Decision(form, ("P05",), "D")
    edges, shop = Down({"ann": {"Product.stars": lower}}), Shop()
    edges.clearance = Clearance("ann", MappingProxyType({**FULL, "Product.stars": lower}))
    response = await ask(pipeline(edges.stages(), shop.transports()), BOTH, ANN)
    assert (response.status, shop.queries, edges.spooled) == (503, [], [])


async def test_nothing_is_fetched_against_a_spool_that_cannot_be_written():
    edges, shop = Down(spool_fails=("intent",)), Shop()
    response = await ask(pipeline(edges.stages(), shop.transports()), BOTH, ANN)
    assert (response.status, shop.queries) == (503, [])


async def test_nothing_is_released_when_the_spool_fails_before_the_answer():
    edges, shop = Down(spool_fails=("outcome",)), Shop()
    response = await ask(pipeline(edges.stages(), shop.transports()), BOTH, ANN)
    assert (response.status, "data" in told(response), len(edges.spooled)) == (503, False, 1)


async def test_a_ledger_lost_before_the_outcome_costs_everything_but_answers_of_safety_data_alone():
    edges, shop = Down(calls_before=1), Shop()
    response = await ask(pipeline(edges.stages(), shop.transports()), BOTH, ANN)
    assert (response.status, "data" in told(response), edges.spooled) == (503, False, [])
    edges = Down(calls_before=1)
    response = await ask(pipeline(edges.stages(), shop.transports()), '{ product(sku: "p1") { stars } }', ANN)
    assert told(response)["data"] == {"product": {"stars": 4.5}}
    ((stage, _, _, intent),) = edges.spooled
    assert (stage, intent and intent.entry_id, len(edges.intended)) == ("outcome", "I1", 1)


async def test_a_ledger_that_can_be_written_is_written_and_nothing_else():
    edges, shop = Down(calls_before=2), Shop()
    body = told(await ask(pipeline(edges.stages(), shop.transports()), BOTH, ANN))
    assert (body["data"], "errors" in body) == ({"product": {"name": "Product 1", "stars": 4.5}}, False)
    assert (len(edges.intended), len(edges.recorded), edges.spooled) == (1, 1, [])


async def test_another_failure_of_the_ledger_opens_nothing():
    edges = Down(ledger_fails=RuntimeError("a fault of ours"), calls_before=9)
    response = await ask(pipeline(edges.stages(), Shop().transports()), BOTH, ANN)
    assert (response.status, edges.spooled) == (500, [])
