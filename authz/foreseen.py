"""What will be asked about callers who lack nothing: the grounds that the access tables can give them, class by class.

In: labels, facts and what policies can tell apart. Out: classes of callers with grounds, to be asked about before
anybody calls. Decides nothing: what is not foreseen is asked when it comes up.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import TypeAlias

from authz.facts import ANY, Agreement, Facts
from authz.grounds import OPENS, Caller, Grounds, Lookup
from authz.labels import Label
from authz.policy_set import Policies

ACTIVE = "ACTIVE"
Class: TypeAlias = tuple[str, str, str, str]
"""Kind of organisation, role, reason and purpose, as far as policies can tell them."""
Opened: TypeAlias = tuple[str, str, str, int, bool, bool]
"""Kind, reason and purpose; what the matrix opens on these terms; whether an agreement covers and names the field."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the matrix: what it opens of a dataset, on which terms, for which roles (none: for all)."""

    kind: str
    reason: str
    purpose: str
    roles: frozenset[str]
    matrix: int


@dataclass(frozen=True, slots=True)
class _Agreed:
    """Whether an agreement of a kind of organisation covers a label, and names it."""

    kind: str
    covers: bool
    names: bool


class Foresight:
    """The grounds of callers who lack nothing, by these facts and as far as these policies can tell callers apart."""

    def __init__(self, facts: Facts, policies: Policies) -> None:
        self._facts = facts
        self._roles = tuple(sorted(facts.roles))
        self._told = cache(policies.told_apart_on_reading)
        self._anybody = anybody(facts)
        self._lookup = Lookup(facts, self._anybody)
        self._agreements = tuple(
            (agreement, frozenset(each.kind for each in facts.organisations.values() if agreement.binds(each)))
            for agreement in facts.agreements.values()
        )
        self._lines = cache(self._lines_of)
        self._opened = cache(self._opened_to)

    def of(self, labels: Iterable[Label]) -> Mapping[Caller, Sequence[Grounds]]:
        """For each class of callers, with one role or none that policies can tell, the grounds on these labels."""
        entitled = {each: None for label in labels for each in self._entitled(label)}
        found: dict[Class, dict[Grounds, None]] = {}
        for grounds, role, opened in entitled:
            for kind, reason, purpose, matrix, covers, names in sorted(opened):
                given = _lacking_nothing(grounds, matrix, covers=covers, names=names)
                found.setdefault((kind, role, reason, purpose), {})[given] = None
        return {self._caller(each): tuple(grounds) for each, grounds in found.items()}

    def _entitled(self, label: Label) -> Iterator[tuple[Grounds, str, frozenset[Opened]]]:
        """What each role is entitled to of a label, with what matrix and agreements may open of it besides."""
        agreed = self._agreed(label)
        for role in self._roles:
            grounds = self._lookup.grounds(label, role)
            yield grounds, self._told(role, label.dataset), self._opened(label.dataset, agreed, role)

    def _opened_to(self, dataset: str, agreed: frozenset[_Agreed], role: str) -> frozenset[Opened]:
        closed = {(each.kind, "", "", 0, each.covers, each.names) for each in agreed}
        lines = [line for line in self._lines(dataset) if not line.roles or role in line.roles]
        return frozenset(closed).union(
            (line.kind, line.reason, line.purpose, line.matrix, each.covers, each.names)
            for each in agreed
            for line in lines
            if line.kind == each.kind
        )

    def _lines_of(self, dataset: str) -> frozenset[_Line]:
        return frozenset(
            _Line(
                self._told(kind, dataset),
                self._told(reason, dataset),
                self._told(purpose, dataset),
                row.roles,
                OPENS[row.form],
            )
            for (reason, purpose, of), rows in self._facts.matrix.items()
            if of == dataset
            for row in rows
            for kind in row.kinds
        )

    def _agreed(self, label: Label) -> frozenset[_Agreed]:
        return frozenset(
            _Agreed(self._told(kind, label.dataset), _covers(agreement, label), label.name in agreement.fields)
            for agreement, kinds in self._agreements
            for kind in kinds
        )

    def _caller(self, each: Class) -> Caller:
        kind, role, reason, purpose = each
        roles = (role,) if role else ()
        return replace(self._anybody, organisation_kind=kind, roles=roles, reason=reason, purpose=purpose)


def anybody(facts: Facts) -> Caller:
    """A caller who lacks nothing and whom no policy tells from others; nobody has such an organisation."""
    return Caller(
        organisation="",
        organisation_kind="",
        agreement="",
        roles=(),
        route="",
        system="",
        vetting=None,
        training=frozenset(facts.training),
        standing=ACTIVE,
        reason="",
        purpose="",
        statements_missing=(),
        day=date.min,
    )


def _lacking_nothing(grounds: Grounds, matrix: int, *, covers: bool, names: bool) -> Grounds:
    return replace(
        grounds,
        matrix=matrix,
        vetting_suffices=True,
        agreement_in_force=True,
        agreement_holds=True,
        agreement_covers=covers,
        agreement_names=names,
        system_approved=True,
    )


def _covers(agreement: Agreement, label: Label) -> bool:
    listed = label.dataset in agreement.datasets
    return listed and not agreement.fields.isdisjoint((ANY, label.name, *label.below))
