"""The governed posture: tokens, context, decisions, plan check and ledger, always on, around one supergraph.

In: what the composition root opened (keys, ledger). Out: the stages of a graph. No setting switches a stage off.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from graphql import DocumentNode, Undefined

from authz.audit.ledger import Receipt
from authz.audit.recorder import AuditedAnswer, AuditedRequest, Recorder
from authz.audit.spooled import SpooledLedger
from authz.bulk.asked import AskedInBulk, Lookup, asked_in_bulk
from authz.bulk.watch import Watch
from authz.context import RequestContext, context_from_headers
from authz.decision import Clearance
from authz.enforce import Enforcement, enforce
from authz.errors import TokenMissing
from authz.facts import Facts
from authz.grant import Grant, request_signer
from authz.live_facts import Deciders, FactSource
from authz.principal import Principal
from authz.rings import Rings
from authz.rules import Rules
from authz.safety import Graph, OfficerSafety, officer_safety
from authz.tokens import TokenVerifier, token_from_headers
from gateway.composition.supergraph import Supergraph
from gateway.execution.result import Sign, unsigned
from gateway.introspection import Introspection
from gateway.planning.check import check_plan
from gateway.planning.plan import QueryPlan
from gateway.stages import Asking, Caller, Enforced, Recorded, Stages, Unstated

# Who states no context may read nothing: not one coordinate is decided.
NOTHING = Clearance("no context is stated")


@dataclass(frozen=True, slots=True)
class Governance:
    """What the governed posture needs whatever the graph: whom to trust (by the facts that hold), where to record, what
    to sign with."""

    verifier: Callable[[Facts], TokenVerifier]
    facts: FactSource
    recorder: Recorder
    ledger: SpooledLedger
    rings: Rings
    nonces: Callable[[], str]
    watch: Watch
    world: str = "SYNTHETIC"


def governed_stages(supergraph: Supergraph, deciders: Deciders, governance: Governance) -> Stages:
    """The stages of the governed posture over one supergraph and the deciders of its rules.

    The facts are looked at when somebody authenticates: what was changed before a request began holds for it.
    """
    rules, facts, recording = deciders.rules, governance.facts, Recording(governance.recorder, governance.ledger)
    introspection = Introspection(supergraph.api_schema, lambda: deciders.by(facts.known))

    async def authenticate(headers: Mapping[str, str]) -> Principal:
        verifier = governance.verifier(await facts.current())
        return await verifier.principal(token_from_headers(headers), time.time())

    def context(headers: Mapping[str, str], principal: Principal) -> RequestContext:
        return context_from_headers(headers, principal, facts.known)

    def decide(caller: Asking, now: datetime) -> Clearance:
        if isinstance(caller, Unstated):
            return NOTHING
        known = _known(caller)
        return deciders.by(facts.known).clearance(known.principal, known.context, now)

    def enforce_rules(
        document: DocumentNode, operation_name: str | None, clearance: Clearance, left_out: frozenset[str]
    ) -> Enforcement:
        known = dict.fromkeys(left_out, Undefined)
        return enforce(document, operation_name, supergraph.api_schema, clearance, rules, known)

    def check(plan: QueryPlan, clearance: Clearance) -> None:
        allowed = [name for name, rule in rules.fields.items() if rule.derived and clearance.decision(name).allowed]
        check_plan(plan, supergraph, clearance, rules.internally_readable(allowed))

    def sign(caller: Asking, clearance: Clearance) -> Sign:
        if isinstance(caller, Unstated):
            return unsigned
        known = _known(caller)
        grant = Grant(known.principal, known.context, clearance.facts)
        return request_signer(governance.rings, grant, time.time, governance.nonces)

    return Stages(
        authenticate=authenticate,
        context=context,
        decide=decide,
        bulk=WatchedBulk(supergraph, rules, governance.watch),
        enforce=enforce_rules,
        check=check,
        intend=recording.intend,
        record=recording.record,
        without_ledger=InTheSpool(Graph(supergraph.api_schema, rules), governance.recorder, governance.ledger),
        sign=sign,
        show=introspection.show,
        world=governance.world,
        governed=True,
    )


@dataclass(frozen=True, slots=True)
class Recording:
    """Intents and outcomes into one ledger."""

    recorder: Recorder
    ledger: SpooledLedger

    async def intend(self, request: AuditedRequest) -> Receipt:
        """See Intend."""
        return await self.ledger.append(self.recorder.intent(request))

    async def record(self, request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None) -> Receipt:
        """See Record."""
        return await self.ledger.append(self.recorder.outcome(request, answer, intent))


@dataclass(frozen=True, slots=True)
class InTheSpool:
    """Officer-safety data while the ledger cannot be written (docs/decisions/0021)."""

    graph: Graph
    recorder: Recorder
    ledger: SpooledLedger

    def reduced(
        self,
        document: DocumentNode,
        operation_name: str | None,
        enforced: Enforced,
        clearance: Clearance,
        conditions: Mapping[str, bool],
    ) -> OfficerSafety:
        """The officer-safety part of what is allowed. See WithoutLedger."""
        allowed = Enforcement(enforced.document, enforced.denials)
        return officer_safety(document, operation_name, allowed, clearance, self.graph, conditions)

    async def intend(self, request: AuditedRequest) -> Receipt:
        """See WithoutLedger."""
        return await self.ledger.spool(self.recorder.intent(request))

    async def record(self, request: AuditedRequest, answer: AuditedAnswer, intent: Recorded | None) -> Receipt:
        """See WithoutLedger. An intent in the spool has no position in the log yet: its outcome says who asked too."""
        if intent is not None and intent.log == self.ledger.spool_log:
            draft = self.recorder.outcome(request, answer, None, audit_id=intent.entry_id)
        else:
            draft = self.recorder.outcome(request, answer, intent)
        return await self.ledger.spool(draft)


@dataclass(frozen=True, slots=True)
class WatchedBulk:
    """Bulk over one supergraph. Who states no context asks for no record."""

    supergraph: Supergraph
    rules: Rules
    watch: Watch

    def asked(self, document: DocumentNode, operation_name: str | None) -> AskedInBulk:
        """What an operation asks in bulk."""
        return asked_in_bulk(document, operation_name, self.supergraph.api_schema, self.rules)

    def bounded(self, caller: Asking, clearance: Clearance, rows: Mapping[str, int]) -> Clearance:
        """See Watch."""
        return self.watch.bounded(clearance, caller.principal, rows) if isinstance(caller, Caller) else clearance

    async def count(self, caller: Asking, lookups: Iterable[Lookup], now: datetime) -> None:
        """See Watch."""
        if isinstance(caller, Caller):
            await self.watch.count(caller.principal, lookups, now)


def _known(caller: Asking) -> Caller:
    if not isinstance(caller, Caller):
        raise TokenMissing("Nobody is known to be asking.")
    return caller
