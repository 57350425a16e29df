"""The decision inside a subgraph: a governed field is allowed or refused before its resolver runs, and noted after."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import GraphQLResolveInfo

from authz.decision import Decision, Form
from authz.errors import AccessDenied
from subgraphs.records import Record
from subgraphs.request import SubgraphRequest

Resolve = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One governed field as it is decided and disclosed."""

    coordinate: str
    type_name: str
    name: str
    dataset: str


FieldRules = Mapping[str, Mapping[str, FieldRule]]


def governor(rules: FieldRules) -> Resolve:
    """The middleware around every resolver. A field without a rule is open, internal, or of a value type."""

    def govern(resolve: Resolve, root: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        fields = rules.get(info.parent_type.name)
        rule = None if fields is None else fields.get(info.field_name)
        if rule is None:
            return resolve(root, info, **arguments)
        decision = info.context.clearance.decision(rule.coordinate)
        if decision.form is not Form.FULL:
            raise refusal(rule, decision)
        answer = resolve(root, info, **arguments)
        if isawaitable(answer):
            return _note_later(answer, root, info.context, rule, decision)
        _note(root, answer, info.context, rule, decision)
        return answer

    return govern


def refusal(rule: FieldRule, decision: Decision) -> AccessDenied:
    """The error for a refused field: which policy, what is missing, whom to ask; never whether there is a value."""
    details = {"coordinate": rule.coordinate, "policies": list(decision.policies), "missing": list(decision.missing)}
    if decision.contact is not None:
        details["contact"] = decision.contact
    return AccessDenied(f"{rule.coordinate} may not be shown to this caller.", details=details)


async def _note_later(
    answer: Awaitable[Any], root: Any, request: SubgraphRequest, rule: FieldRule, decision: Decision
) -> Any:
    value = await answer
    _note(root, value, request, rule, decision)
    return value


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
