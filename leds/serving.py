"""Running an ASGI application in the foreground: free port first, word when it is ready, on SIGTERM an end in which
every request under way is still answered. Logs go to standard error as JSON lines."""

import asyncio
import contextlib
import errno
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from types import FrameType
from typing import Any

import structlog
import typer
import uvicorn
import uvloop
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leds.errors import ConfigurationError, PortInUse
from schema.errors import CodedError

Announce = Callable[[], Awaitable[None]]
FINISHING_SECONDS = 30
STREAMS = (b"text/event-stream", b"multipart/mixed")
LARGEST_MESSAGE = 1024 * 1024


def require_free_port(host: str, port: int) -> None:
    """Make sure that nobody listens on the port.

    Raises:
        PortInUse: somebody does, or the port may not be opened.
        ConfigurationError: the host is not an address of this machine.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                raise ConfigurationError(
                    f"The host {host} is not an address of this machine.",
                    advice="Set `host` of `[gateway]` (LEDS_GATEWAY_HOST) to one that is, for example 127.0.0.1.",
                ) from error
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            why = "is in use" if error.errno == errno.EADDRINUSE else "may not be opened by this user"
            raise PortInUse(f"Port {port} of {host} {why}.") from error


def announcement(text: str) -> Announce:
    """Say one line on standard output."""

    async def announce() -> None:
        typer.echo(text)

    return announce


class EndingStreams:
    """An application whose endless responses learn that their client is gone once `ending` is set: the server is to
    stop, and would wait for them. Others are left to finish."""

    def __init__(self, app: ASGIApp, ending: asyncio.Event) -> None:
        self._app = app
        self._ending = ending

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        asked = scope["type"] == "http" and any(
            name == b"accept" and any(kind in value for kind in STREAMS) for name, value in scope["headers"]
        )
        await self._app(scope, self._until_the_end(receive) if asked else receive, send)

    def _until_the_end(self, receive: Receive) -> Receive:
        async def received() -> Message:
            coming, ending = asyncio.ensure_future(receive()), asyncio.ensure_future(self._ending.wait())
            try:
                await asyncio.wait((coming, ending), return_when=asyncio.FIRST_COMPLETED)
                return coming.result() if coming.done() else {"type": "http.disconnect"}
            finally:
                coming.cancel()
                ending.cancel()

        return received


class _AnnouncingServer(uvicorn.Server):
    """A uvicorn server that calls back once it accepts connections; `ending` is set once it is to stop."""

    def __init__(self, config: uvicorn.Config, announce: Announce, ending: asyncio.Event) -> None:
        super().__init__(config)
        self._announce = announce
        self._ending = ending
        self.failure: CodedError | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop serving; unlike uvicorn, do not die of the signal afterwards: what was opened still has to be closed."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        self._ending.set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start listening, then announce; when that fails, stop as after a signal."""
        await super().startup(sockets)
        if self.started:
            try:
                await self._announce()
            except CodedError as error:
                self.failure, self.should_exit = error, True


async def serve(
    app: ASGIApp, host: str, port: int, announce: Announce, *, beside: Coroutine[Any, Any, None] | None = None
) -> None:
    """Serve until SIGINT or SIGTERM; `announce` runs once connections are accepted, `beside` as long as they are.

    Requests under way are finished, within FINISHING_SECONDS; streams are ended.

    Raises:
        CodedError: what `announce` raised, after everything has been shut down.
    """
    ending = asyncio.Event()
    config = uvicorn.Config(
        EndingStreams(app, ending),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=FINISHING_SECONDS,
        ws_max_size=LARGEST_MESSAGE,
    )
    server = _AnnouncingServer(config, announce, ending)
    async with _running(beside):
        await server.serve()
    if server.failure:
        raise server.failure


@contextlib.asynccontextmanager
async def _running(beside: Coroutine[Any, Any, None] | None) -> AsyncIterator[None]:
    task = asyncio.ensure_future(beside) if beside else None
    try:
        yield
    finally:
        if task:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def run(service: Coroutine[Any, Any, None]) -> None:
    """Run a service to its end on the faster event loop."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    uvloop.run(service)
