"""Facts that follow a store, of either kind: taken up with the next look, never taken back, refused when unreadable."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest

from authz.decide import Decider
from authz.errors import FactChangeConflict, FactsRewritten, FactsUnavailable
from authz.fact_changes import STANDINGS, FactState, state_after
from authz.fact_store import FactFile, FactStore, SharedFacts
from authz.facts import packaged_facts, packaged_tables
from authz.live_facts import TOLERATED_SECONDS, Deciders, LiveFacts
from tests.authz.callers import NOON, OFFICER, ROADSIDE
from tests.authz.test_fact_changes import COMMERCIAL, change, everything_signed
from tests.end_to_end.valkey import valkey_server

SUSPENDED = {"state": "SUSPENDED"}


@asynccontextmanager
async def a_store(kind: str, folder: Path) -> AsyncIterator[tuple[FactStore, Callable[[], object]]]:
    """A store, and what makes it unreadable."""
    with ExitStack() as opened:
        if kind == "file":
            path = folder / "facts.jsonl"

            def broken() -> None:
                path.unlink()
                path.mkdir()

            store: FactStore = FactFile(path)
        else:
            url, server = opened.enter_context(valkey_server())
            store = SharedFacts(url)

            def broken() -> None:
                server.kill()
                server.wait()

        try:
            yield store, broken
        finally:
            await store.close()


both = pytest.mark.parametrize("kind", ["file", "server"])


async def added(
    store: FactStore, place: tuple[str, ...], cells: dict[str, str] | None, signature: str = ""
) -> FactState:
    state = state_after(packaged_tables(), await store.changes(), everything_signed)
    await store.append(change(place, cells, state, signature))
    return state


async def opened(store: FactStore, monotonic: Callable[[], float] = lambda: 0.0) -> LiveFacts:
    return await LiveFacts.open(packaged_tables(), store, everything_signed, monotonic)


@both
async def test_a_change_holds_with_the_next_look_in_every_process(tmp_path: Path, kind: str):
    async with a_store(kind, tmp_path) as (store, _):
        one, other = await opened(store), await opened(store)
        assert await one.current() == packaged_facts()
        await added(store, COMMERCIAL, SUSPENDED)
        for live in (one, other, await opened(store)):
            facts = await live.current()
            assert (facts.number, facts.agreements["AGR-COM-01"].state) == (1, "SUSPENDED")
            assert live.known is facts
            assert await live.current() is facts


@both
async def test_many_who_look_at_once_get_one_answer(tmp_path: Path, kind: str):
    async with a_store(kind, tmp_path) as (store, _):
        live = await opened(store)
        await added(store, COMMERCIAL, SUSPENDED)
        found = await asyncio.gather(*(live.current() for _ in range(20)))
        assert len({id(facts) for facts in found}) == 1


@both
async def test_two_changes_of_one_number_cannot_both_be_kept(tmp_path: Path, kind: str):
    async with a_store(kind, tmp_path) as (store, _):
        before = await added(store, COMMERCIAL, SUSPENDED)
        with pytest.raises(FactChangeConflict):
            await store.append(change(COMMERCIAL, {"state": "TERMINATED"}, before))
        tried = [store.append(change(COMMERCIAL, {"state": name}, before)) for name in ("EXPIRED", "TERMINATED")]
        assert {type(found) for found in await asyncio.gather(*tried, return_exceptions=True)} == {FactChangeConflict}
        assert len(await store.changes()) == 1


@both
async def test_an_unreadable_store_is_borne_for_seconds_and_then_refused(tmp_path: Path, kind: str):
    now = [0.0]
    async with a_store(kind, tmp_path) as (store, broken):
        await added(store, COMMERCIAL, SUSPENDED)
        live = await opened(store, lambda: now[0])
        broken()
        if kind == "server":
            now[0] = TOLERATED_SECONDS
            assert (await live.current()).number == 1
        now[0] = TOLERATED_SECONDS + 1
        with pytest.raises(FactsUnavailable):
            await live.current()
        with pytest.raises(FactsUnavailable):
            await opened(store)


@pytest.mark.parametrize("wrong", [b"", b"{}\n", b"half"])
async def test_changes_that_were_taken_up_are_never_taken_back(tmp_path: Path, wrong: bytes):
    path = tmp_path / "facts.jsonl"
    store = FactFile(path)
    await added(store, COMMERCIAL, SUSPENDED)
    live, kept = await opened(store), path.read_bytes()
    path.write_bytes(wrong)
    for _ in range(2):
        with pytest.raises(FactsRewritten):
            await live.current()
    assert live.known.agreements["AGR-COM-01"].state == "SUSPENDED"
    path.write_bytes(kept)
    assert (await live.current()).number == 1


async def test_another_history_of_the_same_length_is_refused(tmp_path: Path):
    store, other = FactFile(tmp_path / "one.jsonl"), FactFile(tmp_path / "other.jsonl")
    await added(store, COMMERCIAL, SUSPENDED)
    await added(other, (STANDINGS, "u"), SUSPENDED)
    live = await opened(store)
    (tmp_path / "one.jsonl").write_bytes((tmp_path / "other.jsonl").read_bytes())
    with pytest.raises(FactsRewritten):
        await live.current()


async def test_what_nobody_signed_is_told_and_does_not_count(tmp_path: Path):
    store = FactFile(tmp_path / "facts.jsonl")
    live = await opened(store)
    await added(store, ("systems", "LegacyBatch"), {"state": "APPROVED"})
    await added(store, COMMERCIAL, SUSPENDED)
    facts = await live.current()
    assert facts.systems["LegacyBatch"].state == "WITHDRAWN"
    assert facts.agreements["AGR-COM-01"].state == "SUSPENDED"
    assert live.health() == {"number": 2, "version": facts.version, "refused": [1]}


async def test_nothing_that_was_decided_by_old_facts_is_used(tmp_path: Path, decider: Decider):
    store = FactFile(tmp_path / "facts.jsonl")
    live, deciders = await opened(store), Deciders(decider.rules)
    before = deciders.by(await live.current())
    assert deciders.by(await live.current()) is before
    assert before.clearance(OFFICER, ROADSIDE, NOON).decision("Vehicle.make").allowed
    await added(store, (STANDINGS, OFFICER.subject), SUSPENDED)
    clearance = deciders.by(await live.current()).clearance(OFFICER, ROADSIDE, NOON)
    assert clearance.decision("Vehicle.make").policies == ("P02",)
    assert clearance.facts == 1
