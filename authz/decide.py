"""The decision, taken once per class of callers: rules, facts and policies in, a `Clearance` for every coordinate out.

The same function decides at the gateway and again in the subgraph. It does no I/O; the day is an argument.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

import cedarpy

from authz.context import RequestContext
from authz.decision import UNTAGGED, Clearance, Decision, Form
from authz.errors import InvalidPolicies
from authz.facts import Facts, packaged_facts
from authz.grounds import Caller, Grounds, Lookup, caller_of
from authz.lacking import lacking
from authz.on_demand import OnDemand, lowest
from authz.policy_set import EVALUATION_ERROR, Policies, Question, Verdict, packaged_policies
from authz.principal import Principal
from authz.row_rules import rules_of
from authz.rules import Rule, Rules
from schema.dictionary import derivations, field_dictionary

# The forms, highest first: the first that is permitted stands.
ACTIONS = (("read.full", Form.FULL), ("read.mask", Form.MASK), ("read.exists", Form.EXISTS))
SEALED = "S4"

OPEN = Decision(Form.FULL, ("P00-open",))
INHERITED = Decision(Form.FULL, ("P00-inherited",))
CACHED_CLEARANCES = 1024
Way: TypeAlias = tuple[tuple[str, ...], bool]
NO_WAY: Way = ((), False)
NO_VERDICTS: tuple[Verdict, ...] = ()


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
        self.ways = _ways(rules, judged)
        self._labels = _label_entities(judged)
        self._cache: OrderedDict[str, Clearance] = OrderedDict()
        self._capacity = capacity

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
        """The labels and this caller as Cedar entities, for questions to `policies`."""
        parents = [{"type": "Role", "id": role} for role in caller.roles]
        attributes = {"organisation": caller.organisation, "organisationKind": caller.organisation_kind}
        uid = {"type": "Caller", "id": caller.organisation}
        return self.policies.entities([*self._labels, {"uid": uid, "attrs": attributes, "parents": parents}])


class Deciding:
    """Decides for one class of callers, a few rules at a time; what grounds share is asked once."""

    def __init__(self, decider: Decider, caller: Caller) -> None:
        self._decider = decider
        self._caller = caller
        self._lookup = Lookup(decider.facts, caller)
        self._outcomes: dict[Grounds, Outcome] = {}
        self._entities = decider.entities(caller)

    def of(self, judged: Sequence[Rule]) -> dict[str, Decision]:
        """The decisions of these rules by coordinate, but for those that stand for `concrete` ones."""
        ways = self._decider.ways
        grounds = {
            (rule.coordinate, dataset): self._lookup.grounds(
                rule, dataset, *ways.get((rule.coordinate, dataset), NO_WAY)
            )
            for rule in judged
            for dataset in rule.datasets
        }
        self._ask([asked for asked in dict.fromkeys(grounds.values()) if asked not in self._outcomes])
        decisions = {}
        for rule in judged:
            decision = _of_rule(rule, [self._decision(grounds[rule.coordinate, dataset]) for dataset in rule.datasets])
            rows = rules_of(rule.coordinate, self._caller) if decision.allowed else ()
            decisions[rule.coordinate] = replace(decision, rows=rows) if rows else decision
        return decisions

    def _grounds(self, rule: Rule, dataset: str) -> Grounds:
        return self._lookup.grounds(rule, dataset, *self._decider.ways.get((rule.coordinate, dataset), NO_WAY))

    def _ask(self, asked: Sequence[Grounds]) -> None:
        """Find the highest permitted form on each of these grounds; the refusals that lowered it are kept beside it.
        A policy that could not be evaluated refuses every form, lower ones too."""
        caller, refused = self._caller, dict.fromkeys(asked, NO_VERDICTS)
        for action, form in ACTIONS:
            waiting = [grounds for grounds in asked if grounds not in self._outcomes]
            questions = [Question(caller.organisation, action, label_id(g), g.as_facts(caller)) for g in waiting]
            verdicts = self._decider.policies.ask(questions, self._entities) if questions else ()
            for grounds, verdict in zip(waiting, verdicts, strict=True):
                if verdict.permitted:
                    self._outcomes[grounds] = Outcome(form, verdict, refused[grounds], caller)
                elif EVALUATION_ERROR in verdict.policies:
                    self._outcomes[grounds] = Outcome(Form.DENY, verdict, (verdict,), caller)
                else:
                    refused[grounds] = (*refused[grounds], verdict)
        for grounds in (grounds for grounds in asked if grounds not in self._outcomes):
            self._outcomes[grounds] = Outcome(Form.DENY, refused[grounds][-1], refused[grounds], caller)

    def _decision(self, grounds: Grounds) -> Decision:
        outcome = self._outcomes[grounds]
        if outcome.form is Form.FULL:
            return Decision(Form.FULL, outcome.policies, grounds.dataset)
        form, mask = outcome.form, None
        if form is Form.DENY and self._silent(grounds, outcome):
            form = Form.SILENT
        if form is Form.MASK:
            mask = outcome.mask(self._decider.policies) or grounds.mask
        owner = self._decider.facts.datasets[grounds.dataset].owner
        return Decision(form, outcome.policies, grounds.dataset, outcome.missing(grounds), owner, mask)

    def _silent(self, grounds: Grounds, outcome: "Outcome") -> bool:
        """Sealed labels (S4, PND) are answered as absence; so is what a forbid with `@outcome("SILENT")` refuses."""
        sealed = grounds.sensitivity == SEALED or self._decider.facts.datasets[grounds.dataset].sealed
        return sealed or self._decider.policies.outcomes.get(outcome.verdict.policies[0]) == Form.SILENT


@dataclass(frozen=True, slots=True)
class Outcome:
    """A form with the verdict that gave it (for DENY: that refused it) and the refusals of all higher forms."""

    form: Form
    verdict: Verdict
    refusals: tuple[Verdict, ...]
    caller: Caller

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies by which it is this form: what refused the next higher one first, then what permitted it."""
        above = self.refusals[-1].policies if self.refusals else ()
        ids = above if self.form is Form.DENY else (*above, *self.verdict.policies)
        return tuple(dict.fromkeys(policy.partition(".")[0] for policy in ids))

    def missing(self, grounds: Grounds) -> tuple[str, ...]:
        """What the caller lacks for more."""
        return lacking(self.caller, grounds, self.refusals[-1].policies[0])

    def mask(self, policies: Policies) -> str | None:
        """The mask that the first permitting policy with one names."""
        return next((policies.masks[name] for name in self.verdict.policies if name in policies.masks), None)


