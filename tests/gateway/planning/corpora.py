"""Where the conformance corpora are, and their rows; nothing of them is kept in the repository."""

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[3]
CORPORA = Path(os.environ.get("LEDS_SHARED") or REPOSITORY.parent / "shared") / "conformance"
ABSENT = "no conformance corpora: set LEDS_SHARED or put shared/ beside the repository"
LATER = {"defer", "context", "typeConditionedFetching", "introspection", "error"}
"""Tags of planner rows about what is not planned yet, or not by the planner."""


@cache
def planner_rows() -> tuple[dict[str, Any], ...]:
    """The rows of `planner.jsonl` about what this planner plans."""
    rows = tuple(json.loads(line) for line in (CORPORA / "planner.jsonl").read_text(encoding="utf-8").splitlines())
    return tuple(row for row in rows if not LATER & set(row["tags"]))


def labels_of(row: dict[str, Any]) -> frozenset[str]:
    """The progressive override labels that the row switches on."""
    conditions = (row.get("options") or {}).get("overrideConditions") or {}
    return frozenset(label for label, on in conditions.items() if on)


@cache
def audit_suites() -> tuple[dict[str, Any], ...]:
    """The audit's suites: subgraphs, supergraph and tests."""
    return tuple(json.loads(file.read_text(encoding="utf-8")) for file in sorted((CORPORA / "audit").glob("*.json")))


def audit_queries() -> Iterator[tuple[dict[str, Any], int, str]]:
    """Each suite with the number and text of each of its queries."""
    for suite in audit_suites():
        for number, test in enumerate(suite["tests"]):
            yield suite, number, test["query"]


@cache
def peer_plans() -> dict[tuple[str, int], dict[str, dict[str, Any]]]:
    """By suite and number of the query: the peers' plans with their fetches and depth, of those that have one."""
    rows = [json.loads(line) for line in (CORPORA / "audit_plans.jsonl").read_text(encoding="utf-8").splitlines()]
    return {
        (row["suite"], row["test"]): {
            name: plan for name, plan in row.items() if isinstance(plan, dict) and "fetches" in plan
        }
        for row in rows
    }
