"""A connection that never came to be leaves nothing behind that could answer an event loop that is gone."""

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.engine.url import URL, make_url
from sqlalchemy.exc import OperationalError

from resolvers.connecting import engine_of

TRIES = 50


def nowhere(tmp_path: Path) -> URL:
    return make_url(f"sqlite+aiosqlite:///file:{tmp_path / 'nothing.sqlite'}?mode=ro&uri=true")


async def connected(url: URL) -> None:
    engine = engine_of(url, 2)
    try:
        async with engine.connect():
            pass
    finally:
        await engine.dispose()


async def given_up(url: URL) -> None:
    task = asyncio.ensure_future(connected(url))
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def test_a_database_that_cannot_be_opened_leaves_no_thread(tmp_path: Path):
    before = set(threading.enumerate())
    for _ in range(TRIES):
        with pytest.raises(OperationalError):
            asyncio.run(connected(nowhere(tmp_path)))
        assert set(threading.enumerate()) <= before


def test_a_connection_nobody_waits_for_any_more_leaves_no_thread(tmp_path: Path):
    before = set(threading.enumerate())
    for number in range(TRIES):
        asyncio.run(given_up(make_url(f"sqlite+aiosqlite:///{tmp_path / str(number)}.sqlite")))
        assert set(threading.enumerate()) <= before
