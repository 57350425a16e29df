"""What leaves say of a request, and what they must never hold."""

import json
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as replaced

from authz.audit.leaf import Event, EventType, Leaf, Outcome, Recipient, Stage, canonical_bytes
from authz.audit.ledger import Draft, Receipt
from authz.audit.parts import About, Statements
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


INTENT = Receipt("01KGE3HBXQ0000000000000000", "leds.test/ledger", 7, "00")


def drafted(answer: AuditedAnswer, principal: Principal | None = OFFICER, **variables: object) -> Draft:
    return RECORDER.outcome(AuditedRequest(principal, CONTEXT, OPERATION, variables), answer, None)


def recorded(answer: AuditedAnswer, principal: Principal | None = OFFICER) -> Leaf:
    return drafted(answer, principal).leaf


def everything(draft: Draft) -> str:
    """Every byte that would be kept of a draft, silences before they are sealed."""
    assert draft.statements is not None
    parts = [draft.leaf, draft.statements, *(draft.silent or ()), *draft.subjects]
    return "\n".join(canonical_bytes(part).decode() for part in parts)


def test_an_intent_says_who_asks_what_and_why_and_an_outcome_points_to_it() -> None:
    request = AuditedRequest(OFFICER, CONTEXT, OPERATION)
    intent = RECORDER.intent(request)
    outcome = RECORDER.outcome(request, AuditedAnswer(Outcome.OK, (VEHICLE,), part=2), INTENT)
    assert (intent.leaf.stage, intent.silent, intent.subjects) == (Stage.INTENT, None, ())
    assert intent.leaf.request is not None
    assert (intent.leaf.request.reason, intent.leaf.request.purpose) == ("1", "PP1")
    assert isinstance(intent.statements, Statements)
    assert intent.statements.justification == CONTEXT.justification
    assert (outcome.leaf.audit_id, outcome.leaf.intent, outcome.leaf.part) == (INTENT.entry_id, 7, 2)
    assert (outcome.leaf.request, outcome.statements, outcome.silent) == (None, None, ())


def test_one_subject_entry_per_record_however_many_datasets_and_fetches() -> None:
    again = replace(VEHICLE, fields=("motStatus",), policies=("P01",))
    entry = drafted(AuditedAnswer(Outcome.OK, (DISPOSALS, VEHICLE, WARNINGS, again, VEHICLE)))
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
    assert entry.leaf.result_count == 2


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
    entry = drafted(AuditedAnswer(Outcome.OK, (WARNINGS, DISPOSALS, VEHICLE)))
    assert [subject.event_type for subject in entry.subjects] == [EventType.COMBINE, EventType.CONSULT]


def test_a_disclosure_names_its_recipient_and_whether_it_leaves_the_country() -> None:
    request = AuditedRequest(PARTNER, replace(CONTEXT, on_behalf_of="Claims desk 7"), OPERATION)
    draft = RECORDER.outcome(request, AuditedAnswer(Outcome.OK, (VEHICLE,)), None)
    assert draft.leaf.recipient == Recipient("ORG-INS-A", False)
    assert isinstance(draft.statements, Statements)
    assert draft.statements.on_behalf_of == "Claims desk 7"
    jersey = replace(PARTNER, organisation="ORG-57", organisation_kind="crown_dependency", agreement="AGR-CD-01")
    assert recorded(AuditedAnswer(Outcome.OK, (VEHICLE,)), jersey).recipient == Recipient("ORG-57", True)


def test_joint_controllers_consult_and_are_no_recipients() -> None:
    agency = replace(OFFICER, organisation="ORG-NCA", organisation_kind="law_enforcement_agency")
    entry = recorded(AuditedAnswer(Outcome.OK, (VEHICLE,)), agency)
    assert (entry.event_type, entry.recipient) == (EventType.CONSULT, None)


def test_refusals_name_coordinate_form_and_policy() -> None:
    draft = drafted(AuditedAnswer(Outcome.PARTIAL, (VEHICLE,), DENIED | SILENT))
    said, silent = [
        [(each.coordinate, each.form, each.dataset, each.policies) for each in found]
        for found in (draft.leaf.refusals, draft.silent or ())
    ]
    assert said == [("KeeperRecord.name", Form.DENY, "DVLA.KEEPER", ("P08",))]
    assert silent == [("IntelReport.text", Form.SILENT, "PND.INT", ("P06",))]


