"""The shapes of the protocol: what is refused before anything is parsed, and by which limit, over every transport that
can carry it."""

import gzip
import json
import sys
import zlib
from collections import Counter
from typing import Any

import pytest
from graphql import build_schema

from gateway.documents.store import DocumentStore
from gateway.errors import GraphQLRequestError
from tests.gateway.streams.kit import socket
from tests.shapes.asking import NEEDS_TABLE, OVER_EACH, send
from tests.shapes.world import RULE, World, people

pytestmark = [pytest.mark.asyncio(loop_scope="session"), NEEDS_TABLE]
QUERY = '{ person(id:"1") { name } }'
BODY = json.dumps({"query": QUERY}).encode()
MUTATION = 'mutation { addNote(personId:"1", text:"t") { id } }'
SIMPLE = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
ACCEPTS = ("application/json", "text/event-stream", "multipart/mixed;subscriptionSpec=1.0, application/json")
OVER_HTTP = pytest.mark.parametrize("accept", ACCEPTS, ids=["plain", "SSE", "multipart"])


def code_of(response: Any) -> str:
    (error,) = response.json()["errors"]
    return error["extensions"]["code"]


@OVER_HTTP
@pytest.mark.parametrize("media_type", SIMPLE)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_ht04_what_any_page_may_send_is_refused(world: World, method: str, media_type: str, accept: str):
    headers = {"content-type": media_type, "accept": accept}
    asked: dict[str, Any] = {"params": {"query": QUERY}} if method == "GET" else {"content": BODY}
    response = await world.client.request(method, "/graphql", headers=headers, **asked)
    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert world.requests() == 0


@OVER_HTTP
async def test_ht04_a_get_writes_nothing_and_is_no_other_sites(world: World, accept: str):
    headers = {"accept": accept}
    for query in (MUTATION, 'subscription { personChanged(id:"1") { name } }'):
        written = await world.client.get("/graphql", params={"query": query}, headers=headers)
        assert (written.status_code, code_of(written)) == (405, "METHOD_NOT_ALLOWED")
    headers |= {"sec-fetch-site": "cross-site"}
    foreign = await world.client.get("/graphql", params={"query": QUERY}, headers=headers)
    assert (foreign.status_code, code_of(foreign)) == (403, "CROSS_SITE_REQUEST")
    assert world.requests() == 0


@OVER_HTTP
async def test_ht01_several_operations_in_one_request_are_refused(world: World, accept: str):
    response = await world.client.post("/graphql", json=[{"query": QUERY}] * 2, headers={"accept": accept})
    assert (response.status_code, code_of(response)) == (400, "MALFORMED_REQUEST")
    assert world.requests() == 0


@OVER_HTTP
@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_ht05_a_bomb_is_refused_by_what_it_would_be(world: World, encoding: str, accept: str):
    encode = gzip.compress if encoding == "gzip" else zlib.compress
    headers = {"content-type": "application/json", "content-encoding": encoding, "accept": accept}
    bomb = encode(BODY + b" " * 20_000_000)
    assert len(bomb) < 50_000
    response = await world.client.post("/graphql", content=bomb, headers=headers)
    assert (response.status_code, code_of(response)) == (413, "BODY_TOO_LARGE")
    assert world.requests() == 0
    if accept == "application/json":
        response = await world.client.post("/graphql", content=encode(BODY), headers=headers)
        assert response.json() == {"data": {"person": {"name": "Ann"}}}


async def test_ht05_other_codings_are_not_read(world: World):
    headers = {"content-type": "application/json", "content-encoding": "br"}
    response = await world.client.post("/graphql", content=BODY, headers=headers)
    assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_CONTENT_ENCODING")


async def test_ht05_a_message_of_a_socket_is_bounded_too(world: World):
    async with socket(world.address) as client:
        await client.init()
        await client.say(type="ping", payload=" " * 400_000)
        assert (await client.closed())[0] == 4400


