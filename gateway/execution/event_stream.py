"""Events of a subscription as a subgraph sends them: the bytes of an event stream in, GraphQL responses out.

Server-sent events (WHATWG HTML, 9.2) in the distinct connections mode of GraphQL over SSE: `next` carries a response,
`complete` ends. Does no I/O, keeps no more than one event.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

MEDIA_TYPE = "text/event-stream"
NEXT, COMPLETE = b"next", b"complete"


class MalformedStream(Exception):
    """What came is no event stream, or an event is larger than allowed."""


@dataclass(slots=True)
class EventReader:
    """Reads one stream. After `complete` nothing more is read from it."""

    largest: int
    complete: bool = False
    _rest: bytes = b""
    _event: bytes = b""
    _data: list[bytes] = field(default_factory=list)
    _size: int = 0

    def feed(self, part: bytes) -> Iterator[bytes]:
        """The responses that this part completes. Raises MalformedStream."""
        # A line may end in CR, LF or both; a CR at the end of a part may be the first half of both.
        text = self._rest + part
        held = b"\r" if text.endswith(b"\r") else b""
        lines = text[: len(text) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + held
        if len(self._rest) > self.largest:
            raise MalformedStream("an event is larger than allowed")
        for line in lines:
            if self.complete:
                return
            yield from self._line(line)

    def _line(self, line: bytes) -> Iterator[bytes]:
        if not line:
            yield from self._dispatched()
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"event":
            self._event = value
        elif name == b"data":
            self._size += len(value)
            if self._size > self.largest:
                raise MalformedStream("an event is larger than allowed")
            self._data.append(value)

    def _dispatched(self) -> Iterator[bytes]:
        event, data = self._event, b"\n".join(self._data)
        self._event, self._size = b"", 0
        self._data.clear()
        if event == COMPLETE:
            self.complete = True
        elif event == NEXT and data:
            yield data


def event_bytes(event: bytes, data: bytes = b"") -> bytes:
    """One event as it is sent. `data` holds no line break (JSON in one line)."""
    return b"event: %b\ndata: %b\n\n" % (event, data)


KEEP_ALIVE = b":\n\n"
"""A comment: keeps connections open, and shows each side that the other is there."""
