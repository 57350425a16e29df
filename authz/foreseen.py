"""What will be asked about callers who lack nothing: the grounds that the access tables can give them, class by class.

In: labels, facts and what policies can tell apart. Out: classes of callers with grounds, to be asked about before
anybody calls. Decides nothing: what is not foreseen is asked when it comes up.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from authz.facts import ANY, Agreement, Facts
from authz.grounds import OPENS, Caller, Grounds, Lookup
from authz.labels import Label
from authz.policy_set import Policies

ACTIVE = "ACTIVE"
Class: TypeAlias = tuple[str, str, str, str]
"""Kind of organisation, role, reason and purpose, as far as policies can tell them."""


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
        self._told = lru_cache(maxsize=None)(policies.told_apart_on_reading)
        self._lookup = Lookup(facts, _anybody(facts))
        self._agreements = tuple(
            (agreement, frozenset(each.kind for each in facts.organisations.values() if agreement.binds(each)))
            for agreement in facts.agreements.values()
        )

    def of(self, labels: Iterable[Label]) -> Mapping[Caller, Sequence[Grounds]]:
        """For each class of callers, with one role or none that policies can tell, the grounds on these labels."""
        by_dataset: dict[str, list[Label]] = {}
        for label in labels:
            by_dataset.setdefault(label.dataset, []).append(label)
        found: dict[Class, dict[Grounds, None]] = {}
        for dataset, labels_of_it in by_dataset.items():
            lines = self._lines(dataset)
            for label in labels_of_it:
                self._add(label, lines, found)
        return {self._caller(each): tuple(grounds) for each, grounds in found.items()}

    def _add(self, label: Label, lines: Collection[_Line], found: dict[Class, dict[Grounds, None]]) -> None:
        agreed = self._agreed(label)
        opened = {role: frozenset(self._opened(lines, agreed, role)) for role in self._facts.roles}
        for grounds, role, on_terms in {
            (self._lookup.grounds(label, role), self._told(role, label.dataset), opened[role]): None
            for role in sorted(self._facts.roles)
        }:
            for kind, reason, purpose, matrix, covers, names in sorted(on_terms):
                given = replace(
                    grounds,
                    matrix=matrix,
                    vetting_suffices=True,
                    agreement_in_force=True,
                    agreement_holds=True,
                    agreement_covers=covers,
                    agreement_names=names,
                    system_approved=True,
                )
                found.setdefault((kind, role, reason, purpose), {})[given] = None

    def _opened(
        self, lines: Collection[_Line], agreed: Collection[_Agreed], role: str
    ) -> Iterator[tuple[str, str, str, int, bool, bool]]:
        """What this role may be told by matrix and agreement together: on which terms, how much, covered and named."""
        for each in agreed:
            yield each.kind, "", "", 0, each.covers, each.names
            for line in lines:
                if line.kind == each.kind and (not line.roles or role in line.roles):
                    yield line.kind, line.reason, line.purpose, line.matrix, each.covers, each.names

    def _lines(self, dataset: str) -> frozenset[_Line]:
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
        anybody = _anybody(self._facts)
        return replace(anybody, organisation_kind=kind, roles=roles, reason=reason, purpose=purpose)


def _anybody(facts: Facts) -> Caller:
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


def _covers(agreement: Agreement, label: Label) -> bool:
    listed = label.dataset in agreement.datasets
    return listed and not agreement.fields.isdisjoint((ANY, label.name, *label.below))