@OVER_HTTP
@pytest.mark.parametrize("charset", ["utf-7", "utf-16", "iso-8859-1", '"latin-1"', "utf-8; charset=utf-16", "ibm037"])
async def test_ht06_no_other_charset_is_read(world: World, charset: str, accept: str):
    headers = {"content-type": f"application/json; charset={charset}", "accept": accept}
    posted = await world.client.post("/graphql", headers=headers, content=BODY)
    got = await world.client.get("/graphql", headers=headers, params={"query": QUERY})
    for response in (posted, got):
        assert (response.status_code, code_of(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert world.requests() == 0


def doubling(times: int, last: str = "name") -> str:
    parts = (f"fragment F{n} on Person {{ ...F{n + 1} ...F{n + 1} }}" for n in range(times))
    return f'{{ person(id:"1") {{ ...F0 }} }} {" ".join(parts)} fragment F{times} on Person {{ {last} }}'


PERSON = '{ person(id:"1") { %s } }'
LARGE, INVALID = "DOCUMENT_TOO_LARGE", "GRAPHQL_VALIDATION_FAILED"
HOSTILE: dict[str, tuple[str, str]] = {
    "HT07 counts past 2^32": (doubling(40), LARGE),
    "HT07 counts past any number": (doubling(190), LARGE),
    "HT08 doubled thirty times": (doubling(30), LARGE),
    "HT08 circular": (doubling(30, "...F0"), INVALID),
    "HT08 aliases inside a spread": (doubling(11, "a: name"), LARGE),
    "HT08 comments": (PERSON % ("#\n" * 15_000 + "name"), LARGE),
    "HT08 braces": ("{person" * 3_000, LARGE),
    "HT08 lists": ("{people(filter:" + "[" * 15_000, LARGE),
    "HT08 values": ("{people(filter:{name:[" + "1 " * 20_000 + "]}){totalCount}}", LARGE),
    "HT08 introspection multiplied": ("{__schema{types" + "{fields{type" * 5 + "{name}" + "}}" * 5 + "}}", INVALID),
    "HT08 introspection repeated": ("{" + " ".join(f"a{n}:__schema{{types{{name}}}}" for n in range(50)) + "}", LARGE),
}
TOO_LONG_FOR_A_URL = 10_000
# Calls, of Python and of C: what 50 ms of CPU are good for on the slowest machine in use.
FEW_STEPS = 150_000


@OVER_EACH
@pytest.mark.parametrize("case", HOSTILE)
async def test_ht07_ht08_a_hostile_document_is_refused(world: World, transport: str, case: str):
    document, code = HOSTILE[case]
    if transport == "GET" and len(document) > TOO_LONG_FOR_A_URL:
        document = PERSON % ("{a" * 400)
        code = LARGE
    told = await send(world, transport, {}, document)
    assert set(told.codes) == {code}
    assert not any(response.get("data") for response in told.responses)
    assert world.requests() == 0


@pytest.mark.parametrize("case", HOSTILE)
async def test_ht08_a_hostile_document_costs_few_steps(case: str):
    schema = build_schema(RULE.sub("", people()).replace('@key(fields: "id")', ""))
    documents = DocumentStore(schema)
    counter: Counter[str] = Counter()
    sys.setprofile(lambda _frame, event, _argument: counter.update((event,)))
    try:
        with pytest.raises(GraphQLRequestError):
            documents.find(HOSTILE[case][0])
    finally:
        sys.setprofile(None)
    assert counter["call"] + counter["c_call"] < FEW_STEPS


PAGES = {
    "below none": ("first: -1", {}, "PAGE_OUT_OF_BOUNDS"),
    "2^31": ("first: 2147483648", {}, INVALID),
    "a text": ('first: "10"', {}, INVALID),
    "more than a page": ("first: 10001", {}, "PAGE_OUT_OF_BOUNDS"),
    "null": ("first: null", {}, None),
    "a variable below none": ("first: $n", {"n": -1}, "PAGE_OUT_OF_BOUNDS"),
    "a variable of 2^31": ("first: $n", {"n": 2**31}, "BAD_VARIABLES"),
    "a variable of text": ("first: $n", {"n": "10"}, "BAD_VARIABLES"),
    "a variable of null": ("first: $n", {"n": None}, None),
    "a page": ("first: $n", {"n": 10}, None),
}


@OVER_EACH
@pytest.mark.parametrize("case", PAGES)
async def test_ht10_a_page_is_bounded_on_both_sides(world: World, transport: str, case: str):
    argument, variables, code = PAGES[case]
    declared = "query($n: Int)" if variables else ""
    told = await send(world, transport, {}, f"{declared}{{ people({argument}) {{ nodes {{ name }} }} }}", variables)
    assert told.codes == ([code] if code else [])
    assert world.requests() == (0 if code else 1)
