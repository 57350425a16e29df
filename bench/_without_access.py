"""The embedded service without its access stages, assembled here from the running one: nothing can switch them off.

Everybody is shown everything, at the gateway and in the subgraphs: nothing is decided, taken out, checked or masked.
Identity, statements, signatures, disclosures and the ledger stay as they are.
"""

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from graphql import DocumentNode

from authz.context import RequestContext
from authz.decide import Decider
from authz.decision import Clearance, Decision, Form
from authz.facts import Facts, packaged_facts
from authz.live_facts import Deciders, FixedFacts
from authz.principal import Principal
from authz.rules import Rules, rules_from_sdl
from gateway import access_subgraph
from gateway.composition.compose import compose
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.execution.executor import Executor, Limits
from gateway.execution.reply import ReplyRules
from gateway.execution.signed_transport import SignedTransport
from gateway.execution.transport import AsgiTransport, Transport
from gateway.graph import Graph, Served
from gateway.metrics import Metrics
from gateway.pipeline import Pipeline
from gateway.planning.plan import QueryPlan
from gateway.planning.planner import Planner
from gateway.stages import Asking, Unrestricted
from leds.config import Configuration
from leds.demo import Embedded
from leds.federation import embedded_definitions, settings_for_subgraphs, trust_of
from leds.products import PRODUCTS, subgraph_named
from subgraphs.service import Subgraph, SubgraphSettings


class Everything(Mapping[str, Decision]):
    """Every coordinate in full, as a field of its first dataset."""

    def __init__(self, rules: Rules) -> None:
        self._decisions = {
            name: Decision(Form.FULL, ("P00-bench",), next(iter(rule.datasets), None))
            for name, rule in rules.fields.items()
        }

    def __getitem__(self, coordinate: str) -> Decision:
        return self._decisions[coordinate]

    def __iter__(self) -> Iterator[str]:
        return iter(self._decisions)

    def __len__(self) -> int:
        return len(self._decisions)


class EverythingShown(Decider):
    """Has one clearance for everybody."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._everything = Clearance("everything", Everything(rules), rules.internal)

    def clearance(self, principal: Principal, context: RequestContext, now: datetime) -> Clearance:
        """Everything, whoever asks."""
        return self._everything


class NoFacts(Deciders):
    """One decider, whatever the facts."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._shown = EverythingShown(rules)

    def by(self, facts: Facts) -> Decider:
        """The one that shows everything."""
        return self._shown


class OpenSubgraph(Subgraph):
    """A product's subgraph that shows everything."""

    async def start(self, settings: SubgraphSettings) -> None:
        """Serve as the product does, but decide nothing."""
        await super().start(settings)
        assert self._running is not None
        rules = rules_from_sdl({self.name: self.sdl}, settings.facts.known)
        self._running = replace(self._running, deciders=NoFacts(rules))


@asynccontextmanager
async def without_access(service: Embedded, configuration: Configuration, home: Path) -> AsyncIterator[Pipeline]:
    """A pipeline like the service's, over subgraphs of its own, without decide, enforce and check."""
    trust = trust_of(configuration, home / "keys")
    settings = settings_for_subgraphs(configuration, service.keys.subject, FixedFacts(packaged_facts()), trust)
    opened: list[Subgraph] = []
    try:
        for name in PRODUCTS:
            product = subgraph_named(name)
            subgraph = OpenSubgraph(name, product.schema, product._changes, product._feed)
            await subgraph.start(settings(name))
            opened.append(subgraph)
        transports: dict[str, Transport] = {
            each.name: SignedTransport(
                AsgiTransport(each, name=each.name), each.name, trust.rings(each.name), time.time
            )
            for each in opened
        }
        yield Pipeline(Served(_graph(service.governed.pipeline.served.graph, transports)), Metrics())
    finally:
        for subgraph in opened:
            await subgraph.stop()


def _graph(governed: Graph, transports: Mapping[str, Transport]) -> Graph:
    definitions = [*embedded_definitions(), access_subgraph.DEFINITION]
    rules = rules_from_sdl({each.name: each.sdl for each in definitions})
    supergraph = supergraph_from_sdl(compose(definitions).supergraph_sdl)
    clearance = Clearance("everything", Everything(rules), rules.internal)

    def decide(_caller: Asking, _now: datetime) -> Clearance:
        return clearance

    def enforce(
        document: DocumentNode, _name: str | None, _clearance: Clearance, _left_out: frozenset[str]
    ) -> Unrestricted:
        return Unrestricted(document)

    def check(_plan: QueryPlan, _clearance: Clearance) -> None:
        return None

    limits = Limits(rules=ReplyRules(expose_errors=True, require_disclosures=True))
    return replace(
        governed,
        planner=Planner(supergraph),
        executor=Executor(supergraph, transports, limits),
        stages=replace(governed.stages, decide=decide, enforce=enforce, check=check),
    )
