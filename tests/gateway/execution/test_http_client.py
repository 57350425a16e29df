"""The HTTP client against real servers on loopback that answer well, badly and not at all."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from gateway.execution.http_client import (
    ConnectionClosed,
    HttpClient,
    HttpClientError,
    MalformedReply,
    ReplyTooLarge,
    origin_of,
)

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
MAX_BODY = 1_000
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Counts connections and keeps the requests that `read_request` saw."""

    def __init__(self) -> None:
        self.url = ""
        self.connections = 0
        self.requests: list[bytes] = []

    async def read_request(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.startswith(b"content-length"))
        request = head + await reader.readexactly(length)
        self.requests.append(request)
        return request


@contextlib.asynccontextmanager
async def serving(talk: Callable[[Server], Talk]) -> AsyncIterator[tuple[Server, HttpClient]]:
    server = Server()
    handle = talk(server)
    handlers: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        task = asyncio.current_task()
        assert task
        handlers.add(task)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await handle(reader, writer)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/graphql"
    client = HttpClient(server.url, max_body=MAX_BODY)
    try:
        yield server, client
    finally:
        await client.close()
        listening.close()
        await asyncio.gather(*handlers)
        await listening.wait_closed()


def replying(*replies: bytes) -> Callable[[Server], Talk]:
    """Each connection answers request after request with the next of these replies, then closes."""
    queue = list(replies)

    def talk(server: Server) -> Talk:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while queue:
                await server.read_request(reader)
                writer.write(queue.pop(0))
                await writer.drain()

        return handle

    return talk


GOOD = {
    "content length": (OK, (200, b"{}")),
    "chunks": (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nx-trailer: 1\r\n\r\n",
        (200, b"abcde"),
    ),
    "until the connection closes": (b"HTTP/1.1 200 OK\r\n\r\nall of it", (200, b"all of it")),
    "old protocol until close": (b"HTTP/1.0 200 OK\r\n\r\nold", (200, b"old")),
    "continue first": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, (200, b"{}")),
    "two interim responses": (
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + OK,
        (200, b"{}"),
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b"")),
    "an error status": (b"HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy", (503, b"busy")),
    "a redirect, not followed": (b"HTTP/1.1 302 Found\r\nlocation: http://x/\r\ncontent-length: 0\r\n\r\n", (302, b"")),
}


@pytest.mark.parametrize("case", GOOD)
async def test_reads_a_reply_framed_by(case):
    reply, expected = GOOD[case]
    async with serving(replying(reply)) as (_, client):
        assert (await client.post("/graphql", b"{}", {}))[:2] == expected


async def test_reads_a_reply_that_arrives_byte_by_byte():
    def talk(server: Server) -> Talk:
        async def handle(reader, writer):
            await server.read_request(reader)
            for byte in GOOD["chunks"][0]:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(0)

        return handle

    async with serving(talk) as (_, client):
        assert (await client.post("/graphql", b"{}", {}))[:2] == (200, b"abcde")


