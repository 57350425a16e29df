"""Subgraphs as processes of their own: whom they answer, and that their answers are theirs (shapes SG01 to SG04)."""

import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import sqlalchemy as sa

from authz.errors import ReplyUntrusted
from authz.grant import Grant, encode_grant, request_signer, sign_grant
from authz.principal import Principal
from authz.replies import Asked, verify_reply
from authz.rings import GrantKey
from authz.signatures import content_digest
from leds.rings import OVERLAP_SECONDS, ensure_ring, read_ring, rings_in, rotate
from resolvers.metadata import metadata
from tests.authz.callers import OFFICER, ROADSIDE
from tests.end_to_end.demo import free_port
from tests.end_to_end.test_deployed import service
from tests.end_to_end.valkey import valkey_server
from tests.subgraphs.world import a_vehicle

QUERY = 'query { vehicle(vrm: "AB12CDE") { vrm } }'
BODY = msgspec.json.encode({"query": QUERY})
ANSWER = {"vehicle": {"vrm": "AB12CDE"}}
CALLER = replace(OFFICER, expires_at=int(time.time()) + 3600)
WAITING_SECONDS = 90


def code_of(response: httpx.Response) -> str:
    return response.json()["errors"][0]["extensions"]["code"]


class Served:
    """A vehicle subgraph in a process of its own, and its keys."""

    def __init__(self, home: Path, opened: ExitStack, **settings: str) -> None:
        self.keys, port = home / "keys", free_port()
        self.url = f"http://127.0.0.1:{port}/graphql"
        self.rings = rings_in(self.keys)
        settings["LEDS_DATABASE_URL"] = f"sqlite:///{home / 'database.sqlite'}"
        opened.enter_context(service("subgraph", "vehicle", "--port", str(port), settings=settings, home=home))

    def signed(self, body: bytes = BODY, who: Principal = CALLER) -> dict[str, str]:
        """The headers of a request that the gateway makes now."""
        return request_signer(self.rings, Grant(who, ROADSIDE), time.time, lambda: uuid.uuid4().hex)("vehicle", body)

    def send(self, headers: Mapping[str, str], body: bytes = BODY) -> httpx.Response:
        """POST bytes as they are."""
        complete = {"content-type": "application/json", **headers}
        return httpx.post(self.url, content=body, headers=complete, timeout=WAITING_SECONDS, trust_env=False)

    def ask(self, query: str, **headers: str) -> dict[str, Any]:
        """The reply to a signed operation."""
        body = msgspec.json.encode({"query": query})
        return self.send(self.signed(body) | headers, body).json()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a database of one vehicle."""
    folder = tmp_path_factory.mktemp("trust")
    engine = sa.create_engine(f"sqlite:///{folder / 'database.sqlite'}")
    table, row = a_vehicle(1, vrm="AB12CDE")
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(table.insert(), dict.fromkeys(table.columns.keys()) | {"lag_seconds": 0} | row)
    engine.dispose()
    return folder


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[Served]:
    with ExitStack() as opened:
        yield Served(home, opened)


def changed(headers: Mapping[str, str], old: str, new: str) -> dict[str, str]:
    return {name: value.replace(old, new) for name, value in headers.items()}


def refusals(served: Served) -> dict[str, tuple[dict[str, str], bytes, str]]:
    """Requests that somebody without the key makes of one that was seen (SG01), and what they are told."""
    seen, other = served.signed(), BODY.replace(b"{ vrm }", b"{ vrm vehicleId }")
    key = served.rings("vehicle").signing(time.time())
    person = served.rings("person").signing(time.time())
    theirs = encode_grant(Grant(replace(CALLER, subject="somebody-else"), ROADSIDE))
    mine = encode_grant(Grant(CALLER, ROADSIDE))
    now = int(time.time())

    def with_key(used: GrantKey, subgraph: str = "vehicle", created: int = now) -> dict[str, str]:
        return sign_grant(used, subgraph, BODY, mine, created, uuid.uuid4().hex)

    return {
        "another field": (seen, other, "GRANT_UNTRUSTED"),
        "another field and digest": (seen | {"content-digest": content_digest(other)}, other, "GRANT_UNTRUSTED"),
        "another identity": (seen | {"leds-grant": theirs}, BODY, "GRANT_UNTRUSTED"),
        "another time": (changed(seen, ";created=", ";created=1"), BODY, "GRANT_UNTRUSTED"),
        "another nonce": (changed(seen, 'nonce="', 'nonce="0'), BODY, "GRANT_UNTRUSTED"),
        "too late": (with_key(key, created=now - 60), BODY, "GRANT_STALE"),
        "from the future": (with_key(key, created=now + 60), BODY, "GRANT_STALE"),
        "the key of another subgraph": (with_key(person), BODY, "GRANT_UNTRUSTED"),
        "its key under this id": (with_key(replace(person, key_id=key.key_id)), BODY, "GRANT_UNTRUSTED"),
        "meant for another subgraph": (with_key(key, "person"), BODY, "GRANT_UNTRUSTED"),
        "nothing signed": ({}, BODY, "GRANT_MISSING"),
    }


def test_a_request_is_good_once_as_it_was_signed(served: Served, subtests: pytest.Subtests):
    headers = served.signed()
    assert served.send(headers).json()["data"] == ANSWER
    again = served.send(headers)
    assert (again.status_code, code_of(again)) == (401, "GRANT_REPLAYED")
    for name, (forged, body, code) in refusals(served).items():
        with subtests.test(name):
            refused = served.send(forged, body)
            assert (refused.status_code, code_of(refused)) == (401, code)
            assert b"AB12CDE" not in refused.content
            assert "signature" not in refused.headers


def test_who_asks_is_in_the_grant_and_in_no_other_header(served: Served):
    forged = {"X-User": "admin", "X-Forwarded-User": "admin", "Authorization": "Bearer admin", "X-Leds-Reason": "1"}
    assert (served.send(forged).status_code, code_of(served.send(forged))) == (401, "GRANT_MISSING")
    plain = served.send(served.signed())
    assert served.send(served.signed() | forged).content == plain.content


def test_representations_of_foreign_types_and_keys_find_nothing(served: Served):
    entities = 'query { _entities(representations: [{__typename: "%s", %s}]) { __typename ... on Vehicle { vrm } } }'
    foreign = served.ask(entities % ("Person", 'personId: "1"'))
    assert foreign["data"] == {"_entities": [None]}
    assert foreign["errors"]
    unknown = served.ask(entities % ("Vehicle", 'vehicleId: "nobody"'))
    assert unknown["data"] == {"_entities": [None]}


def test_errors_of_a_subgraph_name_no_value_and_suggest_nothing(served: Served):
    for query in ('{ vehicle(vrm: "SECRET1") { mak } }', "{ vehicel { vrm } }", "{ __schema { types { name } } }"):
        said = str(served.ask(query))
        assert "Did you mean" not in said
        assert "SECRET1" not in said


def test_every_reply_to_the_gateway_is_signed_for_its_request_only(served: Served):
    asked, other = served.signed(), served.signed()
    reply, another = served.send(asked), served.send(other)
    ring = served.rings("vehicle")

    def verify(request: Mapping[str, str], given: httpx.Response, body: bytes | None = None) -> None:
        told = Asked("vehicle", ring, request["signature"])
        verify_reply(told, given.status_code, given.content if body is None else body, given.headers, time.time())

    verify(asked, reply)
    verify(other, another)
    assert reply.content == another.content
    for request, given, body in ((asked, another, None), (other, reply, None), (asked, reply, reply.content + b" ")):
        with pytest.raises(ReplyUntrusted):
            verify(request, given, body)
    invalid = msgspec.json.encode({"query": "{ nothing }"})
    refused_as = served.signed(invalid)
    refused = served.send(refused_as, invalid)
    assert refused.json()["errors"]
    verify(refused_as, refused)


def test_keys_rotate_while_requests_go_on(served: Served):
    path = ensure_ring(served.keys, "vehicle")
    old = read_ring(path).signing(time.time())
    mine = encode_grant(Grant(CALLER, ROADSIDE))

    def asked_with(key: GrantKey) -> httpx.Response:
        return served.send(sign_grant(key, "vehicle", BODY, mine, int(time.time()), uuid.uuid4().hex))

    assert asked_with(old).status_code == 200
    new = rotate(path, int(time.time()), lead=0, overlap=OVERLAP_SECONDS)
    for key in (new, old, new):
        assert asked_with(key).json()["data"] == ANSWER
    # Taken away at once, as after a theft: refused as soon as the file has been looked at again.
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if old.key_id not in line))
    end = time.monotonic() + WAITING_SECONDS
    while asked_with(old).status_code == 200:
        assert time.monotonic() < end
    assert code_of(asked_with(old)) == "GRANT_UNTRUSTED"
    assert asked_with(new).json()["data"] == ANSWER


def test_two_processes_of_a_subgraph_take_a_request_once_and_none_without_their_store(home: Path):
    with ExitStack() as opened:
        url, server = opened.enter_context(valkey_server())
        one, other = (Served(home, opened, LEDS_NONCES_URL=url, LEDS_LEDGER_LOG=name) for name in ("a-1", "a-2"))
        for first, second in ((one, other), (other, one)):
            headers = first.signed()
            assert first.send(headers).json()["data"] == ANSWER
            replayed = second.send(headers)
            assert (replayed.status_code, code_of(replayed)) == (401, "GRANT_REPLAYED")
        server.kill()
        server.wait()
        refused = one.send(one.signed())
        assert (refused.status_code, code_of(refused)) == (503, "GRANT_NONCES_UNAVAILABLE")
        assert "data" not in refused.json()
