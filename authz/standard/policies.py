"""The names of `@policy` as Cedar actions: the policy files of a directory in, who may do which action out.

A name that no policy permits by name is unknown and denied; so is one whose policies fail to evaluate. Policies speak
of `principal` (its `subject`, `issuer` and `scopes`, and each other claim as a tag: a set of texts); there is no
resource to tell apart and no context.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cedarpy

from authz.errors import InvalidPolicies
from authz.standard.holder import TokenHolder

ALARM = logging.getLogger("leds.alarm")
HOLDER = {"type": "Holder", "id": "holder"}
GRAPH = {"type": "Graph", "id": "graph"}


@dataclass(frozen=True, slots=True)
class Answers:
    """The policies that hold for a caller, and those of which it cannot be told."""

    permitted: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()


class GraphPolicies:
    """A validated set of policies. `version` is the hash of their texts, `known` the actions that one permits by
    name."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        text = "\n".join(texts[name] for name in sorted(texts))
        try:
            parsed = json.loads(cedarpy.policies_to_json_str(text)) if text.strip() else {}
            actions = {effect: set(_actions(parsed, effect)) for effect in ("permit", "forbid")}
            self._schema = cedarpy.Schema.from_str(_schema(actions["permit"] | actions["forbid"]))
            self._policies = cedarpy.PolicySet.from_str(text)
            validation = cedarpy.validate_policies(text, self._schema)
        except ValueError as error:
            raise InvalidPolicies(f"The policies do not parse: {error}") from error
        if not validation.validation_passed:
            faults = "; ".join(map(str, validation.errors))
            raise InvalidPolicies(f"The policies speak of what no caller has: {faults}")
        self.known = frozenset(actions["permit"])
        self.version = hashlib.sha256(text.encode()).hexdigest()

    def asked(self, holder: TokenHolder, names: Iterable[str]) -> "Answers":
        """Which of these policies hold for this caller."""
        asked = sorted(self.known.intersection(names))
        requests = [
            {"principal": HOLDER, "action": {"type": "Action", "id": name}, "resource": GRAPH, "context": {}}
            for name in asked
        ]
        results = cedarpy.is_authorized_batch(requests, self._policies, self._entities(holder), self._schema)
        answered = list(zip(asked, results, strict=True))
        failed = frozenset(name for name, result in answered if _failed(name, result))
        return Answers(frozenset(name for name, result in answered if result.allowed) - failed, failed)

    def _entities(self, holder: TokenHolder) -> cedarpy.Entities:
        attributes = {"subject": holder.subject, "issuer": holder.issuer, "scopes": sorted(holder.scopes)}
        tags = {name: sorted(values) for name, values in holder.claims}
        entities = [
            {"uid": HOLDER, "attrs": attributes, "parents": [], "tags": tags},
            {"uid": GRAPH, "attrs": {}, "parents": []},
        ]
        return cedarpy.Entities.from_json_str(json.dumps(entities), self._schema)


def policies_in(directory: Path) -> GraphPolicies:
    """The policies of the `*.cedar` files in a directory. Raises InvalidPolicies when there are none, one cannot be
    read, or they make no sense."""
    try:
        texts = {file.name: file.read_text("utf-8") for file in directory.iterdir() if file.suffix == ".cedar"}
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidPolicies(f"The policies in {directory} cannot be read.") from error
    if not texts:
        raise InvalidPolicies(f"There is no *.cedar file in {directory}.")
    return GraphPolicies(texts)


def _failed(name: str, result: cedarpy.AuthzResult) -> bool:
    """Cedar skips a policy that errors, so a `forbid` would fail open: any error refuses."""
    if result.diagnostics.errors:
        ALARM.critical("A policy of %r failed to evaluate, so it is refused: %s", name, result.diagnostics.errors)
    return bool(result.diagnostics.errors)


def _actions(parsed: Mapping[str, Any], effect: str) -> Iterator[str]:
    """The actions that policies of this effect name in their scope."""
    if parsed.get("templates"):
        raise InvalidPolicies("Policy templates are not used here: state each policy.")
    for policy in parsed.get("staticPolicies", {}).values():
        scope = policy["action"]
        named = [*scope.get("entities", ()), *([scope["entity"]] if "entity" in scope else ())]
        if policy["effect"] == effect:
            yield from (each["id"] for each in named)


def _schema(actions: Iterable[str]) -> str:
    """The schema that policies are held to: who is asked about, and the actions that they name."""
    applies = "appliesTo { principal: [Holder], resource: [Graph], context: {} };"
    declared = [f"action {json.dumps(name, ensure_ascii=False)} {applies}" for name in sorted(actions)]
    entities = ["entity Holder { subject: String, issuer: String, scopes: Set<String> } tags Set<String>;"]
    return "\n".join([*entities, "entity Graph;", *declared])
