"""The request through its stages: what is recorded, what is released, and that every exit is a GraphQL response."""

import asyncio
import json

import pytest
from structlog.testing import capture_logs

from authz.audit.errors import AuditUnavailable
from authz.audit.leaf import Outcome
from authz.decision import Decision, Form
from gateway.execution.transport import SubgraphReply
from gateway.planning.errors import PlanTooComplex, UnplannableField
from gateway.planning.planner import Planner
from tests.gateway.kit import PLANNER, SHOP, Edges, ask, pipeline, shop_transports, told

NAMES = "{ products { name } }"
DENIED = Decision(Form.DENY, ("P05",), "D")


async def test_the_general_posture_answers_and_adds_nothing():
    response = await ask(pipeline(), '{ product(sku: "p1") { name stars } }')
    assert response.status == 200
    assert response.media_type == "application/json"
    assert told(response) == {"data": {"product": {"name": "Product 1", "stars": 4.5}}}


RECEIPT = {"entry": "I1", "log": "test/log", "index": 0, "leaf": "00"}


async def test_the_governed_posture_says_its_world_and_where_it_was_recorded():
    edges = Edges()
    response = await ask(
        pipeline(edges.stages()),
        "query A($s: Sku!) { product(sku: $s) { name } }",
        {"authorization": "ann"},
        variables={"s": "p1"},
    )
    assert told(response)["extensions"] == {"world": "SYNTHETIC", "audit": RECEIPT}
    ((request, answer),) = edges.recorded
    assert edges.intended == [request]
    assert (request.principal.subject, request.operation.name, dict(request.variables)) == ("ann", "A", {"s": "p1"})
    assert request.operation.hash.startswith("sha256:")
    assert answer.outcome is Outcome.OK
    assert edges.signed == [("products", "ann")]


async def test_denials_are_shown_and_recorded():
    edges = Edges({"ann": {"Product.name": DENIED}})
    response = await ask(pipeline(edges.stages()), '{ product(sku: "p1") { name } }', {"authorization": "ann"})
    assert told(response)["data"] == {"product": {"name": None}}
    assert told(response)["errors"][0]["extensions"]["code"] == "ACCESS_DENIED"
    assert edges.recorded[0][1].outcome is Outcome.PARTIAL
    assert edges.recorded[0][1].denials == {"Product.name": DENIED}


@pytest.mark.parametrize("query", [NAMES, "{ __typename }", 'mutation { rename(sku: "p1", name: "canary") { name } }'])
@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [(AuditUnavailable("disk full"), 503, "AUDIT_UNAVAILABLE"), (RuntimeError("disk full"), 500, "INTERNAL_ERROR")],
)
async def test_nothing_is_released_when_the_ledger_cannot_write(query, fault, status, code):
    edges = Edges(ledger_fails=fault)
    response = await ask(pipeline(edges.stages()), query, {"authorization": "ann"})
    assert response.status == status
    assert "data" not in told(response)
    assert [error["extensions"]["code"] for error in told(response)["errors"]] == [code]
    assert b"Product" not in response.body
    assert b"canary" not in response.body


async def test_a_refusal_of_a_caller_is_recorded():
    edges = Edges()
    response = await ask(pipeline(edges.stages()), NAMES)
    assert response.status == 401
    assert response.headers["www-authenticate"].startswith("Bearer ")
    ((request, answer),) = edges.recorded
    assert (request.principal, answer.outcome, answer.refused_by) == (None, Outcome.REFUSED, "TOKEN_MISSING")


async def test_a_verified_caller_whose_statements_are_refused_is_named_in_the_record():
    edges = Edges()
    response = await ask(pipeline(edges.stages()), NAMES, {"authorization": "ann", "x-leds-purpose": ""})
    assert response.status == 400
    ((request, answer),) = edges.recorded
    assert request.principal is not None
    assert (request.principal.subject, request.context, answer.refused_by) == ("ann", None, "CONTEXT_INCOMPLETE")


