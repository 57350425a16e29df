"""Which graphs a governed gateway takes up: what is tagged throughout, and opens nothing that no approver signed.

In: the schemas of the subgraphs, and the file of signed approvals. Out: rules, or a refusal with a code.
"""

from collections.abc import Sequence

import structlog

from authz.access_survey import sources_of
from authz.errors import AccessWidened
from authz.facts import Facts, packaged_facts
from authz.rules import Rules, rules_from_sdl
from authz.widened_rules import opened_by
from gateway import access_subgraph
from gateway.composition.definition import SubgraphDefinition
from gateway.graph import Graph
from gateway.reload import Admit
from leds.approvals import approvals_file, approver_of, is_approved
from leds.config import Configuration
from leds.errors import UngovernedSchema
from leds.federation import SNAPSHOTS

SHOWN_COORDINATES = 20


def governed_definitions(of_subgraphs: Sequence[SubgraphDefinition]) -> tuple[SubgraphDefinition, ...]:
    """What the governed gateway composes: the subgraphs, and the one that it answers itself."""
    return (*of_subgraphs, access_subgraph.DEFINITION)


def governed_rules(definitions: Sequence[SubgraphDefinition], facts: Facts) -> Rules:
    """The rules of a graph that may be served governed. Raises InvalidRules, UngovernedSchema."""
    rules = rules_from_sdl({each.name: each.sdl for each in definitions}, facts)
    if rules.untagged or rules.dangling:
        raise UngovernedSchema(
            "The graph has coordinates without a rule; they would be denied to everybody.",
            details={"untagged": rules.untagged, "dangling": rules.dangling},
        )
    return rules


def admission(configuration: Configuration) -> Admit:
    """What opens something beyond the graph that is served is taken up if an approver signed exactly these rules."""
    approver, file = approver_of(configuration), approvals_file(configuration)

    def admit(served: Graph, graph: Graph) -> None:
        if not isinstance(served.rules, Rules) or not isinstance(graph.rules, Rules) or served.rules == graph.rules:
            return
        opened = opened_by(served.rules, graph.rules)
        if opened and not is_approved(sources_of(graph.rules), file, approver):
            raise AccessWidened(
                f"The new schemas could open {len(opened)} coordinates, and no approver signed that.",
                details={"coordinates": opened[:SHOWN_COORDINATES], "rules": graph.rules.version},
            )

    return admit


def tell_unapproved(configuration: Configuration, graph: Graph) -> None:
    """Say in the log what a service that starts could open beyond the schemas that were approved with this package.

    What is installed and configured is served: who deploys decides that, and CI has compared what is packaged.
    """
    if not configuration.subgraphs or not isinstance(graph.rules, Rules):
        return
    packaged = [
        SubgraphDefinition(file.stem, "", file.read_text(encoding="utf-8"))
        for file in sorted(SNAPSHOTS.glob("*.graphql"))
    ]
    opened = opened_by(governed_rules(governed_definitions(packaged), packaged_facts()), graph.rules)
    if opened and not is_approved(sources_of(graph.rules), approvals_file(configuration), approver_of(configuration)):
        structlog.get_logger("leds").error(
            "access_unapproved", code=AccessWidened.code, count=len(opened), coordinates=opened[:SHOWN_COORDINATES]
        )
