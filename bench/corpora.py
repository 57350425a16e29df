"""How plans compare with the peers' on the shared corpora: fetches and depth in total, and agreement by tag; how far
composition agrees, by code and by tag. `python -m bench.corpora composition` counts the latter only and keeps the rest.
Reads LEDS_SHARED or ../shared, and says so when there is none."""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import parse, validate

from bench._measure import RESULTS, write_result
from gateway.composition.compose import compose
from gateway.composition.definition import SubgraphDefinition
from gateway.composition.errors import CompositionFailed
from gateway.composition.federation1 import upgrade
from gateway.composition.report import Report
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.composition.validate_subgraph import valid_subgraphs
from gateway.execution.program import compile_program
from gateway.planning.errors import PlanningError
from gateway.planning.plan import Condition, Fetch, Flatten, Parallel, PlanNode, QueryPlan, Subscription
from gateway.planning.planner import Planner

CORPORA = Path(os.environ.get("LEDS_SHARED") or Path(__file__).parents[2] / "shared") / "conformance"
NOT_CORE = {"defer", "context", "override_label", "typeConditionedFetching", "subscription", "introspection", "error"}
PRINTING = {"customPrint"}
KEPT = RESULTS / "corpora.json"
Size = tuple[int, int]
Judged = tuple[str, set[str], set[str]]


def size(node: PlanNode | None) -> Size:
    """Fetches and depth: depth adds along Sequence and is the largest of Parallel and Condition."""
    match node:
        case None:
            return 0, 0
        case Fetch():
            return 1, 1
        case Flatten(_, inner):
            return size(inner)
        case Condition(_, if_clause, else_clause):
            parts = [size(if_clause), size(else_clause)]
        case Subscription(primary, rest):
            parts = [size(primary), size(rest)]
        case _:
            parts = [size(inner) for inner in node.nodes]
    depths = [depth for _, depth in parts]
    together = isinstance(node, Parallel | Condition)
    return sum(fetches for fetches, _ in parts), max(depths) if together else sum(depths)


@cache
def planner_of(sdl: str) -> Planner:
    """A planner over a row's supergraph."""
    return Planner(supergraph_from_sdl(sdl))


def rows(name: str) -> list[dict[str, Any]]:
    """The rows of a corpus."""
    return [json.loads(line) for line in (CORPORA / name).read_text(encoding="utf-8").splitlines()]


def planned(sdl: str, operation: str, name: str | None = None) -> Size | str | None:
    """Fetches and depth of our plan; a code where it is refused, None where the operation is not valid."""
    plan = _plan(sdl, operation, name)
    return size(plan.node) if isinstance(plan, QueryPlan) else plan


def requests(sdl: str, operation: str) -> Size | str | None:
    """As `planned`, with the fetches that go out as one request counted once."""
    plan = _plan(sdl, operation)
    if not isinstance(plan, QueryPlan):
        return plan
    levels = compile_program(plan, parse(operation), None, planner_of(sdl).supergraph.api_schema).levels
    return sum(map(len, levels)), size(plan.node)[1]


def _plan(sdl: str, operation: str, name: str | None = None) -> QueryPlan | str | None:
    planner, document = planner_of(sdl), parse(operation)
    if validate(planner.supergraph.api_schema, document):
        return None
    try:
        return planner.plan(document, name)
    except PlanningError as error:
        return error.code


def core() -> dict[str, Any]:
    """The core rows of the planner corpus beside the recorded plans."""
    wanted = [row for row in rows("planner.jsonl") if row["join_version"] != "0.1" and not NOT_CORE & set(row["tags"])]
    ours: Counter[str] = Counter()
    theirs: Counter[str] = Counter()
    by_tag: dict[str, Counter[str]] = {}
    longer = []
    for row in wanted:
        found = planned(row["supergraph_sdl"], row["operation"], row["operation_name"])
        verdict = _verdict(found, (row["fetches"], row["depth"]))
        if isinstance(found, tuple):
            _add(ours, found)
            _add(theirs, (row["fetches"], row["depth"]))
        if verdict not in ("equal", "shorter"):
            longer.append(f"{row['id']}: {found} beside {(row['fetches'], row['depth'])}")
        for tag in row["tags"] or ["(none)"]:
            by_tag.setdefault(tag, Counter())[verdict] += 1
    return {
        "rows": len(wanted),
        "ours": dict(ours),
        "apollo": dict(theirs),
        "longer_or_refused": longer,
        "by_tag": {tag: dict(by_tag[tag]) for tag in sorted(by_tag)},
    }


