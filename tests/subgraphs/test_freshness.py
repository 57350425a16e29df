"""How fresh a copy is said to be, by dataset and seconds behind."""

import pytest

from schema.reference_lists import reference_catalogue
from subgraphs.freshness import replication_state

STATES = [
    ("PNC.NAMES.WM", 30, "IN_SYNC"),
    ("PNC.NAMES.WM", 31, "LAGGING"),
    ("PNC.NAMES.WARN", 120, "LAGGING"),
    ("PNC.NAMES.WARN", 121, "STALE"),
    ("PNC.VEH.REPORT", 60, "IN_SYNC"),
    ("PNC.VEH.REPORT", 300, "LAGGING"),
    ("PNC.VEH.REPORT", 301, "STALE"),
    ("DVLA.VEH", 86_400, "IN_SYNC"),
    ("DVLA.VEH", 86_401, "STALE"),
    ("NRMP", 61, "LAGGING"),
]


@pytest.mark.parametrize(("dataset", "lag", "state"), STATES)
def test_a_copy_is_in_step_lagging_or_stale(dataset: str, lag: int, state: str):
    assert replication_state(dataset, lag) == state
    assert reference_catalogue().value("replication_states", state).resolved


def test_what_nobody_measures_has_no_state():
    assert replication_state("NRMP", None) is None