def label_id(grounds: Grounds) -> str:
    """The Cedar entity that stands for this dataset at this sensitivity."""
    return f"{grounds.dataset} {grounds.sensitivity}"


def _of_rule(rule: Rule, decisions: Sequence[Decision]) -> Decision:
    """Every dataset of a field has its say: the lowest form stands, and two masks are none."""
    if decisions:
        found = lowest(decisions)
        if found.form is Form.MASK and len({each.mask for each in decisions if each.form is Form.MASK}) > 1:
            return Decision(Form.DENY, found.policies, found.dataset, found.missing, found.contact)
        return found
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


def _ways(rules: Rules, judged: Sequence[Rule]) -> Mapping[tuple[str, str], Way]:
    """For each field that answers with records, and each of its datasets: the records' fields of that dataset, and
    whether one of them has a mask."""
    fields = _labels_by_type(rules)
    found = {}
    for rule in (rule for rule in judged if rule.reaches and not rule.write):
        for dataset in rule.datasets:
            below = [label for name in rule.reaches for label in fields.get(name, ()) if dataset in label.datasets]
            found[rule.coordinate, dataset] = (tuple(each.coordinate for each in below), any(e.mask for e in below))
    return found


def _labels_by_type(rules: Rules) -> Mapping[str, list[Rule]]:
    """Labels by type; the field dictionary fills in for types other subgraphs own, so that all decide alike."""
    known = {tag.coordinate: Rule(tag.coordinate, (tag.dataset,), mask=tag.mask) for tag in field_dictionary().values()}
    known |= {coordinate: rule for coordinate, rule in rules.fields.items() if rule.datasets}
    found: dict[str, list[Rule]] = {}
    for coordinate, rule in sorted(known.items()):
        found.setdefault(coordinate.partition(".")[0], []).append(rule)
    return found


def _label_entities(judged: Sequence[Rule]) -> list[dict[str, object]]:
    pairs = sorted({(dataset, rule.sensitivity) for rule in judged for dataset in rule.datasets})
    return [_label_entity(dataset, sensitivity) for dataset, sensitivity in pairs]


def _label_entity(dataset: str, sensitivity: str) -> dict[str, object]:
    return {
        "uid": {"type": "Label", "id": f"{dataset} {sensitivity}"},
        "attrs": {"dataset": dataset, "sensitivity": sensitivity},
        "parents": [{"type": "Dataset", "id": dataset}],
    }


def allowed_coordinates(clearance: Clearance) -> Iterable[str]:
    """The coordinates that may be requested from a subgraph, in whatever form."""
    return (coordinate for coordinate, decision in clearance.decisions.items() if decision.allowed)
