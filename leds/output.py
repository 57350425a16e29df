"""Files that a command writes: all of a file under its name, or nothing of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from leds.errors import OutputExists, OutputFailed


def require_new(path: Path, *, replace: bool) -> None:
    """Raise OutputExists when there is such a file and it is not to be replaced."""
    if path.exists() and not replace:
        raise OutputExists(f"{path} is there already.")


@contextmanager
def whole_file(path: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Yield what is written to; the file takes its name, readable by its owner only, when everything is on disk.

    Raises OutputExists, OutputFailed; whatever is raised, no part of the file stays.
    """
    require_new(path, replace=replace)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _name(temporary, path, replace=replace)
    except FileExistsError as error:
        raise OutputExists(f"{path} is there already.") from error
    except OSError as error:
        raise OutputFailed(f"{path} cannot be written: {error.strerror}.") from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _name(temporary: Path, path: Path, *, replace: bool) -> None:
    if replace:
        os.replace(temporary, path)
    else:
        # Refuses where somebody else has taken the name meanwhile.
        os.link(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
