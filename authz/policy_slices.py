"""The policies of a set that can apply to one question, by action and dataset: policies as Cedar's JSON in, sets out.

Cedar passes over a policy whose scope a question does not meet, so that leaving it out changes no answer ("policy
slicing" in Cedar's documentation); asked of the whole set, a question pays for every scope that it does not meet.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import cedarpy

Policy: TypeAlias = Mapping[str, Any]
READ = "read"


class Slices:
    """The slices of one policy set, parsed once.

    A policy is left out for an action when its scope is another action alone, and for a dataset when its scope is
    another dataset alone. Any other scope is kept, whatever the hierarchy of the schema makes of it.
    """

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        actions = {action for policy in policies.values() if (action := action_of(policy)) is not None}
        self.datasets = frozenset(found for policy in policies.values() if (found := dataset_of(policy)) is not None)
        self._of_action = {action: _parsed(_met_by(policies, action)) for action in sorted(actions)}
        self._general = {action: _parsed(_for_every_dataset(_met_by(policies, action))) for action in sorted(actions)}
        self._whole = _parsed(policies)

    def of(self, action: str, dataset: str | None = None) -> cedarpy.PolicySet:
        """The policies that this action can meet on what is in this dataset and no other; None: in any, or in none."""
        general = dataset is not None and dataset not in self.datasets
        return (self._general if general else self._of_action).get(action, self._whole)


def action_of(policy: Policy) -> str | None:
    """The one action a policy is for, by its scope; None when it may be for others."""
    scope = policy["action"]
    return str(scope["entity"]["id"]) if scope["op"] == "==" else None


def dataset_of(policy: Policy) -> str | None:
    """The one dataset a policy is for, by the scope of its resource; None when it may be for others."""
    scope = policy["resource"]
    entity: Mapping[str, str] = scope.get("entity", {})
    return entity["id"] if scope["op"] == "in" and entity.get("type") == "Dataset" else None


def met_by_any(policies: Iterable[Policy], actions: frozenset[str]) -> list[Policy]:
    """The policies that one of these actions can meet."""
    return [policy for policy in policies if action_of(policy) in {None, *actions}]


def for_every_form(policies: Iterable[Policy]) -> frozenset[str]:
    """The ids of the forbids that say the same of every form: for all actions or all of the group `read`
    (`schema.cedarschema`), and under conditions that do not ask for the action."""
    return frozenset(
        policy["annotations"]["id"]
        for policy in policies
        if policy["effect"] == "forbid" and _of_every_form(policy["action"]) and not _asks_action(policy["conditions"])
    )


def _of_every_form(scope: Policy) -> bool:
    return scope["op"] == "All" or (scope["op"] == "in" and scope.get("entity", {}).get("id") == READ)


def _asks_action(node: Any) -> bool:
    if isinstance(node, Mapping):
        return node.get("Var") == "action" or any(map(_asks_action, node.values()))
    return isinstance(node, list) and any(map(_asks_action, node))


def _met_by(policies: Mapping[str, Policy], action: str) -> Mapping[str, Policy]:
    return {name: policy for name, policy in policies.items() if action_of(policy) in {None, action}}


def _for_every_dataset(policies: Mapping[str, Policy]) -> Mapping[str, Policy]:
    return {name: policy for name, policy in policies.items() if dataset_of(policy) is None}


def _parsed(policies: Mapping[str, Policy]) -> cedarpy.PolicySet:
    text = json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []})
    return cedarpy.PolicySet.from_json_str(text)
