"""The grounds of a decision: what the access tables say about a class of callers and a field. Looks up, never decides.

In: facts, principal, context, day, rule. Out: `Caller` (for all fields) and `Grounds` (for one field and dataset).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any

from authz.context import RequestContext, missing_statements
from authz.decision import HEIGHT, Form
from authz.facts import ANY, Agreement, Entitlement, Facts
from authz.labels import Label
from authz.principal import Principal

OPENS: Mapping[Form, int] = MappingProxyType({Form.SILENT: 0, Form.DENY: 0, Form.EXISTS: 1, Form.MASK: 2, Form.FULL: 3})
"""What the facts of `schema.cedarschema` call a form that matrix or entitlement open."""
SERVICE_ROLE = "connecting_system"
UPDATE_REASON = "9"
"""Update, confirm, broadcast: the reason that records are changed under (access.md 2.3)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The class of callers and contexts that share every decision: all that decisions depend on and nothing else."""

    organisation: str
    organisation_kind: str
    agreement: str
    roles: tuple[str, ...]
    route: str
    system: str
    vetting: str | None
    training: frozenset[str]
    standing: str
    reason: str
    purpose: str
    statements_missing: tuple[str, ...]
    day: date

    def key(self, *versions: str) -> str:
        """A stable hash of this class under these versions of rules, facts and policies."""
        parts = (self.organisation, self.organisation_kind, self.agreement, self.roles, self.route, self.system)
        parts += (self.vetting, sorted(self.training), self.standing, self.reason, self.purpose)
        parts += (self.statements_missing, self.day.isoformat(), versions)
        return hashlib.sha256(repr(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entitled:
    """What one role opens. `training` is what is lacking for the form they would otherwise have."""

    form: Form = Form.DENY
    mask: str | None = None
    training: frozenset[str] = frozenset()
    promised: Form = Form.DENY


@dataclass(frozen=True, slots=True)
class Grounds:
    """What the tables say about one field in one dataset, for one role of a caller. Equal grounds get equal forms.

    `mask` is the entitlement's own, else the field's; which one it is decides nothing. A way in to records may have a
    masked form without a mask of its own: the records', each of whose fields is masked by its own. `promised` is what
    the role would open with all its training: which of two refusals says more.
    """

    dataset: str
    sensitivity: str
    has_mask: bool
    matrix: int
    entitlement: int
    training_missing: tuple[str, ...]
    vetting_suffices: bool
    agreement_in_force: bool
    agreement_holds: bool
    agreement_covers: bool
    agreement_names: bool
    system_approved: bool
    mask: str | None = field(default=None, compare=False)
    promised: int = field(default=0, compare=False)

    @property
    def promising(self) -> bool:
        """Whether every table opens something: a guess at what policies will say, for the order of questions alone."""
        opened = bool(self.matrix and self.entitlement) and not self.training_missing
        agreed = self.agreement_in_force and self.agreement_holds and self.agreement_covers
        return opened and agreed and self.vetting_suffices and self.system_approved

    def told(self) -> tuple[object, ...]:
        """What policies are told of these grounds as it is, besides label and training."""
        return (
            self.has_mask,
            self.matrix,
            self.entitlement,
            self.vetting_suffices,
            self.agreement_in_force,
            self.agreement_holds,
            self.agreement_covers,
            self.agreement_names,
            self.system_approved,
        )

    def as_facts(self, caller: Caller) -> dict[str, Any]:
        """The context of a Cedar request (`Facts` in `schema.cedarschema`)."""
        return {
            "statementsMissing": list(caller.statements_missing),
            "reason": caller.reason,
            "purpose": caller.purpose,
            "route": caller.route,
            "standing": caller.standing,
            "vettingSuffices": self.vetting_suffices,
            "trainingMissing": list(self.training_missing),
            "agreementInForce": self.agreement_in_force,
            "agreementHolds": self.agreement_holds,
            "agreementCovers": self.agreement_covers,
            "agreementNames": self.agreement_names,
            "systemApproved": self.system_approved,
            "matrix": self.matrix,
            "entitlement": self.entitlement,
            "hasMask": self.has_mask,
        }


def caller_of(principal: Principal, context: RequestContext, facts: Facts, now: datetime) -> Caller:
    """The class this principal and context belong to on the day of `now` (UTC)."""
    return Caller(
        organisation=principal.organisation,
        organisation_kind=principal.organisation_kind,
        agreement=principal.agreement,
        roles=tuple(sorted(set(principal.roles))),
        route=principal.route,
        system=principal.system,
        vetting=principal.vetting,
        training=facts.training_of(principal.subject, principal.training),
        standing=facts.standing(principal.subject, principal.standing),
        reason=context.reason,
        purpose=context.purpose,
        statements_missing=missing_statements(context, principal.route, facts),
        day=now.astimezone(UTC).date(),
    )


class Lookup:
    """Looks up the grounds of one caller in the access tables, role by role; what fields share is looked up once."""

    def __init__(self, facts: Facts, caller: Caller) -> None:
        self._facts = facts
        self._caller = caller
        self._agreement = _agreement(facts, caller)
        self._holds = self._agreement is not None and _holds(self._agreement, caller)
        self._in_force = self._agreement is not None and self._agreement.in_force(caller.day)
        self._vetted = {write: _vetted(facts, caller, write=write) for write in (False, True)}
        self._fields = self._agreement.fields if self._agreement else frozenset()
        self._entitled: dict[tuple[str, str, str], Entitled] = {}
        self._datasets: dict[tuple[str, str], tuple[int, bool, bool]] = {}

    def grounds(self, label: Label, role: str) -> Grounds:
        """What the tables say about this label for this role.

        Of a way in to records, seeing one of their fields implies that the record is there: the highest of their forms
        and any agreement line count; where one of them has a mask, the record may be there to show it.
        """
        matrix, approved, listed = self._of_dataset(label.dataset, role)
        if label.write and self._caller.reason != UPDATE_REASON:
            matrix = 0  # What a reason opens for reading, it does not open for change.
        entitled = self._highest(label, role)
        return Grounds(
            dataset=label.dataset,
            sensitivity=label.sensitivity,
            has_mask=bool(entitled.mask or label.mask) or label.masked_below,
            matrix=matrix,
            entitlement=OPENS[entitled.form],
            training_missing=tuple(sorted(entitled.training)) if listed and self._holds and matrix else (),
            vetting_suffices=self._vetted[label.write],
            agreement_in_force=self._in_force,
            agreement_holds=self._holds,
            agreement_covers=listed and not self._fields.isdisjoint((ANY, label.name, *label.below)),
            agreement_names=label.name in self._fields,
            system_approved=approved,
            mask=_mask(label, entitled),
            promised=OPENS[entitled.promised],
        )

    def _of_dataset(self, dataset: str, role: str) -> tuple[int, bool, bool]:
        """What the matrix opens of a dataset, whether the system is approved for it, and the agreement lists it."""
        key = (dataset, role)
        if key not in self._datasets:
            opened = OPENS[_matrix(self._facts, self._caller, dataset, role)]
            listed = self._agreement is not None and dataset in self._agreement.datasets
            self._datasets[key] = (opened, _approved(self._facts, self._caller, dataset), listed)
        return self._datasets[key]

    def _highest(self, label: Label, role: str) -> Entitled:
        if not label.below:
            return self._of_field(label.dataset, label.name, role)
        named = sorted({label.name, *label.below})
        return max((self._of_field(label.dataset, name, role) for name in named), key=_height)

    def _of_field(self, dataset: str, name: str, role: str) -> Entitled:
        key = (dataset, name, role)
        if key not in self._entitled:
            rows = _rows(self._facts, role, dataset, name)
            self._entitled[key] = _entitled(rows, self._caller.training)
        return self._entitled[key]


def _height(entitled: Entitled) -> tuple[int, int]:
    """Higher forms first; among equals the one that lacks less training, so that it is named only where it helps."""
    return HEIGHT[entitled.form], -len(entitled.training)


def _mask(label: Label, entitled: Entitled) -> str | None:
    """The entitlement's own mask, else the field's. An entitlement's mask is for values: a way in to records has none,
    unless the field itself is masked as a whole."""
    if not label.way_in:
        return entitled.mask or label.mask
    return None if entitled.mask else label.mask


def _matrix(facts: Facts, caller: Caller, dataset: str, role: str) -> Form:
    """The highest form that reason, purpose, organisation kind and role open (access.md 2.3)."""
    rows = facts.matrix.get((caller.reason, caller.purpose, dataset), ())
    forms = [row.form for row in rows if caller.organisation_kind in row.kinds and (not row.roles or role in row.roles)]
    return max(forms, key=HEIGHT.__getitem__, default=Form.DENY)


def _entitled(rows: Iterable[Entitlement], training: frozenset[str]) -> Entitled:
    """The highest form of these rows for a caller with this training."""
    best, lacking = Entitled(), Entitled()
    for row in rows:
        found = Entitled(row.form, row.mask, row.training - training, row.form)
        if found.training:
            lacking = max(lacking, found, key=_height)
        else:
            best = max(best, found, key=_height)
    if HEIGHT[lacking.form] > HEIGHT[best.form]:
        return Entitled(best.form, best.mask, lacking.training, lacking.form)
    return best


def _rows(facts: Facts, role: str, dataset: str, coordinate: str) -> tuple[Entitlement, ...]:
    """The role's rows: those that name the field win over those of its dataset (access.md 3.1)."""
    rows = facts.entitlements.get((role, dataset), ())
    named = tuple(row for row in rows if coordinate in row.fields)
    return named or tuple(row for row in rows if not row.fields)


