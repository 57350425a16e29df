"""Row rules: what a decision leaves to the single row. Names, what they cover, and what they lower a form to. No I/O.

Whom a rule concerns the policies decide (`authz/row_concerns.py`). A Clearance names the rules of a coordinate that
concern its class of callers (`Decision.rows`). The owning subgraph's SQL says beside each row which
facts hold of it for this caller (column `row_facts`, bits of `RowFact`), and `lowered` is the decision for that row.
SILENT rules have no fact: their rows, columns and links never leave the database (`resolvers/controls.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntFlag
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from authz.decision import HEIGHT, Decision, Form
from authz.policy_set import Policies
from authz.principal import Principal
from authz.row_concerns import CallerClass, concerned

ROW_FACTS = "row_facts"
ROW_CONTACT = "row_contact"

_DOES_NOT_MATTER = 0


class RowFact(IntFlag):
    """What SQL may find of a row for the caller; the numbers are part of the statements."""

    RESTRICTED = 1  # an s47 control of another owner
    TRAINING = 2  # a record of the training world
    LIVE = 4  # any other record
    HIGH_PROFILE = 8
    VICTIM = 16  # a victim's or witness's record
    OWN = 32  # recorded at the caller's own household
    OTHER_AREA = 64  # belongs to none of the caller's areas
    CONDITION = 128  # intelligence under handling code C
    CHILD = 256  # about something done when under 18
    FEW = 512  # a count of fewer people than may be told without showing them
    ANOTHER_OPERATOR = 1024  # a ledger entry of somebody else's request
    ANOTHER_UNIT = 2048  # a ledger entry of another unit
    ANOTHER_ORGANISATION = 4096  # a ledger entry of another organisation
    OWN_REQUEST = 8192  # a ledger entry of the caller's own request


LEDGER_FACTS = RowFact.ANOTHER_OPERATOR | RowFact.ANOTHER_UNIT | RowFact.ANOTHER_ORGANISATION | RowFact.OWN_REQUEST


@dataclass(frozen=True, slots=True)
class RowRule:
    """One named rule. It covers every field of `types` and the single `fields`; `fact` is what SQL must find.

    `form` is what a row is lowered to (FULL: not lowered, the owner is told). `mask` names the mask by coordinate,
    `contact` says whom to ask where the row itself does not.
    """

    name: str
    policy: str
    form: Form
    types: frozenset[str]
    missing: str
    contact: str = ""
    fields: frozenset[str] = frozenset()
    fact: RowFact | None = None
    mask: Mapping[str, str] = field(default_factory=dict)

    def covers(self, coordinate: str) -> bool:
        """Whether rows behind `Type.field` can be lowered by this rule."""
        return coordinate.partition(".")[0] in self.types or coordinate in self.fields


def _set(*names: str) -> frozenset[str]:
    return frozenset(names)


_PEOPLE = _set("Person", "Nominal")
_WAYS_TO_PEOPLE = _set("Query.person", "Query.nominal")
_CONTROLLED = _set(
    *("Person", "Nominal", "Vehicle", "VehicleReport", "KeeperRecord", "Driver", "PropertyItem", "FirearmCertificate"),
    *("MissingReport", "IntelNominal", "IntelReport"),
)
_ROOTS = _set(
    *("Query.person", "Query.persons", "Query.nominal", "Query.vehicle", "Query.vehicleFraudCheck", "Query.driver"),
    *("Query.drivers", "Query.property", "Query.missing", "Query.intelReport", "Query.firearmCertificate"),
    "Query.foreignVehicleCheck",
)
_WORLDS = _set("Person", "Nominal", "Vehicle", "Driver")
_WAYS_TO_WORLDS = _set("Query.person", "Query.nominal", "Query.vehicle", "Query.driver")
_COUNTS_OF_PEOPLE = _set("PersonConnection.totalCount", "DriverConnection.totalCount")
_WAYS_TO_ENTRIES = _set(
    *("Query.auditEvents", "Query.auditEvent", "Query.auditSample", "Query.auditStatistics", "Query.subjectAccesses"),
    *("Mutation.recordReview", "Mutation.requestUnblinding", "Mutation.approveUnblinding"),
)

_ALL = (
    RowRule("protected-record", "P10", Form.SILENT, _CONTROLLED, "nothing", fields=_ROOTS),
    RowRule(
        "blocked-report",
        "P10",
        Form.SILENT,
        _set("VehicleReport", "VehicleFraudCheck"),
        "nothing",
        fields=_set("Vehicle.reports", "Query.vehicleFraudCheck"),
    ),
    RowRule(
        "former-name",
        "P10",
        Form.SILENT,
        frozenset(),
        "nothing",
        fields=_set("Person.names", "Query.persons", "ArrestReport.arrestName", "CourtCase.defendant"),
    ),
    RowRule(
        "own-record",
        "P15",
        Form.DENY,
        _PEOPLE,
        "a supervisor's step-up: this record is at your own household",
        "your supervisor",
        _WAYS_TO_PEOPLE,
        RowFact.OWN,
    ),
    RowRule(
        "restricted-record",
        "P16",
        Form.DENY,
        _PEOPLE,
        "the owner's or a data protection officer's access: this record is restricted (s47)",
        "the force that restricted it, or a data protection officer",
        _WAYS_TO_PEOPLE,  # also what other products add to the person
        RowFact.RESTRICTED,
    ),
    RowRule(
        "training-record",
        "P18",
        Form.DENY,
        _WORLDS,
        "a training organisation: this is a training-world record",
        "the training organisation",
        _WAYS_TO_WORLDS,
        RowFact.TRAINING,
    ),
    RowRule(
        "live-record",
        "P18",
        Form.DENY,
        _WORLDS,
        "a training-world record: training organisations see no live ones",
        "the training organisation",
        _WAYS_TO_WORLDS,
        RowFact.LIVE,
    ),
    RowRule(
        "other-area",
        "P11",
        Form.EXISTS,
        _set("MissingReport"),
        "a record of your own area",
        "the coordinator of the reporting force",
        fact=RowFact.OTHER_AREA,
    ),
    RowRule(
        "handling-condition",
        "P13",
        Form.EXISTS,
        _set("IntelReport"),
        "that the condition of handling code C is met",
        "the force the report came from",
        fact=RowFact.CONDITION,
    ),
    RowRule(
        "child-offender",
        "P11",
        Form.EXISTS,
        _set("ArrestReport", "Offence", "DisposalResult", "CourtCase"),
        "a record of somebody aged 18 or more",
        "the disclosure unit of the force",
        fact=RowFact.CHILD,
    ),
    RowRule(
        "victim-address",
        "P12",
        Form.MASK,
        frozenset(),
        "a role in the case",
        "the officer in the case",
        _set("Person.addresses", "Person.contacts"),
        RowFact.VICTIM,
        {"Person.addresses": "OUTCODE", "Person.contacts": "LAST4"},
    ),
    RowRule(
        "few-people",
        "P14",
        Form.MASK,
        frozenset(),
        "a page that shows all who are counted: a count of fewer than five people is not told without them",
        "the reporting tool's approver",
        _COUNTS_OF_PEOPLE,
        RowFact.FEW,
        dict.fromkeys(_COUNTS_OF_PEOPLE, "REDACT"),
    ),
    RowRule("high-profile", "P15", Form.FULL, _PEOPLE, "nothing", "", _WAYS_TO_PEOPLE, RowFact.HIGH_PROFILE),
    RowRule(
        "another-operator",
        "P06",
        Form.DENY,
        _set("AuditEvent"),
        "a supervisor's or an auditor's role: this is the ledger of somebody else's requests",
        "your supervisor",
        _WAYS_TO_ENTRIES,
        RowFact.ANOTHER_OPERATOR,
    ),
    RowRule(
        "another-unit",
        "P06",
        Form.DENY,
        _set("AuditEvent"),
        "your organisation's auditor: this is the ledger of another unit",
        "your organisation's auditor",
        _WAYS_TO_ENTRIES,
        RowFact.ANOTHER_UNIT,
    ),
    RowRule(
        "another-organisation",
        "P06",
        Form.DENY,
        _set("AuditEvent"),
        "a national auditor's or an inspector's role: this is another organisation's ledger",
        "that organisation's auditor",
        _WAYS_TO_ENTRIES,
        RowFact.ANOTHER_ORGANISATION,
    ),
    RowRule(
        "own-request",
        "P06",
        Form.DENY,
        frozenset(),
        "somebody else: nobody reviews or approves what they asked for themselves",
        "your supervisor",
        _set("Mutation.recordReview", "Mutation.requestUnblinding", "Mutation.approveUnblinding"),
        RowFact.OWN_REQUEST,
    ),
)
ROW_RULES: Mapping[str, RowRule] = MappingProxyType({rule.name: rule for rule in _ALL})


def rules_of(coordinate: str, caller: CallerClass, policies: Policies | None = None) -> tuple[str, ...]:
    """The row rules that may lower `Type.field` for this class of callers (`Decision.rows`)."""
    found = covering(coordinate)
    if not found:
        return ()
    names = concerned(ROW_RULES, caller, policies)
    return tuple(rule.name for rule in found if rule.name in names)


@lru_cache(maxsize=4096)
def covering(coordinate: str) -> tuple[RowRule, ...]:
    """The row rules that may lower `Type.field` for anybody."""
    return tuple(rule for rule in _ALL if rule.covers(coordinate))


def lowered(coordinate: str, decision: Decision, row: Mapping[str, Any]) -> Decision:
    """The decision for one row: the lowest of the form decided and the forms of the rules whose facts hold of it."""
    facts = row.get(ROW_FACTS) or _DOES_NOT_MATTER
    if not facts & _facts_of(decision.rows):
        return decision
    for name in decision.rows:
        rule = ROW_RULES[name]
        if rule.fact is not None and facts & rule.fact:
            decision = _by(rule, coordinate, decision, row)
    return decision


@lru_cache(maxsize=1024)
def _facts_of(names: tuple[str, ...]) -> int:
    """The facts that lower anything at all under these rules."""
    rules = [ROW_RULES[name] for name in names]
    return sum({int(rule.fact) for rule in rules if rule.fact is not None and rule.form is not Form.FULL})


def _by(rule: RowRule, coordinate: str, decision: Decision, row: Mapping[str, Any]) -> Decision:
    if HEIGHT[rule.form] >= HEIGHT[decision.form]:
        return decision
    return replace(
        decision,
        form=rule.form,
        policies=(rule.policy, *(policy for policy in decision.policies if policy != rule.policy)),
        missing=(rule.missing,),
        contact=row.get(ROW_CONTACT) or rule.contact,
        mask=rule.mask.get(coordinate),
    )


@dataclass(frozen=True, slots=True)
class RowCaller:
    """What row rules need to know of a caller; the defaults are an outsider of every record.

    A control's owner is an organisation, a force (`20`) or a unit (`20R1`). `denied` are the facts whose rows this
    caller is refused, so that no search finds them; `areas` are area codes or forces.
    """

    user: str = ""
    organisation: str = ""
    force: str = ""
    unit: str = ""
    areas: tuple[str, ...] = ()
    denied: int = int(RowFact.RESTRICTED | RowFact.TRAINING | RowFact.OWN | LEDGER_FACTS)


OUTSIDER = RowCaller()


def row_caller(principal: Principal, policies: Policies | None = None) -> RowCaller:
    """The facts of a verified principal that row rules are decided by."""
    unit = principal.force_station or ""
    names = concerned(ROW_RULES, principal, policies)
    denying = (rule for rule in _ALL if rule.form is Form.DENY and rule.name in names)
    return RowCaller(
        user=principal.subject,
        organisation=principal.organisation,
        force=unit[:2],
        unit=unit,
        areas=principal.areas or ((unit[:2],) if unit else ()),
        denied=sum({int(rule.fact) for rule in denying if rule.fact is not None}),
    )
