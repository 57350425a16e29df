"""Access facts that change while the service runs: what is withdrawn is refused with the next request, in whatever
process; what opens something counts only when an approver signed it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from authz.fact_changes import STANDINGS, FactChange
from gateway.streams.limits import StreamLimits
from leds.access_facts import FactRegister, proposed, signed
from leds.config import AccessSection, Configuration
from leds.keys import approval_key
from tests.authz.test_policy_vectors import VECTORS
from tests.end_to_end.demo import Demo
from tests.end_to_end.streaming import OFFICER, VRM, WATCH, amend, headers_of, listener
from tests.end_to_end.test_deployed import Deployed
from tests.end_to_end.test_mutations import ADD
from tests.end_to_end.test_vectors import headers_of as headers_of_vector
from tests.end_to_end.valkey import valkey_server

VEHICLE = '{ vehicle(vrm: "AB12CDE") { make { label } } }'
WARNINGS = '{ person(urn: "2004/9000001V") { filedName { last } } }'
SAID = ("a test", "it says so")
ROWS = {row["id"]: row for row in VECTORS}


class Register:
    """The changes of a service's facts, made as `leds access` does."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, url: str = "") -> None:
        monkeypatch.setenv("LEDS_HOME", str(home))
        self._key = approval_key(home / "keys")
        self._configuration = Configuration(access=AccessSection(url=url))

    def change(
        self, table: str, key: str, cells: dict[str, str] | None, *, sign: bool = True, forged: bool = False
    ) -> int:
        """Make a change, signed or not."""

        def written(made: FactChange) -> FactChange:
            made = signed(made, self._key) if sign else made
            return msgspec.structs.replace(made, signature=f"A{made.signature[1:]}") if forged else made

        async def make() -> int:
            register = FactRegister(self._configuration)
            state, _ = await register.read()
            made = proposed(state, (table, (key,)), cells, SAID, datetime.now(UTC))
            await register.write(written(made))
            await register.close()
            return made.number

        return asyncio.run(make())


def refusal(answer: dict[str, Any]) -> dict[str, Any]:
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "ACCESS_DENIED", error
    return error["extensions"]


def shown(answer: dict[str, Any]) -> bool:
    return "errors" not in answer and None not in answer["data"].values()


@pytest.fixture
def register(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> Register:
    return Register(demo.home, monkeypatch)


def test_a_suspended_agreement_is_refused_with_the_next_request_and_answered_again_once_resumed(demo: Demo, headers):
    insurer = headers["insurer"]
    assert shown(demo.ask(VEHICLE, insurer))
    why = ("--by", "design authority", "--because", "breach 7")
    said = demo.leds("access", "agreement", "suspend", "AGR-COM-01", *why).stdout
    assert "state=SUSPENDED" in said
    try:
        refused = refusal(demo.ask(VEHICLE, insurer))
        assert refused["policies"] == ["P03"]
        assert "ORG-" in refused["missing"][0]
        assert shown(demo.ask(VEHICLE, headers["officer"]))
    finally:
        said = demo.leds("access", "agreement", "resume", "AGR-COM-01", *why).stdout
    assert "DENY → FULL" in said
    assert "widenings" in said
    assert shown(demo.ask(VEHICLE, insurer))
    history = demo.leds("access", "log").stdout
    assert "breach 7" in history
    found = demo.leds("audit", "search", "--event-type", "CONFIG", "--limit", "2", "--json").stdout
    assert found.count("access.agreements") == found.count("breach 7") == 2
    assert demo.leds("audit", "verify").returncode == 0


def test_an_update_by_a_system_whose_approval_was_withdrawn_is_refused(demo: Demo, register: Register):
    """V66 and V67, by one caller whose system loses its approval."""
    asking = headers_of_vector(demo, ROWS["V66"])
    variables = {"check": "NOBODY", "key": "v67", "version": "0"}

    def add(headers: dict[str, str]) -> dict[str, Any]:
        return demo.post({"query": ADD.replace("REST", ""), "variables": variables}, headers).json()

    assert add(asking)["errors"][0]["extensions"]["code"] != "ACCESS_DENIED"
    register.change("systems", "CustodyBatch", {"state": "WITHDRAWN"}, sign=False)
    try:
        assert "P04" in refusal(add(asking))["policies"]
        assert "P04" in refusal(add(headers_of_vector(demo, ROWS["V67"])))["policies"]
    finally:
        register.change("systems", "CustodyBatch", {"state": "APPROVED"})
    assert add(asking)["errors"][0]["extensions"]["code"] != "ACCESS_DENIED"


def test_a_user_is_suspended_or_lacks_training_whatever_their_token_says(demo: Demo, headers, register: Register):
    detective = headers["detective"]
    assert shown(demo.ask(WARNINGS, detective))
    register.change(STANDINGS, "u-20-2207", {"state": "SUSPENDED"}, sign=False)
    try:
        refused = refusal(demo.ask(WARNINGS, detective))
        assert (refused["policies"], "SUSPENDED" in refused["missing"][0]) == (["P02"], True)
        assert shown(demo.ask(WARNINGS, headers["officer"]))
    finally:
        register.change(STANDINGS, "u-20-2207", {"state": "ACTIVE", "lapsed": "NM-ENQ"})
    refused = refusal(demo.ask(WARNINGS, detective))
    assert (refused["policies"][0], refused["missing"]) == ("P02", ["training NM-ENQ"])
    register.change(STANDINGS, "u-20-2207", {"lapsed": ""})
    assert shown(demo.ask(WARNINGS, detective))


async def test_a_stream_ends_within_five_seconds_of_a_revocation(demo: Demo, register: Register):
    assert StreamLimits().recheck_seconds < 5
    async with listener(f"{demo.origin}/graphql", headers_of(demo, OFFICER)) as socket:
        await socket.subscribe(WATCH, vrm=VRM)
        heard = asyncio.ensure_future(socket.hear())
        while not heard.done():
            # The protocol does not say when a subscription is listened to: it is once an event is heard.
            amend(demo, "Seen before the revocation.")
            await asyncio.wait({heard}, timeout=1)
        await asyncio.to_thread(register.change, STANDINGS, OFFICER.subject, {"state": "SUSPENDED"}, sign=False)
        try:
            while (message := await socket.hear())["type"] == "next":
                assert "errors" not in message["payload"]
        finally:
            await asyncio.to_thread(register.change, STANDINGS, OFFICER.subject, {"state": "ACTIVE"})
    assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "SUBSCRIPTION_REVOKED")