async def test_a_refusal_that_cannot_be_recorded_is_audit_unavailable():
    response = await ask(pipeline(Edges(ledger_fails=AuditUnavailable("x")).stages()), NAMES)
    assert response.status == 503


REQUEST_ERRORS = {
    "{": "GRAPHQL_PARSE_FAILED",
    "{ nope }": "GRAPHQL_VALIDATION_FAILED",
    "query($s: Sku!) { product(sku: $s) { name } }": "BAD_VARIABLES",
    "query A { latest { body } } query B { latest { body } }": "UNKNOWN_OPERATION",
}


@pytest.mark.parametrize("query", REQUEST_ERRORS)
@pytest.mark.parametrize(
    ("accept", "status", "media_type"),
    [
        ("application/json", 200, "application/json"),
        ("*/*", 200, "application/json"),
        ("application/graphql-response+json", 400, "application/graphql-response+json"),
        ("application/json;q=0.5, application/graphql-response+json", 400, "application/graphql-response+json"),
        (
            "application/graphql-response+json; charset=utf-8, application/json",
            400,
            "application/graphql-response+json",
        ),
    ],
)
async def test_a_request_error_has_the_status_of_its_media_type(query, accept, status, media_type):
    response = await ask(pipeline(), query, {"accept": accept})
    assert (response.status, response.media_type) == (status, media_type)
    body = told(response)
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == REQUEST_ERRORS[query]
    assert body["errors"][0]["extensions"]["advice"]
    assert body["errors"][0]["extensions"]["correlationId"] == "id-1"


async def test_an_accept_header_nothing_of_ours_fits_is_406():
    response = await ask(pipeline(), NAMES, {"accept": "text/html"})
    assert response.status == 406
    assert told(response)["errors"][0]["extensions"]["code"] == "NOT_ACCEPTABLE"


class Planning:
    """A planner that fails, or counts."""

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault, self.asked = fault, 0

    def overrides(self, document, operation_name=None):
        return PLANNER.overrides(document, operation_name)

    def plan(self, document, operation_name=None, labels=None):
        self.asked += 1
        if self.fault:
            raise self.fault
        return PLANNER.plan(document, operation_name, labels)


async def test_an_operation_without_a_path_is_answered_with_null():
    response = await ask(pipeline(planner=Planning(UnplannableField("no way"))), NAMES)
    assert response.status == 200
    assert told(response)["data"] is None
    assert told(response)["errors"][0]["extensions"]["code"] == "PLAN_FIELD_UNREACHABLE"


async def test_other_planning_errors_have_their_own_status():
    assert (await ask(pipeline(planner=Planning(PlanTooComplex("much"))), NAMES)).status == 400


@pytest.mark.parametrize("fault", [ValueError("secret /etc/passwd"), KeyError("secret"), RuntimeError("secret")])
async def test_an_unexpected_error_tells_nothing_and_logs_where(fault):
    with capture_logs() as logs:
        response = await ask(pipeline(planner=Planning(fault)), NAMES)
    assert response.status == 500
    assert told(response) == {
        "errors": [
            {
                "message": "Something went wrong on our side.",
                "extensions": {"code": "INTERNAL_ERROR", "correlationId": "id-1"},
            }
        ]
    }
    (line,) = logs
    assert (line["event"], line["kind"], line["correlation_id"]) == ("unexpected_error", type(fault).__name__, "id-1")
    assert any("test_pipeline" in frame for frame in line["frames"])
    assert "secret" not in json.dumps(logs)


async def test_endless_recursion_is_a_limit_and_no_crash():
    response = await ask(pipeline(planner=Planning(RecursionError())), NAMES)
    assert told(response)["errors"][0]["extensions"]["code"] == "DOCUMENT_TOO_LARGE"


async def test_a_known_operation_is_enforced_and_planned_once_per_clearance():
    edges, planning = Edges({"bob": {"Product.price": DENIED}}), Planning()
    line = pipeline(edges.stages(), planner=planning)
    for name in ("ann", "ann", "bob", "ann", "bob"):
        await ask(line, NAMES, {"authorization": name})
    assert edges.enforced == [(None, "ann"), (None, "bob")]
    assert planning.asked == 1


