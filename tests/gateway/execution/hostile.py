"""A subgraph on a real socket that says what a case tells it to, a healthy one beside it, and the table of cases:
what is sent for two objects → which codes at which paths, and what is left of the answer."""

import asyncio
import contextlib
import gzip
import json
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from graphql import build_schema

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from tests.gateway.kit import served
from tests.gateway.shop import LittleSubgraph

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"]) '
HEALTHY = 'type Query { items: [Item] } type Item @key(fields: "id") { id: ID! name: String }'
HOSTILE = """
type Item @key(fields: "id") {
  id: ID! int: Int float: Float text: String flag: Boolean code: ID kind: Kind list: [Int] firm: [Int!] grid: [[Int!]]
  child: Child sure: Int! json: JSON node: Node
}
enum Kind { A B }
scalar JSON
type Child { text: String }
interface Node { id: ID! }
type Leaf implements Node { id: ID! }
"""
SECRET = "SECRET"
INT = "int"
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Error = tuple[str, tuple[Any, ...] | None]


def whole(code: str, *below: str) -> tuple[Error, ...]:
    """An error of this code at both objects, or at this field of both."""
    return tuple((code, ("items", number, *below)) for number in range(2))


LOST = whole("UNAVAILABLE", INT)
REFUSED = whole("DOWNSTREAM_SERVICE_ERROR")
LOOSE: tuple[Error, ...] = (("DOWNSTREAM_SERVICE_ERROR", None),)


def wrong(*below: Any) -> tuple[Error, ...]:
    """An error of a value of the first object."""
    return (("UNAVAILABLE", ("items", 0, *below)),)


@dataclass(frozen=True)
class Case:
    """What is sent, the fields asked for, the errors, and what the answer holds of the two objects beside their
    names (None: the object itself)."""

    send: bytes | Talk
    errors: tuple[Error, ...] = LOST
    items: tuple[dict[str, Any] | None, ...] = ({INT: None}, {INT: None})
    fields: str = INT
    slow: bool = False

    @property
    def query(self) -> str:
        return f"{{ items {{ name {self.fields} }} }}"

    @property
    def expected(self) -> list[dict[str, Any] | None]:
        """What is left of the items."""
        return [item if item is None else {"name": name} | item for name, item in zip("ab", self.items, strict=True)]


