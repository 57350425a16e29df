"""`leds serve gateway` on SIGHUP: its list of subgraphs and their schemas are read again, and what has no rule is never
served."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.demo import ROOT, Demo, environment, free_port
from tests.end_to_end.gateway import WAITING_SECONDS
from tests.end_to_end.test_deployed import EMBEDDED, service

SNAPSHOT = (ROOT / "schema" / "subgraphs" / "vehicle.graphql").read_text(encoding="utf-8")
PERSON = '{ person(urn: "2004/9000001V") { filedName { last } } }'
FILED = {"data": {"person": {"filedName": {"last": "EXAMPLE"}}}}


def with_field(field: str) -> str:
    """The vehicle's schema with one field more to ask for."""
    assert "type Query {\n" in SNAPSHOT
    return SNAPSHOT.replace("type Query {\n", f"type Query {{\n  {field}\n", 1)


class Reloaded:
    """A governed gateway, the configuration and the schema it reads."""

    def __init__(self, home: Path) -> None:
        home.mkdir()
        self.config, self.sdl, self.port = home / "leds.toml", home / "vehicle.graphql", free_port()
        self.sdl.write_text(SNAPSHOT, encoding="utf-8")
        self.configured = f'[subgraphs.vehicle]\nurl = "http://127.0.0.1:1/graphql"\nsdl = "{self.sdl}"\n' + "".join(
            f'[subgraphs.{name}]\napp = "subgraphs.{name}:app"\n' for name in EMBEDDED
        )
        self.config.write_text(self.configured, encoding="utf-8")
        self.process: subprocess.Popen[str] | None = None

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=headers, timeout=20)

    def ask(self, query: str, headers: dict[str, str]) -> dict[str, Any]:
        answer = httpx.post(
            f"http://127.0.0.1:{self.port}/graphql", json={"query": query}, headers=headers, timeout=20
        ).json()
        assert answer.pop("extensions")["audit"]["entry"]
        return answer

    def leds(self, *arguments: str) -> str:
        """What a `leds` command says."""
        command = [sys.executable, "-m", "leds", *arguments]
        run = subprocess.run(
            command, cwd=ROOT, env=environment(self.config.parent), check=True, capture_output=True, text=True
        )
        return run.stdout

    def hang_up(self, until: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Send SIGHUP and wait until `/health/graph` says what is wanted."""
        assert self.process
        self.process.send_signal(signal.SIGHUP)
        ends = time.monotonic() + WAITING_SECONDS
        while not until(said := self.get("/health/graph").json()):
            assert self.process.poll() is None
            assert time.monotonic() < ends, said
        return said


@pytest.fixture(scope="module")
def gateway(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reloaded]:
    home = tmp_path_factory.mktemp("reloaded") / "home"
    reloaded = Reloaded(home)
    settings = {
        "LEDS_DATABASE_URL": f"sqlite:///{demo.home / 'demo.sqlite'}",
        "LEDS_CONFIG": str(reloaded.config),
        "LEDS_IDENTITY_ISSUER": f"{demo.origin}/oidc",
    }
    with service("gateway", "--port", str(reloaded.port), settings=settings, home=home) as process:
        reloaded.process = process
        yield reloaded


def test_a_graph_that_may_not_be_served_is_refused_and_the_old_one_stays(gateway: Reloaded, headers):
    before = gateway.get("/health/graph").json()
    assert gateway.ask(PERSON, headers["officer"]) == FILED
    gateway.sdl.write_text(with_field("smuggled: String"), encoding="utf-8")
    said = gateway.hang_up(lambda said: said["refused"] == "SCHEMA_UNTAGGED")
    assert said["version"] == before["version"]
    gateway.config.write_text("[subgraphs.vehicle", encoding="utf-8")
    said = gateway.hang_up(lambda said: said["refused"] == "CONFIGURATION_INVALID")
    assert said["version"] == before["version"]
    assert "smuggled" not in gateway.get("/schema.graphql", headers["officer"]).text
    assert gateway.ask(PERSON, headers["officer"]) == FILED
    gateway.config.write_text(gateway.configured, encoding="utf-8")
    gateway.sdl.write_text(SNAPSHOT, encoding="utf-8")
    assert gateway.hang_up(lambda said: said["refused"] is None) == before


def test_what_opens_something_is_served_once_it_is_approved_and_decided_on_from_then_on(gateway: Reloaded, headers):
    """The rule comes with the schema: one field is denied, the other asked for where nobody answers."""
    before = gateway.get("/health/graph").json()
    secret = 'nickname: String @dataset(id: "PNC.NAMES.CRIM", sensitivity: "S2")'
    plain = 'livery: String @dataset(id: "DVLA.VEH", sensitivity: "S0")'
    gateway.sdl.write_text(with_field(f"{secret} {plain}"), encoding="utf-8")
    said = gateway.hang_up(lambda said: said["refused"] == "ACCESS_WIDENED")
    assert said["version"] == before["version"]
    assert "livery" not in gateway.get("/schema.graphql", headers["officer"]).text
    approved = gateway.leds("access", "approve", "--config", str(gateway.config), "--by", "DA", "--because", "ticket 7")
    assert "Query.livery: DENY → FULL" in approved
    assert "signed: rules" in approved
    # Signed for exactly these rules: one field more is not approved with them.
    gateway.sdl.write_text(with_field(f"{secret} {plain} {plain.replace('livery', 'paint')}"), encoding="utf-8")
    gateway.hang_up(lambda said: said["refused"] == "ACCESS_WIDENED")
    gateway.sdl.write_text(with_field(f"{secret} {plain}"), encoding="utf-8")
    said = gateway.hang_up(lambda said: said["version"] != before["version"])
    assert said["refused"] is None
    schema = gateway.get("/schema.graphql", headers["officer"]).text
    assert "livery: String" in schema
    (denied,) = gateway.ask("{ nickname }", headers["insurer"])["errors"]
    (allowed,) = gateway.ask("{ livery }", headers["officer"])["errors"]
    assert (denied["extensions"]["code"], allowed["extensions"]["code"]) == ("ACCESS_DENIED", "UNAVAILABLE")
    assert gateway.ask(PERSON, headers["officer"]) == FILED
    # What only closes needs nobody's approval.
    gateway.sdl.write_text(SNAPSHOT, encoding="utf-8")
    assert gateway.hang_up(lambda said: said["version"] == before["version"])["refused"] is None