def audit() -> dict[str, Any]:
    """The audit's queries beside the recorded plans of the two peers, each over the queries that it could plan.

    Hive's plans combine look-ups of several places into one request (`BatchFetch`, counted once), so ours are counted
    as requests beside them, and as fetches beside Apollo's.
    """
    suites = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (CORPORA / "audit").glob("*.json")}
    totals: dict[str, dict[str, Counter[str]]] = {}
    longer: dict[str, list[str]] = {}
    for row in rows("audit_plans.jsonl"):
        suite = suites[row["suite"]]
        for peer, plan in _peers(row):
            count = planned if peer == "apollo" else requests
            found = count(suite["supergraph_sdl"], suite["tests"][row["test"]]["query"])
            if isinstance(found, tuple):
                beside = (plan["fetches"], plan["depth"])
                pair = totals.setdefault(peer, {"ours": Counter(), "peer": Counter()})
                _add(pair["ours"], found)
                _add(pair["peer"], beside)
                if _verdict(found, beside) == "longer":
                    longer.setdefault(peer, []).append(f"{row['suite']} {row['test']}: {found} beside {beside}")
    return {
        "totals": {peer: {who: dict(sums) for who, sums in pair.items()} for peer, pair in totals.items()},
        "longer": longer,
    }


def _peers(row: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    return ((name, plan) for name, plan in row.items() if isinstance(plan, dict) and "fetches" in plan)


def _verdict(found: Size | str | None, peer: Size) -> str:
    if not isinstance(found, tuple):
        return found or "invalid operation"
    if found == peer:
        return "equal"
    return "shorter" if found[0] <= peer[0] and found[1] <= peer[1] else "longer"


def _add(sums: Counter[str], plan: Size) -> None:
    sums.update(plans=1, fetches=plan[0], depth=plan[1])


def composition() -> dict[str, Any]:
    """The usable composition rows, the audit's suites and the validation rows: which agree, by code and by tag."""
    usable = [row for row in rows("composition.jsonl") if not row.get("exclude") and set(row["options"]) == PRINTING]
    judged = [(row["tags"] or ["(none)"], *_composed(row)) for row in usable]
    validated = [(["subgraph"], *_validated(row)) for row in rows("subgraph_validation.jsonl")]
    disagreeing = [row["id"] for row, (_, kind, wanted, found) in zip(usable, judged, strict=True) if wanted != found]
    return {
        "rows": len(judged),
        "agreeing": len(judged) - len(disagreeing),
        "subgraph_validation_rows": len(validated),
        "subgraph_validation_agreeing": sum(wanted == found for _, _, wanted, found in validated),
        "disagreeing": disagreeing,
        "by_error_code": _by_code(item for item in [*judged, *validated] if item[1] == "errors"),
        "by_hint_code": _by_code(item for item in judged if item[1] == "hints"),
        "by_tag": _by_tag(judged),
    }


def _composed(row: dict[str, Any]) -> Judged:
    """Whether errors or hints are expected, the codes expected and the codes found; supergraphs are for the tests."""
    expected = row.get("full_result") or row["result"]
    kind = "errors" if "errors" in expected else "hints"
    wanted = {item["code"] for item in expected.get(kind, [])}
    subgraphs = [SubgraphDefinition(item["name"], item.get("url") or "", item["sdl"]) for item in row["subgraphs"]]
    try:
        hints = {hint.code for hint in compose(subgraphs).hints}
    except CompositionFailed as failure:
        return kind, wanted, {error.code for error in failure.errors} | ({"failed"} if kind == "hints" else set())
    if kind == "errors":
        return kind, wanted, {"composed"}
    return kind, wanted, hints if kind in expected else wanted


def _validated(row: dict[str, Any]) -> Judged:
    report = Report()
    valid = valid_subgraphs([SubgraphDefinition(row["name"], "", row["sdl"])], report)
    upgrade(valid, report)
    return "errors", {item["code"] for item in row["errors"]}, {error.code for error in report.errors}


def _by_code(judged: Iterable[tuple[list[str], str, set[str], set[str]]]) -> dict[str, dict[str, int]]:
    """For each code the rows that expect it, those of them where it is found, and those where it is found besides."""
    sums: dict[str, Counter[str]] = {}
    for _, _, wanted, found in judged:
        for code in wanted | found:
            outcome = "unexpected" if code not in wanted else "agreeing" if code in found else "missing"
            sums.setdefault(code, Counter())[outcome] += 1
    return {code: dict(sums[code]) for code in sorted(sums)}


def _by_tag(judged: Iterable[tuple[list[str], str, set[str], set[str]]]) -> dict[str, dict[str, int]]:
    sums: dict[str, Counter[str]] = {}
    for tags, _, wanted, found in judged:
        for tag in tags:
            sums.setdefault(tag, Counter())["agreeing" if wanted == found else "disagreeing"] += 1
    return {tag: dict(sums[tag]) for tag in sorted(sums)}


PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "planner_core": core,
    "audit_plans": audit,
    "composition": composition,
}


def main() -> None:
    """Count the parts named (default: all) and keep the figures beside those of the other parts."""
    if not CORPORA.is_dir():
        sys.stdout.write("no conformance corpora: set LEDS_SHARED or put shared/ beside the repository\n")
        return
    chosen = sys.argv[1:] or list(PARTS)
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.is_file() else {}
    figures = {name: count() if name in chosen else kept.get(name, {}) for name, count in PARTS.items()}
    write_result("corpora", figures)


if __name__ == "__main__":
    main()
