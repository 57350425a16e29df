"""The request's statements: all that is missing or malformed in one error, and nothing against the token."""

from dataclasses import replace

import pytest

from authz.context import RequestContext, context_from_headers, missing_statements
from authz.errors import ContextContradictsToken, ContextIncomplete, ContextInvalid
from authz.facts import packaged_facts
from authz.principal import Principal
from tests.authz.callers import DETECTIVE, OFFICER, UUID, caller, context

FACTS = packaged_facts()
COMPLETE = {
    "X-Leds-Session-Id": UUID,
    "X-Leds-Correlation-Id": UUID,
    "X-Leds-System-Name": "LEDS-Direct",
    "X-Leds-Application-Datetime": "2026-02-02T21:14:06.990Z",
    "X-Leds-Reason": "5 - Subject of process or investigation",
    "X-Leds-Purpose": "LE2",
    "X-Leds-Justification": "Named investigation",
    "X-Leds-Activity-Code": "Person Enquiry",
    "X-Leds-Action-Code": "Search",
    "X-Leds-Activity-Flow-Id": UUID,
    "X-Leds-Reference-Id": "CASE-1",
}
ALWAYS = tuple(name for name in COMPLETE if name != "X-Leds-Reference-Id")
STOP = {"X-Leds-Reason": "1 - Vehicle and/or person stopped", "X-Leds-Purpose": "PP1"}
TERMINAL = caller("control_room", route="TERMINAL")
PARTNER = caller("partner_vehicle", "ORG-PROV-B", "CONNECTED", "BPSS")


def read(headers: dict[str, str], principal: Principal = DETECTIVE) -> RequestContext:
    system = {"X-Leds-System-Name": principal.system} if "X-Leds-System-Name" in headers else {}
    return context_from_headers({**headers, **system}, principal, FACTS)


def refused(headers: dict[str, str], principal: Principal = DETECTIVE) -> ContextIncomplete | ContextInvalid:
    with pytest.raises((ContextIncomplete, ContextInvalid)) as caught:
        read(headers, principal)
    return caught.value


def test_a_complete_request_is_read_whatever_the_case_of_its_headers():
    found = read({name.lower(): f" {value} " for name, value in COMPLETE.items()} | {"x-leds-page-title": "Person"})
    assert (found.reason, found.reason_text) == ("5", "Subject of process or investigation")
    assert (found.purpose, found.reference, found.page_title, found.on_behalf_of) == ("LE2", "CASE-1", "Person", None)
    assert found.application_datetime == "2026-02-02T21:14:06.990Z"


def test_all_missing_headers_are_named_at_once():
    error = refused({"Accept": "application/json"})
    assert error.code == "CONTEXT_INCOMPLETE"
    assert error.status == 400
    assert error.details == {"missing": list(ALWAYS), "invalid": {}}
    assert all(name in error.message for name in ALWAYS)


@pytest.mark.parametrize(
    ("principal", "change", "missing"),
    [
        (DETECTIVE, {"X-Leds-Reference-Id": ""}, ["X-Leds-Reference-Id"]),
        (OFFICER, STOP, ["X-Leds-Geolocation"]),
        (OFFICER, {}, []),
        (DETECTIVE, STOP, []),
        (TERMINAL, STOP, ["X-Leds-On-Behalf-Of"]),
        (PARTNER, {"X-Leds-Reason": "8 - Agency", "X-Leds-Purpose": "GP3"}, ["X-Leds-On-Behalf-Of"]),
        (DETECTIVE, {"X-Leds-Reason": "6 - Admin", "X-Leds-Purpose": "GP1", "X-Leds-Reference-Id": ""}, []),
    ],
)
def test_reason_and_route_say_what_more_is_needed(principal: Principal, change: dict[str, str], missing: list[str]):
    headers = COMPLETE | change
    if missing:
        assert refused(headers, principal).details["missing"] == missing
    else:
        read(headers, principal)


