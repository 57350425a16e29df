"""The personas: their tokens verify, their headers are a complete request, their attributes are in the tables."""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from authz.context import context_from_headers
from authz.decide import Decider
from authz.decision import Form
from authz.facts import packaged_facts
from authz.keys import StaticKeys
from authz.rules import rules_from_sdl
from authz.tokens import TokenVerifier, Trust
from leds.issuer.app import public_key_set
from leds.issuer.tokens import DEMO_AUDIENCE, DEMO_ISSUER
from leds.keys import Keys, ensure_keys
from leds.personas import PERSONAS, headers_for, token_for
from tests.authz.dictionary_graph import dictionary_sdl

NOW = 1_770_066_847
FACTS = packaged_facts()


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder: Path = tmp_path_factory.mktemp("keys")
    return ensure_keys(folder)


def test_the_personas_are_the_ones_announced() -> None:
    assert list(PERSONAS) == ["officer", "detective", "analyst", "insurer", "inspector", "supervisor", "dpo"]


@pytest.mark.parametrize("persona", PERSONAS)
async def test_a_token_says_who_the_persona_is_for_twelve_hours(keys: Keys, persona: str) -> None:
    token = token_for(persona, keys, NOW)
    verifier = TokenVerifier(Trust(DEMO_ISSUER, DEMO_AUDIENCE), StaticKeys(public_key_set(keys)), FACTS)
    principal = await verifier.principal(token, NOW + 12 * 3600 - 1)
    expected = PERSONAS[persona].principal
    for name in ("subject", "name", "organisation", "organisation_kind", "agreement", "roles", "route", "system"):
        assert getattr(principal, name) == getattr(expected, name)
    for name in ("force_station", "vetting", "training", "areas", "standing"):
        assert getattr(principal, name) == getattr(expected, name)
    assert principal.expires_at == NOW + 12 * 3600


@pytest.mark.parametrize("persona", PERSONAS)
def test_the_headers_are_a_complete_request(keys: Keys, persona: str) -> None:
    headers = headers_for(persona, token_for(persona, keys, NOW))
    context = context_from_headers(headers, PERSONAS[persona].principal, FACTS)
    assert context.system_name == PERSONAS[persona].principal.system
    assert context.reason_text == PERSONAS[persona].statements.reason[4:]
    assert all(name == "Authorization" or name.startswith("X-Leds-") for name in headers)
    assert all(value.isascii() for value in headers.values())


def test_headers_differ_between_tokens_and_not_between_calls(keys: Keys) -> None:
    first, second = token_for("officer", keys, NOW), token_for("officer", keys, NOW + 1)
    assert headers_for("officer", first) == headers_for("officer", first)
    for name in ("X-Leds-Session-Id", "X-Leds-Correlation-Id", "X-Leds-Activity-Flow-Id"):
        assert headers_for("officer", first)[name] != headers_for("officer", second)[name]


def test_a_token_is_an_access_token_signed_with_the_published_key(keys: Keys) -> None:
    header = token_for("officer", keys, NOW).split(".")[0]
    decoded = json.loads(base64.urlsafe_b64decode(header + "=="))
    assert decoded == {"alg": "ES256", "typ": "at+jwt", "kid": keys.issuer.kid}


@pytest.mark.parametrize("persona", PERSONAS)
def test_every_attribute_is_one_the_tables_know(persona: str) -> None:
    principal = PERSONAS[persona].principal
    assert principal.vetting is not None
    assert FACTS.vetting[principal.vetting].suffices(principal.organisation_kind, write=False)
    assert set(principal.roles) <= FACTS.roles
    assert set(principal.training) <= FACTS.training
    organisation = FACTS.organisations[principal.organisation]
    assert FACTS.agreements[principal.agreement].binds(organisation)
    assert principal.route in FACTS.agreements[principal.agreement].routes
    assert FACTS.systems[principal.system].state == "APPROVED"
    assert principal.route in FACTS.systems[principal.system].routes


def test_every_persona_holds_the_training_its_role_needs_but_for_what_it_is_there_to_lack() -> None:
    lacking = {
        (persona.name, training)
        for persona in PERSONAS.values()
        for (role, _), rows in FACTS.entitlements.items()
        if role in persona.principal.roles
        for row in rows
        for training in row.training - set(persona.principal.training)
    }
    assert lacking == {
        ("officer", "DL-IMG"),
        ("supervisor", "DL-IMG"),
        ("detective", "PND-USER"),
    }


# Who sees what in full: the FULL cells of access.md 3.2 for the audiences that are personas (the officer lacks DL-IMG).
IN_FULL = {
    "Person.filedName": {"officer", "detective", "analyst", "dpo"},
    "Person.warningSignals": {"officer", "detective", "analyst", "dpo"},
    "Person.wantedMissing": {"officer", "detective", "analyst", "dpo"},
    "Offence.disposals": {"detective", "analyst", "dpo"},
    "Person.nonConvictions": {"dpo"},
    "Person.dnaStatus": {"detective", "analyst", "dpo"},
    "KeeperRecord.name": {"officer", "detective", "analyst"},
    "Vehicle.make": {"officer", "detective", "analyst", "insurer", "inspector"},
    "VehicleReport.state": {"officer", "detective", "analyst", "inspector", "dpo"},
    "VehicleFraudCheck.stolenCheck": {"officer", "detective", "analyst", "insurer", "inspector", "dpo"},
    "Driver.licenceStatus": {"officer", "detective", "analyst"},
    "Driver.points": {"detective", "analyst"},
    "Driver.image": {"detective", "analyst"},
    "Driver.medicalNotes": set(),
    "InsurancePolicy.state": {"officer", "detective", "analyst"},
    "PropertyItem.identifiers": {"officer", "detective", "analyst", "inspector", "dpo"},
    "FirearmCertificate.holder": {"dpo"},
    "MissingReport.riskLevel": {"officer", "detective", "analyst", "dpo"},
    "MissingReport.factors": {"detective", "analyst", "dpo"},
    "Person.immigrationMarkers": {"detective", "analyst"},
    "IntelReport.text": {"analyst"},
}


@pytest.mark.parametrize("persona", [name for name in PERSONAS if name != "supervisor"])
def test_each_persona_sees_in_full_what_its_audience_does(keys: Keys, persona: str) -> None:
    principal = PERSONAS[persona].principal
    context = context_from_headers(headers_for(persona, token_for(persona, keys, NOW)), principal, FACTS)
    decider = Decider(rules_from_sdl({"dictionary": dictionary_sdl()}))
    clearance = decider.clearance(principal, context, datetime.fromtimestamp(NOW, UTC))
    seen = {coordinate for coordinate in IN_FULL if clearance.decision(coordinate).form is Form.FULL}
    assert seen == {coordinate for coordinate, personas in IN_FULL.items() if persona in personas}
