"""For administrators: each field's rule, the decision on it and what the plan makes of it. Schema only, never data.

In: an operation and a clearance. Out: text and JSON. What is silent is named: never for the caller's eyes.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import DocumentNode

from authz.enforce import enforce
from authz.explain import ExplainedField, Judgement, explain
from authz.rules import Rule
from gateway.planning.check import coordinates_of
from gateway.planning.inspect import Inspection
from gateway.planning.plan import fetches_of
from gateway.planning.planner import Planner
from leds.cleared import Cleared
from leds.explained import form_text


def access_trace(planner: Planner, document: DocumentNode, operation_name: str | None, caller: Cleared) -> Inspection:
    """Rule → decision → plan for every field of a valid operation, as this caller's request would go."""
    supergraph = planner.supergraph
    judgement = Judgement(supergraph.api_schema, caller.clearance, caller.rules, caller.principal, candid=True)
    fields = explain(document, operation_name, judgement)
    read = _read_by(planner, document, operation_name, caller)
    rows = [_row(found, caller, read.get(found.coordinate, ())) for found in fields]
    return Inspection("\n".join(_lines(rows)), rows)


def _read_by(
    planner: Planner, document: DocumentNode, operation_name: str | None, caller: Cleared
) -> Mapping[str, tuple[str, ...]]:
    """The subgraphs asked for each coordinate by the plan of what is allowed."""
    schema = planner.supergraph.api_schema
    allowed = enforce(document, operation_name, schema, caller.clearance, caller.rules).document
    if allowed is None:
        return {}
    found: dict[str, dict[str, None]] = {}
    for fetch in fetches_of(planner.plan(allowed, operation_name)):
        for coordinate in coordinates_of(fetch, planner.supergraph.full_schema):
            found.setdefault(coordinate, {})[fetch.subgraph] = None
    return {coordinate: tuple(sorted(names)) for coordinate, names in found.items()}


def _row(found: ExplainedField, caller: Cleared, read_by: tuple[str, ...]) -> dict[str, Any]:
    return {
        "path": found.path,
        "coordinate": found.coordinate,
        "rule": rule_text(caller.rules.fields[found.coordinate]),
        "decision": form_text(found.form, found.mask),
        "policies": list(found.policies or caller.clearance.decision(found.coordinate).policies),
        "missing": list(found.missing),
        "rows": list(caller.clearance.decision(found.coordinate).rows),
        "under": found.under,
        "plan": list(read_by) if found.under is None else [],
    }


def rule_text(rule: Rule) -> str:
    """A rule on one line: datasets and sensitivity, mask, or why it has none."""
    if rule.datasets:
        labels = f"{' + '.join(rule.datasets)} {rule.sensitivity}"
        return f"{labels} mask {rule.mask}" if rule.mask else labels
    return "inherits" if rule.inherits else "open" if rule.open else "untagged"


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    width = max((len(row["path"]) for row in rows), default=0)
    for row in rows:
        decision = " ".join((row["decision"], *row["policies"]))
        if row["rows"]:
            decision += f" (by row: {', '.join(row['rows'])})"
        plan = f"under {row['under']}" if row["under"] else ", ".join(row["plan"]) or "not fetched"
        yield f"{row['path']:<{width}}  {row['rule']} → {decision} → {plan}"