@pytest.mark.parametrize(
    ("header", "value", "problem"),
    [
        ("X-Leds-Session-Id", "not-a-uuid", "must be a UUID in its canonical form"),
        ("X-Leds-Session-Id", UUID.replace("-", ""), "must be a UUID in its canonical form"),
        ("X-Leds-Application-Datetime", "yesterday", "must be an ISO 8601 date and time"),
        ("X-Leds-Application-Datetime", "2026-02-02T21:14:06", "must state its offset from UTC"),
        ("X-Leds-Justification", "ab", "must have 3 to 250 characters"),
        ("X-Leds-Justification", "a" * 251, "must have 3 to 250 characters"),
        ("X-Leds-Page-Title", "a" * 151, "must have 0 to 150 characters"),
        ("X-Leds-On-Behalf-Of", "a" * 51, "must have 3 to 50 characters"),
        ("X-Leds-Reason", "5", "must be a digit, ` - ` and the reason's text"),
        ("X-Leds-Reason", "5 - Subject, 1 - Vehicle and/or person stopped", "must be stated once"),
        ("X-Leds-Purpose", "XX9", "is not a lawful purpose"),
        (
            "X-Leds-Purpose",
            "GP1",
            "cannot be carried by reason 5; that reason carries LE1, LE2, LE3, LE4, LE5, LE6, PP1, PP4",
        ),
        ("X-Leds-Justification", "line one\nline two", "must not hold control characters"),
    ],
)
def test_a_malformed_header_is_named_with_its_rule_and_without_its_value(header: str, value: str, problem: str):
    error = refused(COMPLETE | {header: value})
    assert error.code == "CONTEXT_INVALID"
    assert error.details == {"missing": [], "invalid": {header: problem}}
    assert value not in error.message


MALFORMED_REASONS = {
    "two digits": "99 - Something else",
    "a digit and no text": "5 - ",
    "only a digit": "5",
    "no digit": "Subject of process",
    "a letter": "x - Subject of process",
    "another dash": "5 – Subject of process",
    "no spaces": "5-Subject of process",
    "a digit of another script": "\u0665 - Subject of process",
    "two reasons": "5 - Subject, 1 - Vehicle and/or person stopped",
}


@pytest.mark.parametrize("name", MALFORMED_REASONS)
def test_a_malformed_reason_is_the_only_thing_that_is_wrong_about_a_request(name: str):
    """Nothing more is said by a reason that its first sign may look like: of purposes, or of what it requires."""
    without = {header: value for header, value in COMPLETE.items() if header != "X-Leds-Reference-Id"}
    error = refused(without | {"X-Leds-Reason": MALFORMED_REASONS[name], "X-Leds-Purpose": "GP1"})
    assert error.details["missing"] == []
    assert list(error.details["invalid"]) == ["X-Leds-Reason"]


def test_an_unknown_reason_is_named_and_requires_what_all_reasons_do():
    facts = replace(FACTS, version="fewer", reasons={code: FACTS.reasons[code] for code in "01234"})
    with pytest.raises(ContextInvalid) as caught:
        context_from_headers(COMPLETE, DETECTIVE, facts)
    assert caught.value.details["invalid"] == {"X-Leds-Reason": "is not one of the reason codes 0 to 9"}


def test_the_missing_and_the_malformed_are_reported_together():
    error = refused(COMPLETE | {"X-Leds-Justification": "", "X-Leds-Session-Id": "x", "X-Leds-Purpose": "XX9"})
    assert error.code == "CONTEXT_INCOMPLETE"
    assert error.details["missing"] == ["X-Leds-Justification"]
    assert set(error.details["invalid"]) == {"X-Leds-Session-Id", "X-Leds-Purpose"}


@pytest.mark.parametrize(
    ("change", "header"),
    [
        ({"X-Leds-System-Name": "ForceMobile"}, "X-Leds-System-Name"),
        ({"X-Leds-On-Behalf-Of": DETECTIVE.subject}, "X-Leds-On-Behalf-Of"),
        ({"X-Leds-On-Behalf-Of": DETECTIVE.name}, "X-Leds-On-Behalf-Of"),
    ],
)
def test_a_header_against_the_token_is_refused_by_name(change: dict[str, str], header: str):
    with pytest.raises(ContextContradictsToken) as caught:
        context_from_headers(COMPLETE | change, DETECTIVE, FACTS)
    assert (caught.value.status, caught.value.details) == (403, {"headers": [header]})


def test_a_header_naming_a_route_changes_nothing():
    assert read(COMPLETE | {"X-Leds-Route": "MOBILE"}) == read(COMPLETE)


def test_a_context_that_comes_by_another_way_is_checked_again():
    assert missing_statements(context(), "DIRECT", FACTS) == ()
    assert missing_statements(context(reference=None, justification=""), "DIRECT", FACTS) == (
        "X-Leds-Justification",
        "X-Leds-Reference-Id",
    )
    assert missing_statements(context("x", session_id=""), "DIRECT", FACTS) == ("X-Leds-Session-Id",)
