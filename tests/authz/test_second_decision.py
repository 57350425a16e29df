"""A subgraph decides again from its own SDL alone: never higher than the gateway, and never lower for what it owns."""

from collections.abc import Mapping
from pathlib import Path

import pytest

import schema
from authz.decide import Decider
from authz.decision import Form
from authz.rules import rules_from_sdl
from tests.authz.callers import NOON, SYSTEMS, context
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
        if (subgraph.clearance(principal, stated, NOON).decision(coordinate).form is Form.FULL)
        != (allowed.decision(coordinate).form is Form.FULL)
    ]
    assert differing == []
