"""The schemas of the subgraphs in; the rules of a graph that may be served governed out, or a refusal. No I/O."""

from collections.abc import Sequence

from authz.facts import Facts
from authz.rules import Rules, rules_from_sdl
from gateway import access_subgraph
from gateway.composition.definition import SubgraphDefinition
from leds.errors import UngovernedSchema


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
