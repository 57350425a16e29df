"""What happens to one request in, drafts of its leaves out: hashed, sorted, without tokens. Never writes them.

Rules: domain/access.md section 6.2 (contents), DPA 2018 s62 (verbs). Free text is kept as stated: policy asks for it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol, overload

from authz.audit.leaf import (
    Event,
    EventType,
    Leaf,
    Operation,
    Outcome,
    Recipient,
    Refusal,
    Request,
    Stage,
    System,
    User,
    Variable,
)
from authz.audit.ledger import Draft
from authz.audit.parts import About, Shown, Statements, Subject
from authz.audit.pseudonym import SubjectKey
from authz.audit.timestamp import utc_timestamp
from authz.audit.ulid import RANDOM_BYTES, ulid
from authz.context import RequestContext
from authz.decision import Decision, Form
from authz.disclosure import Disclosure
from authz.principal import Principal

AUDIT_LOG_RETENTION = "RR14"
ORIGINATOR_LENGTH = 53
JOINT_CONTROLLERS = "AGR-JC-01"
"""The arrangement whose parties are controllers together: what they read is consulted, not disclosed to them."""

# Organisations that read as part of the service (the verb of their agreements is CONSULT or ALTER).
_WITHIN = frozenset({"police_territorial", "police_national", "police_service", "inspectorate", "supplier", "training"})
ABROAD = frozenset({"crown_dependency", "international"})
_TOKEN = re.compile(r"[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,}|\bBearer\s+\S+", re.IGNORECASE)
_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]{0,63}")
_PLAIN_LENGTH = 40
_INTEGER_LIMIT = 1 << 53


@dataclass(frozen=True, slots=True)
class AuditedOperation:
    """The document: its operation's name, `sha256:…` of its text, and the variables whose types hold no personal data.

    `plain_variables` names top-level variables (paging, flags, enums) kept as they are; all other text is hashed.
    `document` is its id where it is registered.
    """

    name: str | None
    hash: str
    plain_variables: frozenset[str] = frozenset()
    document: str | None = None


@dataclass(frozen=True, slots=True)
class AuditedRequest:
    """Who asked what and why; principal or context are missing when the request was refused before they were known."""

    principal: Principal | None
    context: RequestContext | None
    operation: AuditedOperation
    variables: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class AuditedAnswer:
    """What came of it: the outcome, what was shown, what was not and why, and the error code of a whole refusal.

    `part` numbers the events of a stream from 0.
    """

    outcome: Outcome
    disclosures: tuple[Disclosure, ...] = ()
    denials: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))
    refused_by: str | None = None
    part: int = 0


class Intended(Protocol):
    """What the ledger gave back for an intent."""

    @property
    def entry_id(self) -> str: ...

    @property
    def index(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Recorder:
    """Drafts leaves with the key that hashes identifiers, the time, and `randomness(n)` for their ids."""

    key: SubjectKey
    clock: Callable[[], datetime]
    randomness: Callable[[int], bytes]
    world: str | None = "SYNTHETIC"
    retention: str = AUDIT_LOG_RETENTION

    def intent(self, request: AuditedRequest) -> Draft:
        """What is about to be done, by whom and why: to be durable before anything is fetched for it."""
        leaf = self._leaf(Stage.INTENT, self._id(), request=self._request(request))
        return Draft(leaf, _statements(request))

    def outcome(
        self, request: AuditedRequest, answer: AuditedAnswer, intent: Intended | None, *, audit_id: str | None = None
    ) -> Draft:
        """What came of it: every subject shown, what was refused. Without an intent it says who asked as well;
        `audit_id` is that of an intent that has no position in the log yet."""
        recipient = _recipient(request.principal)
        subjects = subjects_shown(answer.disclosures, recipient is not None)
        refusals, silent = _refusals(answer.denials)
        leaf = self._leaf(
            Stage.OUTCOME,
            intent.entry_id if intent else audit_id or self._id(),
            part=answer.part,
            intent=intent.index if intent else None,
            event_type=_event_type(subjects, answer, recipient is not None),
            outcome=answer.outcome,
            request=None if intent else self._request(request),
            recipient=recipient if subjects else None,
            refusals=refusals,
            refused_by=answer.refused_by,
            result_count=len(subjects),
        )
        return Draft(leaf, None if intent else _statements(request), silent, subjects)

    def event(
        self, event_type: EventType, event: Event, said: Mapping[str, str], recipient: Recipient | None = None
    ) -> Draft:
        """Something that is no request: an export, a review, an erasure, a change of the facts, an alert. `said` is
        what it says of people, hashed by the caller where it is an identifier."""
        leaf = self._leaf(Stage.EVENT, self._id(), event_type=event_type, event=event, recipient=recipient)
        return Draft(leaf, About({name: _text(text) for name, text in sorted(said.items())}))

    def witness(self, checkpoints: Iterable[str]) -> Draft:
        """What other logs held: their newest checkpoints."""
        return Draft(self._leaf(Stage.WITNESS, self._id(), witnessed=tuple(sorted(checkpoints))))

    def action(
        self, request: AuditedRequest, kind: EventType, event: Event, said: Mapping[str, str], of: tuple[str, str]
    ) -> Draft:
        """Something that is done about what the ledger holds, by whoever makes the request. `of` is the type and key of
        what it is about, by whose hash it is found like any record; `said` may be erased one day."""
        asked = self._request(request)
        leaf = self._leaf(Stage.EVENT, self._id(), event_type=kind, event=event, request=asked, result_count=1)
        about = About({name: _text(text) for name, text in said.items()})
        return Draft(leaf, about, subjects=(Subject(of[0], self.key.subject(*of), kind, ()),))

    def _leaf(self, stage: Stage, audit_id: str, **said: Any) -> Leaf:
        return Leaf(stage, audit_id, self.world, utc_timestamp(self.clock()), self.retention, **said)

    def _id(self) -> str:
        return ulid(int(self.clock().timestamp() * 1000), self.randomness(RANDOM_BYTES))

    def _request(self, request: AuditedRequest) -> Request:
        principal, context = request.principal, request.context
        return Request(
            user=_user(principal),
            system=System(principal.system, principal.route) if principal else None,
            reason=context.reason if context else None,
            purpose=context.purpose if context else None,
            session_id=_text(context.session_id) if context else None,
            correlation_id=_text(context.correlation_id) if context else None,
            activity_flow_id=_text(context.activity_flow_id) if context else None,
            activity_code=_text(context.activity_code) if context else None,
            action_code=_text(context.action_code) if context else None,
            application_time=_text(context.application_datetime) if context else None,
            operation=_operation(request, self.key),
        )


def new_leaf(stage: Stage, now: datetime, randomness: bytes, world: str | None, **said: Any) -> Leaf:
    """A leaf that begins something, dated now, under an id of its own made with these RANDOM_BYTES."""
    audit_id = ulid(int(now.timestamp() * 1000), randomness)
    return Leaf(stage, audit_id, world, utc_timestamp(now), AUDIT_LOG_RETENTION, **said)


def subjects_shown(disclosures: Iterable[Disclosure], disclosed: bool) -> tuple[Subject, ...]:
    """One subject per type and key, however many fetches, datasets and fields it was shown by; sorted."""
    found: dict[tuple[str, str], dict[tuple[str, Form], list[Disclosure]]] = {}
    for disclosure in disclosures:
        forms = found.setdefault((disclosure.type, disclosure.key), {})
        forms.setdefault((disclosure.dataset, disclosure.form), []).append(disclosure)
    return tuple(
        Subject(
            type_name, key, _subject_event(forms, disclosed), tuple(_shown(*item) for item in sorted(forms.items()))
        )
        for (type_name, key), forms in sorted(found.items())
    )


def originator_line(principal: Principal | None, context: RequestContext | None) -> str:
    """Who asked, why and where on one line of at most 53 characters, as PNC practice kept it (access.md 2.2)."""
    if principal is None:
        return "UNKNOWN CALLER"
    place = [context.geolocation, principal.force_station] if context else [principal.force_station]
    where = " ".join(_text(part) for part in place if part).upper()
    who = f"{principal.subject} {principal.name}".upper()
    why = _text(context.justification).upper() if context else ""
    room = max(ORIGINATOR_LENGTH - len(who) - len(where) - 2, 0)
    return " ".join(part for part in (who, why[:room].strip(), where) if part)[:ORIGINATOR_LENGTH]


def _shown(place: tuple[str, Form], disclosures: list[Disclosure]) -> Shown:
    dataset, form = place
    fields = sorted({name for disclosure in disclosures for name in disclosure.fields})
    policies = sorted({policy for disclosure in disclosures for policy in disclosure.policies})
    return Shown(dataset, form, tuple(fields), tuple(policies))


def _subject_event(forms: Mapping[tuple[str, Form], list[Disclosure]], disclosed: bool) -> EventType:
    changes = {disclosure.event for found in forms.values() for disclosure in found if disclosure.event}
    if changes:
        return EventType(max(changes))
    if disclosed:
        return EventType.DISCLOSE
    return EventType.COMBINE if len({dataset for dataset, _ in forms}) > 1 else EventType.CONSULT


def _event_type(subjects: tuple[Subject, ...], answer: AuditedAnswer, disclosed: bool) -> EventType:
    # Nothing shown and something refused: REFUSE. Shown outside the service: DISCLOSE, whatever was combined for it.
    # Shown from several datasets: COMBINE. Anything else, an empty answer and a silent one alike: CONSULT.
    # A record changed: ALTER or ERASE, whatever else was shown beside it; an event reviewed: REVIEW.
    refused = any(decision.form is Form.DENY for decision in answer.denials.values())
    if answer.outcome is Outcome.REFUSED or (refused and not subjects):
        return EventType.REFUSE
    changes = {subject.event_type for subject in subjects} & {EventType.ALTER, EventType.ERASE, EventType.REVIEW}
    if changes:
        return max(changes)
    if disclosed and subjects:
        return EventType.DISCLOSE
    datasets = {shown.dataset for subject in subjects for shown in subject.forms}
    return EventType.COMBINE if len(datasets) > 1 else EventType.CONSULT


def _recipient(principal: Principal | None) -> Recipient | None:
    if principal is None or principal.organisation_kind in _WITHIN or principal.agreement == JOINT_CONTROLLERS:
        return None
    return Recipient(principal.organisation, principal.organisation_kind in ABROAD)


def _user(principal: Principal | None) -> User | None:
    if principal is None:
        return None
    return User(
        principal.subject,
        principal.force_station,
        principal.organisation,
        principal.organisation_kind,
        principal.agreement,
        tuple(sorted(principal.roles)),
        principal.vetting,
        tuple(sorted(principal.training)),
    )


def _statements(request: AuditedRequest) -> Statements:
    principal, context = request.principal, request.context
    return Statements(
        name=principal.name if principal else None,
        on_behalf_of=_text(context.on_behalf_of) if context else None,
        stated_name=_text(context.system_name) if context else None,
        reason_text=_text(context.reason_text) if context else None,
        justification=_text(context.justification) if context else None,
        reference=_text(context.reference) if context else None,
        geolocation=_text(context.geolocation) if context else None,
        originator_line=originator_line(principal, context),
    )


def _refusals(denials: Mapping[str, Decision]) -> tuple[tuple[Refusal, ...], tuple[Refusal, ...]]:
    """What was said to be refused or lowered, and what was silent."""
    found = [
        Refusal(coordinate, decision.form, decision.dataset, tuple(sorted(decision.policies)))
        for coordinate, decision in sorted(denials.items())
    ]
    said = tuple(refusal for refusal in found if refusal.form is not Form.SILENT)
    return said, tuple(refusal for refusal in found if refusal.form is Form.SILENT)


def _operation(request: AuditedRequest, key: SubjectKey) -> Operation:
    operation = request.operation
    variables = tuple(
        Variable(path, _plain(leaf) if name in operation.plain_variables else _hashed(leaf, key))
        for name, value in sorted(request.variables.items())
        for path, leaf in _leaves(_name(name, key), value, key)
    )
    return Operation(operation.name, operation.hash, operation.document, variables)


def _leaves(path: str, value: Any, key: SubjectKey) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name in sorted(value, key=str):
            yield from _leaves(f"{path}.{_name(name, key)}", value[name], key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from _leaves(f"{path}.{index}", item, key)
    else:
        yield path, value


def _name(name: object, key: SubjectKey) -> str:
    """A variable's or input field's name; what is no GraphQL name was written by the caller and may hold anything."""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else key.variable(str(name))


def _plain(leaf: Any) -> str | int | bool | None:
    if leaf is None or isinstance(leaf, bool) or (isinstance(leaf, int) and abs(leaf) < _INTEGER_LIMIT):
        return leaf
    return _text(str(leaf))[:_PLAIN_LENGTH]


def _hashed(leaf: Any, key: SubjectKey) -> str | bool | None:
    if leaf is None or isinstance(leaf, bool):
        return leaf
    return key.variable(str(leaf))


@overload
def _text(stated: str) -> str: ...
@overload
def _text(stated: None) -> None: ...
def _text(stated: str | None) -> str | None:
    """What the caller stated, without anything that looks like a token and always valid Unicode."""
    if stated is None:
        return None
    return _TOKEN.sub("[token removed]", stated).encode("utf-8", "replace").decode()
