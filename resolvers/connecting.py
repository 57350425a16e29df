"""Asynchronous engines over a product's database: a URL in, an engine out. Opens nothing by itself."""

import asyncio
from typing import Any

import aiosqlite
from sqlalchemy.engine.url import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


def engine_of(url: URL, seconds_to_wait: float) -> AsyncEngine:
    """The engine over `url`; connecting to it, or on SQLite waiting for another's lock, fails after these seconds."""
    opening = {"async_creator_fn": _open_sqlite} if url.get_backend_name() == "sqlite" else {}
    return create_async_engine(url, connect_args={"timeout": seconds_to_wait, **opening})


async def _open_sqlite(*arguments: Any, **options: Any) -> aiosqlite.Connection:
    """A connection, whose thread has ended when it cannot be opened or nobody waits for it any more.

    The driver only tells its thread to end then. A thread that is still answering when the event loop is gone fails,
    and says so on standard error in place of the coded error.
    """
    connection = aiosqlite.connect(*arguments, **options)
    thread = connection._thread
    thread.daemon = True  # Like the dialect's own: a connection that nobody closed keeps no process alive.
    try:
        return await connection
    except BaseException:
        await asyncio.shield(asyncio.to_thread(thread.join))
        raise
