"""Leaves of the ledger in, in any order; each request with what came of it out. Never reads what silence hid."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
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

    asked: Kept | None = None
    subjects: set[str] = field(default_factory=set)
    datasets: set[str] = field(default_factory=set)
    refused_by: str | None = None


def transactions(leaves: Iterable[Kept]) -> tuple[Transaction, ...]:
    """The requests of known users among these leaves, by time and id. What came of a request whose own leaf is not
    among them is left out."""
    joined: dict[str, _Joined] = {}
    for kept in leaves:
        if kept.leaf.stage in (Stage.INTENT, Stage.OUTCOME):
            _add(joined.setdefault(kept.leaf.audit_id, _Joined()), kept)
    found = (_transaction(each, each.asked) for each in joined.values() if each.asked)
    return tuple(sorted((each for each in found if each), key=lambda each: (each.at, each.audit_id)))


def _add(joined: _Joined, kept: Kept) -> None:
    leaf = kept.leaf
    if leaf.request is not None:
        joined.asked = kept
    joined.subjects.update(subject.key_hash for subject in kept.subjects)
    joined.datasets.update(form.dataset for subject in kept.subjects for form in subject.forms)
    joined.datasets.update(refusal.dataset for refusal in leaf.refusals if refusal.dataset)
    joined.refused_by = leaf.refused_by or joined.refused_by


def _transaction(joined: _Joined, asked: Kept) -> Transaction | None:
    leaf, request = asked.leaf, asked.leaf.request
    if request is None or request.user is None:
        return None
    return Transaction(
        audit_id=leaf.audit_id,
        at=datetime.fromisoformat(leaf.occurred_at),
        organisation=request.user.organisation,
        user=request.user.id,
        roles=request.user.roles,
        route=request.system.route if request.system else "",
        reason=request.reason,
        purpose=request.purpose,
        flow=request.activity_flow_id,
        subjects=frozenset(joined.subjects),
        datasets=frozenset(joined.datasets),
        refused_by=joined.refused_by,
        statements=asked.statements,
    )
