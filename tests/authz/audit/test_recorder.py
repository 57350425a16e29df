"""What an entry says of a request, and what it must never hold."""

import json
from dataclasses import replace
from typing import Any

import pytest

from authz.audit.entry import Entry, EventType, Outcome, Recipient, canonical_bytes
from authz.audit.pseudonym import SubjectKey
from authz.audit.recorder import AuditedAnswer, AuditedOperation, AuditedRequest, Recorder, originator_line
from authz.context import RequestContext
from authz.decision import Decision, Form
from authz.disclosure import Disclosure
from authz.principal import Principal
from tests.authz.audit.samples import ticking_clock

KEY = SubjectKey("k1", b"a secret for tests only")
RECORDER = Recorder(KEY, ticking_clock(), lambda count: bytes(count))

OFFICER = Principal(
    subject="u-20-4419",
    name="PC Example",
    organisation="ORG-20",
    organisation_kind="police_territorial",
    agreement="AGR-JC-01",
    roles=("roads_policing",),
    route="MOBILE",
    system="ForceMobile",
    force_station="20R1",
    vetting="RV",
    training=("VP-ENQ", "COP"),
    token_id="jti-secret-1",
)
PARTNER = replace(OFFICER, organisation="ORG-INS-A", organisation_kind="commercial_dsa", agreement="AGR-COM-01")
CONTEXT = RequestContext(
    session_id="s-1",
    correlation_id="c-1",
    system_name="ForceMobile",
    application_datetime="2026-02-02T21:14:06.990Z",
    reason="1",
    reason_text="Vehicle and/or person stopped",
    purpose="PP1",
    justification="Stop A38 J4 no MOT shown",
    activity_code="Person Enquiry",
    action_code="Roadside",
    activity_flow_id="f-1",
    reference="STOP-1",
    geolocation="QB6",
)
OPERATION = AuditedOperation("Roadside", "sha256:00")
VEHICLE = Disclosure("Vehicle", "h:k1:v", "DVLA.VEH", Form.FULL, ("make", "colour"), ("P05",))
KEEPER = Disclosure("KeeperRecord", "h:k1:k", "DVLA.KEEPER", Form.FULL, ("name",), ("P05",))
WARNINGS = Disclosure("Person", "h:k1:p", "PNC.NAMES.WARN", Form.FULL, ("warningSignals",), ("P09",))
DISPOSALS = Disclosure("Person", "h:k1:p", "PNC.NAMES.CRIM", Form.MASK, ("disposals",), ("P05",))
DENIED = {"KeeperRecord.name": Decision(Form.DENY, ("P08",), "DVLA.KEEPER")}
SILENT = {"IntelReport.text": Decision(Form.SILENT, ("P06",), "PND.INT")}


def recorded(answer: AuditedAnswer, principal: Principal | None = OFFICER, **variables: object) -> Entry:
    return RECORDER.record(AuditedRequest(principal, CONTEXT, OPERATION, variables), answer)


def test_one_subject_entry_per_record_however_many_datasets_and_fetches() -> None:
    again = replace(VEHICLE, fields=("motStatus",), policies=("P01",))
    entry = recorded(AuditedAnswer(Outcome.OK, (DISPOSALS, VEHICLE, WARNINGS, again, VEHICLE)))
    assert [(subject.type, subject.key_hash) for subject in entry.subjects] == [
        ("Person", "h:k1:p"),
        ("Vehicle", "h:k1:v"),
    ]
    person, vehicle = entry.subjects
    assert [(shown.dataset, shown.form) for shown in person.forms] == [
        ("PNC.NAMES.CRIM", Form.MASK),
        ("PNC.NAMES.WARN", Form.FULL),
    ]
    assert vehicle.forms[0].fields == ("colour", "make", "motStatus")
    assert vehicle.forms[0].policies == ("P01", "P05")
    assert entry.result_count == 2


EVENTS: list[tuple[str, AuditedAnswer, Principal, EventType]] = [
    ("one dataset", AuditedAnswer(Outcome.OK, (VEHICLE,)), OFFICER, EventType.CONSULT),
    ("two datasets", AuditedAnswer(Outcome.OK, (VEHICLE, KEEPER)), OFFICER, EventType.COMBINE),
    ("nothing found", AuditedAnswer(Outcome.OK), OFFICER, EventType.CONSULT),
    ("nothing found, silently", AuditedAnswer(Outcome.OK, (), SILENT), OFFICER, EventType.CONSULT),
    ("shown with refusals", AuditedAnswer(Outcome.PARTIAL, (VEHICLE,), DENIED), OFFICER, EventType.CONSULT),
    ("refused field by field", AuditedAnswer(Outcome.PARTIAL, (), DENIED), OFFICER, EventType.REFUSE),
    ("refused as a whole", AuditedAnswer(Outcome.REFUSED, refused_by="CONTEXT"), OFFICER, EventType.REFUSE),
    ("shown to a partner", AuditedAnswer(Outcome.OK, (VEHICLE, KEEPER)), PARTNER, EventType.DISCLOSE),
    ("refused to a partner", AuditedAnswer(Outcome.PARTIAL, (), DENIED), PARTNER, EventType.REFUSE),
]


@pytest.mark.parametrize(("answer", "principal", "event"), [e[1:] for e in EVENTS], ids=[e[0] for e in EVENTS])
def test_the_verb_follows_what_was_shown_to_whom(answer: AuditedAnswer, principal: Principal, event: EventType) -> None:
    assert recorded(answer, principal).event_type == event


def test_a_subject_read_in_two_datasets_is_a_combination_of_its_own() -> None:
    entry = recorded(AuditedAnswer(Outcome.OK, (WARNINGS, DISPOSALS, VEHICLE)))
    assert [subject.event_type for subject in entry.subjects] == [EventType.COMBINE, EventType.CONSULT]


