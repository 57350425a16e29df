"""Mutants of the Cedar policies: their texts in, named policy sets out, each wrong in one place."""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cedarpy

from authz.policy_set import Policies

FOLDER = Path(__file__).parents[2] / "authz" / "policies"
SCHEMA = (FOLDER / "schema.cedarschema").read_text(encoding="utf-8")
EVERYTHING = {"principal": {"op": "All"}, "resource": {"op": "All"}}
ANY_ACTION = {"op": "in", "entity": {"type": "Action", "id": "read"}}
OTHER = {"when": "unless", "unless": "when"}
JOINING = ("&&", "||")
COMPARING = ("==", ">=")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PolicyMutant:
    """One policy set that is wrong: `name` says where and how, `text` is all of it."""

    name: str
    kind: str
    text: str

    def policies(self) -> Policies:
        """The set as the service would read it. Raises InvalidPolicies."""
        return Policies({"mutant.cedar": self.text}, SCHEMA)


def policy_mutants() -> Iterator[PolicyMutant]:
    """Every policy deleted, every scope widened, every condition dropped, negated and weakened part by part."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("*.cedar")))
    whole = json.loads(cedarpy.policies_to_json_str(text))
    for key, policy in whole["staticPolicies"].items():
        name = policy["annotations"]["id"]
        for kind, place, changed in _changes(policy):
            policies = {**whole["staticPolicies"], key: changed}
            kept = {known: each for known, each in policies.items() if each is not None}
            said = cedarpy.policies_from_json_str(json.dumps({**whole, "staticPolicies": kept}))
            yield PolicyMutant(f"{name} {kind} {place}".strip(), kind, said)


def _changes(policy: Node) -> Iterator[tuple[str, str, Node | None]]:
    yield "deleted", "", None
    for part, everything in EVERYTHING.items():
        if policy[part] != everything:
            yield "scope-widened", part, {**policy, part: everything}
    if policy["action"] != ANY_ACTION:
        yield "scope-widened", "action", {**policy, "action": ANY_ACTION}
    for index, clause in enumerate(policy["conditions"]):
        others = [each for place, each in enumerate(policy["conditions"]) if place != index]
        yield "condition-dropped", str(index), {**policy, "conditions": others}
        negated = {**clause, "kind": OTHER[clause["kind"]]}
        yield "condition-negated", str(index), {**policy, "conditions": [*others, negated]}
        for number, (kind, body) in enumerate(_weaker(clause["body"])):
            weaker = {**clause, "body": body}
            yield kind, f"{index}.{number}", {**policy, "conditions": [*others, weaker]}


def _weaker(body: Node) -> Iterator[tuple[str, Node]]:
    """Copies of a condition, each with one node of it replaced."""
    for path, node in list(_nodes(body, ())):
        for kind, replacement in _replacements(node):
            yield kind, _replaced(body, path, replacement)


def _replacements(node: Node) -> Iterator[tuple[str, Node]]:
    operator, operands = next(iter(node.items()))
    if operator in JOINING:
        yield "operand-dropped", operands["left"]
        yield "operand-dropped", operands["right"]
    elif operator == "!":
        yield "negation-dropped", operands["arg"]
    elif operator == "Set":
        yield from (("member-dropped", {"Set": [*operands[:at], *operands[at + 1 :]]}) for at in range(len(operands)))
    elif operator in COMPARING and isinstance(operands["right"].get("Value"), int):
        number = operands["right"]["Value"]
        for other in (number - 1, number + 1):
            yield "number-moved", {operator: {**operands, "right": {"Value": other}}}
        if operator == "==":
            yield "comparison-loosened", {">=": operands}


def _nodes(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    if isinstance(value, Mapping):
        if len(value) == 1 and "Value" not in value:
            yield path, dict(value)
        for key, inner in value.items():
            yield from _nodes(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _nodes(inner, (*path, at))


def _replaced(body: Node, path: tuple[str | int, ...], replacement: Node) -> Node:
    if not path:
        return replacement
    changed: Any = copy.deepcopy(body)
    inner = changed
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = replacement
    return changed