def test_a_silent_answer_is_written_as_an_empty_one() -> None:
    silent, empty = (drafted(AuditedAnswer(Outcome.OK, (), denials)) for denials in (SILENT, {}))
    times = {"occurred_at": "", "audit_id": ""}
    assert replaced(silent.leaf, **times) == replaced(empty.leaf, **times)
    assert silent.statements == empty.statements


VARIABLES: dict[str, Any] = {
    "vrm": "AB12CDE",
    "input": {"driverNumber": "MORGA657054SM9IJ", "dates": ["1965-07-05", None], "exact": True},
    "urn": 2201234567,
    "score": 0.75,
    "broken": "\ud800",
    "Jane Smith": "1965",
}


def test_no_raw_identifier_reaches_the_entry() -> None:
    text = everything(drafted(AuditedAnswer(Outcome.OK), **VARIABLES))
    for secret in ("AB12CDE", "MORGA657054SM9IJ", "1965", "2201234567", "0.75", "Jane", "jti-secret-1"):
        assert secret not in text
    assert '{"path":"input.exact","value":true}' in text
    assert '{"path":"input.dates.1","value":null}' in text


def test_equal_variables_have_equal_hashes_under_one_key_only() -> None:
    hashes = [hash_of_plate(key) for key in (KEY, KEY, SubjectKey("k2", b"another"))]
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]
    assert str(hashes[0]).startswith("h:k1:")


def hash_of_plate(key: SubjectKey) -> object:
    request = AuditedRequest(OFFICER, CONTEXT, OPERATION, {"vrm": "AB12CDE"})
    leaf = Recorder(key, ticking_clock(), lambda count: bytes(count)).intent(request).leaf
    assert leaf.request is not None
    (variable,) = leaf.request.operation.variables
    return variable.value


def test_open_variables_are_kept_as_they_are() -> None:
    operation = AuditedOperation("Search", "sha256:00", frozenset({"first", "orderBy", "huge"}))
    variables = {"first": 20, "orderBy": "NAME", "name": "Smith", "huge": 1 << 70}
    leaf = RECORDER.intent(AuditedRequest(OFFICER, CONTEXT, operation, variables)).leaf
    assert leaf.request is not None
    kept = {variable.path: variable.value for variable in leaf.request.operation.variables}
    assert (kept["first"], kept["orderBy"], kept["huge"]) == (20, "NAME", str(1 << 70))
    assert kept["name"] == KEY.variable("Smith")
    canonical_bytes(leaf)


def test_a_token_pasted_into_free_text_is_taken_out() -> None:
    token = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1LTIwIn0.c2lnbmF0dXJlLWhlcmU"
    context = replace(CONTEXT, justification=f"see {token}", reference="Bearer abcdef123456")
    text = everything(RECORDER.intent(AuditedRequest(OFFICER, context, OPERATION))).lower()
    assert token.lower() not in text
    assert "abcdef123456" not in text
    assert "[token removed]" in text


def test_a_request_refused_before_anybody_was_known_still_has_a_leaf() -> None:
    request = AuditedRequest(None, None, AuditedOperation(None, "sha256:00"))
    draft = RECORDER.outcome(request, AuditedAnswer(Outcome.REFUSED, refused_by="TOKEN_EXPIRED"), None)
    assert draft.leaf.request is not None
    assert (draft.leaf.request.user, draft.leaf.request.reason) == (None, None)
    assert draft.leaf.refused_by == "TOKEN_EXPIRED"
    assert draft.statements is not None
    assert json.loads(canonical_bytes(draft.statements))["originatorLine"] == "UNKNOWN CALLER"


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


def test_an_event_says_what_happened_and_of_whom_in_a_part_of_its_own() -> None:
    said = {"by": "A. Inspector", "because": "Bearer abcdef123456 gave me this"}
    draft = RECORDER.event(EventType.EXPORT, Event("export", "2026-01"), said, Recipient("ORG-ICO", False))
    assert (draft.leaf.stage, draft.leaf.event_type, draft.leaf.request) == (Stage.EVENT, EventType.EXPORT, None)
    assert draft.leaf.recipient == Recipient("ORG-ICO", False)
    assert "Inspector" not in canonical_bytes(draft.leaf).decode()
    assert draft.statements == About({"because": "[token removed] gave me this", "by": "A. Inspector"})


def test_a_witness_holds_the_checkpoints_of_other_logs_in_one_order() -> None:
    assert RECORDER.witness(["b", "a"]).leaf.witnessed == ("a", "b")
    assert RECORDER.witness([]).silent is None
