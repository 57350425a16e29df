"""The HTTP edge: a pipeline in, a Starlette application out. Reads bodies within their limit and adds headers,
decides nothing.

Cross-site requests: no CORS header is ever sent; POST must be `application/json`, so browsers ask first and get no; GET
only runs queries and is refused when a browser says that another site's page sends it (`Sec-Fetch-Site`), unless it
carries what only a permitted script can send (`Apollo-Require-Preflight`, `Authorization`, …).
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.bodies import read_body
from gateway.documents.request import HttpRequest
from gateway.errors import MethodNotAllowed, RequestError, UnknownPath
from gateway.http_response import HttpResponse
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.readiness import Ready, always_ready
from gateway.streams.http import HttpStreams, format_of
from gateway.streams.limits import StreamLimits
from gateway.streams.subscription import Subscriptions
from gateway.streams.websocket import WebSocketEndpoint

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_GRAPHIQL = """<!doctype html><html lang="en"><meta charset="utf-8"><title>GraphiQL is not built</title>
<h1>GraphiQL is not built here</h1>
<p>The service works without it: send queries to <code>/graphql</code>.</p>
<p>To build it: make sure that an npm registry can be reached, then run <code>make graphiql</code>.</p></html>"""


@dataclass(frozen=True, slots=True)
class AppOptions:
    """What surrounds the pipeline. `graphiql` is the directory of the built GraphiQL; `routes` come before ours;
    `graph` says what is served and whether its successor was refused, `degraded` whether only part is answered now.
    `replaced` are parts without which something is still answered: it is degraded while they cannot be used."""

    ready: Ready = always_ready
    graphiql: Path | None = None
    routes: Sequence[BaseRoute] = ()
    max_body: int = 256 * 1024
    graph: Callable[[], Mapping[str, Any]] | None = None
    streams: StreamLimits = field(default_factory=StreamLimits)
    degraded: Callable[[], bool] = lambda: False
    replaced: frozenset[str] = frozenset()


def create_app(pipeline: Pipeline, metrics: Metrics, options: AppOptions | None = None) -> Starlette:
    """The gateway's ASGI application: /graphql, /graphiql, /schema.graphql, /health/*, /metrics and the given
    routes."""
    chosen = options or AppOptions()
    served = pipeline.served

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        reasons = await chosen.ready()
        away = any(reason.part not in chosen.replaced for reason in reasons)
        status = "not ready" if away else "degraded" if reasons or chosen.degraded() else "ready"
        said = {"reasons": [{"part": reason.part, "code": reason.code} for reason in reasons]} if reasons else {}
        return JSONResponse({"status": status, **said}, 503 if away else 200)

    async def graph(_: Request) -> Response:
        return JSONResponse(chosen.graph() if chosen.graph else {"version": served.graph.version})

    async def schema(request: Request) -> Response:
        asked = HttpRequest(request.method, _fields(request.headers), "", b"")
        shown = await pipeline.schema(asked)
        # Each caller is shown a schema of their own, wherever it may be kept on its way.
        return _response(
            replace(shown, headers={**shown.headers, "vary": "Accept, Authorization"}),
            governed=served.graph.stages.governed,
        )

    async def exposition(_: Request) -> Response:
        return Response(metrics.exposition(), headers={"content-type": metrics.content_type})

    subscriptions = Subscriptions(pipeline, chosen.streams)
    routes = [
        *chosen.routes,
        Route("/graphql", GraphQLEndpoint(pipeline, chosen.max_body, HttpStreams(subscriptions))),
        WebSocketRoute("/graphql", WebSocketEndpoint(subscriptions).serve),
        Route("/schema.graphql", schema),
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/health/graph", graph),
        Route("/metrics", exposition),
        *_graphiql_routes(chosen.graphiql),
    ]
    return Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers=dict.fromkeys((404, 405), _unserved(pipeline)),
        lifespan=_closing(pipeline),
    )


def _unserved(pipeline: Pipeline) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What is answered where no route is, or none for this method: coded like every other refusal."""

    async def answer(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        allowed = (error.headers or {}).get("Allow", "")
        coded = (
            MethodNotAllowed("This path does not take this method.", allowed, advice=f"Send {allowed}.")
            if error.status_code == 405
            else UnknownPath("There is nothing at this path.")
        )
        refused = pipeline.refuse(coded, request.headers.get("accept"))
        return _response(refused, governed=pipeline.served.graph.stages.governed)

    return answer


class GraphQLEndpoint:
    """`/graphql` as an ASGI application, for every method: the pipeline says which it allows."""

    def __init__(self, pipeline: Pipeline, max_body: int, streams: HttpStreams) -> None:
        self._pipeline = pipeline
        self._max_body = max_body
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = await read_body(request.headers, request.stream(), self._max_body)
        except RequestError as error:
            answered = self._pipeline.refuse(error, request.headers.get("accept"))
        except ClientDisconnect:
            return
        else:
            asked = HttpRequest(request.method, _fields(request.headers), scope["query_string"].decode("latin-1"), body)
            written = format_of(request.headers.get("accept", ""))
            if written is not None:
                answered = await self._streams.answer(asked, written, receive, send)
            else:
                answered = await self._while_connected(asked, receive)
        if answered is not None:
            await _response(answered, governed=self._pipeline.served.graph.stages.governed)(scope, receive, send)

    async def _while_connected(self, asked: HttpRequest, receive: Receive) -> HttpResponse | None:
        """The answer, or None when the caller goes away first: then its fetches are cancelled."""
        answer = asyncio.ensure_future(self._pipeline.answer(asked))
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
            return answer.result() if answer.done() else None
        finally:
            for task in (answer, gone):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


def _fields(headers: Headers) -> dict[str, str]:
    """Header fields by name in lower case. One sent twice is one list (RFC 9110 section 5.3), so that what is checked
    is all that was said."""
    return {name: ", ".join(headers.getlist(name)) for name in headers}


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _response(answered: HttpResponse, *, governed: bool) -> Response:
    headers = {"content-type": f"{answered.media_type}; charset=utf-8", "vary": "Accept", **answered.headers}
    if governed:
        headers["cache-control"] = "no-store"
    return Response(answered.body, answered.status, headers)


class SecurityHeaders:
    """Adds the same headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [header for header in SECURITY_HEADERS if header[0] not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


def _graphiql_routes(directory: Path | None) -> list[BaseRoute]:
    async def with_slash(_: Request) -> Response:
        return RedirectResponse("/graphiql/")

    async def not_built(_: Request) -> Response:
        return HTMLResponse(NO_GRAPHIQL, 404)

    if directory is None or not (directory / "index.html").is_file():
        return [Route("/graphiql", not_built), Route("/graphiql/{rest:path}", not_built)]
    return [Route("/graphiql", with_slash), Mount("/graphiql", StaticFiles(directory=directory, html=True))]


def _closing(pipeline: Pipeline) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await pipeline.served.close()

    return lifespan
