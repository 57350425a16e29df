"""Searching a ledger: each thing that can be asked for, newest first, along an index."""

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from authz.audit.ledger import Ledger
from authz.audit.reading import logs_of
from authz.audit.rows import milliseconds
from authz.audit.search import Wanted, search, statement
from authz.audit.store_sqlite import SqliteLog
from authz.audit.timestamp import utc_timestamp
from tests.authz.audit.samples import KEYS
from tests.authz.audit.usage import MONDAY, Asked, subject_hash, write, written

REQUESTS = (
    Asked(operator="u-1", at=MONDAY, subjects=["a", "b"]),
    Asked(operator="u-2", at=MONDAY + timedelta(hours=1), organisation="ORG-06", dataset="PND.INT", subjects=["a"]),
    Asked(operator="u-1", at=MONDAY + timedelta(hours=2), reason="6", purpose="GP1", refused=["P06"], subjects=[]),
    Asked(operator="u-3", at=MONDAY + timedelta(hours=3), refused_by="CONTEXT_INCOMPLETE", subjects=[]),
    Asked(operator="u-2", at=MONDAY + timedelta(hours=4), organisation="ORG-06", document="roadside-1", subjects=["b"]),
    Asked(operator="u-1", at=MONDAY + timedelta(hours=5), answered=False),
)


def moment(hours: float) -> int:
    return milliseconds(utc_timestamp(MONDAY + timedelta(hours=hours)))


ASKED: dict[str, tuple[dict[str, Any], list[int]]] = {
    "anything": ({}, [5, 4, 3, 2, 1, 0]),
    "an operator": ({"operator": "u-1"}, [5, 2, 0]),
    "an organisation": ({"organisation": "ORG-06"}, [4, 1]),
    "a reason": ({"reason": "6"}, [2]),
    "a purpose": ({"purpose": "GP1"}, [2]),
    "a dataset that was shown": ({"dataset": "PND.INT"}, [1]),
    "a dataset that was refused": ({"dataset": "DVLA.VEH", "refused_by": "P06"}, [2]),
    "a document by its hash": ({"document": "sha256:PND.INT"}, [1]),
    "a document by its id": ({"document": "roadside-1"}, [4]),
    "a subject": ({"subject": subject_hash("a")}, [1, 0]),
    "a subject and an operator": ({"subject": subject_hash("a"), "operator": "u-2"}, [1]),
    "an event type": ({"event_type": "REFUSE"}, [3]),
    "an error code": ({"refused_by": "CONTEXT_INCOMPLETE"}, [3]),
    "a policy": ({"refused_by": "P06"}, [2]),
    "a period": ({"times": (moment(1), moment(4))}, [3, 2, 1]),
    "an operator in a period": ({"operator": "u-1", "times": (moment(1), moment(4))}, [2]),
    "a subject in a period": ({"subject": subject_hash("b"), "times": (moment(1), moment(9))}, [4]),
    "nobody": ({"operator": "u-9"}, []),
}


@pytest.mark.parametrize(("asked", "expected"), ASKED.values(), ids=ASKED)
async def test_what_is_asked_for_is_found_newest_first(tmp_path: Path, asked: dict[str, Any], expected: list[int]):
    database = await written(tmp_path, REQUESTS)
    found = list(search(logs_of(database), Wanted(**asked)))
    asked_at = [utc_timestamp(REQUESTS[number].at) for number in expected]
    assert [each.tailed.request.leaf.occurred_at for each in found] == asked_at


async def test_an_answer_comes_with_who_asked_and_a_request_without_one_by_itself(tmp_path: Path):
    unanswered, answered = list(search(logs_of(await written(tmp_path, REQUESTS)), Wanted()))[:2]
    assert (unanswered.tailed.kept.leaf.stage, unanswered.tailed.kept.position) == ("INTENT", 10)
    assert (answered.tailed.kept.leaf.stage, answered.tailed.request.leaf.stage) == ("OUTCOME", "INTENT")
    request = answered.tailed.request.leaf.request
    assert request is not None
    assert request.user is not None
    assert request.user.id == "u-2"


async def test_logs_are_searched_together_newest_first(tmp_path: Path):
    database = await written(tmp_path, REQUESTS[::2])
    store = SqliteLog(tmp_path / "second.sqlite", tmp_path / "second.checkpoint")
    second = await Ledger.open(store, KEYS, "leds.test/second", lambda: MONDAY)
    for number, asked in enumerate(REQUESTS[1::2]):
        await write(second, 100 + number, asked)
    await second.close()
    (tmp_path / "other.sqlite").touch()
    found = list(search(logs_of(database), Wanted()))
    assert [each.tailed.request.leaf.occurred_at for each in found] == [
        utc_timestamp(asked.at) for asked in reversed(REQUESTS)
    ]
    assert [each.log for each in found] == ["leds.test/second", "leds.test/ledger"] * 3


PLANS = {
    "subject": ({"subject": "h:k1:0"}, "ledger_part_subject (key_hash=?"),
    "operator": ({"operator": "u-1"}, "ledger_leaf_user (user_id=? AND at<?"),
    "time": ({"times": (1, 2)}, "ledger_leaf_at (at>? AND at<?"),
    "anything": ({}, "ledger_leaf_at"),
}


@pytest.mark.parametrize(("asked", "index"), PLANS.values(), ids=PLANS)
async def test_what_is_searched_by_most_goes_along_an_index(tmp_path: Path, asked: dict[str, Any], index: str):
    database = await written(tmp_path, REQUESTS)
    sql, parameters = statement(Wanted(**asked))
    with closing(sqlite3.connect(database)) as connection:
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]
    assert index in plan[0]
    assert not [step for step in plan if step.startswith("SCAN")]
    assert not [step for step in plan if step == "USE TEMP B-TREE FOR ORDER BY"]


async def test_a_word_that_stands_elsewhere_in_a_leaf_is_no_hit(tmp_path: Path):
    logs = logs_of(await written(tmp_path, [Asked(operator="PND.INT", reason="P06", document="ORG-20")]))
    assert len(list(search(logs, Wanted(document="ORG-20")))) == 1
    for wanted in (Wanted(dataset="PND.INT"), Wanted(refused_by="CONSULT"), Wanted(document="MOBILE")):
        assert list(search(logs, wanted)) == []
