"""The published schemas change only when their snapshots change with them."""

from pathlib import Path

import pytest

from gateway.composition.supergraph import supergraph_from_sdl
from leds.snapshots import REGENERATE, SUPERGRAPH, outdated, write_snapshots
from subgraphs.snapshots import product_names


def names(paths) -> set[str]:
    return {path.name for path in paths}


def test_every_schema_is_served_as_its_snapshot_says():
    assert names(outdated()) == set(), f"a schema changed: look at the difference and run `{REGENERATE}`"


def test_the_supergraph_is_one_that_can_be_served():
    assert set(supergraph_from_sdl(SUPERGRAPH.read_text(encoding="utf-8")).subgraphs) == set(product_names())


@pytest.fixture
def snapshots(tmp_path: Path) -> tuple[Path, Path]:
    """A complete set of snapshots elsewhere: the subgraphs' folder and the supergraph."""
    kept = tmp_path / "subgraphs", tmp_path / "supergraph.graphql"
    written = write_snapshots(*kept)
    assert names(written) == {f"{name}.graphql" for name in (*product_names(), "supergraph")}
    assert not outdated(*kept)
    return kept


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("subgraphs/vehicle.graphql", "type Query { nothing: Int }"),
        ("subgraphs/submarine.graphql", "type Query { nothing: Int }"),
        ("subgraphs/person.graphql", None),
        ("supergraph.graphql", "type Query { nothing: Int }"),
        ("supergraph.graphql", None),
    ],
    ids=["changed", "of no product", "missing", "supergraph changed", "supergraph missing"],
)
def test_a_snapshot_out_of_date_is_named_and_brought_up_to_date(snapshots, tmp_path, file, text):
    path = tmp_path / file
    if text is None:
        path.unlink()
    else:
        path.write_text(text)
    assert names(outdated(*snapshots)) == {path.name}
    assert names(write_snapshots(*snapshots)) == {path.name}
    assert not outdated(*snapshots)
