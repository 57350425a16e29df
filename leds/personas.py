"""The demo's personas: who they are (claims of a token) and what they state (`X-Leds-*` headers). All invented.

Attributes are chosen from the access tables so that the forms by audience of domain/access.md 3.2 come out.
"""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from authz.principal import Principal
from leds.issuer.tokens import DEMO_AUDIENCE, DEMO_ISSUER, TokenSubject, access_token, principal_claims
from leds.keys import Keys

TOKEN_SECONDS = 12 * 3600
COMMAND_LINE_CLIENT = "leds-command-line"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:leds-graph:demo")


@dataclass(frozen=True, slots=True)
class Statements:
    """What a persona states with each request; session, correlation and time are added when headers are made."""

    reason: str
    purpose: str
    justification: str
    activity: str
    action: str
    reference: str | None = None
    on_behalf_of: str | None = None
    geolocation: str | None = None


@dataclass(frozen=True, slots=True)
class Persona:
    """One caller of the demo. `description` says in a line what the persona shows."""

    name: str
    title: str
    description: str
    principal: Principal
    statements: Statements


_WEST_MIDLANDS = Principal(
    subject="",
    name="",
    organisation="ORG-20",
    organisation_kind="police_territorial",
    agreement="AGR-JC-01",
    roles=(),
    route="DIRECT",
    system="LEDS-Direct",
    force_station="20R1",
    vetting="RV",
)

_ALL = (
    Persona(
        "officer",
        "Roads policing officer, mobile",
        "PC Asha Example, West Midlands, at the roadside: reason 1, protecting life and property.",
        replace(
            _WEST_MIDLANDS,
            subject="u-20-4419",
            name="PC 4419 Asha Example",
            roles=("roads_policing",),
            route="MOBILE",
            system="ForceMobile",
            training=("COP", "NM-ENQ", "VP-ENQ"),
        ),
        Statements(
            "1 - Vehicle and/or person stopped",
            "PP1",
            "Traffic stop A38 J4 s163",
            "Person Enquiry",
            "Roadside stop summary",
            reference="STOP-20-2026-0031",
            geolocation="QB6",
        ),
    ),
    Persona(
        "detective",
        "Detective",
        "DC Rowan Example, West Midlands, on a named investigation: reason 5, investigation of crime.",
        replace(
            _WEST_MIDLANDS,
            subject="u-20-2207",
            name="DC 2207 Rowan Example",
            roles=("detective",),
            training=("COP", "DL-IMG", "NM-ENQ", "VP-ENQ"),
        ),
        Statements(
            "5 - Subject of process or investigation",
            "LE2",
            "Named suspect in burglary series",
            "Person Enquiry",
            "Investigation enquiry",
            reference="CRIME-20-2026-000123",
        ),
    ),
    Persona(
        "analyst",
        "Intelligence analyst with PND",
        "Morgan Example, West Midlands, trained for PND: reason 5, investigation of crime.",
        replace(
            _WEST_MIDLANDS,
            subject="u-20-7781",
            name="Morgan Example",
            roles=("intel_analyst",),
            vetting="MV",
            training=("COP", "DL-IMG", "NM-ENQ", "PND-USER", "VP-ENQ"),
        ),
        Statements(
            "5 - Subject of process or investigation",
            "LE2",
            "Link analysis for operation",
            "Person Enquiry",
            "Link analysis",
            reference="OP-EXAMPLE-2026",
        ),
    ),
    Persona(
        "insurer",
        "Insurer under a data sharing agreement",
        "Alder Mutual Insurance, vehicle fraud checks: reason 8, on behalf of a named claims handler.",
        Principal(
            subject="u-ins-a-0007",
            name="Alder Mutual claims connection",
            organisation="ORG-INS-A",
            organisation_kind="commercial_dsa",
            agreement="AGR-COM-01",
            roles=("partner_vehicle",),
            route="CONNECTED",
            system="PartnerConnect",
            vetting="BPSS",
            training=("COP", "VP-ENQ"),
        ),
        Statements(
            "8 - On behalf of another authorised agency",
            "GP3",
            "Claim opened on vehicle",
            "Vehicle Enquiry",
            "Vehicle fraud check",
            reference="CLAIM-2026-88231",
            on_behalf_of="J Example, Alder Mutual claims",
        ),
    ),
    Persona(
        "inspector",
        "Inspector of the inspectorate",
        "Constabulary Inspectorate, checking how the service is used: reason 0, compliance audit.",
        Principal(
            subject="u-insp-a-0003",
            name="Inspector Lee Example",
            organisation="ORG-INSP-A",
            organisation_kind="inspectorate",
            agreement="AGR-INSP-01",
            roles=("inspector",),
            route="DIRECT",
            system="LEDS-Direct",
            vetting="SC",
            training=("COP",),
        ),
        Statements(
            "0 - Transaction log and other audit checks",
            "CO1",
            "Inspection sample 2026",
            "Audit Enquiry",
            "Inspection sample",
        ),
    ),
    Persona(
        "supervisor",
        "Supervisor of a unit",
        "Sergeant Priya Example, West Midlands, reviewing the unit's checks: reason 0, compliance audit.",
        replace(
            _WEST_MIDLANDS,
            subject="u-20-0850",
            name="PS 850 Priya Example",
            roles=("supervisor",),
            training=("COP", "NM-ENQ", "VP-ENQ"),
        ),
        Statements(
            "0 - Transaction log and other audit checks",
            "CO1",
            "24-hour review of unit checks",
            "Audit Enquiry",
            "Supervisor review",
        ),
    ),
    Persona(
        "dpo",
        "Data protection officer",
        "Sam Example, West Midlands, answering a subject access request: reason 0, data subject right.",
        replace(
            _WEST_MIDLANDS,
            subject="u-20-0019",
            name="Sam Example",
            roles=("dpo",),
            training=("COP",),
        ),
        Statements(
            "0 - Transaction log and other audit checks",
            "CO2",
            "Subject access request SAR-2026-14",
            "Audit Enquiry",
            "Subject access",
        ),
    ),
)

