"""Leaves of the ledger in, in any order; each request with what came of it out. Never reads what silence hid."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from sys import intern
from typing import TypeAlias

from authz.audit.leaf import Stage
from authz.audit.parts import Statements
from authz.audit.reading import Kept

Operator: TypeAlias = tuple[str, str]
"""An organisation and the id of one of its users."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One request as the ledger has it: who, when (UTC) and why, `subjects` shown (keyed hashes), and the `datasets`
    that it was shown or openly refused something of. Without `statements` what people wrote was erased."""

    audit_id: str
    at: datetime
    organisation: str
    user: str
    roles: tuple[str, ...] = ()
    route: str = ""
    reason: str | None = None
    purpose: str | None = None
    flow: str | None = None
    subjects: frozenset[str] = frozenset()
    datasets: frozenset[str] = frozenset()
    refused_by: str | None = None
    statements: Statements | None = None

    @property
    def operator(self) -> Operator:
        """Who asked."""
        return self.organisation, self.user


@dataclass(slots=True)
class _Joined:
    """What has been read of one request so far."""

    asked: Transaction | None = None
    subjects: set[str] = field(default_factory=set)
    datasets: set[str] = field(default_factory=set)
    refused_by: str | None = None

    def add(self, kept: Kept) -> None:
        """Read one more of its leaves."""
        leaf = kept.leaf
        self.asked = _asked(kept) or self.asked
        self.subjects.update(intern(subject.key_hash) for subject in kept.subjects)
        self.datasets.update(intern(form.dataset) for subject in kept.subjects for form in subject.forms)
        self.datasets.update(intern(refusal.dataset) for refusal in leaf.refusals if refusal.dataset)
        self.refused_by = leaf.refused_by or self.refused_by

    def transaction(self) -> Transaction | None:
        """The request, if it is known who asked."""
        if self.asked is None:
            return None
        shown = {"subjects": frozenset(self.subjects), "datasets": frozenset(self.datasets)}
        return replace(self.asked, **shown, refused_by=self.refused_by)


def transactions(leaves: Iterable[Kept]) -> tuple[Transaction, ...]:
    """The requests of known users among these leaves, by time and id. What came of a request whose own leaf is not
    among them is left out."""
    joined: dict[str, _Joined] = {}
    for kept in leaves:
        if kept.leaf.stage in (Stage.INTENT, Stage.OUTCOME):
            joined.setdefault(kept.leaf.audit_id, _Joined()).add(kept)
    found = (joined.pop(audit_id).transaction() for audit_id in list(joined))
    return tuple(sorted((each for each in found if each), key=lambda each: (each.at, each.audit_id)))


def _asked(kept: Kept) -> Transaction | None:
    """Who asked and why, where this leaf says so. Codes are shared, for there are many requests."""
    leaf, request = kept.leaf, kept.leaf.request
    if request is None or request.user is None:
        return None
    return Transaction(
        audit_id=leaf.audit_id,
        at=datetime.fromisoformat(leaf.occurred_at),
        organisation=intern(request.user.organisation),
        user=intern(request.user.id),
        roles=tuple(map(intern, request.user.roles)),
        route=intern(request.system.route if request.system else ""),
        reason=request.reason and intern(request.reason),
        purpose=request.purpose and intern(request.purpose),
        flow=request.activity_flow_id,
        statements=kept.statements,
    )
