"""The HTTP edge behind a real server: routes, limits, headers, and a caller who hangs up."""

import asyncio
import json
from urllib.parse import urlsplit

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gateway.app import AppOptions, create_app
from gateway.metrics import Metrics
from gateway.readiness import Reason
from tests.gateway.kit import Edges, pipeline, served
from tests.gateway.test_pipeline import Gate

NAME = {"query": '{ product(sku: "p1") { name } }'}


def app(stages=None, transports=None, **options):
    metrics = Metrics()
    line = pipeline(stages, transports, metrics=metrics) if stages else pipeline(transports=transports, metrics=metrics)
    return create_app(line, metrics, AppOptions(**options))


async def test_answers_post_and_get():
    async with served(app()) as client:
        for response in (await client.post("/graphql", json=NAME), await client.get("/graphql", params=NAME)):
            assert response.status_code == 200
            assert response.json() == {"data": {"product": {"name": "Product 1"}}}
            assert response.headers["content-type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "options", "status", "code", "headers"),
    [
        (
            "GET",
            {"params": {"query": 'mutation { rename(sku: "p1", name: "x") { name } }'}},
            405,
            "METHOD_NOT_ALLOWED",
            {"allow": "POST"},
        ),
        ("PUT", {"json": NAME}, 405, "METHOD_NOT_ALLOWED", {"allow": "GET, POST"}),
        ("DELETE", {}, 405, "METHOD_NOT_ALLOWED", {"allow": "GET, POST"}),
        ("OPTIONS", {}, 405, "METHOD_NOT_ALLOWED", {}),
        ("POST", {"content": b"{", "headers": {"content-type": "application/json"}}, 400, "MALFORMED_JSON", {}),
        (
            "POST",
            {"content": b"query={a}", "headers": {"content-type": "text/plain"}},
            415,
            "UNSUPPORTED_MEDIA_TYPE",
            {},
        ),
        ("POST", {"json": NAME, "headers": {"content-encoding": "br"}}, 415, "UNSUPPORTED_CONTENT_ENCODING", {}),
        ("POST", {"json": NAME, "headers": {"accept": "image/png"}}, 406, "NOT_ACCEPTABLE", {}),
        ("POST", {"json": {"query": "x" * 3_000}}, 413, "BODY_TOO_LARGE", {}),
    ],
)
async def test_a_request_that_is_none_has_status_code_and_advice(method, options, status, code, headers):
    async with served(app(max_body=2_000)) as client:
        response = await client.request(method, "/graphql", **options)
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["advice"]
    assert headers.items() <= dict(response.headers).items()


@pytest.mark.parametrize(
    ("method", "path", "status", "code", "allowed"),
    [
        ("GET", "/nowhere", 404, "UNKNOWN_PATH", None),
        ("POST", "/graphql/v2", 404, "UNKNOWN_PATH", None),
        ("GET", "/health", 404, "UNKNOWN_PATH", None),
        ("POST", "/health/ready", 405, "METHOD_NOT_ALLOWED", {"GET", "HEAD"}),
        ("DELETE", "/schema.graphql", 405, "METHOD_NOT_ALLOWED", {"GET", "HEAD"}),
    ],
)
async def test_what_is_not_served_is_refused_like_everything_else(method, path, status, code, allowed):
    async with served(app()) as client:
        response = await client.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json; charset=utf-8")
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["advice"]
    assert error["extensions"]["correlationId"]
    assert allowed is None or set(response.headers["allow"].split(", ")) == allowed


async def test_a_body_without_length_is_cut_off_at_the_limit():
    async def endless():
        for _ in range(100):
            yield b"x" * 1_000

    async with served(app(max_body=2_000)) as client:
        response = await client.post("/graphql", content=endless(), headers={"content-type": "application/json"})
    assert response.status_code == 413


async def test_governed_answers_are_never_stored():
    async with served(app(Edges().stages())) as client:
        response = await client.post("/graphql", json=NAME, headers={"authorization": "ann"})
        refused = await client.post("/graphql", json=NAME)
    assert response.headers["cache-control"] == refused.headers["cache-control"] == "no-store"
    assert refused.status_code == 401
    assert "Bearer" in refused.headers["www-authenticate"]


async def test_every_answer_carries_the_security_headers_and_no_permission_for_other_sites():
    async with served(app()) as client:
        for path in ("/graphql", "/graphiql", "/schema.graphql", "/health/live", "/nowhere"):
            response = await client.get(path, headers={"origin": "https://evil.example"})
            assert "default-src 'none'" in response.headers["content-security-policy"]
            assert response.headers["x-content-type-options"] == "nosniff"
            assert response.headers["referrer-policy"] == "no-referrer"
            assert not [name for name in response.headers if name.startswith("access-control")]


