"""Messages of the graphql-transport-ws protocol: text in, checked values out, and values as text. Does no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

SUBPROTOCOL = "graphql-transport-ws"
LEGACY_SUBPROTOCOL = "graphql-ws"
"""That of subscriptions-transport-ws, in which operations start before anybody is known: it is not spoken."""

# Close codes of the protocol; those it leaves to servers are ours.
BAD_MESSAGE = 4400
UNAUTHORIZED = 4401
FORBIDDEN = 4403
SUBPROTOCOL_NOT_ACCEPTABLE = 4406
INIT_TIMEOUT = 4408
SUBSCRIBER_EXISTS = 4409
TOO_SLOW = 4413
TOO_MANY_INITS = 4429
LONGEST_REASON = 123


class ProtocolClosed(Exception):
    """The connection is to be closed with this code of the protocol, for this reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason.encode()[:LONGEST_REASON].decode(errors="ignore")


@dataclass(frozen=True, slots=True)
class Init:
    """`connection_init`: who asks and why, under the same names as HTTP headers, in lower case."""

    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Subscribe:
    """`subscribe`: an operation under an id of the client's. `body` is its request as it would be posted."""

    id: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Complete:
    """`complete`: the client wants no more of this operation."""

    id: str


@dataclass(frozen=True, slots=True)
class Ping:
    """`ping`: to be answered with a pong that carries the same payload."""

    payload: Any


@dataclass(frozen=True, slots=True)
class Pong:
    """`pong`: a sign of life."""


Message = Init | Subscribe | Complete | Ping | Pong


def message_from_text(text: str | bytes | None, largest: int) -> Message:
    """The message of one frame. Raises ProtocolClosed (4400) for anything the protocol does not know."""
    if not isinstance(text, str):
        raise ProtocolClosed(BAD_MESSAGE, "Messages are text.")
    if len(text) > largest:
        raise ProtocolClosed(BAD_MESSAGE, f"The message is longer than {largest}.")
    try:
        message = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise ProtocolClosed(BAD_MESSAGE, "The message is not JSON.") from None
    if type(message) is not dict:
        raise ProtocolClosed(BAD_MESSAGE, "The message is not an object.")
    return _read(message)


def _read(message: dict[str, Any]) -> Message:
    payload = message.get("payload")
    match message.get("type"):
        case "connection_init":
            return Init(_headers({} if payload is None else payload))
        case "subscribe":
            if type(payload) is not dict:
                raise ProtocolClosed(BAD_MESSAGE, "`payload` is not an object.")
            return Subscribe(_id(message), msgspec.json.encode(payload))
        case "complete":
            return Complete(_id(message))
        case "ping":
            return Ping(payload)
        case "pong":
            return Pong()
    raise ProtocolClosed(BAD_MESSAGE, "The message is of no type that a client sends.")


def _id(message: Mapping[str, Any]) -> str:
    found = message.get("id")
    if type(found) is not str or not 0 < len(found) <= 128:
        raise ProtocolClosed(BAD_MESSAGE, "`id` is not a text of 1 to 128 characters.")
    return found


def _headers(payload: Any) -> Mapping[str, str]:
    """Texts by name. A name given twice in different spellings is refused: what is checked is all that was said."""
    if type(payload) is not dict or not all(type(value) is str for value in payload.values()):
        raise ProtocolClosed(BAD_MESSAGE, "The payload of `connection_init` is not an object of texts.")
    headers = {name.lower(): value for name, value in payload.items()}
    if len(headers) != len(payload):
        raise ProtocolClosed(BAD_MESSAGE, "The payload of `connection_init` names something twice.")
    return headers


def ack() -> str:
    """`connection_ack`."""
    return '{"type":"connection_ack"}'


def pong(payload: Any) -> str:
    """`pong` with the ping's payload."""
    carried = {} if payload is None else {"payload": payload}
    return msgspec.json.encode({"type": "pong"} | carried).decode()


def next_(id_: str, body: bytes) -> str:
    """`next`: one response, as it is."""
    return f'{{"id":{_text(id_)},"type":"next","payload":{body.decode()}}}'


def error(id_: str, errors: Any) -> str:
    """`error`: why the operation ends, or never began."""
    return msgspec.json.encode({"id": id_, "type": "error", "payload": errors}).decode()


def complete(id_: str) -> str:
    """`complete`: nothing more comes of this operation."""
    return f'{{"id":{_text(id_)},"type":"complete"}}'


def _text(value: str) -> str:
    return msgspec.json.encode(value).decode()
