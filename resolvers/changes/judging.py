"""Whether a change may be accepted: what is found of the record in, nothing or the coded refusal out. Policies decide.

The facts are read where the change is written, in the transaction that will write it.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from authz.policy_set import Policies, Question, caller_entity, packaged_policies
from authz.row_concerns import CallerClass
from resolvers.changes.errors import (
    ChangeNotPermitted,
    ChangeRefused,
    CheckNameMismatch,
    PendingChangeExists,
    RecordStale,
    RetentionNotDue,
    VersionConflict,
)

CHANGE = "change"
SERVICE = "Service"


@dataclass(frozen=True, slots=True)
class Found:
    """What is found of a record that somebody wants to change; what a kind of change does not ask is as if it held.

    `lag_seconds`: how far this copy of the record is behind its source.
    """

    check_name_agrees: bool = True
    version_agrees: bool = True
    pending: bool = False
    lag_seconds: int = 0
    due: bool = True

    def facts(self) -> Mapping[str, bool | int]:
        """As policies read them (`schema.cedarschema`)."""
        return {_camel(name): value for name, value in asdict(self).items()}


REFUSALS: Mapping[str, Callable[[], ChangeRefused]] = {
    "P02.check-name": lambda: CheckNameMismatch("The check name is not that of the person on the record."),
    "P16.due": lambda: RetentionNotDue("The retention rule does not let the report go, or not yet."),
    "P17.version": lambda: VersionConflict("The record is not at that version any more."),
    "P17.stale": lambda: RecordStale("This copy of the record is too far behind its source to be changed."),
    "P17.pending": lambda: PendingChangeExists("Another change of this record is not completed yet."),
}


def judge(found: Found, caller: CallerClass, policies: Policies | None = None) -> None:
    """Raise the refusal of the policy that is named first (entities 3.2 has the order); ChangeNotPermitted of one that
    has no refusal of its own."""
    judging = policies or packaged_policies()
    who = caller_entity(caller.organisation, caller.organisation_kind, frozenset(caller.roles))
    asked = Question(caller.organisation, CHANGE, "graph", found.facts(), SERVICE)
    (verdict,) = judging.ask([asked], judging.entities([who]))
    if not verdict.permitted:
        refusal = REFUSALS.get(verdict.policies[0])
        raise refusal() if refusal else ChangeNotPermitted(f"Policy {verdict.policies[0]} refuses the change.")


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
