"""What both kinds of transport have in common: ASGI's call shapes, a request as a scope, and how sending fails."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

AsgiMessage = MutableMapping[str, Any]
AsgiScope = MutableMapping[str, Any]
AsgiApp = Callable[
    [AsgiScope, Callable[[], Awaitable[AsgiMessage]], Callable[[AsgiMessage], Awaitable[None]]],
    Awaitable[None],
]


class TransportError(Exception):
    """No usable reply. `status` is one word for metrics, the text completes "'<subgraph>' …"."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def asgi_scope(path: str, body: bytes, headers: Mapping[str, str]) -> AsgiScope:
    """A POST with this body and these headers to an application of this process."""
    named = {"host": "subgraph.internal", "content-length": str(len(body))} | dict(headers)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in named.items()],
        "client": ("127.0.0.1", 0),
        "server": ("subgraph.internal", 80),
        "state": {},
    }
