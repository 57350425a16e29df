"""Whom row rules concern: a class of callers in, the names of the rules that may lower a row for it out.

The policies decide (`action == Action::"row"`): a rule whose rows they do not permit a class of callers concerns it,
and so does one that no policy speaks of. What may be found of the single row is SQL's to say (`resolvers/controls`).
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from authz.policy_set import Policies, Question, caller_entity, packaged_policies

SEE_ROW = "row"
ROW_RULE = "RowRule"


class CallerClass(Protocol):
    """What of a caller decides which rules concern them: a `Principal` or a `Caller`."""

    @property
    def organisation(self) -> str:
        """The caller's organisation."""
        ...

    @property
    def organisation_kind(self) -> str:
        """Its kind."""
        ...

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of the token."""
        ...


def concerned(rules: Iterable[str], caller: CallerClass, policies: Policies | None = None) -> frozenset[str]:
    """Which of these row rules concern the caller. Asked once for each class of callers
    that policies can tell apart."""
    judge = policies or packaged_policies()
    organisation, kind = map(judge.told_apart, (caller.organisation, caller.organisation_kind))
    roles = frozenset(told for role in caller.roles if (told := judge.told_apart(role)))
    return _concerned(judge, tuple(rules), organisation, kind, roles)


@lru_cache(maxsize=1024)
def _concerned(
    policies: Policies, rules: tuple[str, ...], organisation: str, kind: str, roles: frozenset[str]
) -> frozenset[str]:
    questions = [Question(organisation, SEE_ROW, rule, {}, ROW_RULE) for rule in rules]
    verdicts = policies.ask(questions, policies.entities([caller_entity(organisation, kind, roles)]))
    return frozenset(rule for rule, verdict in zip(rules, verdicts, strict=True) if not verdict.permitted)
