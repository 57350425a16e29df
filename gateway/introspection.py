"""Who asks for the schema in; the schema as this caller can use it out: filtered, described, kept by class of callers.

A caller who states a context is shown what it opens; one who states none, what any reason and purpose they may state
opens. Operations are never validated over what is made here.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from authz.context import RequestContext
from authz.decide import Decider
from authz.decision import HEIGHT, Clearance, Decision, Form
from authz.errors import TokenMissing
from authz.facts import Facts
from authz.principal import Principal
from authz.rules import Rule, Rules
from gateway.introspection_filter import Usable
from gateway.shown_schema import ShownSchema, ShownSchemas
from gateway.stages import Asking, Caller, Unstated

STATED = "x-leds-"
INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class Opened:
    """What one reason opens (empty: the context stated with the request)."""

    reason: str
    clearance: Clearance


class Introspection:
    """The schemas of one graph by class of callers: `api_schema` as far as `decider` opens it."""

    def __init__(self, api_schema: GraphQLSchema, decider: Decider) -> None:
        self._schemas = ShownSchemas(api_schema)
        self._decider = decider

    async def show(self, caller: Asking, now: datetime) -> ShownSchema:
        """The stage `show` of the governed posture. Raises TokenMissing when nobody is known."""
        if isinstance(caller, Caller):
            return await self.schema_for(caller.principal, caller.context, now)
        if isinstance(caller, Unstated):
            return await self.schema_for(caller.principal, None, now)
        raise TokenMissing("Nobody is known to be asking.")

    async def schema_for(self, principal: Principal, context: RequestContext | None, now: datetime) -> ShownSchema:
        """What this caller can use, in this context or in any that they may state, on the day of `now`."""
        opened = [each async for each in self._opened(principal, context, now)]
        key = tuple((each.reason, each.clearance.key) for each in opened)
        return await self._schemas.of(key, lambda: usable_by(opened, self._decider.rules))

    async def _opened(
        self, principal: Principal, context: RequestContext | None, now: datetime
    ) -> AsyncIterator[Opened]:
        if context is not None:
            yield Opened("", self._decider.clearance(principal, context, now))
            return
        for each in contexts_open_to(principal, self._decider.facts):
            yield Opened(each.reason, self._decider.clearance(principal, each, now))
            # A decision not taken before takes milliseconds, and there are dozens.
            await asyncio.sleep(0)


def contexts_open_to(principal: Principal, facts: Facts) -> tuple[RequestContext, ...]:
    """A complete context for every reason and purpose that the caller's agreement is for; where there is no agreement,
    one that nothing governed is opened by."""
    agreement = facts.agreements.get(principal.agreement)
    pairs = [
        (reason.code, purpose) for _, reason in sorted(facts.reasons.items()) for purpose in sorted(reason.purposes)
    ]
    open_to = [pair for pair in pairs if agreement and pair[0] in agreement.reasons and pair[1] in agreement.purposes]
    return tuple(_context(reason, purpose) for reason, purpose in open_to or pairs[:1])


def _context(reason: str, purpose: str) -> RequestContext:
    """A context in which every statement is made: which are required depends on reason and route."""
    said = "-"
    return RequestContext(
        session_id=said,
        correlation_id=said,
        system_name=said,
        application_datetime=said,
        reason=reason,
        reason_text=said,
        purpose=purpose,
        justification=said,
        activity_code=said,
        action_code=said,
        activity_flow_id=said,
        reference=said,
        on_behalf_of=said,
        geolocation=said,
        page_title=said,
    )


def usable_by(opened: Sequence[Opened], rules: Rules) -> Usable:
    """What can be used in at least one of these contexts: fields shown in whatever form, inputs that read only what is
    shown in full."""
    best: dict[str, dict[str, Decision]] = {}
    inputs: set[str] = set()
    for each in opened:
        for coordinate, decision in each.clearance.decisions.items():
            if decision.allowed:
                _keep_best(best.setdefault(coordinate, {}), each.reason, decision)
        inputs.update(_usable_inputs(each.clearance, rules))
    fields = {coordinate: _said(rules.fields[coordinate], by_reason) for coordinate, by_reason in best.items()}
    return Usable(fields, frozenset(inputs), frozenset(rules.inputs) | frozenset(rules.untagged))


def _keep_best(by_reason: dict[str, Decision], reason: str, decision: Decision) -> None:
    if reason not in by_reason or HEIGHT[by_reason[reason].form] < HEIGHT[decision.form]:
        by_reason[reason] = decision


def _usable_inputs(clearance: Clearance, rules: Rules) -> Iterator[str]:
    for coordinate, reads in rules.inputs.items():
        owner, is_argument, _ = coordinate.partition("(")
        if is_argument and not clearance.decision(owner).allowed:
            continue
        if all(clearance.decision(read).form is Form.FULL for read in reads):
            yield coordinate


def _said(rule: Rule, by_reason: Mapping[str, Decision]) -> str:
    """Dataset, sensitivity and the form for this caller; nothing of what is open or follows what leads to it."""
    if not rule.datasets:
        return ""
    forms: dict[str, list[str]] = {}
    for reason, decision in by_reason.items():
        forms.setdefault(_form(decision), []).append(reason)
    outcomes = "; ".join(f"{form}{_reasons(reasons)}" for form, reasons in forms.items())
    datasets = " and ".join(rule.datasets)
    return f"Dataset {datasets} ({rule.sensitivity}). For you: {outcomes}."


def _form(decision: Decision) -> str:
    words = {Form.FULL: "in full", Form.EXISTS: "only that it exists"}
    return words.get(decision.form) or (f"masked ({decision.mask})" if decision.mask else "masked")


def _reasons(reasons: Sequence[str]) -> str:
    stated = [reason for reason in reasons if reason]
    return f" for reason {', '.join(stated)}" if stated else ""


def states_context(headers: Iterable[str]) -> bool:
    """Whether these header names (lower case) state anything of a context."""
    return any(name.startswith(STATED) for name in headers)


def only_introspects(document: DocumentNode, operation: OperationDefinitionNode) -> bool:
    """Whether a valid operation asks for the schema and nothing else."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    names = frozenset(_root_fields(operation.selection_set, fragments))
    is_query = operation.operation is OperationType.QUERY
    return is_query and not names.isdisjoint(INTROSPECTION) and names <= INTROSPECTION | {"__typename"}


def _root_fields(node: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[str]:
    for selection in node.selections:
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, InlineFragmentNode):
            yield from _root_fields(selection.selection_set, fragments)
        elif isinstance(selection, FragmentSpreadNode):
            yield from _root_fields(fragments[selection.name.value].selection_set, fragments)
