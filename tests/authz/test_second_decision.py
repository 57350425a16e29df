"""A subgraph decides again from its own SDL alone: never higher than the gateway, and never lower for what it owns."""

from collections.abc import Mapping
from pathlib import Path

import pytest

import schema
from authz.decide import Decider
from authz.rules import rules_from_sdl
from schema.dictionary import derivations
from tests.authz.callers import INVESTIGATION, NOON, SYSTEMS, caller, context
from tests.authz.test_policy_vectors import JUDGED, principal_of

SDLS = {path.stem: path.read_text("utf-8") for path in (Path(schema.__file__).parent / "subgraphs").glob("*.graphql")}


@pytest.fixture(scope="module")
def gateway() -> Decider:
    return Decider(rules_from_sdl(SDLS))


@pytest.fixture(scope="module")
def subgraphs() -> Mapping[str, Decider]:
    return {name: Decider(rules_from_sdl({name: sdl})) for name, sdl in SDLS.items()}


@pytest.mark.parametrize("row", JUDGED[::3], ids=lambda row: row["id"])
def test_what_one_decides_the_other_decides(row: Mapping[str, str], gateway: Decider, subgraphs: Mapping[str, Decider]):
    principal = principal_of(row)
    stated = context(row["reason"], row["purpose"], SYSTEMS[row["route"]])
    allowed = gateway.clearance(principal, stated, NOON)
    differing = [
        (name, coordinate)
        for name, subgraph in subgraphs.items()
        for coordinate, rule in subgraph.rules.fields.items()
        if not rule.internal and not rule.external
        if subgraph.clearance(principal, stated, NOON).decision(coordinate) != allowed.decision(coordinate)
    ]
    assert differing == []


def test_both_know_who_is_answered_from_what(gateway: Decider):
    """`schema/derived.csv` says of every derived answer what the subgraphs' schemas say."""
    said = {
        rule.coordinate: ((rule.datasets, rule.sensitivity, rule.mask, rule.reaches), rule.derived)
        for rule in gateway.rules.fields.values()
        if rule.derived
    }
    assert said
    assert said == {
        each.coordinate: (((each.dataset,), each.sensitivity, each.mask, each.reaches), each.inputs)
        for each in derivations()
    }


def test_the_owner_of_an_input_lets_it_be_read_for_those_who_are_answered_from_it(subgraphs: Mapping[str, Decider]):
    def internal(role: str, *training: str) -> frozenset[str]:
        analyst = caller(role, vetting="MV", training=("NM-ENQ", "VP-ENQ", "COP", *training))
        return subgraphs["vehicle"].clearance(analyst, INVESTIGATION, NOON).internal

    assert "Vehicle.vrm" in internal("intel_analyst", "PND-USER")
    assert "Vehicle.vrm" not in internal("intel_analyst")
    assert "Vehicle.vehicleId" in internal("org_admin")
