"""Callers and contexts for the tests: the inputs a row does not speak of are valid and complete (access.md 2.1)."""

from dataclasses import replace
from datetime import UTC, datetime

from authz.context import RequestContext
from authz.facts import Organisation, packaged_facts
from authz.principal import Principal

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)
UUID = "5c6ab813-35b6-44de-817c-f41de14c9526"
SYSTEMS = {
    "DIRECT": "LEDS-Direct",
    "MOBILE": "ForceMobile",
    "TERMINAL": "ForceTerminal",
    "BUREAU": "PNC-Bureau",
    "CONNECTED": "PartnerConnect",
    "BATCH": "CustodyBatch",
}


def organisation_of_kind(kind: str) -> Organisation:
    """The first organisation of the directory that is of this kind."""
    return next(found for found in packaged_facts().organisations.values() if found.kind == kind)


def caller(
    role: str = "detective",
    organisation: str = "ORG-20",
    route: str = "DIRECT",
    vetting: str | None = "RV",
    training: tuple[str, ...] = ("NM-ENQ", "VP-ENQ", "COP"),
) -> Principal:
    """A caller of one role in an organisation of the directory, on the approved system of its route."""
    found = packaged_facts().organisations[organisation]
    return Principal(
        subject="u-20-4419",
        name="PC 4419 EXAMPLE",
        organisation=found.id,
        organisation_kind=found.kind,
        agreement=found.agreement,
        roles=(role,),
        route=route,
        system=SYSTEMS[route],
        vetting=vetting,
        training=training,
        expires_at=int(NOON.timestamp()) + 900,
    )


def context(
    reason: str = "5", purpose: str = "LE2", system: str = "LEDS-Direct", **changes: str | None
) -> RequestContext:
    """A complete context for this reason and purpose."""
    complete = RequestContext(
        session_id=UUID,
        correlation_id=UUID,
        system_name=system,
        application_datetime="2026-02-02T21:14:06.990+00:00",
        reason=reason,
        reason_text="Text of the reason",
        purpose=purpose,
        justification="Traffic stop A38 J4",
        activity_code="Person Enquiry",
        action_code="Roadside stop summary",
        activity_flow_id=UUID,
        reference="STOP-20-2026-0202-0031",
        on_behalf_of="4419B",
        geolocation="QB6",
    )
    return replace(complete, **changes)


OFFICER = caller("mobile_officer", route="MOBILE")
DETECTIVE = caller()
INSURER = caller("partner_vehicle", "ORG-PROV-B", "CONNECTED", "BPSS", ("VP-ENQ", "COP"))
ROADSIDE = context("1", "PP1", "ForceMobile")
INVESTIGATION = context()
FRAUD_CHECK = context("8", "GP3", "PartnerConnect")
