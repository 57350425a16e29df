"""How a ledger was used in numbers: counted once, by what is written, never what is sealed."""

import statistics
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from authz.audit.export import Asked as Period
from authz.audit.inspection import Inspection, inspect
from authz.audit.peers import OUTLYING, SMALLEST_GROUP, Usage, compared, scores
from authz.audit.reading import logs_of
from tests.authz.audit.usage import MONDAY, Asked, edited, subject_hash, written

LONDON = ZoneInfo("Europe/London")
SALT = bytes(16)
JULY = MONDAY.replace(month=7, day=6, hour=23)
EVERYTHING = Period()
REQUESTS = (
    Asked(operator="u-1", at=MONDAY, subjects=["a", "b"]),
    Asked(
        operator="u-2", at=MONDAY + timedelta(hours=1), organisation="ORG-06", refused=["P06", "P09"], subjects=["a"]
    ),
    Asked(operator="u-1", at=MONDAY + timedelta(days=1), reason="6", purpose="GP1", refused=["P06"], subjects=["a"]),
    Asked(operator="u-3", at=MONDAY + timedelta(days=2), refused_by="CONTEXT_INCOMPLETE", subjects=[]),
    Asked(operator="u-1", at=MONDAY + timedelta(days=3), subjects=["a"]),
    Asked(operator="u-1", at=MONDAY + timedelta(days=4), answered=False),
    Asked(operator="u-1", at=JULY, subjects=["a"]),
)


async def inspected(folder: Path, organisation: str | None = None, period: Period = EVERYTHING) -> Inspection:
    return inspect(logs_of(await written(folder, REQUESTS)), period, organisation, LONDON, SALT)


async def test_requests_are_counted_by_reason_purpose_organisation_and_outcome(tmp_path: Path):
    found = await inspected(tmp_path)
    assert (found.requests, found.records, found.operators, found.worlds) == (7, 6, 3, ("SYNTHETIC",))
    assert list(found.reasons.items()) == [("1", 6), ("6", 1)]
    assert list(found.purposes.items()) == [("PP1", 6), ("GP1", 1)]
    assert list(found.organisations.items()) == [("ORG-20", 6), ("ORG-06", 1)]
    assert found.outcomes == {"OK": 3, "PARTIAL": 2, "REFUSED": 1}


async def test_refusals_are_counted_by_policy_and_by_code(tmp_path: Path):
    found = await inspected(tmp_path)
    assert list(found.refusing.items()) == [("P06", 2), ("P09", 1)]
    assert found.refused_by == {"CONTEXT_INCOMPLETE": 1}


async def test_hours_are_those_of_the_clock_on_the_wall(tmp_path: Path):
    hours = (await inspected(tmp_path)).hours
    assert (hours[0, 9], hours[0, 10]) == (1, 1), "in winter London's time is UTC"
    assert hours[1, 0] == 1, "in July 23:00 UTC on a Monday is midnight"


async def test_one_organisation_is_inspected_without_the_others(tmp_path: Path):
    found = await inspected(tmp_path, "ORG-06")
    assert (found.requests, found.records, found.operators) == (1, 1, 1)
    assert found.refusing == {"P06": 1, "P09": 1}
    assert found.repeated == ()


async def test_a_period_is_inspected_without_what_was_before_and_after(tmp_path: Path):
    period = Period(MONDAY + timedelta(days=1), MONDAY + timedelta(days=3))
    found = await inspected(tmp_path, period=period)
    assert (found.requests, found.operators) == (2, 2)
    assert found.refused_by == {"CONTEXT_INCOMPLETE": 1}


async def test_a_subject_one_operator_comes_back_to_is_named_by_a_label_and_the_newest_request(tmp_path: Path):
    (again,) = (await inspected(tmp_path)).repeated
    with edited(tmp_path / "ledger.sqlite") as connection:
        (newest,) = connection.execute("SELECT audit_id FROM ledger_leaf ORDER BY position DESC LIMIT 1").fetchone()
    assert (again.operator, again.type, again.requests, again.newest) == ("u-1", "Vehicle", 4, newest)
    assert len(again.label) == 12
    assert again.label not in subject_hash("a")


async def test_labels_of_two_inspections_cannot_be_joined(tmp_path: Path):
    logs = logs_of(await written(tmp_path, REQUESTS))
    labels = {inspect(logs, EVERYTHING, None, LONDON, bytes([n] * 16)).repeated[0].label for n in range(3)}
    assert len(labels) == 3


async def test_an_empty_ledger_has_nothing_to_count(tmp_path: Path):
    found = inspect(logs_of(await written(tmp_path, ())), EVERYTHING, None, LONDON, SALT)
    assert (found.requests, found.peers, found.repeated) == (0, (), ())
    assert len(found.checkpoints) == 1


def used(*requests: int, role: str = "mobile_officer") -> dict[str, Usage]:
    """Operators by how many requests they made."""
    found: dict[str, Usage] = {}
    for number, count in enumerate(requests):
        found[f"{role}-{number}"] = usage = Usage(records=count)
        for _ in range(count):
            usage.add("ORG-20", (role,))
    return found


def test_an_operator_far_above_the_peers_stands_out_and_one_far_below_does_not():
    (peers,) = compared(used(20, 21, 19, 22, 18, 20, 21, 1, 90))
    assert [outlier.requests for outlier in peers.outliers] == [90]
    assert (peers.operators, peers.median_requests) == (9, 20)
    assert peers.outliers[0].requests_score == pytest.approx(0.6745 * 70 / 1)
    assert peers.limit == pytest.approx(20 + 3.5 / 0.6745)


def test_small_groups_are_withheld_whatever_stands_out_in_them():
    (peers,) = compared(used(*[1] * (SMALLEST_GROUP - 2), 1000))
    assert (peers.withheld, peers.operators, peers.requests, peers.outliers) == (True, 0, (), ())


def test_each_role_is_compared_with_itself():
    usage = used(*[5] * 8, 60) | used(*[60] * 9, role="control_room")
    assert [(peers.role, len(peers.outliers)) for peers in compared(usage)] == [
        ("control_room", 0),
        ("mobile_officer", 1),
    ]


@given(st.lists(st.integers(0, 1000), min_size=SMALLEST_GROUP))
def test_scores_keep_the_order_and_are_zero_at_the_median(values: list[int]):
    found = scores(values)
    assert sorted(zip(values, found, strict=True)) == list(zip(sorted(values), sorted(found), strict=True))
    assert all(score == 0 for value, score in zip(values, found, strict=True) if value == statistics.median(values))


@given(st.lists(st.integers(0, 20), min_size=20, max_size=20), st.integers(1000, 9999))
def test_who_is_far_away_from_all_is_found_wherever_the_others_are(values: list[int], far: int):
    assume(len(set(values)) > 1)
    assert scores([*values, far])[-1] >= OUTLYING