def reply(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    head = "\r\n".join((f"HTTP/1.1 {status}", "content-type: application/json", *headers))
    return f"{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body


def chunked(rest: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + rest


GOOD_ITEMS = ({INT: 1}, {INT: 2})
GOOD = b'{"data":{"_entities":[{"int":1},{"int":2}]}}'
CHUNKS = b"%x\r\n%b\r\n0\r\n" % (len(GOOD), GOOD)


def endless(first: bytes, again: bytes) -> Talk:
    """Send until the other side hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while not reader.at_eof():
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(0)

    return talk


def silent_after(part: bytes) -> Talk:
    """Send a part and then nothing, until the other side hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(part)
        await reader.read()

    return talk


def reset_after(part: bytes) -> Talk:
    """Send a part and reset the connection."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(part)
        await writer.drain()
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return talk


WIRE = {
    "nothing": Case(b""),
    "no HTTP": Case(b"SSH-2.0-SECRET\r\n\r\n"),
    "a length shorter than the body": Case(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n" + GOOD),
    "a length longer than the body, then an end": Case(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n" + GOOD),
    "a length longer than the body, then silence": Case(
        silent_after(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n" + GOOD), slow=True
    ),
    "a length that is no number": Case(b"HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n" + GOOD),
    "two lengths": Case(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 44\r\n\r\n" + GOOD),
    "a length and chunks": Case(
        b"HTTP/1.1 200 OK\r\ncontent-length: 44\r\ntransfer-encoding: chunked\r\n\r\n" + CHUNKS + b"\r\n"
    ),
    "chunks without a last one": Case(chunked(b"%x\r\n%b\r\n" % (len(GOOD), GOOD))),
    "a chunk shorter than it says": Case(chunked(b"fff\r\n" + GOOD)),
    "a chunk longer than it says": Case(chunked(b"5\r\n" + GOOD + b"\r\n0\r\n\r\n")),
    "a chunk of no size": Case(chunked(b"SECRET\r\n" + GOOD)),
    "a chunk's extension without end": Case(endless(chunked(b"5;"), b"x" * 4096)),
    "trailers without end": Case(endless(chunked(CHUNKS), b"x-more: " + b"x" * 4096 + b"\r\n")),
    "a head without end": Case(endless(b"HTTP/1.1 200 OK\r\n", b"x-more: " + b"x" * 4096 + b"\r\n")),
    "interim replies without end": Case(endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 100)),
    "another protocol": Case(b"HTTP/1.1 101 Switching\r\nupgrade: SECRET\r\nconnection: upgrade\r\n\r\n" + GOOD),
    "a body without end": Case(endless(chunked(b""), b"10000\r\n" + b" " * 65536 + b"\r\n")),
    "a body that only drips": Case(endless(chunked(b""), b"1\r\n \r\n"), slow=True),
    "silence": Case(silent_after(b""), slow=True),
    "a reset at once": Case(reset_after(b"")),
    "a reset in the head": Case(reset_after(b"HTTP/1.1 200 OK\r\ncontent-le")),
    "a reset in the body": Case(reset_after(reply(GOOD)[:-9])),
    "compression nobody asked for": Case(reply(gzip.compress(GOOD), "content-encoding: gzip")),
    "no content": Case(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "a redirect": Case(reply(b"", "location: http://127.0.0.1:1/SECRET", status="301 Moved")),
    "a redirect with data": Case(reply(GOOD, "location: http://127.0.0.1:1/SECRET", status="301 Moved")),
    "a failed status with a page": Case(reply(b"<html>SECRET</html>", status="500 SECRET")),
    "a failed status with data": Case(reply(GOOD, status="500 Oh")),
    "a failed status with errors": Case(
        reply(b'{"errors":[{"message":"SECRET"}]}', status="500 Oh"), errors=REFUSED, items=({INT: None}, {INT: None})
    ),
    "a refusal": Case(
        reply(b'{"errors":[{"message":"SECRET","extensions":{"code":"UNAUTHENTICATED"}}]}', status="401 No"),
        errors=whole("UNAUTHENTICATED"),
    ),
}
BODIES = {
    "no JSON": (b"<html>SECRET</html>", LOST),
    "an empty body": (b"", LOST),
    "half of the JSON": (GOOD[:-5], LOST),
    "JSON and more": (GOOD + b"SECRET", LOST),
    "no UTF-8": (b'{"data":{"_entities":[{"int":1,"text":"\xff"},{"int":2}]}}', LOST),
    "half a surrogate pair": (b'{"data":{"_entities":[{"int":1,"text":"\\ud800"},null]}}', LOST),
    "UTF-16": (GOOD.decode().encode("utf-16"), LOST),
    "not a number": (b'{"data":{"_entities":[{"int":NaN},{"int":2}]}}', LOST),
    "no end of a number": (b'{"data":{"_entities":[{"int":-Infinity},{"int":2}]}}', LOST),
    "a number beyond all floats": (b'{"data":{"_entities":[{"int":1e999999},{"int":2}]}}', LOST),
    "a number of 5,000 digits": (b'{"data":{"_entities":[{"int":1%b},{"int":2}]}}' % (b"0" * 5000), LOST),
    "lists without end": (b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", LOST),
    "objects without end": (b'{"data":' * 100_000 + b"1" + b"}" * 100_000, LOST),
    "a list": (b"[]", LOST),
    "a word": (b'"SECRET"', LOST),
    "nothing in it": (b"{}", LOST),
    "null data without errors": (b'{"data":null}', LOST),
    "null data with no errors": (b'{"data":null,"errors":[]}', LOST),
    "data of another type": (b'{"data":"SECRET"}', LOST),
    "no data but errors": (b'{"errors":[{"message":"SECRET"}]}', REFUSED),
    "no data but errors that are none": (b'{"errors":["SECRET",5]}', LOST),
    "no entities": (b'{"data":{}}', LOST),
    "entities of another type": (b'{"data":{"_entities":{"0":{"int":1}}}}', LOST),
    "null entities": (b'{"data":{"_entities":null}}', LOST),
    "fewer entities than asked": (b'{"data":{"_entities":[{"int":1}]}}', LOST),
    "more entities than asked": (b'{"data":{"_entities":[{"int":1},{"int":2},{"int":3}]}}', LOST),
    "entities that are no objects": (b'{"data":{"_entities":[5,"SECRET"]}}', LOST),
    "fields left out": (b'{"data":{"_entities":[{},{}]}}', LOST),
}
DEEP = "[" * 700 + "]" * 700
BIG = "1" + "0" * 400

# field → JSON of the first object → its value in the answer, and the errors; the second object is well
VALUES: dict[str, tuple[str, str, Any, tuple[Error, ...]]] = {
    "a word for an Int": (INT, '{"int":"1"}', None, wrong(INT)),
    "a truth for an Int": (INT, '{"int":true}', None, wrong(INT)),
    "a fraction for an Int": (INT, '{"int":1.5}', None, wrong(INT)),
    "a list for an Int": (INT, '{"int":[1]}', None, wrong(INT)),
    "an object for an Int": (INT, '{"int":{"SECRET":1}}', None, wrong(INT)),
    "33 bits for an Int": (INT, '{"int":2147483648}', None, wrong(INT)),
    "400 digits for an Int": (INT, f'{{"int":{BIG}}}', None, wrong(INT)),
    "400 digits for a Float": ("float", f'{{"float":{BIG}}}', None, wrong("float")),
    "a word for a Float": ("float", '{"float":"1.0"}', None, wrong("float")),
    "a number for a String": ("text", '{"text":5}', None, wrong("text")),
    "a number for a Boolean": ("flag", '{"flag":1}', None, wrong("flag")),
    "a fraction for an ID": ("code", '{"code":1.5}', None, wrong("code")),
    "a word that is no value of the enum": ("kind", '{"kind":"SECRET"}', None, wrong("kind")),
    "a list for an enum": ("kind", '{"kind":["A"]}', None, wrong("kind")),
    "a number for a list": ("list", '{"list":5}', None, wrong("list")),
    "an object for a list": ("list", '{"list":{"0":1}}', None, wrong("list")),
    "a word in a list": ("list", '{"list":[1,"SECRET",3]}', [1, None, 3], wrong("list", 1)),
    "a null in a list without nulls": ("firm", '{"firm":[1,null]}', None, wrong("firm", 1)),
    "a null in an inner list without nulls": ("grid", '{"grid":[[1],[null]]}', [[1], None], wrong("grid", 1, 0)),
    "a list without end": ("list", f'{{"list":{DEEP}}}', [None], wrong("list", 0)),
    "a list for an object": ("child { text }", '{"child":[{"text":"x"}]}', None, wrong("child")),
    "a word for an object": ("child { text }", '{"child":"SECRET"}', None, wrong("child")),
    "an object for a word": ("child { text }", '{"child":{"text":{}}}', {"text": None}, wrong("child", "text")),
    "a scalar without end": ("json", f'{{"json":{DEEP}}}', None, wrong("json")),
    "a type nobody knows": ("node { id }", '{"node":{"__typename":"SECRET","id":1}}', None, wrong("node")),
    "a type of another kind": ("node { id }", '{"node":{"__typename":"Kind","id":1}}', None, wrong("node")),
    "no type": ("node { __typename id }", '{"node":{"id":1}}', None, wrong("node")),
    "a type that is no word": ("node { __typename }", '{"node":{"__typename":{"a":1}}}', None, wrong("node")),
    "one field left out": ("int text", '{"int":1}', {INT: 1, "text": None}, wrong("text")),
    "a null object": (INT, "null", None, ()),
    "the same key twice: the last one counts": (INT, '{"int":7,"int":1}', 1, ()),
    "another one's field: it is not believed": (INT, '{"int":1,"name":"SECRET","id":"SECRET"}', 1, ()),
    "another type's name: it is not believed": (INT, '{"__typename":"Child","int":1}', 1, ()),
    "a type's name that is no word": (INT, '{"__typename":{"a":[1]},"int":1}', 1, ()),
}
# what stands beside good data → the errors; no text of theirs is told
ERRORS: dict[str, tuple[str, tuple[Error, ...]]] = {
    "errors that are a word": ('"errors":"SECRET"', ()),
    "errors that are an object": ('"errors":{"message":"SECRET"}', ()),
    "errors that are none": ('"errors":["SECRET",null,[]]', ()),
    "an error without a path": ('"errors":[{"message":"SECRET"}]', LOOSE),
    "an error without a message": ('"errors":[{}]', LOOSE),
    "a message that is no text": ('"errors":[{"message":{"SECRET":1}}]', LOOSE),
    "a message without end": (f'"errors":[{{"message":"{SECRET * 20_000}"}}]', LOOSE),
    "a path that is a word": ('"errors":[{"message":"","path":"SECRET"}]', LOOSE),
    "a path of other things": ('"errors":[{"message":"","path":["_entities",0.5,null,[]]}]', LOOSE),
    "a path to nowhere": ('"errors":[{"message":"","path":["_entities",99,"SECRET"]}]', LOOSE),
    "a path without end": (f'"errors":[{{"message":"","path":["_entities"{",0" * 100_000}]}}]', LOOSE),
    "a path of giant numbers": (f'"errors":[{{"message":"","path":["_entities",{BIG}]}}]', LOOSE),
    "a code that is no word": ('"errors":[{"message":"","extensions":{"code":["SECRET"]}}]', LOOSE),
    "a code nobody knows": ('"errors":[{"message":"","extensions":{"code":"SECRET"}}]', LOOSE),
    "extensions that are a word": ('"errors":[{"message":"","extensions":"SECRET"}],"extensions":"SECRET"', LOOSE),
    "a count below nothing": ('"extensions":{"statements":-5,"disclosures":"SECRET"}', ()),
    "a count beyond all numbers": (f'"extensions":{{"statements":{BIG},"disclosures":[5]}}', ()),
    "extensions without end": (f'"extensions":{{"SECRET":{DEEP}}}', ()),
}
HARMLESS = {
    "good": reply(GOOD),
    "a byte order mark": reply(b"\xef\xbb\xbf" + GOOD),
    "white space around": reply(b"\r\n\t " + GOOD + b" \n"),
    "another content type": b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n" + GOOD,
    "no content type": b"HTTP/1.1 200 OK\r\n\r\n" + GOOD,
    "interim replies first": b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + reply(GOOD),
    "a reply after the reply": reply(GOOD) + reply(b'{"data":{"_entities":[{"int":8},{"int":9}]}}'),
}


def _of_values(field: str, entity: str, value: Any, errors: tuple[Error, ...]) -> Case:
    key = field.split()[0]
    several = isinstance(value, dict) and INT in value
    first = value if several else {key: value}
    second = dict.fromkeys(first)
    body = f'{{"data":{{"_entities":[{entity},{json.dumps(second)}]}}}}'
    return Case(reply(body.encode()), errors, (first, second), field)


CASES: dict[str, Case] = {
    **WIRE,
    **{name: Case(reply(body), errors) for name, (body, errors) in BODIES.items()},
    **{name: _of_values(*row) for name, row in VALUES.items()},
    **{
        name: Case(reply(GOOD[:-1] + b"," + beside.encode() + b"}"), errors, GOOD_ITEMS)
        for name, (beside, errors) in ERRORS.items()
    },
    **{name: Case(sent, (), GOOD_ITEMS) for name, sent in HARMLESS.items()},
    "an error of one value": Case(
        reply(
            b'{"data":{"_entities":[{"int":null},{"int":2}]},"errors":[{"message":"SECRET","path":["_entities",0,"int"]}]}'
        ),
        (("DOWNSTREAM_SERVICE_ERROR", ("items", 0, INT)),),
        ({INT: None}, {INT: 2}),
    ),
    "an error inside a custom scalar": Case(
        reply(
            b'{"data":{"_entities":[{"json":{"a":[null]}},{"json":1}]},'
            b'"errors":[{"message":"SECRET","path":["_entities",0,"json","a",0]}]}'
        ),
        (("DOWNSTREAM_SERVICE_ERROR", ("items", 0, "json")),),
        ({"json": None}, {"json": 1}),
        "json",
    ),
    "a null where none may be": Case(
        reply(b'{"data":{"_entities":[{"sure":null},{"sure":2}]}}'), wrong("sure"), (None, {"sure": 2}), "sure"
    ),
    "nothing where something must be": Case(
        reply(b'{"data":{"_entities":[{},{"sure":2}]}}'), wrong("sure"), (None, {"sure": 2}), "sure"
    ),
    "objects in another order, which nobody can notice": Case(
        reply(b'{"data":{"_entities":[{"int":2},{"int":1}]}}'), (), ({INT: 2}, {INT: 1})
    ),
}


@dataclass
class Hostile:
    """The subgraph on a socket; `case` is what it does next."""

    case: Case = field(default_factory=lambda: CASES["good"])
    url: str = ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(length)
        if isinstance(self.case.send, bytes):
            writer.write(self.case.send)
            await writer.drain()
        else:
            await self.case.send(reader, writer)


@asynccontextmanager
async def listening(hostile: Hostile) -> AsyncIterator[None]:
    handlers: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        handlers.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await hostile.talk(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    hostile.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/graphql"
    try:
        yield
    finally:
        server.close()
        await asyncio.gather(*handlers)
        await server.wait_closed()


def healthy() -> LittleSubgraph:
    schema = build_schema(HEALTHY.replace('@key(fields: "id")', ""))
    items = [{"__typename": "Item", "id": name, "name": name} for name in "ab"]
    return LittleSubgraph(schema, {"items": lambda info: items}, lambda representation: None)


@asynccontextmanager
async def world() -> AsyncIterator[tuple[Hostile, str]]:
    """The hostile subgraph, listening, and the supergraph of both with their addresses."""
    hostile = Hostile()
    async with served(healthy()) as client, listening(hostile):
        named = [
            SubgraphDefinition("healthy", f"{str(client.base_url).rstrip('/')}/graphql", LINK + HEALTHY),
            SubgraphDefinition("hostile", hostile.url, LINK + HOSTILE),
        ]
        yield hostile, compose(named).supergraph_sdl


def told_of(answer: dict[str, Any]) -> list[Error]:
    """Code and path of every error, in order of their paths."""
    found = [
        (error["extensions"]["code"], tuple(error["path"]) if "path" in error else None)
        for error in answer.get("errors", ())
    ]
    return sorted(found, key=str)


def check(case: Case, answer: dict[str, Any]) -> None:
    """Hold an answer to its case: other fields unharmed, errors coded and in place, nothing of the subgraph's text."""
    assert (answer["data"]["items"], told_of(answer)) == (case.expected, sorted(case.errors, key=str))
    assert SECRET not in json.dumps(answer)
