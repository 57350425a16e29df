"""The decision, taken once per class of callers: rules, facts and policies in, a `Clearance` for every coordinate out.

The same function decides at the gateway and again in the subgraph. It does no I/O; the day is an argument.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import cedarpy

from authz.context import RequestContext
from authz.decision import UNTAGGED, Clearance, Decision, Form
from authz.facts import Facts, packaged_facts
from authz.grounds import HEIGHT, Caller, Grounds, Lookup, caller_of
from authz.policy_set import Policies, Question, Verdict, packaged_policies
from authz.principal import Principal
from authz.rules import Rule, Rules
from schema.dictionary import field_dictionary

ACTIONS = (("read.full", Form.FULL), ("read.mask", Form.MASK), ("read.exists", Form.EXISTS))

# The forms that are served, highest first: what is not permitted in one of them is denied.
SERVED = ACTIONS[:1]

OPEN = Decision(Form.FULL, ("P00-open",))
INHERITED = Decision(Form.FULL, ("P00-inherited",))
CACHED_CLEARANCES = 1024

# What the caller lacks, by the policy that refused first.
MISSING: Mapping[str, str] = {
    "P01.context": "{statements}",
    "P02.standing": "an active account (yours is {standing})",
    "P02.vetting": "vetting that suffices for this (yours is {vetting})",
    "P02.training": "training {training}",
    "P03.in-force": "an agreement in force between {organisation} and the joint controllers",
    "P03.cover": "a line of agreement {agreement} for this field",
    "P03.conditions": "an agreement for reason {reason}, purpose {purpose} and route {route}",
    "P04.system": "approval of the system {system} for {dataset} on route {route}",
    "P05.less-than-full": "a reason and purpose that open {dataset} in full (given: {reason}, {purpose})",
    "P06.sealed": "a role entitled to {dataset}",
    "P06.full": "a role entitled to {dataset} in full",
    "P07.medical": "nothing: {dataset} is served to nobody",
    "P07.image-training": "training {training}",
    "P07.image-reason": "reason 1, 4 or 5 (given: {reason})",
}


class Decider:
    """Decides for every coordinate of `rules`; clearances are cached by class of callers. New facts, new decider."""

    def __init__(
        self,
        rules: Rules,
        facts: Facts | None = None,
        policies: Policies | None = None,
        capacity: int = CACHED_CLEARANCES,
    ) -> None:
        self.rules = rules
        self.facts = facts or packaged_facts()
        self.policies = policies or packaged_policies()
        self._versions = (rules.version, self.facts.version, self.policies.version)
        self._ways = _ways(rules)
        self._labels = _label_entities(rules)
        self._cache: OrderedDict[str, Clearance] = OrderedDict()
        self._capacity = capacity

    def clearance(self, principal: Principal, context: RequestContext, now: datetime) -> Clearance:
        """What this principal may be shown in this context, on the day of `now`."""
        caller = caller_of(principal, context, self.facts, now)
        key = caller.key(*self._versions)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = Clearance(key, MappingProxyType(self._decisions(caller)))
            if len(self._cache) > self._capacity:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return found

    def _decisions(self, caller: Caller) -> dict[str, Decision]:
        lookup = Lookup(self.facts, caller)
        grounds = {
            (rule.coordinate, dataset): lookup.grounds(rule, dataset, self._ways.get((rule.coordinate, dataset), ()))
            for rule in self.rules.fields.values()
            for dataset in rule.datasets
        }
        verdicts = self._verdicts(caller, list(dict.fromkeys(grounds.values())))
        outcomes = {asked: self._outcome(caller, found, *verdicts[found]) for asked, found in grounds.items()}
        decisions = {}
        for coordinate, rule in self.rules.fields.items():
            decisions[coordinate] = _of_rule(rule, [outcomes[coordinate, dataset] for dataset in rule.datasets])
        for coordinate, rule in self.rules.fields.items():
            if rule.concrete:
                decisions[coordinate] = lowest([decisions.get(name, UNTAGGED) for name in rule.concrete])
        return decisions

    def _verdicts(self, caller: Caller, asked: Sequence[Grounds]) -> Mapping[Grounds, tuple[Form, Verdict]]:
        """The highest served form permitted on each of these grounds, else DENY with the refusal of the lowest."""
        entities = self._entities(caller)
        found: dict[Grounds, tuple[Form, Verdict]] = {}
        for action, form in SERVED:
            open_questions = [grounds for grounds in asked if grounds not in found or found[grounds][0] is Form.DENY]
            questions = [Question(caller.organisation, action, label_id(g), g.as_facts(caller)) for g in open_questions]
            for grounds, verdict in zip(open_questions, self.policies.ask(questions, entities), strict=True):
                found[grounds] = (form if verdict.permitted else Form.DENY, verdict)
        return found

    def _entities(self, caller: Caller) -> cedarpy.Entities:
        parents = [{"type": "Role", "id": role} for role in caller.roles]
        attributes = {"organisation": caller.organisation, "organisationKind": caller.organisation_kind}
        uid = {"type": "Caller", "id": caller.organisation}
        return self.policies.entities([*self._labels, {"uid": uid, "attrs": attributes, "parents": parents}])

    def _outcome(self, caller: Caller, grounds: Grounds, form: Form, verdict: Verdict) -> Decision:
        named = tuple(dict.fromkeys(policy.partition(".")[0] for policy in verdict.policies))
        if form is not Form.DENY:
            return Decision(form, named, grounds.dataset)
        missing = _missing(caller, grounds, verdict.policies[0])
        return Decision(Form.DENY, named, grounds.dataset, missing, self.facts.datasets[grounds.dataset].owner)


def lowest(decisions: Sequence[Decision]) -> Decision:
    """The lowest of these decisions, the first of equals; nothing to decide on is a denial."""
    return min(decisions, key=lambda decision: HEIGHT[decision.form], default=UNTAGGED)


def label_id(grounds: Grounds) -> str:
    """The Cedar entity that stands for this dataset at this sensitivity."""
    return f"{grounds.dataset} {grounds.sensitivity}"


def _of_rule(rule: Rule, outcomes: Sequence[Decision]) -> Decision:
    if outcomes:
        return lowest(outcomes)
    if rule.inherits:
        return INHERITED
    return OPEN if rule.open and not rule.internal else UNTAGGED


def _missing(caller: Caller, grounds: Grounds, policy: str) -> tuple[str, ...]:
    if policy == "P01.context":
        return caller.statements_missing
    text = MISSING.get(policy, "permission by policy {policy}").format(
        policy=policy,
        standing=caller.standing,
        vetting=caller.vetting or "none",
        training=", ".join(grounds.training_missing),
        organisation=caller.organisation,
        agreement=caller.agreement,
        reason=caller.reason,
        purpose=caller.purpose,
        route=caller.route,
        system=caller.system,
        dataset=grounds.dataset,
    )
    return (text,)


def _ways(rules: Rules) -> Mapping[tuple[str, str], tuple[str, ...]]:
    """For each field that answers with records, and each of its datasets: the records' fields of that dataset."""
    fields = _coordinates_by_type(rules)
    return {
        (rule.coordinate, dataset): tuple(
            coordinate for name in rule.reaches for coordinate, datasets in fields.get(name, ()) if dataset in datasets
        )
        for rule in rules.fields.values()
        for dataset in rule.datasets
        if rule.reaches and not rule.write
    }


