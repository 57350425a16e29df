"""A real `leds gateway` process over subgraphs that the test serves, and its files, written as an operator would."""

import asyncio
import hashlib
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.end_to_end.demo import ROOT, STOPPING_SECONDS, environment, free_port

WAITING_SECONDS = 90


class RunningGateway:
    """A gateway that has said it is listening; `said` is that line."""

    def __init__(self, process: Process, said: str, client: httpx.AsyncClient, errors: Path) -> None:
        self.process, self.said, self.client, self._errors = process, said, client, errors

    async def ask(self, query: str) -> dict[str, Any]:
        """The answer to a query that must be answered with 200."""
        response = await self.client.post("/graphql", json={"query": query})
        assert response.status_code == 200, response.text
        return response.json()

    async def health(self) -> dict[str, Any]:
        """What `/health/graph` says."""
        return (await self.client.get("/health/graph")).json()

    async def until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until `/health/graph` says what is wanted."""
        async with asyncio.timeout(WAITING_SECONDS):
            while not wanted(said := await self.health()):
                pass
        return said

    async def until_served(self, sdl: str) -> None:
        """Wait until this supergraph is served and nothing newer is refused."""
        version = hashlib.sha256(sdl.encode()).hexdigest()
        await self.until(lambda said: said == {"version": version, "refused": None})

    def errors(self) -> list[dict[str, Any]]:
        """The lines on standard error."""
        return [json.loads(line) for line in self._errors.read_text().splitlines()]

    def hang_up(self) -> None:
        """Send SIGHUP."""
        self.process.send_signal(signal.SIGHUP)


@asynccontextmanager
async def running_gateway(
    home: Path, *arguments: str, command: Sequence[str] = ("gateway",)
) -> AsyncIterator[RunningGateway]:
    """`leds gateway` (or another command) with these arguments on a free port. It is ended with SIGTERM, and must end
    cleanly."""
    port, errors = free_port(), home / "errors.txt"
    with errors.open("w") as written:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "leds", *command, "--port", str(port), *arguments),
            cwd=ROOT,
            env=environment(home, PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=written,
        )
    assert process.stdout is not None
    try:
        said = (await process.stdout.readline()).decode()
        assert said, errors.read_text()
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30) as client:
            yield RunningGateway(process, said, client, errors)
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOPPING_SECONDS):
            assert await process.wait() == 0, errors.read_text()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def put_in_place(file: Path, text: str) -> None:
    """Replace a file in one step."""
    beside = file.with_suffix(".new")
    beside.write_text(text, encoding="utf-8")
    os.replace(beside, file)
