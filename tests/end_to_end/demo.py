"""A real `leds demo` process on a free port with a home of its own, and what a user does with it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "docs" / "examples"
ROADSIDE = (EXAMPLES / "roadside.graphql").read_text(encoding="utf-8")
STARTING_SECONDS = 180
STOPPING_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo: `output` is everything it has printed."""

    origin: str
    home: Path
    process: subprocess.Popen[bytes]
    output: Path

    def leds(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the `leds` command against this demo."""
        return subprocess.run(
            [sys.executable, "-m", "leds", *arguments],
            cwd=ROOT,
            env=environment(self.home),
            check=check,
            capture_output=True,
            text=True,
        )

    def headers(self, persona: str) -> dict[str, str]:
        """What `leds token PERSONA --json` prints."""
        return json.loads(self.leds("token", persona, "--json").stdout)["headers"]

    def post(self, body: object, headers: Mapping[str, str]) -> httpx.Response:
        """POST a JSON body to /graphql."""
        return httpx.post(f"{self.origin}/graphql", json=body, headers=dict(headers), timeout=20)

    def ask(self, query: str, headers: Mapping[str, str], **variables: Any) -> dict[str, Any]:
        """The response to a query that must be answered with 200."""
        response = self.post({"query": query, "variables": variables}, headers)
        assert response.status_code == 200, response.text
        return response.json()

    def work(self) -> dict[str, float]:
        """Subgraph requests and SQL statements so far, by subgraph, from /metrics."""
        text = httpx.get(f"{self.origin}/metrics").text
        counted: dict[str, float] = {}
        for kind, name in (
            ("fetches", "leds_gateway_fetch_seconds_count"),
            ("statements", "leds_subgraph_statements_total"),
        ):
            for subgraph, value in re.findall(rf'^{name}{{.*?subgraph="(\w+)".*?}} ([\d.]+)$', text, re.MULTILINE):
                key = f"{subgraph} {kind}"
                counted[key] = counted.get(key, 0) + float(value)
        return counted

    def work_of(self, query: str, headers: Mapping[str, str], **variables: Any) -> dict[str, float]:
        """The subgraph requests and SQL statements of one query."""
        before = self.work()
        self.ask(query, headers, **variables)
        after = self.work()
        return {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}


# A busy machine is not a slow subgraph: what a test asks for is answered, whenever.
PATIENT = {"LEDS_GATEWAY_DEADLINE_MS": "120000", "LEDS_GATEWAY_SUBGRAPH_DEADLINE_MS": "100000"}


def environment(home: Path, **settings: str) -> dict[str, str]:
    """The environment of a `leds` command with a home of its own and no other setting of ours."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LEDS_")}
    return inherited | {"LEDS_HOME": str(home), "COLUMNS": "200"} | PATIENT | settings


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_demo(home: Path, *, ending: signal.Signals = signal.SIGTERM, **settings: str) -> Iterator[Demo]:
    """A demo that has said it is ready; it is ended with SIGTERM, and must end cleanly, or with SIGKILL."""
    port, output = free_port(), home / "output.txt"
    home.mkdir(parents=True, exist_ok=True)
    with output.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, "-m", "leds", "demo"],
            cwd=ROOT,
            env=environment(home, LEDS_GATEWAY_PORT=str(port), **settings),
            stdout=written,
            stderr=subprocess.STDOUT,
        )
    demo = Demo(f"http://127.0.0.1:{port}", home, process, output)
    try:
        _wait_until_ready(demo)
        yield demo
        process.send_signal(ending)
        ended = process.wait(STOPPING_SECONDS)
        assert ended == (0 if ending is signal.SIGTERM else -ending), output.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait_until_ready(demo: Demo) -> None:
    transport = httpx.HTTPTransport(retries=0)
    with httpx.Client(transport=transport, timeout=STARTING_SECONDS) as client:
        while demo.process.poll() is None:
            try:
                if client.get(f"{demo.origin}/health/ready").status_code == 200:
                    return
            except httpx.TransportError:
                continue
    raise AssertionError(f"the demo ended: {demo.output.read_text()}")
