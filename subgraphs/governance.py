"""The decision inside a subgraph: a governed field is allowed or refused before its resolver runs, and noted after."""

from collections.abc import Awaitable, Callable, Mapping
from inspect import isawaitable
from typing import Any

from graphql import GraphQLResolveInfo

from authz.decision import Clearance, Decision, Form
from authz.errors import AccessDenied
from authz.row_rules import ROW_FACTS, lowered
from subgraphs.field_rules import FieldRule, FieldRules
from subgraphs.records import Record
from subgraphs.reduction import keep_back, reduced
from subgraphs.request import SubgraphRequest

Resolve = Callable[..., Any]


def governor(rules: FieldRules) -> Resolve:
    """The middleware around every resolver. A field without a rule is open, internal, or of a value type."""

    def govern(resolve: Resolve, root: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        fields = rules.get(info.parent_type.name)
        rule = None if fields is None else fields.get(info.field_name)
        if rule is None:
            return resolve(root, info, **arguments)
        decision = info.context.clearance.decision(rule.coordinate)
        if decision.rows and isinstance(root, Record) and root.row.get(ROW_FACTS):
            decision = lowered(rule.coordinate, decision, root.row)
        if decision.form is not Form.FULL:
            return _less(resolve, root, info, arguments, (rule, decision))
        answer = resolve(root, info, **arguments)
        if isawaitable(answer):
            return _note_later(answer, root, info, rule, decision)
        return _shown(root, answer, info, rule, decision)

    return govern


def _less(
    resolve: Resolve, root: Any, info: GraphQLResolveInfo, arguments: Mapping[str, Any], of: tuple[FieldRule, Decision]
) -> Any:
    """A field that this caller, or this row's, is not shown in full."""
    rule, decision = of
    if decision.allowed:
        return _note_reduced(reduced(resolve, root, info, arguments, of), root, info.context, rule, decision)
    if rule.leaf and rule.coordinate in info.context.clearance.internal:
        return resolve(root, info, **arguments)  # for the federation's own use: neither shown nor noted
    if info.context.clearance.decision(rule.coordinate).allowed:
        return keep_back(info, rule, decision, None)
    raise refusal(rule, decision)


def _shown(root: Any, answer: Any, info: GraphQLResolveInfo, rule: FieldRule, decision: Decision) -> Any:
    """The answer, unless the record found is one that the way in to it may not lead to."""
    if root is None and decision.rows and isinstance(answer, Record) and answer.row.get(ROW_FACTS):
        decision = lowered(rule.coordinate, decision, answer.row)
        if decision.form is not Form.FULL:
            return keep_back(info, rule, decision, answer)
    _note(root, answer, info.context, rule, decision)
    return answer


async def _note_reduced(
    answer: Awaitable[Any], root: Any, request: SubgraphRequest, rule: FieldRule, decision: Decision
) -> Any:
    value = await answer
    _note(root, value, request, rule, decision)
    return value


def require_full(rules: FieldRules, type_name: str, name: str, clearance: Clearance) -> None:
    """Raise AccessDenied unless a governed field may be read in full: what a subscription begins with."""
    rule = rules.get(type_name, {}).get(name)
    if rule is not None and (decision := clearance.decision(rule.coordinate)).form is not Form.FULL:
        raise refusal(rule, decision)


def refusal(rule: FieldRule, decision: Decision) -> AccessDenied:
    """The error for a refused field: which policy, what is missing, whom to ask; never whether there is a value."""
    details = {"coordinate": rule.coordinate, "policies": list(decision.policies), "missing": list(decision.missing)}
    if decision.contact is not None:
        details["contact"] = decision.contact
    return AccessDenied(f"{rule.coordinate} may not be shown to this caller.", details=details)


async def _note_later(
    answer: Awaitable[Any], root: Any, info: GraphQLResolveInfo, rule: FieldRule, decision: Decision
) -> Any:
    return _shown(root, await answer, info, rule, decision)


def _note(root: Any, answer: Any, request: SubgraphRequest, rule: FieldRule, decision: Decision) -> None:
    """Fields of the subject's own type go by their name, those of records under it by their coordinate.

    A record looked up at the root is noted as found: that it is there is an answer, whatever is asked of it.
    """
    subject = _subject(root)
    if subject is not None:
        name = rule.name if rule.type_name == subject[0] else rule.coordinate
        request.shown.add(subject, rule.dataset, name, decision)
    elif root is None and (found := _subject(answer)) is not None:
        if rule.type_name == "Mutation":
            request.shown.change(found, rule.dataset, rule.coordinate, decision, answer.change_verb)
        else:
            request.shown.find(found, rule.dataset, rule.coordinate, decision)


def _subject(value: Any) -> tuple[str, str] | None:
    """The kind and key of the subject whose record this is."""
    if not isinstance(value, Record) or value.subject_of is None:
        return None
    column, kind = value.subject_of
    key = value.row.get(column)
    return None if key is None else (kind, key)
