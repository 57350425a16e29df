"""The main query explained to every persona, as kept in `explained/`; and what only an administrator is shown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from graphql import parse

from authz.explain import Judgement, explain
from gateway.composition.supergraph import Supergraph, supergraph_from_sdl
from gateway.planning.planner import Planner
from leds.access_trace import access_trace
from leds.cleared import cleared
from leds.explained import explanation_text
from leds.personas import PERSONAS

ROOT = Path(__file__).parent.parent.parent
KEPT = Path(__file__).parent / "explained"
ROADSIDE = parse((ROOT / "docs" / "examples" / "roadside.graphql").read_text(encoding="utf-8"), no_location=True)
ON = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def supergraph() -> Supergraph:
    return supergraph_from_sdl((ROOT / "schema" / "supergraph.graphql").read_text(encoding="utf-8"))


@pytest.mark.parametrize("persona", sorted(PERSONAS))
def test_the_main_query_is_explained_to_each_persona(supergraph: Supergraph, persona: str):
    caller = cleared(persona, ON)
    judgement = Judgement(supergraph.api_schema, caller.clearance, caller.rules, caller.principal)
    text = explanation_text(explain(ROADSIDE, None, judgement))
    assert text + "\n" == (KEPT / f"{persona}.txt").read_text(encoding="utf-8")


def test_no_explanation_names_silence_or_a_sealed_policy():
    kept = [file.read_text(encoding="utf-8") for file in KEPT.iterdir()]
    assert len(kept) == len(PERSONAS)
    assert not [text for text in kept if "SILENT" in text or "entitled to PND" in text or "P10" in text]


def test_an_administrator_sees_rule_decision_and_plan_and_what_is_silent(supergraph: Supergraph):
    found = access_trace(Planner(supergraph), ROADSIDE, None, cleared("officer", ON))
    rows = {row["path"]: row for row in found.data}
    assert (rows["vehicle.vrm"]["rule"], rows["vehicle.vrm"]["decision"]) == ("DVLA.VEH S1 mask LAST4", "FULL")
    assert rows["vehicle.vrm"]["plan"] == ["vehicle"]
    driver = "vehicle.keeper.matchedDrivers.driver"
    assert (rows[f"{driver}.points"]["decision"], rows[f"{driver}.points"]["plan"]) == ("MASK(BAND)", ["drivers"])
    sealed = rows["vehicle.intelReports"]
    assert (sealed["decision"], sealed["plan"]) == ("SILENT", [])
    assert rows["vehicle.intelReports.nodes.text"]["under"] == "vehicle.intelReports"
    assert found.text.splitlines()[0].startswith("vehicle ")
