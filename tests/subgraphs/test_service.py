"""The subgraph service: who is answered, what bad requests are told, what happens when the database is away."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import httpx
import msgspec
import pytest
import structlog
from structlog.testing import capture_logs

from authz.errors import FactsUnavailable
from authz.facts import Facts, Standing, packaged_facts
from authz.grant import Grant, GrantKeys, request_signer
from authz.live_facts import FixedFacts
from authz.nonces_shared import SharedNonces
from authz.rings import GrantKey, KeyRing
from schema.errors import CodedError
from subgraphs.errors import NotStarted, UngovernedSchema
from subgraphs.federated import GovernedSchema
from subgraphs.records import Record, governed_field, governed_type
from subgraphs.request import RequestInfo
from subgraphs.service import Subgraph
from subgraphs.tags import dataset_tag
from subgraphs.vehicle.schema import schema
from tests.authz.callers import NOON, OFFICER, ROADSIDE
from tests.subgraphs.world import GATEWAY_KEY, RING, Gateway, a_vehicle, serving, settings, written

BODY = msgspec.json.encode({"query": '{ vehicle(vrm: "AB12CDE") { vrm } }'})
SECRET = "the value nobody may see"


@pytest.fixture
async def url(tmp_path):
    """A SQLite database with one vehicle."""
    address = f"sqlite+aiosqlite:///{tmp_path / 'database.sqlite'}"
    return await written(address, [a_vehicle(1, vrm="AB12CDE")])


def signed(body=BODY, subgraph="vehicle", key=GATEWAY_KEY, created=None, nonce="n-1", facts=0):
    moment = NOON.timestamp() if created is None else created
    return request_signer(
        lambda _name: KeyRing((key,)), Grant(OFFICER, ROADSIDE, facts), lambda: moment, lambda: nonce
    )(subgraph, body)


def without(headers, name):
    return {key: value for key, value in headers.items() if key != name}


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "GRANT_MISSING"),
        (without(signed(), "signature"), "GRANT_MISSING"),
        ({**signed(), "signature": "leds=:AAAA:"}, "GRANT_UNTRUSTED"),
        ({**signed(), "leds-grant": "e30="}, "GRANT_UNTRUSTED"),
        (signed(subgraph="person"), "GRANT_UNTRUSTED"),
        (signed(body=b"{}"), "GRANT_UNTRUSTED"),
        (signed(key=GrantKey("gateway-1", b"another secret, thirty-two bytes")), "GRANT_UNTRUSTED"),
        (signed(created=NOON.timestamp() - 3600), "GRANT_STALE"),
    ],
)
async def test_only_the_gateway_is_answered(url, headers, code):
    async with serving("vehicle", schema, url) as gateway:
        answer = await gateway.send(BODY, headers)
    assert answer.status == 401
    assert answer.codes == [(code, None)]
    assert "data" not in answer.body


async def test_a_grant_is_good_for_one_request(url):
    async with serving("vehicle", schema, url) as gateway:
        first = await gateway.send(BODY, signed())
        second = await gateway.send(BODY, signed())
    assert first.data == {"vehicle": {"vrm": "AB12CDE"}}
    assert (second.status, second.codes) == (401, [("GRANT_REPLAYED", None)])


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "MALFORMED_REQUEST"),
        (b"[]", "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"query": 1}', "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"query": "{ a }", "variables": []}', "application/json", 400, "MALFORMED_REQUEST"),
        (b'{"query": "\xff"}', "application/json", 400, "MALFORMED_REQUEST"),
        (BODY, "text/plain", 415, "UNSUPPORTED_CONTENT_TYPE"),
        (b" " * 2000, "application/json", 413, "BODY_TOO_LARGE"),
        (b'{"query": "{ vehicle("}', "application/json", 400, "GRAPHQL_VALIDATION_FAILED"),
        (b'{"query": "{ vehicle { engineSound } }"}', "application/json", 400, "GRAPHQL_VALIDATION_FAILED"),
        (b'{"query": "mutation { erase }"}', "application/json", 400, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_bad_request_is_told_what_is_wrong_with_it(url, body, content_type, status, code):
    async with serving("vehicle", schema, url, largest_body=1000) as gateway:
        answer = await gateway.send(body, {**signed(body), "content-type": content_type})
    assert (answer.status, answer.codes) == (status, [(code, None)])
    assert answer.body["errors"][0]["extensions"]["advice"]


async def test_a_wrong_identifier_is_refused_by_its_rule_without_repeating_it(url):
    async with serving("vehicle", schema, url) as gateway:
        answer = await gateway.ask("query ($vrm: Vrm!) { vehicle(vrm: $vrm) { vrm } }", {"vrm": "NOT-A-PLATE!"})
    assert answer.codes == [("INVALID_VRM", None)]
    assert "NOT-A-PLATE" not in str(answer.body)


async def test_a_gateway_that_knows_more_access_facts_is_answered_nothing(url):
    facts = FixedFacts(replace(packaged_facts(), number=2))
    async with serving("vehicle", schema, url, facts=facts) as gateway:
        answer = await gateway.send(BODY, signed(facts=3))
    assert (answer.status, answer.codes) == (503, [("ACCESS_FACTS_BEHIND", None)])
    assert "data" not in answer.body


@pytest.mark.parametrize(("gateways", "said"), [(1, 2), (2, None)])
async def test_a_gateway_that_knows_fewer_access_facts_is_told_by_which_was_decided(url, gateways, said):
    facts = FixedFacts(replace(packaged_facts(), number=2))
    async with serving("vehicle", schema, url, facts=facts) as gateway:
        answer = await gateway.send(BODY, signed(facts=gateways))
    assert answer.data == {"vehicle": {"vrm": "AB12CDE"}}
    assert answer.body["extensions"].get("facts") == said


async def test_a_subgraph_decides_by_the_facts_that_hold_and_says_so_when_it_refuses(url):
    """The gateway that asked knew nothing of the suspension yet: it is no alarm, and no value leaves."""
    packaged = packaged_facts()
    facts = FixedFacts(replace(packaged, number=1, standings={OFFICER.subject: Standing("SUSPENDED")}))
    async with serving("vehicle", schema, url, facts=facts) as gateway:
        answer = await gateway.send(BODY, signed())
    assert answer.codes[0][0] == "ACCESS_DENIED"
    assert b"AB12CDE" not in msgspec.json.encode(answer.body.get("data"))
    assert answer.body["extensions"]["facts"] == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_posts_are_answered(url, method):
    async with serving("vehicle", schema, url) as gateway:
        assert await gateway.status(method) == 405


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/graphql", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/health/ready", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/", 404, "UNKNOWN_PATH"),
    ],
)
async def test_what_is_not_served_is_refused_with_a_code_and_advice(method: str, path: str, status: int, code: str):
    transport = httpx.ASGITransport(app=Subgraph("vehicle", schema))
    async with httpx.AsyncClient(transport=transport, base_url="http://subgraph.test") as client:
        response = await client.request(method, path)
    (error,) = response.json()["errors"]
    assert (response.status_code, error["extensions"]["code"]) == (status, code)
    assert error["extensions"]["advice"]
    assert ("allow" in response.headers) == (status == 405)


async def health(app, path):
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://subgraph.test") as client:
        return (await client.get(path)).status_code


async def test_a_subgraph_is_ready_while_its_database_answers(url, tmp_path):
    app = Subgraph("vehicle", schema)
    assert (await health(app, "/health/live"), await health(app, "/health/ready")) == (200, 503)
    await app.start(settings(url))
    assert await health(app, "/health/ready") == 200
    await app.stop()
    assert await health(app, "/health/ready") == 503
    await app.start(settings(f"sqlite+aiosqlite:///{tmp_path / 'nothing.sqlite'}"))
    assert await health(app, "/health/ready") == 503
    assert not (tmp_path / "nothing.sqlite").exists()
    await app.stop()


async def test_a_subgraph_is_not_ready_while_its_file_is_locked_or_gone(tmp_path):
    database, app = tmp_path / "vehicle.sqlite", Subgraph("vehicle", schema)
    with closing(sqlite3.connect(database)) as made:
        made.execute("CREATE TABLE vehicle (vehicle_id TEXT)")
    await app.start(settings(f"sqlite+aiosqlite:///{database}"))
    assert await health(app, "/health/ready") == 200
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert await health(app, "/health/ready") == 503
    assert await health(app, "/health/ready") == 200
    database.rename(tmp_path / "away.sqlite")
    assert await health(app, "/health/ready") == 503
    (tmp_path / "away.sqlite").rename(database)
    assert await health(app, "/health/ready") == 200
    await app.stop()


class FactsAway:
    """Access facts that nobody can tell the state of any more."""

    known = packaged_facts()

    async def current(self) -> Facts:
        """See FactSource."""
        raise FactsUnavailable("The server that keeps the changes of access facts does not answer.")


SHARED = {
    "facts": {"facts": FactsAway()},
    "nonces": {"grant_keys": GrantKeys(RING, SharedNonces("redis://127.0.0.1:1/0"))},
}


@pytest.mark.parametrize("what", SHARED)
async def test_a_subgraph_is_not_ready_while_what_it_shares_with_others_is_away(url, what):
    app = Subgraph("vehicle", schema)
    await app.start(replace(settings(url), **SHARED[what]))
    assert await health(app, "/health/ready") == 503
    await app.stop()


async def test_a_subgraph_that_is_not_started_refuses(url):
    answer = await Gateway(Subgraph("vehicle", schema)).send(BODY, signed())
    assert (answer.status, answer.codes) == (NotStarted.status, [(NotStarted.code, None)])


async def test_a_database_that_is_not_there_makes_fields_unavailable_not_empty(tmp_path):
    nowhere = f"sqlite+aiosqlite:///{tmp_path / 'nothing.sqlite'}"
    async with serving("vehicle", schema, nowhere) as gateway:
        answer = await gateway.send(BODY, signed())
    assert answer.status == 200
    assert answer.body["data"] == {"vehicle": None}
    assert answer.codes == [("UNAVAILABLE", ["vehicle"])]
    assert answer.disclosures == []
    assert "sqlite" not in str(answer.body).lower()


async def test_a_database_without_tables_is_unavailable(tmp_path):
    sqlite3.connect(tmp_path / "empty.sqlite").close()
    async with serving("vehicle", schema, f"sqlite+aiosqlite:///{tmp_path / 'empty.sqlite'}") as gateway:
        answer = await gateway.send(BODY, signed())
    assert answer.codes == [("UNAVAILABLE", ["vehicle"])]


async def test_a_locked_database_is_unavailable(url, tmp_path):
    with sqlite3.connect(tmp_path / "database.sqlite", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        async with serving("vehicle", schema, url) as gateway:
            answer = await gateway.send(BODY, signed())
        other.execute("ROLLBACK")
    other.close()
    assert answer.codes == [("UNAVAILABLE", ["vehicle"])]


async def test_a_postgres_that_is_not_there_is_unavailable(tmp_path):
    async with serving("vehicle", schema, f"postgresql+asyncpg://app@/nowhere?host={tmp_path}") as gateway:
        answer = await gateway.send(BODY, signed())
    assert answer.codes == [("UNAVAILABLE", ["vehicle"])]


@governed_type(keys=["vehicleId"], subject=("vehicle_id", "Vehicle"))
class Vehicle(Record):
    """A vehicle whose engine fails in two ways."""

    vehicle_id: str

    @governed_field(tag=dataset_tag("DVLA.VEH"))
    async def broken(self) -> str | None:
        """Fails by accident."""
        raise RuntimeError(SECRET)

    @governed_field(tag=dataset_tag("DVLA.VEH"))
    def refused(self) -> str | None:
        """Fails on purpose."""
        raise CodedError("The engine is cold.", advice="Warm it up.")

    @governed_field(tag=dataset_tag("DVLA.VEH"))
    def running(self) -> str | None:
        """Does not fail."""
        return "smoothly"


@governed_type()
class Query:
    """One vehicle."""

    @governed_field(tag=dataset_tag("DVLA.VEH"))
    def vehicle(self, info: RequestInfo) -> Vehicle | None:
        """The vehicle."""
        return Vehicle(row={"vehicle_id": "1"})


async def test_an_unexpected_error_is_masked_and_logged_without_its_text(url):
    async with serving("vehicle", GovernedSchema(Query), url) as gateway:
        with capture_logs(processors=[structlog.processors.format_exc_info]) as logged:
            answer = await gateway.ask("{ vehicle { broken refused running } }")
    assert answer.body["data"]["vehicle"] == {"broken": None, "refused": None, "running": "smoothly"}
    assert sorted(answer.codes) == [
        ("INTERNAL_ERROR", ["vehicle", "broken"]),
        ("INTERNAL_ERROR", ["vehicle", "refused"]),
    ]
    messages = {error["path"][1]: error["message"] for error in answer.body["errors"]}
    assert messages["refused"] == "The engine is cold."
    assert SECRET not in str(answer.body)
    assert [(entry["error"], entry["path"]) for entry in logged] == [("RuntimeError", "vehicle.broken")]
    assert SECRET not in str(logged)


async def test_what_failed_is_not_disclosed(url):
    async with serving("vehicle", GovernedSchema(Query), url) as gateway:
        answer = await gateway.ask("{ vehicle { broken refused running } }")
    assert [shown["fields"] for shown in answer.disclosures] == [["running"]]


def test_a_field_without_a_tag_keeps_a_type_from_being_built():
    with pytest.raises(CodedError) as refused:

        @governed_type()
        class Vehicle(Record):
            horsepower: int | None

    assert refused.value.code == "UNTAGGED_COORDINATE"


def test_a_governed_field_that_cannot_be_left_out_keeps_a_schema_from_being_built():
    @governed_type()
    class Query:
        @governed_field(tag=dataset_tag("DVLA.VEH"))
        def colour(self) -> str:
            """Cannot be null."""
            return "blue"

    with pytest.raises(UngovernedSchema, match=r"Query\.colour"):
        GovernedSchema(Query)


async def test_a_subgraph_with_an_untagged_argument_does_not_start(url):
    @governed_type()
    class Query:
        @governed_field(tag=dataset_tag("DVLA.VEH"))
        def colour(self, of: str) -> str | None:
            """Asks for something without saying what that reads."""
            return of

    with pytest.raises(UngovernedSchema, match=r"Query\.colour\(of:\)"):
        await Subgraph("vehicle", GovernedSchema(Query)).start(settings(url))