def test_a_disclosure_names_its_recipient_and_whether_it_leaves_the_country() -> None:
    request = AuditedRequest(PARTNER, replace(CONTEXT, on_behalf_of="Claims desk 7"), OPERATION)
    entry = RECORDER.record(request, AuditedAnswer(Outcome.OK, (VEHICLE,)))
    assert entry.recipient == Recipient("ORG-INS-A", "Claims desk 7", False)
    jersey = replace(PARTNER, organisation="ORG-57", organisation_kind="crown_dependency", agreement="AGR-CD-01")
    assert recorded(AuditedAnswer(Outcome.OK, (VEHICLE,)), jersey).recipient == Recipient("ORG-57", None, True)


def test_joint_controllers_consult_and_are_no_recipients() -> None:
    agency = replace(OFFICER, organisation="ORG-NCA", organisation_kind="law_enforcement_agency")
    entry = recorded(AuditedAnswer(Outcome.OK, (VEHICLE,)), agency)
    assert (entry.event_type, entry.recipient) == (EventType.CONSULT, None)


def test_refusals_name_coordinate_form_and_policy() -> None:
    entry = recorded(AuditedAnswer(Outcome.PARTIAL, (VEHICLE,), DENIED | SILENT))
    assert [(r.coordinate, r.form, r.dataset, r.policies) for r in entry.refusals] == [
        ("IntelReport.text", Form.SILENT, "PND.INT", ("P06",)),
        ("KeeperRecord.name", Form.DENY, "DVLA.KEEPER", ("P08",)),
    ]


VARIABLES: dict[str, Any] = {
    "vrm": "AB12CDE",
    "input": {"driverNumber": "MORGA657054SM9IJ", "dates": ["1965-07-05", None], "exact": True},
    "urn": 2201234567,
    "score": 0.75,
    "broken": "\ud800",
    "Jane Smith": "1965",
}


def test_no_raw_identifier_reaches_the_entry() -> None:
    text = canonical_bytes(recorded(AuditedAnswer(Outcome.OK), **VARIABLES)).decode()
    for secret in ("AB12CDE", "MORGA657054SM9IJ", "1965", "2201234567", "0.75", "Jane", "jti-secret-1"):
        assert secret not in text
    assert '{"path":"input.exact","value":true}' in text
    assert '{"path":"input.dates.1","value":null}' in text


def test_equal_variables_have_equal_hashes_under_one_key_only() -> None:
    hashes = [
        Recorder(key, ticking_clock(), lambda count: bytes(count))
        .record(AuditedRequest(OFFICER, CONTEXT, OPERATION, {"vrm": "AB12CDE"}), AuditedAnswer(Outcome.OK))
        .operation.variables[0]
        .value
        for key in (KEY, KEY, SubjectKey("k2", b"another"))
    ]
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]
    assert str(hashes[0]).startswith("h:k1:")


def test_open_variables_are_kept_as_they_are() -> None:
    operation = AuditedOperation("Search", "sha256:00", frozenset({"first", "orderBy", "huge"}))
    variables = {"first": 20, "orderBy": "NAME", "name": "Smith", "huge": 1 << 70}
    entry = RECORDER.record(AuditedRequest(OFFICER, CONTEXT, operation, variables), AuditedAnswer(Outcome.OK))
    kept = {variable.path: variable.value for variable in entry.operation.variables}
    assert (kept["first"], kept["orderBy"], kept["huge"]) == (20, "NAME", str(1 << 70))
    assert kept["name"] == KEY.variable("Smith")
    canonical_bytes(entry)


def test_a_token_pasted_into_free_text_is_taken_out() -> None:
    token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1LTIwIn0.c2lnbmF0dXJlLWhlcmU"
    context = replace(CONTEXT, justification=f"see {token}", reference="Bearer abcdef123456")
    entry = RECORDER.record(AuditedRequest(OFFICER, context, OPERATION), AuditedAnswer(Outcome.OK))
    text = canonical_bytes(entry).decode().lower()
    assert token.lower() not in text
    assert "abcdef123456" not in text
    assert "[token removed]" in text


def test_a_request_refused_before_anybody_was_known_still_has_an_entry() -> None:
    request = AuditedRequest(None, None, AuditedOperation(None, "sha256:00"))
    entry = RECORDER.record(request, AuditedAnswer(Outcome.REFUSED, refused_by="TOKEN_EXPIRED"))
    assert (entry.user, entry.reason, entry.refused_by) == (None, None, "TOKEN_EXPIRED")
    assert json.loads(canonical_bytes(entry))["originatorLine"] == "UNKNOWN CALLER"


@pytest.mark.parametrize("justification", ["x", "Stop A38 J4 no MOT shown", "a very long justification " * 9, "ß" * 60])
def test_the_originator_line_has_the_length_practice_gave_it(justification: str) -> None:
    line = originator_line(OFFICER, replace(CONTEXT, justification=justification))
    assert 4 <= len(line) <= 53
    assert line.startswith("U-20-4419 PC EXAMPLE")


def test_the_originator_line_says_who_why_and_where_and_shortens_only_the_why() -> None:
    assert originator_line(OFFICER, CONTEXT) == "U-20-4419 PC EXAMPLE STOP A38 J4 NO MOT SHOW QB6 20R1"


def test_times_are_utc_with_milliseconds() -> None:
    entry = recorded(AuditedAnswer(Outcome.OK))
    assert entry.occurred_at.startswith("2026-02-02T21:14:07.")
    assert entry.occurred_at.endswith("Z")
    assert entry.retention == "RR14"
    assert entry.world == "SYNTHETIC"
