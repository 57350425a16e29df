"""Laws of the misuse rules over use that is made up: what else is done changes no signal."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from authz.misuse.detect import detect
from authz.misuse.grouping import crowds, runs
from authz.misuse.rule_book import packaged_rules
from authz.misuse.signals import Signal
from authz.misuse.transactions import Transaction
from tests.authz.misuse.asking import ORGANISATION, ROSTER, USER, alert, asked, feeds, hashed

KNOWN = replace(
    feeds(
        duty_roster=ROSTER,
        hr_household=[(ORGANISATION, USER, hashed("home")), (ORGANISATION, "u-20-1", hashed("home"))],
        colleagues=[
            (ORGANISATION, USER, "OWN_RECORD", hashed("s0")),
            (ORGANISATION, "u-20-1", "OWN_RECORD", hashed("s1")),
        ],
        contact_events=[("2026-02-02T10:00Z", hashed("s2"), "", "")],
    ),
    alerts=(alert("MU01"), alert("MU04", 3), alert("MU09", 900)),
)
DETAILS = {
    "minutes": st.integers(0, 40 * 24 * 60),
    "reason": st.sampled_from("16"),
    "justification": st.sampled_from(["check", "Enquiry in hand", "Stop at A38 J4"]),
    "reference": st.sampled_from([None, "CASE-1", "CASE-2"]),
    "geolocation": st.sampled_from([None, "QB6", "ZZ9"]),
    "on_behalf_of": st.sampled_from([None, "SGT SAMPLE", "DC UNKNOWN"]),
    "subjects": st.sets(st.sampled_from([hashed(f"s{n}") for n in range(3)])).map(frozenset),
    "datasets": st.sampled_from([frozenset({"DVLA.VEH"}), frozenset({"PNC.NAMES.CRIM"})]),
    "refused_by": st.sampled_from([None, "ENUMERATION_STOPPED"]),
    "user": st.sampled_from([USER, "u-20-1"]),
}
USE = st.lists(st.fixed_dictionaries(DETAILS), max_size=60)


def made(use: list[dict[str, Any]], **changed: Any) -> list[Transaction]:
    found = [asked(number, **{**each, **changed}) for number, each in enumerate(use)]
    return sorted(found, key=lambda each: (each.at, each.audit_id))


def signals(requests: list[Transaction]) -> set[Signal]:
    return {each for run in detect(requests, KNOWN, packaged_rules()) for each in run.signals}


@given(USE, USE)
@settings(deadline=None)
def test_unrelated_requests_never_remove_or_change_a_signal(use: list[dict], others: list[dict]):
    first = made(use)
    unrelated = [
        replace(each, audit_id=f"other-{each.audit_id}", roles=("bureau",))
        for each in made(others, organisation="ORG-06")
    ]
    together = sorted([*first, *unrelated], key=lambda each: (each.at, each.audit_id))
    assert signals(first) <= signals(together)


@given(USE)
@settings(deadline=None)
def test_every_signal_is_about_one_user_and_names_only_what_that_user_asked(use: list[dict]):
    requests = made(use)
    asked_by = {each.audit_id: each for each in requests}
    for found in signals(requests):
        assert found.entries or found.alerts
        assert {asked_by[entry].operator for entry in found.entries} <= {(found.organisation, found.user)}
        if not found.alerts:
            assert set(found.subjects) <= {s for entry in found.entries for s in asked_by[entry].subjects}


@given(USE)
@settings(deadline=None)
def test_ids_of_signals_are_their_own_and_come_back(use: list[dict]):
    requests = made(use)
    first = [each.id for run in detect(requests, KNOWN, packaged_rules()) for each in run.signals]
    assert len(first) == len(set(first))
    assert first == [each.id for run in detect(requests, KNOWN, packaged_rules()) for each in run.signals]


@given(st.lists(st.integers(0, 100)), st.integers(1, 5), st.integers(1, 30))
def test_crowds_are_apart_and_none_is_missed(minutes: list[int], most: int, within: int):
    things = made([{"minutes": each} for each in minutes])
    span = timedelta(minutes=within)
    found = list(crowds(things, most, span))
    assert all(len(crowd) > most and crowd[-1].at - crowd[0].at < span for crowd in found)
    crowded = {each.audit_id for crowd in found for each in crowd}
    assert sum(map(len, found)) == len(crowded)
    left = [each for each in things if each.audit_id not in crowded]
    if not found:
        assert not any(left[i + most].at - left[i].at < span for i in range(len(left) - most))


@given(st.lists(st.integers(0, 100)), st.integers(0, 30))
def test_runs_hold_everything_once_and_break_only_at_gaps(minutes: list[int], gap: int):
    things = made([{"minutes": each} for each in minutes])
    found = list(runs(things, timedelta(minutes=gap)))
    assert [each for run in found for each in run] == things
    ends = [(before[-1].at, after[0].at) for before, after in pairwise(found)]
    assert all(after - before > timedelta(minutes=gap) for before, after in ends)
    assert all(b.at - a.at <= timedelta(minutes=gap) for run in found for a, b in pairwise(run))
