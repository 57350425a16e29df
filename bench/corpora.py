"""How plans compare with the peers' on the shared corpora: fetches and depth in total, and agreement by tag. Reads
LEDS_SHARED or ../shared, and says so when there is none."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import parse, validate

from bench._measure import write_result
from gateway.composition.supergraph import supergraph_from_sdl
from gateway.planning.errors import PlanningError
from gateway.planning.plan import Condition, Fetch, Flatten, Parallel, PlanNode, Subscription
from gateway.planning.planner import Planner

CORPORA = Path(os.environ.get("LEDS_SHARED") or Path(__file__).parents[2] / "shared") / "conformance"
NOT_CORE = {"defer", "context", "override_label", "typeConditionedFetching", "subscription", "introspection", "error"}
Size = tuple[int, int]


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
    planner, document = planner_of(sdl), parse(operation)
    if validate(planner.supergraph.api_schema, document):
        return None
    try:
        return size(planner.plan(document, name).node)
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
    """The audit's queries beside the recorded plans of the two peers, each over the queries that it could plan."""
    suites = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in (CORPORA / "audit").glob("*.json")}
    totals: dict[str, dict[str, Counter[str]]] = {}
    longer: dict[str, list[str]] = {}
    for row in rows("audit_plans.jsonl"):
        suite = suites[row["suite"]]
        found = planned(suite["supergraph_sdl"], suite["tests"][row["test"]]["query"])
        for peer, plan in _peers(row):
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


def main() -> None:
    """Count and keep the figures."""
    if not CORPORA.is_dir():
        sys.stdout.write("no conformance corpora: set LEDS_SHARED or put shared/ beside the repository\n")
        return
    write_result("corpora", {"planner_core": core(), "audit_plans": audit()})


if __name__ == "__main__":
    main()
