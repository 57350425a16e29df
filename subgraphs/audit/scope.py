"""Whose part of the ledger a caller looks at: the row rules of a decision in, a scope or a stated refusal out."""

from authz.decision import Decision, Form
from authz.row_rules import ROW_FACTS, RowFact, lowered
from resolvers.audit.statements import EVERYBODY, Scope, Sought
from subgraphs.entries import Entry
from subgraphs.request import RequestInfo, SubgraphRequest


def scope_of(info: RequestInfo) -> Scope:
    """The requests that no row rule of the field being answered keeps from the caller."""
    request = info.context
    names, caller = _decision(info).rows, request.caller
    if caller is None or "another-organisation" not in names:
        return EVERYBODY
    if "another-unit" not in names:
        return Scope(organisation=caller.organisation)
    if "another-operator" not in names:
        return Scope(caller.subject, caller.force_station or "", caller.organisation)
    return Scope(user=caller.subject)


def beyond(sought: Sought, request: SubgraphRequest) -> RowFact:
    """What the caller names that is another's: an organisation, an operator."""
    caller, found = request.caller, RowFact(0)
    if caller is not None and sought.organisation not in (None, caller.organisation):
        found |= RowFact.ANOTHER_ORGANISATION
    if caller is not None and sought.operator not in (None, caller.subject):
        found |= RowFact.ANOTHER_OPERATOR
    return found


def refused(facts: RowFact, info: RequestInfo) -> bool:
    """Whether a row with these facts is kept from the caller; if so, that is said beside the data."""
    coordinate = _coordinate(info)
    decision = lowered(coordinate, _decision(info), {ROW_FACTS: int(facts)})
    if decision.form is Form.FULL:
        return False
    info.context.entries.append(Entry(tuple(info._raw_info.path.as_list()), coordinate, decision))
    return True


def _decision(info: RequestInfo) -> Decision:
    return info.context.clearance.decision(_coordinate(info))


def _coordinate(info: RequestInfo) -> str:
    field = info._raw_info
    return f"{field.parent_type.name}.{field.field_name}"
