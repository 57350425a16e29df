"""The review queue: nothing twice, nothing lost, decisions side by side."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from authz.errors import MisuseQueueUnusable, UnknownSignal
from authz.misuse.signals import Signal
from authz.misuse_queue import ReviewDecision, ReviewOutcome, ReviewQueue
from schema.reference_lists import reference_catalogue
from tests.authz.misuse.asking import ORGANISATION, START, USER

FOUND = Signal(
    "MU03", 1, "UNLINKED", ORGANISATION, USER, ("h:k1:0",), ("a", "b"), (), START, START + timedelta(1), 1.2, "looked"
)


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    return ReviewQueue(tmp_path / "misuse.sqlite")


def ids(queue: ReviewQueue) -> list[str]:
    return [each.signal.id for each in queue.signals()]


def test_what_is_added_comes_back_as_it_was(queue: ReviewQueue):
    assert queue.new([FOUND]) == (FOUND,)
    assert queue.add([FOUND], START) == (FOUND,)
    (found,) = queue.signals()
    assert (found.signal, found.found_at, found.decisions, found.is_waiting) == (FOUND, START, (), True)
    assert queue.signal(FOUND.id) == found


SAME = {
    "the same": FOUND,
    "more of it": replace(FOUND, entries=("a", "b", "c"), last=START + timedelta(2)),
    "from another day on": replace(FOUND, entries=("b", "c")),
    "with something before it": replace(FOUND, entries=("0", "b")),
    "by a newer version of the rule": replace(FOUND, version=2),
}
OTHER = {
    "another user": replace(FOUND, user="u-1"),
    "another organisation": replace(FOUND, organisation="ORG-06"),
    "another subject": replace(FOUND, subjects=("h:k1:1",)),
    "another cause": replace(FOUND, cause="OTHER"),
    "another rule": replace(FOUND, rule="MU06"),
    "other entries": replace(FOUND, entries=("c", "d")),
    "an alert": replace(FOUND, entries=(), alerts=("x",)),
}


@pytest.mark.parametrize("again", SAME.values(), ids=SAME)
def test_one_thing_is_put_before_people_once(queue: ReviewQueue, again: Signal):
    queue.add([FOUND], START)
    assert (queue.new([again]), queue.add([again], START)) == ((), ())
    assert ids(queue) == [FOUND.id]


@pytest.mark.parametrize("other", OTHER.values(), ids=OTHER)
def test_another_thing_is_another_signal(queue: ReviewQueue, other: Signal):
    queue.add([FOUND], START)
    assert queue.add([other], START) == (other,)
    assert sorted(ids(queue)) == sorted([FOUND.id, other.id])
    assert FOUND.id != other.id


def test_an_alert_is_put_before_people_once(queue: ReviewQueue):
    told = replace(FOUND, entries=(), alerts=("x", "y"))
    queue.add([told], START)
    assert queue.new([replace(told, alerts=("z", "y"))]) == ()
    assert queue.new([replace(told, alerts=("z",))]) == (replace(told, alerts=("z",)),)


def test_several_that_add_at_once_add_nothing_twice(queue: ReviewQueue):
    found = [replace(FOUND, entries=(f"e{number}",)) for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        added = [each for some in pool.map(lambda _: queue.add(found, START), range(4)) for each in some]
    assert sorted(each.id for each in added) == sorted(ids(queue)) == sorted(each.id for each in found)


def test_what_is_added_together_is_added_whole_or_not_at_all(queue: ReviewQueue):
    def failing() -> Iterator[Signal]:
        yield FOUND
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        queue.add(failing(), START)
    assert ids(queue) == []


def test_decisions_stand_beside_each_other_and_close_the_signal_unless_they_ask(queue: ReviewQueue):
    queue.add([FOUND], START)
    question = ReviewDecision("u-9", ReviewOutcome.QUERY, "asked the sergeant", START)
    answer = ReviewDecision("u-9", ReviewOutcome.PROPER, "a long enquiry", START + timedelta(1))
    assert queue.decide(FOUND.id, question).is_waiting
    found = queue.decide(FOUND.id, answer)
    assert (found.decisions, found.is_waiting) == ((question, answer), False)


def test_signals_are_listed_by_rule_and_by_organisation(queue: ReviewQueue):
    queue.add([FOUND, OTHER["another rule"], OTHER["another organisation"]], START)
    assert {each.signal.rule for each in queue.signals(rule="MU06")} == {"MU06"}
    assert {each.signal.organisation for each in queue.signals(organisation="ORG-06")} == {"ORG-06"}


def test_a_signal_that_is_not_there_is_unknown(queue: ReviewQueue):
    decision = ReviewDecision("u-9", ReviewOutcome.PROPER, "x", START)
    with pytest.raises(UnknownSignal):
        queue.signal("MU03-0")
    with pytest.raises(UnknownSignal):
        queue.decide("MU03-0", decision)


def test_the_queue_is_readable_by_its_owner_only(queue: ReviewQueue, tmp_path: Path):
    queue.add([FOUND], START)
    assert (tmp_path / "misuse.sqlite").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["{}", "no JSON"])
def test_a_queue_that_holds_something_else_says_so(queue: ReviewQueue, tmp_path: Path, text: str):
    queue.add([FOUND], START)
    with closing(sqlite3.connect(tmp_path / "misuse.sqlite")) as connection:
        connection.execute("UPDATE misuse_signal SET signal = ?", (text,))
        connection.commit()
    with pytest.raises(MisuseQueueUnusable):
        ids(queue)
    (tmp_path / "misuse.sqlite").write_text("no database" * 100)
    with pytest.raises(MisuseQueueUnusable):
        queue.add([FOUND], START)


def test_outcomes_are_those_of_the_list():
    listed = {value.code for value in reference_catalogue().values("review_outcomes")}
    assert {outcome.value for outcome in ReviewOutcome} == listed - {"NOT_REVIEWED"}
