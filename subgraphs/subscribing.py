"""What a subscription's source is made with, and its events as a stream: each answered and disclosed by itself.

In: the operation of a verified caller. Out: server-sent events (GraphQL over SSE, distinct connections). For the
gateway only, which decides, records and releases each event again.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    Executor,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    create_source_event_stream,
    get_operation_ast,
)
from strawberry.types import Info

from subgraphs.errors import InvalidDocument
from subgraphs.request import SubgraphRequest

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE = b":\n\n"
KEEP_ALIVE_SECONDS = 10.0


class Watching(Protocol):
    """A listener's wait for changes."""

    async def changed(self) -> None: ...


class Feed(Protocol):
    """Says when something about a record may have changed."""

    async def watch(self, key: str, /) -> Watching: ...

    async def run(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SubgraphSubscription:
    """The context value while a source runs. `view` is what the subscriber may see just now: decided anew, with a
    reading of its own, each time it is entered."""

    view: Callable[[], AbstractAsyncContextManager[SubgraphRequest]]
    feed: Feed


SubscriptionInfo: TypeAlias = Info[SubgraphSubscription, None]
Answer = Callable[[Any], Awaitable[bytes]]
Seal = Callable[[int, bytes], bytes]
"""The line that says whose answer this is: of its number in the stream and its bytes; the last event has none."""


def subscribed_field(document: DocumentNode, operation_name: str | None) -> str | None:
    """The root field of a subscription; None for another operation."""
    operation = get_operation_ast(document, operation_name)
    if not isinstance(operation, OperationDefinitionNode) or operation.operation is not OperationType.SUBSCRIPTION:
        return None
    first = operation.selection_set.selections[0]
    if not isinstance(first, FieldNode):
        raise InvalidDocument("The field of a subscription stands in its selection set itself.")
    return first.name.value


async def source_of(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation_name: str | None,
    variables: dict[str, Any] | None,
    context: SubgraphSubscription,
) -> AsyncGenerator[Any, None]:
    """The events of a subscription. Raises what its resolver raises, and InvalidDocument."""
    executor = Executor.build(
        schema,
        document,
        context_value=context,
        raw_variable_values=variables,
        operation_name=operation_name,
    )
    if isinstance(executor, list):
        raise InvalidDocument(executor[0].message)
    found = create_source_event_stream(executor)
    source = await cast(Awaitable[AsyncIterable[Any] | ExecutionResult], found)
    if isinstance(source, ExecutionResult):
        error = (source.errors or [None])[0]
        raise (error and error.original_error) or InvalidDocument("The subscription has no source.")
    return cast(AsyncGenerator[Any, None], source)


async def event_stream(
    source: AsyncGenerator[Any, None], answer: Answer, seal: Seal, seconds: float = KEEP_ALIVE_SECONDS
) -> AsyncGenerator[bytes, None]:
    """The stream of a source: a comment at once and in every pause, each event as `answer` answers it, sealed."""
    number = 0
    yield KEEP_ALIVE
    async with aclosing(source):
        while True:
            coming = asyncio.ensure_future(_next(source))
            try:
                while not (await asyncio.wait({coming}, timeout=seconds))[0]:
                    yield KEEP_ALIVE
                event = coming.result()
            finally:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            data = b"" if event is _END else await answer(event)
            yield b"event: next\ndata: %b\ndata: %b\n\n" % (seal(number, data), data)
            if event is _END:
                yield b"event: complete\ndata:\n\n"
                return
            number += 1


_END = object()


async def _next(source: AsyncGenerator[Any, None]) -> Any:
    return await anext(source, _END)
