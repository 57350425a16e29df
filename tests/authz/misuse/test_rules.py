"""Each misuse rule with what it must find, what it must not, and both sides of its thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from authz.misuse.feeds import Feeds
from authz.misuse.rule_book import packaged_rules
from authz.misuse.transactions import Transaction
from tests.authz.misuse.asking import ORGANISATION, ROSTER, START, USER, alert, asked, feeds, hashed, run

DAY = 24 * 60
NO_FEEDS = feeds()
HOMES = [
    (ORGANISATION, USER, hashed("home")),
    (ORGANISATION, "u-20-1", hashed("home")),
    (ORGANISATION, "u-20-2", hashed("other")),
]
RECORDS = [
    (ORGANISATION, USER, "OWN_RECORD", hashed("me")),
    (ORGANISATION, USER, "COLLEAGUE", hashed("them")),
    (ORGANISATION, USER, "OWN_VEHICLE", hashed("car")),
    (ORGANISATION, "u-20-1", "OWN_RECORD", hashed("mate")),
    (ORGANISATION, "u-20-1", "COLLEAGUE", hashed("pal")),
    (ORGANISATION, "u-20-2", "OWN_RECORD", hashed("stranger")),
]
CONTACTS = [("2026-02-02T09:00Z", hashed("p"), "", ""), ("2026-02-02T09:00Z", hashed("q"), ORGANISATION, "u-20-1")]


@dataclass(frozen=True, slots=True)
class Case:
    """Requests and feeds, and the causes that are found: one for each signal, in order of time."""

    requests: Sequence[Transaction]
    causes: Sequence[str] = ()
    feeds: Feeds = NO_FEEDS
    whose: str = USER


def looks(count: int, minutes: float = 60, **changed: object) -> list[Transaction]:
    """One subject looked at so many times."""
    return [
        asked(n, n * minutes, **({"subjects": frozenset({hashed("p")}), "reference": None} | changed))
        for n in range(count)
    ]


def told(*rules: str) -> Feeds:
    return Feeds(alerts=tuple(alert(each, number) for number, each in enumerate(rules)))


def peers(hours: int, each: int) -> list[Transaction]:
    """So many hours of one peer, with that many requests in each."""
    return [
        asked(hour * 100 + n, hour * 60, user="u-20-9", audit_id=f"peer-{hour}-{n}")
        for hour in range(hours)
        for n in range(each)
    ]


def burst(count: int, **changed: object) -> list[Transaction]:
    """So many requests within one clock hour."""
    return [asked(n, n / 100, **changed) for n in range(count)]


def justified(count: int, text: str, minutes: float = 60, **changed: object) -> list[Transaction]:
    return [asked(n, n * minutes, justification=text, **changed) for n in range(count)]


def on(roster: Feeds, *requests: Transaction, causes: Sequence[str] = ()) -> Case:
    return Case(requests, causes, roster)


HOUSEHOLDS = replace(feeds(hr_household=HOMES, colleagues=RECORDS), alerts=(alert("MU01"), alert("MU02", 1)))
ELSEWHERE = (*ROSTER[0][:6], "ZZ", "", "", "")
DUTIES, COLLEAGUES, EVENTS = feeds(duty_roster=ROSTER), feeds(colleagues=RECORDS), feeds(contact_events=CONTACTS)


def shown(name: str, number: int = 0, minutes: float = 0) -> Transaction:
    return asked(number, minutes, subjects=frozenset({hashed(name)}))


CASES: dict[str, Case] = {
    "MU01 an alert of a look at the own household": Case([asked()], ["ALERTED"], HOUSEHOLDS),
    "MU01 the record of somebody who lives there": Case([shown("mate", 1, 5)], ["ALERTED", "HOUSEHOLD"], HOUSEHOLDS),
    "MU01 the record of somebody who does not": Case(
        [shown("stranger")], [], feeds(hr_household=HOMES, colleagues=RECORDS)
    ),
    "MU01 the record of a colleague of somebody who lives there": Case(
        [shown("pal")], [], feeds(hr_household=HOMES, colleagues=RECORDS)
    ),
    "MU01 the own record is MU08's": Case([shown("me")], [], feeds(hr_household=HOMES, colleagues=RECORDS)),
    "MU02 an alert of a look at a protected record": Case([], ["ALERTED"], told("MU02", "MU01")),
    "MU02 several on one day": Case([], ["ALERTED"], told("MU02", "MU02")),
    "MU02 on two days": Case([], ["ALERTED", "ALERTED"], Feeds(alerts=(alert("MU02"), alert("MU02", DAY)))),
    "MU02 no such alert": Case([asked()], [], told("MU01")),
    "MU03 once more than passes": Case(looks(11), ["UNLINKED"]),
    "MU03 as often as passes": Case(looks(10)),
    "MU03 with references of cases": Case(looks(11, reference="CASE-1")),
    "MU03 with references that are none": Case(looks(11, reference="N/A"), ["UNLINKED"]),
    "MU03 by two users": Case(
        [*looks(6), *(replace(each, user="u-20-1", audit_id=f"x{each.audit_id}") for each in looks(6))]
    ),
    "MU03 of two subjects": Case([asked(n, n, reference=None) for n in range(20)]),
    "MU03 the last just within the days": Case(looks(11, 3 * DAY - 1), ["UNLINKED"]),
    "MU03 the last just outside the days": Case(looks(11, 3 * DAY)),
    "MU03 again after the days": Case(
        [
            *looks(11),
            *(replace(each, at=each.at + timedelta(days=31), audit_id=f"x{each.audit_id}") for each in looks(11)),
        ],
        ["UNLINKED", "UNLINKED"],
    ),
    "MU03 nothing shown": Case(looks(11, subjects=frozenset())),
    "MU04 above all peers": Case([*peers(1000, 2), *burst(31)], ["ABOVE_PEERS"]),
    "MU04 as many as pass whatever peers do": Case([*peers(1000, 2), *burst(30)]),
    "MU04 no more than peers": Case([*peers(1000, 31), *burst(31)]),
    "MU04 one more than peers": Case([*peers(1000, 31), *burst(32)], ["ABOVE_PEERS"]),
    "MU04 above all but one hour in a thousand": Case(
        [*peers(1000, 2), *(asked(n, 1, user="u-20-9", audit_id=f"more-{n}") for n in range(40)), *burst(35)],
        ["ABOVE_PEERS"],
    ),
    "MU04 no more than two hours in a thousand": Case(
        [
            *peers(1000, 2),
            *(asked(n, 1 + n % 2 * 60, user="u-20-9", audit_id=f"more-{n}") for n in range(80)),
            *burst(35),
        ]
    ),
    "MU04 above the peers of one role only": Case(
        [
            *peers(1000, 2),
            *(
                replace(each, roles=("bureau",), user="u-20-8", audit_id=f"b{each.audit_id}")
                for each in peers(1000, 40)
            ),
            *burst(35, roles=("bureau", "roads_policing")),
        ]
    ),
    "MU04 in two hours": Case([*peers(1000, 2), *burst(20), *(asked(n + 50, 61) for n in range(20))]),
    "MU04 an alert of the service": Case([], ["ALERTED"], told("MU04")),
    "MU05 on duty": on(DUTIES, asked(0, 0), asked(1, 6 * 60)),
    "MU05 within the grace after duty": on(DUTIES, asked(0, 7 * 60 + 29)),
    "MU05 after the grace": on(DUTIES, asked(0, 7 * 60 + 30), causes=["OUT_OF_SHIFT"]),
    "MU05 within the grace before duty": on(DUTIES, asked(0, 30)),
    "MU05 on leave": on(DUTIES, asked(0, DAY), asked(1, DAY + 1), causes=["ON_LEAVE"]),
    "MU05 just before a leave begins": on(DUTIES, asked(0, 14 * 60 + 45), causes=["OUT_OF_SHIFT"]),
    "MU05 on leave and called in": on(
        feeds(duty_roster=[*ROSTER, (*ROSTER[0][:3], "2026-02-03T08:00Z", "2026-02-03T16:00Z", *ROSTER[0][5:])]),
        asked(0, DAY),
    ),
    "MU05 on two days": on(
        DUTIES, asked(0, DAY), asked(1, DAY + 14 * 60), asked(2, 2 * DAY), causes=["ON_LEAVE", "OUT_OF_SHIFT"]
    ),
    "MU05 a program": on(DUTIES, asked(0, DAY, route="BATCH")),
    "MU05 outside what the roster covers": on(DUTIES, asked(0, 9 * DAY), asked(1, 0)),
    "MU06 too short": Case(justified(2, "check", 1), ["TOO_SHORT"]),
    "MU06 one character short": Case([asked(justification="abcdefghi")], ["TOO_SHORT"]),
    "MU06 long enough": Case([asked(justification="abcdefghij")]),
    "MU06 spaces and dots are nothing": Case([asked(justification="a . . . . . . . . .")], ["TOO_SHORT"]),
    "MU06 one text too often": Case(justified(11, "Enquiry in hand"), ["REPEATED"]),
    "MU06 one text as often as passes": Case(justified(10, "Enquiry in hand")),
    "MU06 one text in other spelling": Case(
        [asked(n, n, justification="Enquiry in hand" if n % 2 else "ENQUIRY, in hand.") for n in range(11)],
        ["REPEATED"],
    ),
    "MU06 one text on one case": Case(justified(20, "Enquiry in hand", reference="CASE-1")),
    "MU06 one text in one activity": Case(justified(20, "Enquiry in hand", reference=None, flow="f")),
    "MU06 one text over months": Case(justified(11, "Enquiry in hand", 3 * DAY)),
    "MU07 more without a location than pass": Case(
        [asked(n, n, geolocation=None) for n in range(6)], ["NO_LOCATION"], DUTIES
    ),
    "MU07 as many without a location as pass": Case([asked(n, n, geolocation=None) for n in range(5)], [], DUTIES),
    "MU07 without a location for another reason": Case(
        [asked(n, n, geolocation=None, reason="5") for n in range(6)], [], DUTIES
    ),
    "MU07 within the area": Case([asked(geolocation="qc12")], [], DUTIES),
    "MU07 away from the area": Case([asked(geolocation="ZZ1")], ["FAR_FROM_AREA"], DUTIES),
    "MU07 within the area of one of two duties": Case(
        [asked(geolocation="ZZ1")], [], feeds(duty_roster=[*ROSTER, ELSEWHERE])
    ),
    "MU07 away for another reason": Case([asked(geolocation="ZZ1", reason="6")], [], DUTIES),
    "MU08 own record": Case([shown("me")], ["OWN_RECORD"], COLLEAGUES),
    "MU08 colleague": Case([shown("them")], ["COLLEAGUE"], COLLEAGUES),
    "MU08 own vehicle": Case([shown("car")], ["OWN_VEHICLE"], COLLEAGUES),
    "MU08 somebody else's own record": Case([shown("mate")], [], COLLEAGUES),
    "MU09 stopped requests that follow each other": Case(
        [asked(n, n * 60, refused_by="ENUMERATION_STOPPED") for n in range(3)], ["STOPPED"]
    ),
    "MU09 stopped again later": Case(
        [asked(n, n * 61, refused_by="ENUMERATION_STOPPED") for n in range(2)], ["STOPPED", "STOPPED"]
    ),
    "MU09 an alert alone": Case([], ["STOPPED"], told("MU09")),
    "MU09 a burst is MU04's": Case([asked(0, 1, refused_by="ENUMERATION_STOPPED")], [], told("MU04")),
    "MU09 both at once": Case([asked(0, 1, refused_by="ENUMERATION_STOPPED")], ["STOPPED"], told("MU04", "MU09")),
    "MU09 refused for something else": Case([asked(refused_by="WILDCARD_REFUSED")]),
    "MU10 just before a contact": Case([shown("p", 0, -DAY)], ["AROUND_CONTACT"], EVENTS),
    "MU10 too long before": Case([shown("p", 0, -DAY - 1)], [], EVENTS),
    "MU10 just after": Case([shown("p", 0, DAY)], ["AROUND_CONTACT"], EVENTS),
    "MU10 too long after": Case([shown("p", 0, DAY + 1)], [], EVENTS),
    "MU10 a contact with somebody else": Case([shown("q")], [], EVENTS),
    "MU10 a contact about somebody else": Case([shown("r")], [], EVENTS),
    "MU11 administration on names": Case(
        [asked(reason="6", datasets=frozenset({"PNC.NAMES.CRIM"}))], ["ADMINISTRATION_ON_NAMES"]
    ),
    "MU11 administration on vehicles": Case([asked(reason="6")]),
    "MU11 names for another reason": Case([asked(reason="5", datasets=frozenset({"PNC.NAMES.CRIM"}))]),
    "MU11 vetting": Case(
        [asked(reason="6", purpose="GP1", roles=("vetting_officer",), datasets=frozenset({"PNC.NAMES.CRIM"}))]
    ),
    "MU11 the purpose of vetting by somebody else": Case(
        [asked(reason="6", purpose="GP1", datasets=frozenset({"PNC.NAMES.CRIM"}))], ["ADMINISTRATION_ON_NAMES"]
    ),
    "MU11 vetting for another purpose": Case(
        [asked(reason="6", roles=("vetting_officer",), datasets=frozenset({"PNC.NAMES.CRIM"}))],
        ["ADMINISTRATION_ON_NAMES"],
    ),
    "MU12 on behalf of somebody on duty, by id": Case([asked(on_behalf_of="U-20-1")], [], DUTIES),
    "MU12 on behalf of somebody on duty, by name": Case([asked(on_behalf_of="Sgt Sample")], [], DUTIES),
    "MU12 on behalf of nobody": Case([asked()], [], DUTIES),
    "MU12 just within the grace": Case([asked(0, 89, on_behalf_of="SGT SAMPLE")], [], DUTIES),
    "MU12 after the grace": Case([asked(0, 90, on_behalf_of="SGT SAMPLE")], ["NOT_ON_DUTY"], DUTIES),
    "MU12 on behalf of a stranger": Case([asked(on_behalf_of="DC UNKNOWN")], ["NOT_IN_ORGANISATION"], DUTIES),
    "MU12 on behalf of another organisation's user": Case(
        [asked(on_behalf_of="DC UNKNOWN")],
        ["NOT_IN_ORGANISATION"],
        feeds(duty_roster=[*ROSTER, ("ORG-06", "u-06-1", "DC UNKNOWN", *ROSTER[0][3:])]),
    ),
    "MU12 on behalf of another agency": Case([asked(on_behalf_of="DC UNKNOWN", reason="8")], [], DUTIES),
}


@pytest.mark.parametrize(("name", "case"), CASES.items(), ids=CASES)
def test_a_rule_finds_what_it_must_and_nothing_else(name: str, case: Case):
    found = run(name.split()[0], case.requests, case.feeds)
    assert found.not_running == ""
    assert [each.cause for each in found.signals] == list(case.causes)
    assert {(each.user, each.organisation) for each in found.signals} <= {(case.whose, ORGANISATION)}


def test_every_rule_has_a_case_that_finds_and_one_that_does_not():
    found = {name.split()[0] for name, case in CASES.items() if case.causes}
    assert found == {rule.code for rule in packaged_rules()}
    assert {name.split()[0] for name, case in CASES.items() if not case.causes} == found


FEEDS_OF = {rule.code: rule.feeds for rule in packaged_rules() if rule.feeds}
ALL = replace(
    feeds(hr_household=HOMES, duty_roster=ROSTER, colleagues=RECORDS, contact_events=CONTACTS), alerts=(alert("MU01"),)
)


def test_alerts_of_one_user_and_subject_on_one_day_are_one_signal_that_counts_them():
    alerts = (alert("MU02"), alert("MU02", 5), alert("MU02", 6, "u-20-1"))
    first, second = run("MU02", [], Feeds(alerts=alerts)).signals
    assert (first.user, first.score, first.alerts) == (USER, 2, tuple(each.id for each in alerts[:2]))
    assert first.explanation == "2 looks at a record of the protected or high-profile list"
    assert (second.user, second.alerts) == ("u-20-1", (alerts[2].id,))


@pytest.mark.parametrize("code", FEEDS_OF)
def test_a_rule_without_its_feed_is_not_running(code: str):
    for name in FEEDS_OF[code]:
        found = run(code, [asked()], replace(ALL, **{name: None}))
        assert (found.not_running, found.signals) == (f"without {name}", ())
    assert run(code, [asked()], ALL).not_running == ""


UNJUDGED: dict[str, tuple[str, Sequence[Transaction], Feeds]] = {
    "statements erased": ("MU03", [asked(statements=None)], feeds()),
    "justifications erased": ("MU06", [asked(statements=None)], feeds()),
    "locations erased": ("MU07", [asked(statements=None)], DUTIES),
    "names erased": ("MU12", [asked(statements=None)], DUTIES),
    "too few hours of peers": ("MU04", [*peers(999, 1), *burst(50)], feeds()),
    "another organisation's roster": ("MU05", [asked(organisation="ORG-06")], DUTIES),
    "another month's roster": ("MU05", [asked(0, 60 * DAY)], DUTIES),
    "coordinates without a place": ("MU07", [asked(geolocation="52.4, -1.8")], DUTIES),
    "a user whom the household feed does not have": ("MU01", [asked(user="u-20-7")], feeds(hr_household=HOMES)),
    "a user whom the feed of colleagues does not have": ("MU08", [asked(user="u-20-7")], COLLEAGUES),
}


@pytest.mark.parametrize(("code", "requests", "known"), UNJUDGED.values(), ids=UNJUDGED)
def test_a_rule_that_could_judge_nothing_is_not_running(code: str, requests: Sequence[Transaction], known: Feeds):
    found = run(code, requests, known)
    assert (found.signals, found.judged) == ((), 0)
    assert found.not_running
    assert sum(found.unjudged.values()) == len(requests)


def test_a_rule_counts_what_it_could_not_judge_beside_what_it_could():
    found = run("MU06", [asked(0), asked(1, statements=None)], feeds())
    assert (found.not_running, found.judged, sum(found.unjudged.values())) == ("", 1, 1)


def test_a_signal_says_what_it_rests_on_in_the_ledgers_own_ids():
    (found,) = run("MU03", looks(12), feeds()).signals
    assert found.entries == tuple(f"id-{n:06}" for n in range(12))
    assert (found.subjects, found.version) == ((hashed("p"),), 1)
    assert (found.first, found.last) == (START, START + timedelta(hours=11))
    assert found.score == 1.2
    assert "12 times within 30 days" in found.explanation


def test_a_signal_repeats_nothing_that_was_written():
    requests = justified(11, "about my neighbour", reference="MY-CASE-1")
    requests = [replace(each, flow=None) for each in requests] + justified(1, "nosy", 700)
    for code in ("MU03", "MU06"):
        for found in run(code, requests, feeds()).signals:
            assert "neighbour" not in str(found.to_json())
            assert "nosy" not in str(found.to_json())
