"""The published schemas change only when their snapshots change with them."""

from pathlib import Path

from gateway.composition.supergraph import supergraph_from_sdl
from leds.snapshots import REGENERATE, SUPERGRAPH, outdated, write_snapshots
from subgraphs.snapshots import product_names


def names(paths) -> set[str]:
    return {path.name for path in paths}


def test_every_schema_is_served_as_its_snapshot_says():
    assert names(outdated()) == set(), f"a schema changed: look at the difference and run `{REGENERATE}`"


def test_the_supergraph_is_one_that_can_be_served():
    assert set(supergraph_from_sdl(SUPERGRAPH.read_text(encoding="utf-8")).subgraphs) == set(product_names())


def test_snapshots_out_of_date_are_named_and_brought_up_to_date(tmp_path: Path):
    kept = tmp_path / "subgraphs", tmp_path / "supergraph.graphql"
    assert names(write_snapshots(*kept)) == {f"{name}.graphql" for name in (*product_names(), "supergraph")}
    for file in ("subgraphs/vehicle.graphql", "subgraphs/submarine.graphql", "supergraph.graphql"):
        (tmp_path / file).write_text("type Query { nothing: Int }")
    (tmp_path / "subgraphs/person.graphql").unlink()
    out_of_date = {"vehicle.graphql", "submarine.graphql", "person.graphql", "supergraph.graphql"}
    assert names(outdated(*kept)) == out_of_date
    assert names(write_snapshots(*kept)) == out_of_date
    assert not outdated(*kept)
