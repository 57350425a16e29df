"""`/health/ready` of running services is true: while a database or the ledger cannot be used, and again after."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.end_to_end.demo import Demo, free_port, running_demo
from tests.end_to_end.gateway import WAITING_SECONDS
from tests.end_to_end.test_deployed import service

LOCKED = {"part": "ledger", "code": "AUDIT_UNAVAILABLE"}
PRODUCTS = {"person", "vehicle", "drivers", "property", "missing", "intelligence", "reference"}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A demo whose files may be taken away."""
    with running_demo(tmp_path_factory.mktemp("readiness") / "home") as started:
        yield started


STATUS = {"ready": 200, "degraded": 200, "not ready": 503}


def ready(origin: str) -> tuple[str, list[dict[str, str]]]:
    """What `/health/ready` says, and its reasons."""
    response = httpx.get(f"{origin}/health/ready", timeout=60)
    said: dict[str, Any] = response.json()
    assert response.status_code == STATUS[said["status"]]
    return said["status"], said.get("reasons", [])


def until(origin: str, status: str) -> list[dict[str, str]]:
    """The reasons once it says this: what was found is remembered for a moment."""
    ends = time.monotonic() + WAITING_SECONDS
    while (said := ready(origin))[0] != status:
        assert time.monotonic() < ends, said
        time.sleep(0.1)
    return said[1]


@contextmanager
def locked(database: Path) -> Iterator[None]:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield


@contextmanager
def gone(file: Path) -> Iterator[None]:
    away = file.rename(file.with_name("away"))
    yield
    away.rename(file)


@pytest.mark.parametrize("how", [locked, gone], ids=["locked", "gone"])
def test_the_demo_is_degraded_while_its_ledger_cannot_be_written(own: Demo, how):
    with how(own.home / "ledger.sqlite"):
        reasons = until(own.origin, "degraded")
    assert LOCKED in reasons
    assert {reason["part"] for reason in reasons} <= {"ledger", "audit"}
    until(own.origin, "ready")


@pytest.mark.parametrize("how", [locked, gone], ids=["locked", "gone"])
def test_the_demo_is_not_ready_while_its_database_cannot_be_read(own: Demo, how):
    with how(own.home / "demo.sqlite"):
        reasons = until(own.origin, "not ready")
    assert {reason["part"] for reason in reasons} == PRODUCTS
    assert {reason["code"] for reason in reasons} == {"UNAVAILABLE"}
    until(own.origin, "ready")


def test_a_deployed_gateway_depends_on_its_ledger_and_not_on_a_subgraph_that_is_called(own: Demo, tmp_path: Path):
    home, port = tmp_path / "home", free_port()
    home.mkdir()
    config = home / "leds.toml"
    config.write_text("".join(f'[subgraphs.{name}]\nurl = "http://127.0.0.1:1/graphql"\n' for name in sorted(PRODUCTS)))
    settings = {"LEDS_CONFIG": str(config), "LEDS_IDENTITY_ISSUER": f"{own.origin}/oidc"}
    with service("gateway", "--port", str(port), settings=settings, home=home):
        origin = f"http://127.0.0.1:{port}"
        assert ready(origin) == ("ready", [])
        with locked(home / "ledger.sqlite"):
            assert until(origin, "degraded") == [LOCKED]
        until(origin, "ready")


def test_a_deployed_gateway_is_not_ready_while_a_shared_store_is_away(own: Demo, tmp_path: Path):
    home, port = tmp_path / "home", free_port()
    settings = {"LEDS_BULK_URL": "redis://127.0.0.1:1/0", "LEDS_IDENTITY_ISSUER": f"{own.origin}/oidc"}
    settings["LEDS_DATABASE_URL"] = f"sqlite:///{own.home / 'demo.sqlite'}"
    with service("gateway", "--port", str(port), settings=settings, home=home):
        reasons = until(f"http://127.0.0.1:{port}", "not ready")
    assert reasons == [{"part": "look-ups", "code": "TALLY_UNAVAILABLE"}]
