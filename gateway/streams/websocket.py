"""GraphQL over WebSocket (graphql-transport-ws): one socket in; its operations run beside each other, each governed.

Who asks and why comes in `connection_init` and holds for every operation of the socket. Nothing runs before it is
accepted; whoever may no longer ask is told why, and the socket is closed.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from contextlib import aclosing

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from gateway.documents.request import HttpRequest
from gateway.http_response import HttpResponse
from gateway.streams.errors import SlowConsumer, TooManySubscriptions
from gateway.streams.messages import (
    BAD_MESSAGE,
    FORBIDDEN,
    INIT_TIMEOUT,
    LEGACY_SUBPROTOCOL,
    SUBPROTOCOL,
    SUBPROTOCOL_NOT_ACCEPTABLE,
    SUBSCRIBER_EXISTS,
    TOO_MANY_INITS,
    TOO_SLOW,
    UNAUTHORIZED,
    Complete,
    Init,
    Message,
    Ping,
    ProtocolClosed,
    Subscribe,
    ack,
    complete,
    error,
    message_from_text,
    next_,
    pong,
)
from gateway.streams.subscription import Answered, Ended, Event, Subscriptions

CLOSING = {401: UNAUTHORIZED, 403: FORBIDDEN}
TRY_AGAIN_LATER = 1013


class WebSocketEndpoint:
    """`/graphql` for sockets."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    async def serve(self, socket: WebSocket) -> None:
        """Serve one socket to its end."""
        offered = socket.scope.get("subprotocols", ())
        if SUBPROTOCOL not in offered:
            await socket.accept()
            if LEGACY_SUBPROTOCOL in offered:
                await socket.close(BAD_MESSAGE, f"{LEGACY_SUBPROTOCOL} is not spoken here: use {SUBPROTOCOL}")
            else:
                await socket.close(SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")
            return
        await socket.accept(SUBPROTOCOL)
        await _Connection(socket, self._subscriptions).serve()


class _Connection:
    """One accepted socket."""

    def __init__(self, socket: WebSocket, subscriptions: Subscriptions) -> None:
        self._socket = socket
        self._subscriptions = subscriptions
        self._limits = subscriptions.limits
        self._headers: Mapping[str, str] | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._sending = asyncio.Lock()
        self._closed: asyncio.Future[ProtocolClosed] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """Read until the client goes, or the socket is to be closed; then end everything that runs on it."""
        reading = asyncio.ensure_future(self._read())
        try:
            await asyncio.wait({reading, self._closed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reading, *self._running.values()):
                task.cancel()
            await asyncio.gather(reading, *self._running.values(), return_exceptions=True)
            if self._closed.done():
                await self._close(self._closed.result())

    async def _close(self, why: ProtocolClosed) -> None:
        if self._socket.application_state is not WebSocketState.CONNECTED:
            return
        with contextlib.suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
            # Also a client that was too slow gets a while to take what is on its way, and to hear why it ends.
            async with asyncio.timeout(self._limits.init_seconds):
                await self._socket.close(why.code, why.reason)

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(self._limits.init_seconds) as waiting:
                await self._init(await self._message())
                waiting.reschedule(None)
                while True:
                    await self._take(await self._message())
        except TimeoutError:
            self._end(ProtocolClosed(INIT_TIMEOUT, "Connection initialisation timeout"))
        except ProtocolClosed as why:
            self._end(why)
        except (WebSocketDisconnect, RuntimeError):
            return

    async def _message(self) -> Message:
        frame = await self._socket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame.get("code") or 1006)
        text = frame.get("text")
        return message_from_text(text if text is not None else frame.get("bytes"), self._limits.largest_message)

    async def _init(self, message: Message) -> None:
        """Everything but `connection_init` (and a ping) before it is refused: nobody is known to be asking."""
        while isinstance(message, Ping):
            await self._send(pong(message.payload))
            message = await self._message()
        if not isinstance(message, Init):
            raise ProtocolClosed(UNAUTHORIZED, "Unauthorized")
        refused = await self._subscriptions.admit(message.headers)
        if refused is not None:
            raise ProtocolClosed(CLOSING.get(refused.status, TRY_AGAIN_LATER), code_of(refused))
        self._headers = message.headers
        await self._send(ack())

    async def _take(self, message: Message) -> None:
        match message:
            case Init():
                raise ProtocolClosed(TOO_MANY_INITS, "Too many initialisation requests")
            case Ping(payload):
                await self._send(pong(payload))
            case Complete(id_) if id_ in self._running:
                self._running[id_].cancel()
            case Subscribe():
                await self._subscribe(message)

    async def _subscribe(self, message: Subscribe) -> None:
        if message.id in self._running:
            raise ProtocolClosed(SUBSCRIBER_EXISTS, f"Subscriber for {message.id} already exists")
        if len(self._running) >= self._limits.per_connection:
            refused = TooManySubscriptions(f"The connection holds {self._limits.per_connection} operations.")
            await self._send(error(message.id, [refused.formatted()]))
            return
        task = asyncio.create_task(self._run(message))
        self._running[message.id] = task
        task.add_done_callback(lambda _: self._running.pop(message.id, None))

    async def _run(self, message: Subscribe) -> None:
        try:
            await self._operate(message)
        except ProtocolClosed as why:
            self._end(why)
        except (WebSocketDisconnect, RuntimeError):
            # The client went while something was sent to it; reading learns of it too.
            return

    async def _operate(self, message: Subscribe) -> None:
        headers = {**(self._headers or {}), "content-type": "application/json", "accept": "application/json"}
        async with aclosing(self._subscriptions.run(HttpRequest("POST", headers, "", message.body))) as answers:
            async for answer in answers:
                match answer:
                    case Event(response):
                        await self._send(next_(message.id, response.body))
                    case Answered(response) if has_data(response):
                        await self._send(next_(message.id, response.body))
                    case Answered(response):
                        await self._send(error(message.id, errors_of(response)))
                        return
                    case Ended(response):
                        await self._send(error(message.id, errors_of(response)))
                        if response.status in CLOSING:
                            raise ProtocolClosed(CLOSING[response.status], code_of(response))
                        return
        await self._send(complete(message.id))

    async def _send(self, text: str) -> None:
        """Send one message. Raises ProtocolClosed when the client does not take it in time."""
        try:
            async with asyncio.timeout(self._limits.slow_seconds):
                async with self._sending:
                    await self._socket.send_text(text)
        except TimeoutError:
            raise ProtocolClosed(TOO_SLOW, SlowConsumer.code) from None

    def _end(self, why: ProtocolClosed) -> None:
        if not self._closed.done():
            self._closed.set_result(why)


def has_data(response: HttpResponse) -> bool:
    """Whether an operation was run, whatever came of it."""
    return response.status == 200 and "data" in msgspec.json.decode(response.body)


def errors_of(response: HttpResponse) -> list[object]:
    """The errors of a response."""
    return msgspec.json.decode(response.body).get("errors", [])


def code_of(response: HttpResponse) -> str:
    """The code of a response's first error."""
    first = next(iter(errors_of(response)), {})
    extensions = first.get("extensions", {}) if isinstance(first, dict) else {}
    return str(extensions.get("code", ""))
