"""Asynchronous engines over a product's database: a URL in, an engine out. Opens nothing by itself.

Connecting, or on SQLite waiting for another's lock, fails after `seconds_to_wait`.
"""

from sqlalchemy.engine.url import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from resolvers.sqlite import Driver, open_sqlite


def engine_of(url: URL, seconds_to_wait: float) -> AsyncEngine:
    """An engine for changes."""
    opening = {"async_creator_fn": open_sqlite} if _is_sqlite(url) else {}
    return create_async_engine(url, connect_args={"timeout": seconds_to_wait, **opening})


def reading_engine_of(url: URL, seconds_to_wait: float) -> AsyncEngine:
    """An engine for reads only, which begin their transactions themselves."""
    options = {"module": Driver(), "isolation_level": "AUTOCOMMIT"} if _is_sqlite(url) else {}
    return create_async_engine(url, connect_args={"timeout": seconds_to_wait}, **options)


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"
