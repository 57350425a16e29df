"""The deployed form: gateway and subgraphs as processes of their own, an issuer elsewhere, signed calls over HTTP."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from authz.audit.store_sqlite import SqliteLog
from leds.data.cast.identities import MAIN_PERSON_ID
from tests.end_to_end.demo import ROADSIDE, ROOT, STOPPING_SECONDS, Demo, environment, free_port
from tests.end_to_end.streaming import OFFICER, VRM, WATCH, amend, headers_of, next_event

# The vehicle product and the ledger over HTTP, the others in the gateway's process: one configuration, two transports.
EMBEDDED = ("person", "drivers", "property", "missing", "intelligence", "reference")
TOLD_SECONDS = 120


@contextmanager
def service(*arguments: str, settings: dict[str, str], home: Path) -> Iterator[subprocess.Popen[str]]:
    """A `leds serve …` process that has said it is listening."""
    process = subprocess.Popen(
        [sys.executable, "-m", "leds", "serve", *arguments],
        cwd=ROOT,
        env=environment(home, PYTHONUNBUFFERED="1", **settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert " on http://" in said, said + process.stdout.read()
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(STOPPING_SECONDS)
        process.stdout.close()


class Deployed:
    """A gateway, a vehicle subgraph and an audit subgraph that run apart."""

    def __init__(self, demo: Demo, home: Path, opened: ExitStack, **more: str) -> None:
        gateway_port, self.vehicle_port, audit_port = free_port(), free_port(), free_port()
        config = home / "leds.toml"
        home.mkdir()
        config.write_text(
            f'[subgraphs.vehicle]\nurl = "http://127.0.0.1:{self.vehicle_port}/graphql"\n'
            f'[subgraphs.audit]\nurl = "http://127.0.0.1:{audit_port}/graphql"\n'
            + "".join(f'[subgraphs.{name}]\napp = "subgraphs.{name}:app"\n' for name in EMBEDDED)
        )
        settings = {"LEDS_DATABASE_URL": f"sqlite:///{demo.home / 'demo.sqlite'}", "LEDS_CONFIG": str(config)} | more
        self.vehicle = opened.enter_context(
            service("subgraph", "vehicle", "--port", str(self.vehicle_port), settings=settings, home=home)
        )
        settings["LEDS_IDENTITY_ISSUER"] = f"{demo.origin}/oidc"
        opened.enter_context(service("gateway", "--port", str(gateway_port), settings=settings, home=home))
        # Once the gateway has made its keys: one of them opens what was silent.
        opened.enter_context(service("subgraph", "audit", "--port", str(audit_port), settings=settings, home=home))
        self.home = home
        self.url = f"http://127.0.0.1:{gateway_port}/graphql"

    def leds(self, *arguments: str) -> str:
        """What a `leds` command says in the home of these processes; it must succeed."""
        command = [sys.executable, "-m", "leds", *arguments]
        ended = subprocess.run(
            command, cwd=ROOT, env=environment(self.home), capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def alerts(self, owner: str, user: str) -> list[dict[str, Any]]:
        """The alerts of one owner about one user."""
        told = [json.loads(line) for line in self.leds("alerts", "list", "--owner", owner, "--json").splitlines()]
        return [alert for alert in told if alert["user"] == user]

    def without_vehicles(self) -> None:
        """Kill the vehicle subgraph, unless it is dead already."""
        if self.vehicle.poll() is None:
            self.vehicle.send_signal(signal.SIGKILL)
            self.vehicle.wait(STOPPING_SECONDS)


@pytest.fixture(scope="module")
def deployed(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with ExitStack() as opened:
        yield Deployed(demo, tmp_path_factory.mktemp("deployed") / "home", opened)


def test_the_answer_is_the_embedded_one(deployed: Deployed, demo: Demo, headers):
    body = {"query": ROADSIDE, "variables": {"vrm": "AB12CDE"}}
    apart = httpx.post(deployed.url, json=body, headers=headers["officer"], timeout=20).json()
    together = demo.ask(ROADSIDE, headers["officer"], vrm="AB12CDE")
    assert apart["data"] == together["data"]
    assert apart.get("errors") == together.get("errors")


def test_a_subgraph_answers_nobody_but_its_gateway(deployed: Deployed, headers):
    url = f"http://127.0.0.1:{deployed.vehicle_port}/graphql"
    response = httpx.post(url, json={"query": '{ vehicle(vrm: "AB12CDE") { vrm } }'}, headers=headers["officer"])
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "GRANT_MISSING")


def test_the_ledger_is_read_by_a_process_that_does_not_write_it_and_says_so(deployed: Deployed, headers):
    lookup = '{ vehicle(vrm: "AB12CDE") { make { code } intelReports { nodes { text } } } }'
    looked = httpx.post(deployed.url, json={"query": lookup}, headers=headers["officer"], timeout=20).json()
    audit_id = looked["extensions"]["audit"]["entry"]
    query = f'{{ auditEvent(auditId: "{audit_id}") {{ userId silences {{ coordinate }} }} }}'
    found = httpx.post(deployed.url, json={"query": query}, headers=headers["inspector"], timeout=20).json()
    assert found["data"]["auditEvent"] == {
        "userId": "u-20-4419",
        "silences": [{"coordinate": "Vehicle.intelReports"}],
    }
    review = f'mutation {{ recordReview(auditId: "{audit_id}", outcome: "PROPER") {{ recordedAs }} }}'
    refused = httpx.post(deployed.url, json={"query": review}, headers=headers["inspector"], timeout=20).json()
    assert refused["errors"][0]["extensions"]["code"] == "AUDIT_DESK_UNAVAILABLE"


async def test_a_subscription_crosses_both_processes_and_is_joined(deployed: Deployed, demo: Demo):
    body = {"query": WATCH, "variables": {"vrm": VRM}}
    asking = headers_of(demo, OFFICER) | {"Accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=30) as client,
        client.stream("POST", deployed.url, json=body, headers=asking) as response,
    ):
        assert response.headers["content-type"] == "text/event-stream"
        lines = response.aiter_lines()
        amend(demo, "Seen from another process.")
        event = await next_event(lines)
    assert event["data"]["vehicleReportChanged"]["report"]["circumstances"] == "Seen from another process."


LOOKED_AT = {
    "96HQ": ('{ vehicle(vrm: "OO00BLT") { reports { totalCount } } }', "VehicleReport"),
    "96": ('{ person(urn: "2018/9000021E") { filedName { last } } }', "Person"),
}


def test_looks_in_either_process_are_told_in_logs_of_their_own_which_outlive_kill_9(deployed: Deployed, headers):
    for owner, (query, kind) in LOOKED_AT.items():
        httpx.post(deployed.url, json={"query": query}, headers=headers["officer"], timeout=20).raise_for_status()
        deadline = time.monotonic() + TOLD_SECONDS
        while not (told := deployed.alerts(owner, "u-20-4419")) and time.monotonic() < deadline:
            time.sleep(0.5)
        assert {(alert["type"], alert["policy"], alert["subject_type"]) for alert in told} == {
            ("SILENT_HIT", "P10", kind)
        }
    deployed.without_vehicles()
    said = deployed.leds("audit", "verify")
    assert all(origin in said for origin in ("leds-graph/gateway", "leds-graph/alerts", "leds-graph/alerts/vehicle")), (
        said
    )
    first = deployed.alerts("96HQ", "u-20-4419")[0]
    deployed.leds("alerts", "acknowledge", first["id"], "--by", "DI Example", "--because", "looked into")
    assert first["id"] not in [alert["id"] for alert in deployed.alerts("96HQ", "u-20-4419")]


def test_a_subgraph_that_is_down_costs_its_own_fields_and_is_never_reported_as_none(deployed: Deployed, headers):
    deployed.without_vehicles()
    query = '{ vehicle(vrm: "AB12CDE") { vrm } person(urn: "2004/9000001V") { filedName { last } } }'
    response = httpx.post(deployed.url, json={"query": query}, headers=headers["officer"], timeout=20)
    answer = response.json()
    assert response.status_code == 200
    assert answer["data"] == {"vehicle": None, "person": {"filedName": {"last": "EXAMPLE"}}}
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["vehicle"], "UNAVAILABLE")
    ]


def test_a_linked_record_whose_subgraph_is_down_is_unavailable_beside_those_that_are_not(deployed: Deployed, headers):
    deployed.without_vehicles()
    target = (
        "target { __typename ... on Vehicle { vrm } ... on Driver { driverNumber } ... on Unavailable { product } }"
    )
    query = f'{{ nominal(id: "{MAIN_PERSON_ID}") {{ links {{ kind {target} }} }} }}'
    answer = httpx.post(deployed.url, json={"query": query}, headers=headers["detective"], timeout=20).json()
    links = answer["data"]["nominal"]["links"]
    targets = {link["kind"]: link["target"] for link in links}
    assert targets["ASSOC"] == {"__typename": "Unavailable", "product": "vehicle"}
    assert targets["DRIVERNO"] == {"__typename": "Driver", "driverNumber": "EXAMP803145RA9ZZ"}
    place = [link["kind"] for link in links].index("ASSOC")
    assert [(error["path"], error["extensions"]["code"]) for error in answer["errors"]] == [
        (["nominal", "links", place, "target"], "UNAVAILABLE")
    ]


def test_the_gateway_refuses_to_start_without_an_issuer(tmp_path: Path):
    ended = subprocess.run(
        [sys.executable, "-m", "leds", "serve", "gateway", "--port", str(free_port())],
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "identity.issuer" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(("serving", "stem"), [(("gateway",), "alerts"), (("subgraph", "vehicle"), "alerts-vehicle")])
async def test_nothing_starts_that_could_tell_no_alerts(tmp_path: Path, serving: tuple[str, ...], stem: str):
    holding = SqliteLog(tmp_path / f"{stem}.sqlite", tmp_path / f"{stem}.checkpoint")
    await holding.open()
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "leds", "serve", *serving, "--port", str(free_port())],
        cwd=ROOT,
        env=environment(tmp_path, LEDS_IDENTITY_ISSUER="https://issuer.example"),
        capture_output=True,
        text=True,
        check=False,
    )
    await holding.close()
    assert ended.returncode != 0
    assert "AUDIT_LEDGER_IN_USE" in ended.stderr
    assert "Traceback" not in ended.stderr
