"""How far composition agrees with the corpora: the agreement never falls below the floors here."""

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.errors import CompositionFailed
from gateway.composition.federation1 import upgrade
from gateway.composition.report import Report
from gateway.composition.validate_subgraph import valid_subgraphs
from tests.gateway.composition.equivalence import differences

REPOSITORY = Path(__file__).resolve().parents[3]
CORPORA = Path(os.environ.get("LEDS_SHARED") or REPOSITORY.parent / "shared") / "conformance"

Row = Mapping[str, Any]

needs_corpora = pytest.mark.skipif(
    not CORPORA.is_dir(), reason="no conformance corpora: set LEDS_SHARED or put shared/ beside the repository"
)


def definitions(row: Row) -> list[SubgraphDefinition]:
    return [SubgraphDefinition(s["name"], s.get("url") or "", s["sdl"]) for s in row["subgraphs"]]


def codes(reported: Sequence[Mapping[str, str]]) -> set[str]:
    return {item["code"] for item in reported}


def disagreement(row: Row) -> str | None:
    """What differs from the expected outcome of composing a row's subgraphs, or None."""
    expected = row.get("full_result") or row["result"]
    try:
        composition = compose(definitions(row))
    except CompositionFailed as failure:
        found, wanted = {error.code for error in failure.errors}, codes(expected.get("errors", []))
        return None if found == wanted else f"errors {sorted(found)} instead of {sorted(wanted)}"
    if "errors" in expected:
        return f"composed instead of {sorted(codes(expected['errors']))}"
    hints, wanted = {hint.code for hint in composition.hints}, codes(expected.get("hints", []))
    if "hints" in expected and hints != wanted:
        return f"hints {sorted(hints)} instead of {sorted(wanted)}"
    return next(iter(differences(composition.supergraph_sdl, expected["supergraph_sdl"])), None)


def invalidity(row: Row) -> str | None:
    """What differs from the expected errors of one subgraph, or None."""
    report = Report()
    valid = valid_subgraphs([SubgraphDefinition(row["name"], "", row["sdl"])], report)
    upgrade(valid, report)
    found, wanted = {error.code for error in report.errors}, codes(row["errors"])
    return None if found == wanted else f"errors {sorted(found)} instead of {sorted(wanted)}"


def lines(name: str) -> Iterator[Row]:
    with (CORPORA / name).open(encoding="utf-8") as corpus:
        yield from map(json.loads, corpus)


def composition_rows() -> list[Row]:
    """The usable rows; a limit of paths is an option of the reference we do not have."""
    return [
        row for row in lines("composition.jsonl") if not row.get("exclude") and set(row["options"]) == {"customPrint"}
    ]


def audit_rows() -> list[Row]:
    suites = (json.loads(path.read_text(encoding="utf-8")) for path in sorted((CORPORA / "audit").glob("*.json")))
    return [
        {"id": suite.get("suite", suite["subgraphs"][0]["name"]), "subgraphs": suite["subgraphs"], "result": suite}
        for suite in suites
    ]


def validation_rows() -> list[Row]:
    return list(lines("subgraph_validation.jsonl"))


CASES: list[tuple[Callable[[], list[Row]], Callable[[Row], str | None], int]] = [
    (composition_rows, disagreement, 436),
    (validation_rows, invalidity, 59),
    (audit_rows, disagreement, 46),
]


@needs_corpora
@pytest.mark.parametrize(("rows", "judge", "floor"), CASES, ids=[case[0].__name__ for case in CASES])
def test_agreement_with_the_corpus_does_not_fall(
    rows: Callable[[], list[Row]], judge: Callable[[Row], str | None], floor: int
) -> None:
    found = [(row["id"], judge(row)) for row in rows()]
    agreeing = [row for row, problem in found if problem is None]
    report = "\n".join(f"{row}: {problem}" for row, problem in found if problem is not None)
    assert len(agreeing) >= floor, f"{len(agreeing)} of {len(found)} agree, {floor} did before:\n{report}"
