"""The decision, taken once per class of callers: rules, facts and policies in, a `Clearance` for every coordinate out.

The same function decides at the gateway and again in the subgraph. It does no I/O; the day is an argument.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TypeAlias

import cedarpy

from authz.answers import NO_ROLE, Answers, Asker, Outcome
from authz.context import RequestContext
from authz.decision import HEIGHT, UNTAGGED, Clearance, Decision, Form
from authz.errors import InvalidPolicies
from authz.facts import Facts, packaged_facts
from authz.foreseen import Foresight, anybody
from authz.grounds import Caller, Grounds, Lookup, caller_of
from authz.labels import Kind, Label, kinds_of, ways_in
from authz.lacking import lacking
from authz.masks import BESIDE_DATA
from authz.on_demand import OnDemand, lowest
from authz.policy_set import EVALUATION_ERROR, Policies, packaged_policies
from authz.principal import Principal
from authz.row_concerns import concerned
from authz.row_rules import ROW_RULES
from authz.rules import Rule, Rules
from schema.dictionary import derivations

SEALED = "S4"
OPEN = Decision(Form.FULL, ("P00-open",))
INHERITED = Decision(Form.FULL, ("P00-inherited",))
CACHED_CLEARANCES = 1024
Height: TypeAlias = tuple[int, bool, int, int]


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
        if unknown := sorted(set(self.policies.masks.values()) - self.facts.masks):
            raise InvalidPolicies(f"A policy names the unknown mask {unknown[0]}.")
        self._versions = (rules.version, self.facts.version, self.policies.version)
        self._elsewhere = _derived_elsewhere(rules)
        judged = (*rules.fields.values(), *self._elsewhere)
        self.ways = ways_in(rules, judged)
        self.kinds = kinds_of(judged, self.ways, self.facts)
        self.answers = Answers(self.policies, {(name, rule.sensitivity) for rule in judged for name in rule.datasets})
        self._cache: OrderedDict[str, Clearance] = OrderedDict()
        self._capacity = capacity

    def prepare(self) -> None:
        """Ask the policies now what most callers will need, so that the first of a class does not wait for it."""
        labels = {label: None for kind in self.kinds.values() for label in kind.labels}
        self.answers.prepare(Foresight(self.facts, self.policies).of(labels))
        concerned(ROW_RULES, anybody(self.facts), self.policies)

    def clearance(self, principal: Principal, context: RequestContext, now: datetime) -> Clearance:
        """What this principal may be shown in this context, on the day of `now`."""
        caller = caller_of(principal, context, self.facts, now)
        key = caller.key(*self._versions)
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = self._decided(key, caller)
            if len(self._cache) > self._capacity:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return found

    def _decided(self, key: str, caller: Caller) -> Clearance:
        deciding = Deciding(self, caller)
        elsewhere = deciding.of(self._elsewhere)
        answered = (rule for rule in self._elsewhere if elsewhere[rule.coordinate].allowed)
        internal = self.rules.internal.union(name for rule in answered for name in rule.derived)
        return Clearance(key, OnDemand(deciding.of, self.rules.fields), internal, self.facts.number)

    def decisions(self, caller: Caller, judged: Sequence[Rule]) -> dict[str, Decision]:
        """The decision of each of these rules (but those for `concrete` ones) for one class of callers, not cached."""
        return Deciding(self, caller).of(judged)

    def entities(self, caller: Caller) -> cedarpy.Entities:
        """The labels and this caller with all roles as Cedar entities, for questions to `policies`."""
        return self.answers.entities(caller, caller.roles)


class Deciding:
    """Decides for one class of callers, a few rules at a time; what labels share is decided once.

    Each role is decided by itself and the highest form of all stands, so that a further role never shows less.
    """

    def __init__(self, decider: Decider, caller: Caller) -> None:
        self._decider = decider
        self._caller = caller
        self._lookup = Lookup(decider.facts, caller)
        self._askers = [Asker(decider.answers, caller, role) for role in caller.roles or (NO_ROLE,)]
        self._by_label: dict[Label, Decision] = {}
        self._by_kind: dict[Kind, Decision] = {}

    def of(self, judged: Sequence[Rule]) -> dict[str, Decision]:
        """The decisions of these rules by coordinate, but for those that stand for `concrete` ones."""
        kinds, known = self._decider.kinds, self._by_kind
        if fresh := {kind: None for rule in judged if (kind := kinds[rule.coordinate]) not in known}:
            labels = {label: None for kind in fresh for label in kind.labels if label not in self._by_label}
            self._decide(list(labels))
            known.update((kind, self._of_kind(kind)) for kind in fresh)
        return {rule.coordinate: known[kinds[rule.coordinate]] for rule in judged}

    def _of_kind(self, kind: Kind) -> Decision:
        """Every dataset of a field has its say; its row rules are those that concern the caller."""
        decisions = [self._by_label[label] for label in kind.labels]
        decision = _of_all(decisions) if decisions else _without_dataset(kind.rule)
        if not kind.row_rules or not decision.allowed:
            return decision
        rows = tuple(rule.name for rule in kind.row_rules if rule.name in self._concerned)
        return replace(decision, rows=rows) if rows else decision

    @cached_property
    def _concerned(self) -> frozenset[str]:
        return concerned(ROW_RULES, self._caller, self._decider.policies)

    def _decide(self, labels: Sequence[Label]) -> None:
        """Decide these labels by each role in turn; what one role opens in full, no other is asked about."""
        heights: dict[Label, Height] = {}
        for asker in self._askers:
            waiting = [label for label in labels if label not in heights or self._by_label[label].form is not Form.FULL]
            grounds = [self._lookup.grounds(label, asker.role) for label in waiting]
            outcomes = self._decider.answers.of(asker, grounds)
            for label, of_label, outcome in zip(waiting, grounds, outcomes, strict=True):
                decision = self._decision(of_label, outcome)
                height = _height(decision, of_label)
                if label not in heights or height > heights[label]:
                    heights[label], self._by_label[label] = height, decision

    def _decision(self, grounds: Grounds, outcome: Outcome) -> Decision:
        if outcome.form is Form.FULL:
            return Decision(Form.FULL, outcome.policies, grounds.dataset)
        form, mask = outcome.form, None
        if form is Form.DENY and self._silent(grounds, outcome):
            form = Form.SILENT
        if form is Form.MASK:
            mask = outcome.mask(self._decider.policies) or grounds.mask
        owner = self._decider.facts.datasets[grounds.dataset].owner
        missing = lacking(self._caller, grounds, (outcome.refusal or outcome.verdict).policies[0])
        undecided = EVALUATION_ERROR in outcome.verdict.policies
        return Decision(form, outcome.policies, grounds.dataset, missing, owner, mask, undecided=undecided)

    def _silent(self, grounds: Grounds, outcome: Outcome) -> bool:
        """Sealed labels (S4, PND) are answered as absence; so is what a forbid with `@outcome("SILENT")` refuses."""
        sealed = grounds.sensitivity == SEALED or self._decider.facts.datasets[grounds.dataset].sealed
        return sealed or self._decider.policies.outcomes.get(outcome.verdict.policies[0]) == Form.SILENT


def _height(decision: Decision, grounds: Grounds) -> Height:
    """Which of two roles' decisions stands: the higher form, a mask that stands in the data before one beside them;
    among equals the one of the role that would open more if nothing were missing, and lacks less for it."""
    in_data = decision.mask not in BESIDE_DATA
    return HEIGHT[decision.form], in_data, grounds.promised, -len(grounds.training_missing)


def _of_all(decisions: Sequence[Decision]) -> Decision:
    """Every dataset of a field has its say: the lowest form stands, and two masks are none."""
    found = lowest(decisions)
    if found.form is Form.MASK and len({each.mask for each in decisions if each.form is Form.MASK}) > 1:
        return Decision(Form.DENY, found.policies, found.dataset, found.missing, found.contact)
    return found


def _without_dataset(rule: Rule) -> Decision:
    if rule.inherits:
        return INHERITED
    return OPEN if rule.open and not rule.internal else UNTAGGED


def _derived_elsewhere(rules: Rules) -> tuple[Rule, ...]:
    """The answers that other subgraphs derive from fields of these rules: who may have them decides who is read for."""
    return tuple(
        Rule(each.coordinate, (each.dataset,), each.sensitivity, each.mask, reaches=each.reaches, derived=each.inputs)
        for each in derivations()
        if each.coordinate not in rules.fields and not rules.fields.keys().isdisjoint(each.inputs)
    )


def allowed_coordinates(clearance: Clearance) -> Iterable[str]:
    """The coordinates that may be requested from a subgraph, in whatever form."""
    return (coordinate for coordinate, decision in clearance.decisions.items() if decision.allowed)