def _coordinates_by_type(rules: Rules) -> Mapping[str, list[tuple[str, tuple[str, ...]]]]:
    """Datasets by coordinate; the field dictionary fills in for types other subgraphs own, so that all decide alike."""
    known = {coordinate: (tag.dataset,) for coordinate, tag in field_dictionary().items()}
    known |= {coordinate: rule.datasets for coordinate, rule in rules.fields.items() if rule.datasets}
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for coordinate, datasets in sorted(known.items()):
        found.setdefault(coordinate.partition(".")[0], []).append((coordinate, datasets))
    return found


def _label_entities(rules: Rules) -> list[dict[str, object]]:
    pairs = sorted({(dataset, rule.sensitivity) for rule in rules.fields.values() for dataset in rule.datasets})
    return [_label_entity(dataset, sensitivity) for dataset, sensitivity in pairs]


def _label_entity(dataset: str, sensitivity: str) -> dict[str, object]:
    return {
        "uid": {"type": "Label", "id": f"{dataset} {sensitivity}"},
        "attrs": {"dataset": dataset, "sensitivity": sensitivity},
        "parents": [{"type": "Dataset", "id": dataset}],
    }


def allowed_coordinates(clearance: Clearance) -> Iterable[str]:
    """The coordinates that may be requested from a subgraph."""
    return (coordinate for coordinate, decision in clearance.decisions.items() if decision.allowed)
