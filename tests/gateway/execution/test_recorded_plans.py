"""Plans recorded with their subgraph calls give the recorded responses. The floor may rise and never fall."""

import pytest

from tests.gateway.execution.corpus import rows, shared_folder
from tests.gateway.execution.replay import replay

FLOOR_DATA = 132
FLOOR_DATA_AND_ERROR_PATHS = 130

pytestmark = pytest.mark.skipif(
    shared_folder() is None, reason="no conformance folder: set LEDS_SHARED or put shared/ beside the repository"
)


async def test_recorded_plans_give_their_recorded_responses(record_property):
    same_data = same_errors = replayed = 0
    for row in rows("execution.jsonl"):
        result, unknown = await replay(row)
        if result is None:
            continue
        replayed += 1
        recorded = row["response"]
        if result.data == recorded.get("data") and not unknown:
            same_data += 1
            same_errors += _paths(result.errors) == _paths(recorded.get("errors", ()))
    record_property("agreement", f"{same_data} data, {same_errors} data and error paths, of {replayed}")
    assert same_data >= FLOOR_DATA
    assert same_errors >= FLOOR_DATA_AND_ERROR_PATHS


def _paths(errors):
    return sorted(str(error.get("path")) for error in errors)
