"""A persona's clearance over the products' own graph, decided here: for commands that need no running service."""

from dataclasses import dataclass
from datetime import datetime

from authz.context import context_from_headers
from authz.decide import Decider
from authz.decision import Clearance
from authz.facts import packaged_facts
from authz.principal import Principal
from authz.rules import Rules, rules_from_sdl
from leds.errors import UnknownName
from leds.federation import embedded_definitions
from leds.personas import PERSONAS, statement_headers


@dataclass(frozen=True, slots=True)
class Cleared:
    """What a persona with its usual statements may be shown, and the rules by which that was decided."""

    persona: str
    principal: Principal
    clearance: Clearance
    rules: Rules


def cleared(persona: str, now: datetime) -> Cleared:
    """The clearance of this persona on the day of `now`.

    Raises:
        UnknownName: there is no such persona.
    """
    if persona not in PERSONAS:
        raise UnknownName(f"There is no persona {persona!r}.", advice=f"Choose one of {', '.join(PERSONAS)}.")
    facts, principal = packaged_facts(), PERSONAS[persona].principal
    rules = rules_from_sdl({item.name: item.sdl for item in embedded_definitions()}, facts)
    context = context_from_headers(statement_headers(persona, "inspection", int(now.timestamp())), principal, facts)
    return Cleared(persona, principal, Decider(rules, facts).clearance(principal, context, now), rules)