async def test_operations_of_one_document_are_told_apart():
    line = pipeline()
    query = 'query A { product(sku: "p1") { name } } query B { product(sku: "p1") { price } }'
    answers = [told(await ask(line, query, operationName=name))["data"] for name in "ABAB"]
    assert answers == [{"product": {"name": "Product 1"}}, {"product": {"price": 100}}] * 2


async def test_concurrent_callers_never_mix():
    edges = Edges({name: {"Product.name": Decision(Form.DENY, (name,))} for name in ("bob", "eve")})
    line = pipeline(edges.stages())
    names = ["ann", "bob", "eve"] * 20
    responses = await asyncio.gather(*(ask(line, NAMES, {"authorization": name}) for name in names))
    for name, response in zip(names, responses, strict=True):
        body = told(response)
        entry = edges.recorded[body["extensions"]["audit"]["index"]][0]
        assert entry.principal.subject == name
        policies = {policy for error in body.get("errors", ()) for policy in error["extensions"]["policies"]}
        assert policies == ({name} if name != "ann" else set())


class Gate:
    """A subgraph that answers when it is let, and counts what it was asked."""

    def __init__(self, reply: dict) -> None:
        self.reply, self.asked, self.open, self.answered = reply, asyncio.Event(), asyncio.Event(), 0

    async def send(self, body, headers, *, repeatable=False) -> SubgraphReply:
        self.asked.set()
        await self.open.wait()
        self.answered += 1
        return SubgraphReply(200, json.dumps(self.reply).encode())

    async def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize("operation", [NAMES, 'mutation { rename(sku: "p1", name: "x") { name } }'])
async def test_nothing_is_sent_whose_intent_cannot_be_recorded(operation: str):
    edges, gate = Edges(ledger_fails=AuditUnavailable("no ledger")), Gate({"data": {"rename": {"name": "x"}}})
    response = await ask(pipeline(edges.stages(), {"products": gate}), operation, {"authorization": "ann"})
    assert (response.status, gate.asked.is_set()) == (503, False)


async def test_what_fetches_nothing_has_no_intent():
    edges = Edges()
    assert told(await ask(pipeline(edges.stages()), "{ __typename }", {"authorization": "ann"}))["data"]
    assert (edges.intended, len(edges.recorded)) == ([], 1)


async def test_a_mutation_is_finished_and_recorded_when_its_caller_goes_away():
    edges, gate = Edges(), Gate({"data": {"rename": {"name": "x"}}})
    line = pipeline(edges.stages(), {"products": gate})
    task = asyncio.ensure_future(
        ask(line, 'mutation { rename(sku: "p1", name: "x") { name } }', {"authorization": "ann"})
    )
    await gate.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    edges.written.clear()
    gate.open.set()
    async with asyncio.timeout(60):
        await edges.written.wait()
    assert (len(edges.intended), [answer.outcome for _, answer in edges.recorded]) == (1, [Outcome.OK])


async def test_a_query_is_given_up_when_its_caller_goes_away():
    edges, gate = Edges(), Gate({"data": {"products": []}})
    task = asyncio.ensure_future(ask(pipeline(edges.stages(), {"products": gate}), NAMES, {"authorization": "ann"}))
    await gate.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (gate.answered, len(edges.intended), edges.recorded) == (0, 1, [])


async def test_mutations_run_one_after_the_other():
    line = pipeline(transports=shop_transports())
    query = 'mutation { a: rename(sku: "p1", name: "A") { name } b: rename(sku: "p1", name: "B") { name } }'
    assert told(await ask(line, query))["data"] == {"a": {"name": "A"}, "b": {"name": "B"}}
    assert told(await ask(line, '{ product(sku: "p1") { name } }'))["data"] == {"product": {"name": "B"}}


def test_the_planner_of_the_engine_fits_the_pipeline():
    assert isinstance(PLANNER, Planner)
    assert PLANNER.supergraph is SHOP
