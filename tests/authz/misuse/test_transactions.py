"""Leaves of a ledger joined into requests, whatever their order and whatever else stands between them."""

import random
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace as changed

from authz.audit.leaf import Event, EventType, Leaf, Stage
from authz.audit.ledger import Draft, Ledger
from authz.audit.parts import About
from authz.audit.reading import Kept, leaves_between, read_leaves
from authz.audit.rows import milliseconds
from authz.audit.store_sqlite import SqliteLog
from authz.audit.timestamp import utc_timestamp
from authz.misuse.transactions import transactions
from tests.authz.audit.samples import KEYS, database_of, intent_of, outcome_of, outside_of, sample
from tests.authz.audit.usage import MONDAY, Asked, subject_hash, written

REQUESTS = (
    Asked(operator="u-1", subjects=["a", "b"], dataset="DVLA.VEH"),
    Asked(operator="u-2", at=MONDAY + timedelta(hours=1), refused=["P06"], dataset="PNC.NAMES.CRIM", subjects=[]),
    Asked(operator="u-3", at=MONDAY + timedelta(hours=2), refused_by="ENUMERATION_STOPPED", subjects=[]),
    Asked(operator="u-4", at=MONDAY + timedelta(hours=3), answered=False),
)


async def kept(folder: Path) -> list[Kept]:
    return list(read_leaves(await written(folder, REQUESTS), 0, 100))


async def test_a_request_is_joined_with_what_came_of_it(tmp_path: Path):
    shown, refused, stopped, unanswered = transactions(await kept(tmp_path))
    assert (shown.user, shown.organisation, shown.at, shown.reason) == ("u-1", "ORG-20", MONDAY, "1")
    assert shown.subjects == {subject_hash("a"), subject_hash("b")}
    assert shown.statements is not None
    assert shown.statements.reference == "STOP-1"
    assert (refused.subjects, refused.datasets) == (frozenset(), {"PNC.NAMES.CRIM"})
    assert stopped.refused_by == "ENUMERATION_STOPPED"
    assert (unanswered.user, unanswered.subjects) == ("u-4", frozenset())


async def test_the_order_in_which_leaves_are_read_does_not_matter(tmp_path: Path):
    leaves = await kept(tmp_path)
    expected = transactions(leaves)
    for seed in range(20):
        assert transactions(random.Random(seed).sample(leaves, len(leaves))) == expected


async def test_all_events_of_a_stream_are_one_request_and_other_leaves_none(tmp_path: Path):
    ledger = await Ledger.open(SqliteLog(database_of(tmp_path), outside_of(tmp_path)), KEYS, "log", lambda: MONDAY)
    intent = await ledger.append(intent_of(1))
    await ledger.append(outcome_of(intent, 1))
    await ledger.append(outcome_of(intent, 3, part=1))
    alert = Leaf(
        Stage.EVENT, "e", None, utc_timestamp(MONDAY), "RR14", event_type=EventType.ALERT, event=Event("x", None)
    )
    await ledger.append(Draft(alert, About({"by": "somebody"})))
    unknown = sample(2)
    assert unknown.leaf.request is not None
    nobody = changed(unknown.leaf, request=changed(unknown.leaf.request, user=None))
    await ledger.append(Draft(nobody, unknown.statements))
    await ledger.close()
    (found,) = transactions(read_leaves(database_of(tmp_path), 0, 100))
    assert len(found.subjects) == 3


async def test_what_was_stated_may_be_erased(tmp_path: Path):
    leaves = [Kept(each.position, each.leaf, each.subjects) for each in await kept(tmp_path)]
    assert [each.statements for each in transactions(leaves)] == [None] * 4
    assert transactions(leaves)[0].subjects


async def test_an_outcome_without_its_intent_is_left_out(tmp_path: Path):
    assert [each.user for each in transactions((await kept(tmp_path))[1:])] == ["u-2", "u-3", "u-4"]


async def test_leaves_are_read_between_times_the_second_not_included(tmp_path: Path):
    database = await written(tmp_path, REQUESTS)
    times = [milliseconds(utc_timestamp(MONDAY + timedelta(hours=hour))) for hour in (1, 3)]
    found = transactions(leaves_between(database, (times[0], times[1])))
    assert [each.user for each in found] == ["u-2", "u-3"]