@pytest.mark.parametrize("forged", [False, True])
def test_what_opens_something_counts_only_signed_and_what_narrows_after_it_counts(
    demo: Demo, headers, register: Register, forged: bool
):
    insurer = headers["insurer"]
    register.change("agreements", "AGR-COM-01", {"state": "SUSPENDED"}, sign=False)
    try:
        number = register.change("agreements", "AGR-COM-01", {"state": "IN_FORCE"}, sign=forged, forged=forged)
        assert refusal(demo.ask(VEHICLE, insurer))["policies"] == ["P03"]
        assert number in httpx.get(f"{demo.origin}/health/graph").json()["facts"]["refused"]
        register.change(STANDINGS, OFFICER.subject, {"state": "SUSPENDED"}, sign=False)
        assert refusal(demo.ask(VEHICLE, headers["officer"]))["policies"] == ["P02"]
    finally:
        register.change("agreements", "AGR-COM-01", {"state": "IN_FORCE"})
        register.change(STANDINGS, OFFICER.subject, {"state": "ACTIVE"})
    assert shown(demo.ask(VEHICLE, insurer))
    assert "NOT IN FORCE" in demo.leds("access", "log").stdout


@contextmanager
def deployed_with(demo: Demo, home: Path, **settings: str) -> Iterator[Deployed]:
    with ExitStack() as opened:
        yield Deployed(demo, home, opened, **settings)


@pytest.mark.parametrize("shared", [False, True])
def test_processes_that_run_apart_take_a_change_up_together(
    demo: Demo, headers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: bool
):
    """With the file of one host, and with a server that processes have in common."""
    with ExitStack() as opened:
        url = opened.enter_context(valkey_server())[0] if shared else ""
        settings = {"LEDS_ACCESS_URL": url} if shared else {}
        running = opened.enter_context(deployed_with(demo, tmp_path / "home", **settings))
        register = Register(tmp_path / "home", monkeypatch, url)

        def ask() -> dict[str, Any]:
            return httpx.post(running.url, json={"query": VEHICLE}, headers=headers["insurer"], timeout=20).json()

        assert shown(ask())
        register.change("agreements", "AGR-COM-01", {"state": "SUSPENDED"}, sign=False)
        assert refusal(ask())["policies"] == ["P03"]
        register.change("agreements", "AGR-COM-01", {"state": "IN_FORCE"})
        assert shown(ask())