def _agreement(facts: Facts, caller: Caller) -> Agreement | None:
    """The caller's agreement, if its organisation is a party to it."""
    agreement = facts.agreements.get(caller.agreement)
    organisation = facts.organisations.get(caller.organisation)
    if agreement is None or organisation is None or organisation.kind != caller.organisation_kind:
        return None
    return agreement if agreement.binds(organisation) else None


def _holds(agreement: Agreement, caller: Caller) -> bool:
    reasons, purposes, routes = agreement.reasons, agreement.purposes, agreement.routes
    return caller.reason in reasons and caller.purpose in purposes and caller.route in routes


def _vetted(facts: Facts, caller: Caller, *, write: bool) -> bool:
    """Vetting for enquiry or update; a connecting system's own identity is vouched for by its approval (P04)."""
    if caller.roles == (SERVICE_ROLE,):
        return True
    vetting = facts.vetting.get(caller.vetting or "")
    return vetting is not None and vetting.suffices(caller.organisation_kind, write=write)


def _approved(facts: Facts, caller: Caller, dataset: str) -> bool:
    system = facts.systems.get(caller.system)
    if system is None or system.state != "APPROVED" or caller.route not in system.routes:
        return False
    parties = ANY in system.organisations or caller.organisation in system.organisations
    return parties and (ANY in system.datasets or dataset in system.datasets)
