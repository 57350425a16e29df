"""Plans recorded with their subgraph calls give the recorded responses, every one of them."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from graphql import specified_directives

from tests.gateway.execution.corpus import rows, shared_folder
from tests.gateway.execution.replay import replay

NOT_RECORDED = {"x0088"}
"""Rows whose errors were recorded without their content."""

SPECIFIED = {directive.name for directive in specified_directives}
FLOOR_REPLAYED = 135
"""The other rows' operations are not valid over their API schema."""

pytestmark = pytest.mark.skipif(
    shared_folder() is None, reason="no conformance folder: set LEDS_SHARED or put shared/ beside the repository"
)


async def test_recorded_plans_give_their_recorded_responses(record_property):
    replayed, differing = 0, []
    for row in rows("execution.jsonl"):
        result, unknown = await replay(row)
        if result is None:
            continue
        replayed += 1
        recorded = row["response"]
        same_data = _served(result.data) == _served(recorded.get("data"))
        same_errors = row["id"] in NOT_RECORDED or _paths(result.errors) == _recorded_paths(recorded)
        if unknown or not (same_data and same_errors):
            differing.append(row["id"])
    record_property("agreement", f"{replayed - len(differing)} of {replayed}")
    assert replayed >= FLOOR_REPLAYED
    assert differing == []


def _served(data: Any) -> Any:
    """Data without what the specification itself brings (`__Type`, `@deprecated` and the like): the recorded gateway
    knew an older edition of it, without `@oneOf`, `isOneOf` and non-null `includeDeprecated` (3.13, 4.2)."""
    if not data or "__schema" not in data:
        return data
    schema = data["__schema"]
    types = [each for each in schema["types"] if not each["name"].startswith("__")]
    directives = [each for each in schema["directives"] if each["name"] not in SPECIFIED]
    return data | {"__schema": schema | {"types": types, "directives": directives}}


def _recorded_paths(recorded: dict[str, Any]) -> list[str]:
    """The recorded gateway told some nulls in its extensions, which the specification wants in `errors` (6.4.4)."""
    completions = recorded.get("extensions", {}).get("valueCompletion", ())
    return _paths([*recorded.get("errors", ()), *completions])


def _paths(errors: Iterable[Mapping[str, Any]]) -> list[str]:
    return sorted(str(error.get("path")) for error in errors)
