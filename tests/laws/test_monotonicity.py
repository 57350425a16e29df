"""More attributes never show less, and more only where they are about; with PND a caller loses PND and nothing else."""

import re
from dataclasses import replace
from random import Random

import pytest

from authz.context import RequestContext
from authz.decide import Decider
from authz.decision import HEIGHT, Decision
from authz.grounds import SERVICE_ROLE
from authz.principal import Principal
from authz.rules import rules_from_sdl
from leds.federation import embedded_definitions
from tests.authz.callers import NOON, context
from tests.laws.random_callers import Asking, random_asking
from tests.laws.report import CASES, SEED, cases

CALLERS = 20
SEALED_BY_TRAINING = re.compile(r"PND\.")


@pytest.fixture(scope="module")
def decider() -> Decider:
    return Decider(rules_from_sdl({each.name: each.sdl for each in embedded_definitions()}))


def stated(asking: Asking) -> RequestContext:
    return context(asking.reason, asking.purpose, asking.principal.system)


def decided(decider: Decider, asking: Asking, principal: Principal) -> dict[str, Decision]:
    clearance = decider.clearance(principal, stated(asking), NOON)
    return {name: clearance.decision(name) for name in decider.rules.fields}


def askings(decider: Decider, what: str, count: int) -> list[Asking]:
    random = Random(f"{what} {SEED}")
    found = (random_asking(random, decider.facts) for _ in range(count))
    # A connecting system's own identity is vouched for by its approval, a user's by vetting: these are two kinds.
    return [asking for asking in found if SERVICE_ROLE not in asking.principal.roles]


@pytest.mark.law("more-training-never-shows-less")
def test_more_training_never_shows_less(decider: Decider, record_property):
    found = askings(decider, "training", cases(CALLERS))
    record_property(CASES, len(found))
    for asking in found:
        trained = replace(asking.principal, training=tuple(sorted(decider.facts.training)))
        before, after = (decided(decider, asking, each) for each in (asking.principal, trained))
        assert [name for name in before if HEIGHT[after[name].form] < HEIGHT[before[name].form]] == [], asking


@pytest.mark.law("more-vetting-never-shows-less")
def test_vetting_that_suffices_for_more_never_shows_less(decider: Decider, record_property):
    """Levels are no ladder: one is more than another where it suffices for all that the other suffices for."""
    found, random = askings(decider, "vetting", cases(CALLERS)), Random(f"levels {SEED}")
    record_property(CASES, len(found))
    levels = sorted(decider.facts.vetting)
    opened = 0
    for asking in found:
        kind, level = asking.principal.organisation_kind, random.choice(levels)
        less = replace(asking.principal, vetting=level)
        before = decided(decider, asking, less)
        enough = suffices_for(decider, level, kind)
        higher = random.choice([name for name in levels if suffices_for(decider, name, kind) >= enough])
        after = decided(decider, asking, replace(less, vetting=higher))
        assert [name for name in before if HEIGHT[after[name].form] < HEIGHT[before[name].form]] == [], asking
        opened += any(HEIGHT[after[name].form] > HEIGHT[before[name].form] for name in before)
        nothing = decided(decider, asking, replace(less, vetting=None))
        assert {name for name, rule in decider.rules.fields.items() if rule.datasets and nothing[name].allowed} == set()
    assert opened


def suffices_for(decider: Decider, level: str, kind: str) -> set[str]:
    """What a vetting level suffices for in an organisation of this kind."""
    held = decider.facts.vetting[level]
    return {what for what, write in (("enquiry", False), ("update", True)) if held.suffices(kind, write=write)}


@pytest.mark.law("a-role-opens-only-its-datasets")
def test_a_further_role_changes_only_datasets_that_it_is_entitled_to(decider: Decider, record_property):
    found, random = askings(decider, "roles", cases(CALLERS)), Random(SEED)
    record_property(CASES, len(found))
    for asking in found:
        role = random.choice(sorted(decider.facts.roles - {SERVICE_ROLE}))
        more = replace(asking.principal, roles=(*asking.principal.roles, role))
        before, after = (decided(decider, asking, each) for each in (asking.principal, more))
        own = datasets_of(decider, role)
        assert [
            name
            for name, rule in decider.rules.fields.items()
            if before[name].form != after[name].form and own.isdisjoint(reached(decider, name))
        ] == [], (asking, role)


@pytest.mark.law("a-role-never-shows-less")
def test_a_further_role_never_shows_less(decider: Decider, record_property):
    found, random = askings(decider, "more roles", cases(CALLERS)), Random(SEED)
    record_property(CASES, len(found))
    for asking in found:
        role = random.choice(sorted(decider.facts.roles))
        more = replace(asking.principal, roles=(*asking.principal.roles, role))
        before, after = (decided(decider, asking, each) for each in (asking.principal, more))
        assert [name for name in before if HEIGHT[after[name].form] < HEIGHT[before[name].form]] == [], (asking, role)


@pytest.mark.law("pnd-training-is-about-pnd")
def test_without_training_for_pnd_only_pnd_is_decided_otherwise(decider: Decider, record_property):
    found = askings(decider, "pnd", cases(CALLERS))
    record_property(CASES, len(found))
    for asking in found:
        trained, untrained = (
            replace(asking.principal, training=(*{*asking.principal.training} - {"PND-USER"}, *more))
            for more in (("PND-USER",), ())
        )
        before, after = (decided(decider, asking, each) for each in (trained, untrained))
        changed = {name for name in before if before[name].form != after[name].form}
        assert {name for name in changed if not any(map(SEALED_BY_TRAINING.match, reached(decider, name)))} == set()


def datasets_of(decider: Decider, role: str) -> set[str]:
    """The datasets that an entitlement or a line of the matrix opens to the role by its name."""
    entitled = {dataset for holder, dataset in decider.facts.entitlements if holder == role}
    named = {key[2] for key, rows in decider.facts.matrix.items() if any(role in row.roles for row in rows)}
    return entitled | named


def reached(decider: Decider, coordinate: str) -> set[str]:
    """The datasets of a field; of an interface's, those of the fields it stands for."""
    rule = decider.rules.fields[coordinate]
    return {name for each in (rule.concrete or (coordinate,)) for name in decider.rules.fields[each].datasets}
