"""Files on disk and SIGHUP in; a reload out, once what changed has come to rest. Never judges what the files say."""

import asyncio
import signal
from collections.abc import Callable, Iterable
from pathlib import Path

from gateway.reload import Reloader

Files = Callable[[], Iterable[Path]]
Fingerprint = tuple[tuple[str, int, int, int] | None, ...]


def fingerprint(files: Iterable[Path]) -> Fingerprint:
    """What tells one state of the files from another: inode, size and time of change; None for one that is not
    there."""
    return tuple(_seen(file) for file in files)


def _seen(file: Path) -> tuple[str, int, int, int] | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return str(file), status.st_ino, status.st_size, status.st_mtime_ns


class Watch:
    """Files that are looked at again and again. Made before they are read, so that no change goes unseen."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._taken_up = self._last = fingerprint(files())

    def changed(self) -> bool:
        """Look: whether the files differ from what was told last and are as they were at the last look. A file that
        is being written is left alone until it rests; a change is told once."""
        seen = fingerprint(self._files())
        settled = seen == self._last and seen != self._taken_up
        self._last = seen
        if settled:
            self._taken_up = seen
        return settled


async def reload_on_change(reloader: Reloader, watch: Watch, interval: float) -> None:
    """Reload on SIGHUP and when the watched files have changed, looking every `interval` seconds (0: on SIGHUP only).

    Runs until it is cancelled.
    """
    hung_up = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, hung_up.set)
    try:
        while True:
            asked = await _within(hung_up, interval or None)
            if watch.changed() or asked:
                await reloader.reload()
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


async def reload_on_hangup(reloader: Reloader) -> None:
    """Reload on SIGHUP only. Runs until it is cancelled."""
    await reload_on_change(reloader, Watch(tuple), 0)


async def _within(event: asyncio.Event, seconds: float | None) -> bool:
    """Whether the event came within so many seconds; it may then come again."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    event.clear()
    return True