PERSONAS: Mapping[str, Persona] = MappingProxyType({persona.name: persona for persona in _ALL})


def token_for(persona: str, keys: Keys, now: int, *, issuer: str = DEMO_ISSUER, audience: str = DEMO_AUDIENCE) -> str:
    """An access token of the demo issuer for `persona`, valid for 12 hours from `now` (Unix seconds)."""
    principal = PERSONAS[persona].principal
    subject = TokenSubject(
        client=COMMAND_LINE_CLIENT,
        scope="leds",
        claims=principal_claims(principal),
        token_id=str(uuid.uuid5(_NAMESPACE, f"{persona} {now}")),
    )
    return access_token(subject, keys.issuer, now, TOKEN_SECONDS, issuer=issuer, audience=audience)


def headers_for(persona: str, token: str) -> dict[str, str]:
    """`Authorization` and every `X-Leds-*` header of a complete request, reusable until the token expires."""
    claims = _claims(token)
    return {"Authorization": f"Bearer {token}"} | statement_headers(persona, claims["jti"], claims["iat"])


def statement_headers(persona: str, token_id: str, stated_at: int) -> dict[str, str]:
    """The `X-Leds-*` headers of a complete request; `stated_at` in Unix seconds."""
    statements = PERSONAS[persona].statements
    application_time = datetime.fromtimestamp(stated_at, UTC).isoformat(timespec="milliseconds")
    headers = {
        "X-Leds-Session-Id": _identifier(token_id, "session"),
        "X-Leds-Correlation-Id": _identifier(token_id, "correlation"),
        "X-Leds-Activity-Flow-Id": _identifier(token_id, "activity flow"),
        "X-Leds-System-Name": PERSONAS[persona].principal.system,
        "X-Leds-Application-Datetime": application_time.replace("+00:00", "Z"),
        "X-Leds-Reason": statements.reason,
        "X-Leds-Purpose": statements.purpose,
        "X-Leds-Justification": statements.justification,
        "X-Leds-Activity-Code": statements.activity,
        "X-Leds-Action-Code": statements.action,
    }
    optional = {
        "X-Leds-Reference-Id": statements.reference,
        "X-Leds-On-Behalf-Of": statements.on_behalf_of,
        "X-Leds-Geolocation": statements.geolocation,
    }
    return headers | {name: value for name, value in optional.items() if value is not None}


def _claims(token: str) -> dict[str, Any]:
    """The claims of a token this process has just made; nobody is trusted by them."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def _identifier(token_id: str, what: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{token_id} {what}"))