async def test_the_schema_is_the_api_schema():
    async with served(app()) as client:
        sdl = (await client.get("/schema.graphql")).text
    assert "type Product" in sdl
    assert "join__" not in sdl


async def test_health_says_live_at_once_and_ready_when_it_is():
    ready = asyncio.Event()

    async def is_ready() -> tuple[Reason, ...]:
        return () if ready.is_set() else (Reason("demo", "STARTING"),)

    async with served(app(ready=is_ready)) as client:
        assert (await client.get("/health/live")).status_code == 200
        starting = await client.get("/health/ready")
        assert starting.status_code == 503
        assert starting.json() == {"status": "not ready", "reasons": [{"part": "demo", "code": "STARTING"}]}
        ready.set()
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_readiness_says_when_only_part_is_answered_and_metrics_how_much_waits():
    waiting, metrics = [2], Metrics()
    metrics.ledger(lambda: waiting[0], lambda: waiting[0] > 0)
    line = pipeline(metrics=metrics)
    async with served(create_app(line, metrics, AppOptions(degraded=lambda: waiting[0] > 0))) as client:
        said = await client.get("/health/ready")
        assert (said.status_code, said.json()) == (200, {"status": "degraded"})
        exposed = (await client.get("/metrics")).text
        assert {"leds_ledger_spooled 2.0", "leds_ledger_unavailable 1.0"} <= set(exposed.splitlines())
        waiting[0] = 0
        assert (await client.get("/health/ready")).json() == {"status": "ready"}


async def test_metrics_count_requests_stages_and_fetches_without_values():
    async with served(app()) as client:
        await client.post("/graphql", json=NAME)
        await client.post("/graphql", json={"query": "{ nope }"})
        text = (await client.get("/metrics")).text
    assert 'leds_gateway_requests_total{outcome="ok",status="200"} 1.0' in text
    assert 'leds_gateway_requests_total{outcome="GRAPHQL_VALIDATION_FAILED",status="200"} 1.0' in text
    assert 'leds_gateway_fetch_seconds_count{status="ok",subgraph="products"} 1.0' in text
    for stage in (
        "read",
        "authenticate",
        "document",
        "decide",
        "enforce",
        "plan",
        "check",
        "execute",
        "record",
        "release",
    ):
        assert f'leds_gateway_stage_seconds_count{{stage="{stage}"}}' in text
    assert "p1" not in text


async def test_graphiql_is_served_from_its_directory(tmp_path):
    (tmp_path / "index.html").write_text("<title>GraphiQL</title>")
    async with served(app(graphiql=tmp_path)) as client:
        response = await client.get("/graphiql", follow_redirects=True)
        outside = await client.get("/graphiql/..%2f..%2fetc/passwd")
    assert (response.status_code, response.text) == (200, "<title>GraphiQL</title>")
    assert outside.status_code == 404


async def test_without_graphiql_the_page_says_how_to_build_it():
    async with served(app()) as client:
        response = await client.get("/graphiql/")
    assert response.status_code == 404
    assert "make graphiql" in response.text


async def test_extra_routes_are_served():
    async with served(app(routes=[Route("/token", lambda request: PlainTextResponse("issued"))])) as client:
        assert (await client.get("/token")).text == "issued"


async def test_a_caller_who_hangs_up_ends_the_fetches():
    edges = Edges()
    body = json.dumps({"query": "{ products { name } }"}).encode()
    given_up = asyncio.Event()

    class Watched(Gate):
        async def send(self, body, headers, *, repeatable=False):
            try:
                return await super().send(body, headers, repeatable=repeatable)
            finally:
                given_up.set()

    gate = Watched({"data": {"products": []}})
    async with served(app(edges.stages(), {"products": gate})) as client:
        address = urlsplit(str(client.base_url))
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        head = ("POST /graphql HTTP/1.1", "host: x", "authorization: ann", "content-type: application/json")
        writer.write("\r\n".join((*head, f"content-length: {len(body)}", "", "")).encode() + body)
        await gate.asked.wait()
        writer.close()
        await writer.wait_closed()
        async with asyncio.timeout(60):
            await given_up.wait()
    assert edges.recorded == []


async def test_a_header_sent_twice_is_read_as_all_that_it_says():
    edges = Edges()
    twice = [("content-type", "application/json"), ("authorization", "ann"), ("authorization", "bob")]
    async with served(app(edges.stages())) as client:
        response = await client.post("/graphql", content=b'{"query":"{ latest { body } }"}', headers=twice)
    assert response.status_code == 200
    assert [request.principal.subject for request, _ in edges.recorded if request.principal] == ["ann, bob"]
