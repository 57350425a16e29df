"""Random callers: a source of chance in, a principal and the headers it states out. Demo tokens, real attributes."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

from authz.facts import Facts
from authz.principal import Principal
from leds.demo import Embedded
from leds.issuer.tokens import TokenSubject, access_token, principal_claims
from leds.personas import COMMAND_LINE_CLIENT, PERSONAS, Persona

TOKEN_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, and for which reason and purpose (codes)."""

    principal: Principal
    reason: str
    purpose: str

    def headers(self, service: Embedded, now: int) -> Mapping[str, str]:
        """A token of the demo's issuer and complete statements, names in lower case; `now` in Unix seconds."""
        running, flow = service.running, str(uuid.uuid5(uuid.NAMESPACE_URL, repr(self)))
        subject = TokenSubject(COMMAND_LINE_CLIENT, "leds", principal_claims(self.principal), flow)
        token = access_token(
            subject, service.keys.issuer, now, TOKEN_SECONDS, issuer=running.issuer, audience=running.audience
        )
        return {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "x-leds-session-id": flow,
            "x-leds-correlation-id": flow,
            "x-leds-activity-flow-id": flow,
            "x-leds-system-name": self.principal.system,
            "x-leds-application-datetime": datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds"),
            "x-leds-reason": f"{self.reason} - Text of the reason",
            "x-leds-purpose": self.purpose,
            "x-leds-justification": "A random question",
            "x-leds-activity-code": "Person Enquiry",
            "x-leds-action-code": "Enquiry",
            "x-leds-reference-id": "REFERENCE-1",
            "x-leds-on-behalf-of": "J Example, claims",
            "x-leds-geolocation": "QB6",
        }


def random_persona(random: Random) -> Asking:
    """A persona as it is, who is shown more than most."""
    persona = PERSONAS[random.choice(sorted(PERSONAS))]
    return Asking(persona.principal, *_grounds(persona))


def random_asking(random: Random, facts: Facts) -> Asking:
    """A persona with some of its attributes replaced by others that exist; one in four is unlike any persona."""
    persona = PERSONAS[random.choice(sorted(PERSONAS))]
    principal, reason, purpose = persona.principal, *_grounds(persona)
    changes = random.choice((0, 0, 1, 1, 2, 6))
    for change in random.sample(range(6), changes):
        principal, reason, purpose = _changed(random, facts, change, Asking(principal, reason, purpose))
    return Asking(principal, reason, purpose)


def _grounds(persona: Persona) -> tuple[str, str]:
    return persona.statements.reason[:1], persona.statements.purpose


def _changed(random: Random, facts: Facts, change: int, asking: Asking) -> tuple[Principal, str, str]:
    principal, reason, purpose = asking.principal, asking.reason, asking.purpose
    match change:
        case 0:
            principal = replace(principal, roles=tuple(random.sample(sorted(facts.roles), random.randint(1, 2))))
        case 1:
            principal = replace(principal, training=_some(random, facts.training))
        case 2:
            principal = replace(principal, vetting=random.choice(sorted(facts.vetting)))
        case 3:
            found = random.choice(list(facts.organisations.values()))
            changes = {"organisation": found.id, "organisation_kind": found.kind, "agreement": found.agreement}
            principal = replace(principal, **changes)
        case 4:
            system = random.choice(list(facts.systems.values()))
            principal = replace(principal, system=system.name, route=random.choice(sorted(system.routes)))
        case _:
            chosen = random.choice(list(facts.reasons.values()))
            reason, purpose = chosen.code, random.choice(sorted(chosen.purposes))
    return principal, reason, purpose


def _some(random: Random, training: frozenset[str]) -> tuple[str, ...]:
    return tuple(name for name in sorted(training) if random.random() < 0.8)