BAD = {
    "no HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", MalformedReply),
    "a request": (b"GET / HTTP/1.1\r\n\r\n", MalformedReply),
    "two lengths": (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}", MalformedReply),
    "length and chunks": (
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        MalformedReply,
    ),
    "a negative length": (b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", MalformedReply),
    "a bad chunk": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", MalformedReply),
    "another protocol": (b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", HttpClientError),
    "an endless head": (b"HTTP/1.1 200 OK\r\n" + b"x: " + b"y" * 100_000, MalformedReply),
    "a close in the head": (b"HTTP/1.1 200", ConnectionClosed),
    "a close in the body": (b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}", ConnectionClosed),
    "a close between chunks": (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n", ConnectionClosed),
    "a close after continue": (b"HTTP/1.1 100 Continue\r\n\r\n", ConnectionClosed),
    "nothing": (b"", ConnectionClosed),
    "too much": (b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n" + b"x" * 1001, ReplyTooLarge),
    "too much in chunks": (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
        + b"190\r\n"
        + b"x" * 400
        + b"\r\n"
        + b"300\r\n"
        + b"x" * 768,
        ReplyTooLarge,
    ),
    "too much until close": (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000, ReplyTooLarge),
}


@pytest.mark.parametrize("case", BAD)
async def test_refuses_a_reply_with(case):
    reply, error = BAD[case]
    async with serving(replying(reply)) as (_, client):
        with pytest.raises(error):
            await client.post("/graphql", b"{}", {})


async def test_a_reset_in_the_body_is_an_error():
    def talk(server: Server) -> Talk:
        async def handle(reader, writer):
            await server.read_request(reader)
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}")
            await writer.drain()
            writer.transport.abort()

        return handle

    async with serving(talk) as (_, client):
        with pytest.raises((HttpClientError, OSError)):
            await client.post("/graphql", b"{}", {})


async def test_repeatable_requests_share_a_connection():
    async with serving(replying(OK, OK, OK)) as (server, client):
        for _ in range(3):
            await client.post("/graphql", b"{}", {}, repeatable=True)
        assert server.connections == 1


async def test_a_mutation_never_goes_over_a_connection_used_before():
    async with serving(replying(OK, OK)) as (server, client):
        await client.post("/graphql", b"{}", {}, repeatable=True)
        await client.post("/graphql", b"{}", {})
        assert server.connections == 2


def closing_after_first_reply(server: Server) -> Talk:
    """Says keep-alive, and closes as soon as the next request arrives."""

    async def handle(reader, writer):
        await server.read_request(reader)
        writer.write(OK)
        await writer.drain()
        if server.connections == 1:
            await reader.readexactly(1)
            return
        await reader.read()

    return handle


async def test_a_query_is_sent_again_when_its_kept_connection_was_closed():
    async with serving(closing_after_first_reply) as (server, client):
        await client.post("/graphql", b"{}", {}, repeatable=True)
        assert (await client.post("/graphql", b"{}", {}, repeatable=True))[:2] == (200, b"{}")
        assert server.connections == 2


async def test_a_query_is_not_sent_a_third_time():
    def talk(server: Server) -> Talk:
        async def handle(reader, writer):
            await server.read_request(reader)
            if server.connections == 1:
                writer.write(OK)
                await writer.drain()
                await reader.readexactly(1)

        return handle

    async with serving(talk) as (server, client):
        await client.post("/graphql", b"{}", {}, repeatable=True)
        with pytest.raises(ConnectionClosed):
            await client.post("/graphql", b"{}", {}, repeatable=True)
        assert server.connections == 2


@pytest.mark.parametrize(
    "reply",
    [
        OK + b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsmugly",
        OK + b"junk",
        OK[:-4] + b"connection: close\r\n\r\n{}",
    ],
    ids=["a second reply", "junk", "a wish to close"],
)
async def test_a_connection_is_not_used_again_after_its_reply_came_with(reply):
    async with serving(replying(reply, OK)) as (server, client):
        assert (await client.post("/graphql", b"{}", {}, repeatable=True))[0] == 200
        assert (await client.post("/graphql", b"{}", {}, repeatable=True))[:2] == (200, b"{}")
        assert server.connections == 2


async def test_bytes_nobody_asked_for_end_the_connection():
    ended = asyncio.Event()

    def talk(server: Server) -> Talk:
        async def handle(reader, writer):
            await server.read_request(reader)
            writer.write(OK)
            await writer.drain()
            if server.connections == 1:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsmugly")
                await writer.drain()
                with contextlib.suppress(ConnectionError):
                    await reader.read()
                ended.set()

        return handle

    async with serving(talk) as (_, client):
        await client.post("/graphql", b"{}", {}, repeatable=True)
        await ended.wait()
        assert (await client.post("/graphql", b"{}", {}, repeatable=True))[:2] == (200, b"{}")


async def test_cancelling_tears_the_connection_down():
    ended = asyncio.Event()

    def talk(server: Server) -> Talk:
        async def handle(reader, writer):
            await server.read_request(reader)
            asked.set()
            assert await reader.read() == b""
            ended.set()

        return handle

    asked = asyncio.Event()
    async with serving(talk) as (_, client):
        request = asyncio.ensure_future(client.post("/graphql", b"{}", {}, repeatable=True))
        await asked.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        await ended.wait()


async def test_sends_what_it_is_given():
    async with serving(replying(OK)) as (server, client):
        await client.post("/graphql?v=1", b'{"query":"{a}"}', {"Content-Type": "application/json", "x-b": "1"})
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        assert head.startswith(b"POST /graphql?v=1 HTTP/1.1\r\nhost: 127.0.0.1:")
        assert b"content-type: application/json\r\nx-b: 1\r\ncontent-length: 15" in head
        assert body == b'{"query":"{a}"}'


@pytest.mark.parametrize("header", [{"x": "a\r\nhost: b"}, {"x\r\ny": "1"}, {"x y": "1"}, {"": "1"}, {"x": "\x00"}])
async def test_refuses_a_header_that_would_break_its_line(header):
    async with serving(replying(OK)) as (server, client):
        with pytest.raises(HttpClientError):
            await client.post("/graphql", b"{}", header)
        assert server.connections == 0


@pytest.mark.parametrize("url", ["ftp://a/", "a/b", "http://", "http://user:secret@host/", "file:///a"])
def test_refuses_an_address_that_is_no_origin(url):
    with pytest.raises(ValueError, match="not a subgraph address"):
        origin_of(url)


def test_knows_the_port_of_an_address():
    assert [origin_of(url).port for url in ("http://a", "https://a", "https://a:8443/x")] == [80, 443, 8443]
