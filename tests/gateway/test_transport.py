"""A subgraph in this process that crashes: its request fails, and an operator can find out where, without a value."""

import json

import pytest
from structlog.testing import capture_logs

from gateway.execution.transport import AsgiTransport, TransportError
from tests.gateway.kit import ask, pipeline, told
from tests.gateway.shop import reviews_subgraph


async def crashing(scope, receive, send) -> None:
    raise LookupError("the secret of AB12CDE")


async def oversized(scope, receive, send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"x" * 100})


async def test_a_crash_is_an_alarm_with_kind_and_frames_and_no_value():
    with capture_logs() as logs, pytest.raises(TransportError, match="failed while answering"):
        await AsgiTransport(crashing, name="products").send(b"{}", {})
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("subgraph_crashed", "critical")
    assert (line["subgraph"], line["kind"]) == ("products", "LookupError")
    assert line["frames"][-1].startswith("tests.gateway.test_transport:crashing:")
    assert "secret" not in json.dumps(logs)


async def test_a_crash_costs_its_own_fields():
    transports = {"products": AsgiTransport(crashing), "reviews": AsgiTransport(reviews_subgraph())}
    with capture_logs():
        body = told(await ask(pipeline(transports=transports), "{ products { name } latest { body } }"))
    assert body["data"] == {"products": None, "latest": {"body": "Review 3"}}
    assert [(error["path"], error["extensions"]["code"]) for error in body["errors"]] == [(["products"], "UNAVAILABLE")]


async def test_a_reply_that_is_too_large_is_no_crash():
    with capture_logs() as logs, pytest.raises(TransportError) as caught:
        await AsgiTransport(oversized, max_reply=10).send(b"{}", {})
    assert (caught.value.status, logs) == ("oversized", [])
