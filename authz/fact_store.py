"""Where changes of access facts are kept: a file on one host, or a list in Redis or Valkey for several. Only ever added
to. In: a change and its place; out: the changes, and what tells cheaply whether there are more."""

import asyncio
import fcntl
import os
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from redis.exceptions import RedisError, WatchError

from authz.errors import FactChangeConflict, FactsUnavailable
from authz.fact_changes import FactChange, change_from
from authz.shared_store import client_of

LIST = "leds:facts:changes"


class FactStore(Protocol):
    """The kept changes."""

    async def stamp(self) -> Hashable:
        """What is another one once a change was added. Raises FactsUnavailable."""
        ...

    async def changes(self, after: int = 0) -> tuple[FactChange, ...]:
        """The changes with a higher number, in order. Raises FactsUnavailable, FactsRewritten."""
        ...

    async def append(self, change: FactChange) -> None:
        """Keep one more; it is durable when this returns. Raises FactChangeConflict, FactsUnavailable."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class FactFile:
    """A file with one change on each line. It is written whole beside itself and put in place, so that a reader sees
    all of a change or nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def stamp(self) -> Hashable:
        """See FactStore: inode, size and time. Two microseconds, so it is not worth a thread."""
        try:
            status = os.stat(self._path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(self._path) from error
        return status.st_ino, status.st_size, status.st_mtime_ns

    async def changes(self, after: int = 0) -> tuple[FactChange, ...]:
        """See FactStore."""
        lines = (await asyncio.to_thread(self._read)).splitlines()
        return tuple(change_from(line) for line in lines[after:])

    async def append(self, change: FactChange) -> None:
        """See FactStore."""
        await asyncio.to_thread(self._append, change)

    async def close(self) -> None:
        """Nothing is held."""

    def _read(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise _unreadable(self._path) from error

    def _append(self, change: FactChange) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = os.open(self._path.with_suffix(".lock"), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = self._read()
            if len(known.splitlines()) != change.number - 1:
                raise FactChangeConflict(f"There is a change {change.number} of the access facts already.")
            _put_in_place(self._path, known + change.line + b"\n")
        except OSError as error:
            raise _unreadable(self._path) from error
        finally:
            os.close(lock)


def _put_in_place(path: Path, data: bytes) -> None:
    """Write a file whole: durable, name included, or not at all."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.next")
    try:
        file = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(file, "wb", closefd=False) as writing:
                writing.write(data)
            os.fsync(file)
        finally:
            os.close(file)
        beside.replace(path)
    except OSError:
        with suppress(OSError):
            beside.unlink()
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class SharedFacts:
    """A list in Redis or Valkey, for processes on several hosts. The server must keep it (`appendonly yes`)."""

    def __init__(self, url: str) -> None:
        self._client = client_of(url)

    async def stamp(self) -> Hashable:
        """See FactStore: the newest one, which is bound to all before it."""
        try:
            return await self._client.lindex(LIST, -1)
        except (RedisError, OSError) as error:
            raise _unanswered() from error

    async def changes(self, after: int = 0) -> tuple[FactChange, ...]:
        """See FactStore."""
        try:
            lines = await self._client.lrange(LIST, after, -1)
        except (RedisError, OSError) as error:
            raise _unanswered() from error
        return tuple(change_from(line.encode() if isinstance(line, str) else line) for line in lines)

    async def append(self, change: FactChange) -> None:
        """See FactStore."""
        try:
            async with self._client.pipeline() as pipe:
                await pipe.watch(LIST)
                taken = await pipe.llen(LIST) != change.number - 1
                if not taken:
                    pipe.multi()
                    pipe.rpush(LIST, change.line)
                    await pipe.execute()
        except WatchError:
            taken = True
        except (RedisError, OSError) as error:
            raise _unanswered() from error
        if taken:
            raise FactChangeConflict(f"There is a change {change.number} of the access facts already.")

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _unreadable(path: Path) -> FactsUnavailable:
    return FactsUnavailable(f"The changes of access facts in {path.name} cannot be read or written.")


def _unanswered() -> FactsUnavailable:
    return FactsUnavailable("The server that keeps the changes of access facts does not answer.")
