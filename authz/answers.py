"""What the policies answer on grounds: asked of Cedar in batches, and once for all that no policy can tell apart.

In: a caller with one role, and grounds. Out: an `Outcome` for each. Cedar decides every one; nothing here does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any, TypeAlias

import cedarpy

from authz.decision import Form
from authz.grounds import Caller, Grounds
from authz.policy_set import EVALUATION_ERROR, Policies, Question, Verdict, caller_entity

# The forms, highest first: the first that is permitted stands.
ACTIONS = (("read.full", Form.FULL), ("read.mask", Form.MASK), ("read.exists", Form.EXISTS))
LOWEST = ACTIONS[-1][0]
HIGHER = {action: tuple(each for each, _ in ACTIONS[:place]) for place, (action, _) in enumerate(ACTIONS)}
NO_ROLE = ""
ACTIVE = "ACTIVE"
KEPT_OUTCOMES = 65_536
Terms: TypeAlias = tuple[object, ...]
Told: TypeAlias = tuple[Terms, Terms]
Verdicts: TypeAlias = dict[str, Verdict]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A form with the verdict that gave it (for DENY: that refused it) and the refusal of the next higher form."""

    form: Form
    verdict: Verdict
    refusal: Verdict | None = None

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies by which it is this form: what refused the next higher one first, then what permitted it."""
        above = self.refusal.policies if self.refusal else ()
        ids = above if self.form is Form.DENY else (*above, *self.verdict.policies)
        return tuple(dict.fromkeys(policy.partition(".")[0] for policy in ids))

    def mask(self, policies: Policies) -> str | None:
        """The mask that the first permitting policy with one names."""
        return next((policies.masks[name] for name in self.verdict.policies if name in policies.masks), None)


class Asker:
    """A caller with one of their roles, as policies see them. Askers on equal terms get equal answers."""

    def __init__(self, answers: "Answers", caller: Caller, role: str) -> None:
        self.caller, self.role = caller, role
        self._answers = answers
        self._terms: dict[str, Terms] = {}

    def terms(self, dataset: str) -> Terms:
        """What the policies for this dataset can tell of the caller."""
        found = self._terms.get(dataset)
        if found is None:
            told, caller = partial(self._answers.policies.told_apart_on_reading, dataset=dataset), self.caller
            stated = (caller.organisation, caller.organisation_kind, self.role, caller.reason, caller.purpose)
            missing = tuple(sorted(set(map(told, caller.statements_missing))))
            found = self._terms[dataset] = (*map(told, (*stated, caller.route, caller.standing)), missing)
        return found

    @property
    def promising(self) -> bool:
        """Whether anything speaks for this caller as a whole: a guess, for the order of questions alone."""
        return self.caller.standing == ACTIVE and not self.caller.statements_missing

    @cached_property
    def entities(self) -> cedarpy.Entities:
        """The labels and this caller with this role."""
        return self._answers.entities(self.caller, (self.role,) if self.role else ())


@lru_cache(maxsize=16)
def _kept_of(_policies: Policies) -> dict[Told, Outcome]:
    """What one policy set answered: by what it can tell of who asks, then by what it can tell of what is asked. That
    depends on nothing else, facts included, so that all that decide by these policies share it."""
    return {}


class Answers:
    """The answers of one policy set about these labels (dataset, sensitivity), kept by what it can tell apart."""

    def __init__(self, policies: Policies, labels: Iterable[tuple[str, str]]) -> None:
        known = sorted(set(labels))
        self.policies = policies
        self._labels = policies.entities([_label_entity(*label) for label in known])
        self._told = {label: self._told_of_label(*label) for label in known}
        self._kept = _kept_of(policies)

    def entities(self, caller: Caller, roles: Sequence[str]) -> cedarpy.Entities:
        """The labels and this caller with these roles as Cedar entities, for questions to the policies."""
        return self.policies.with_added(
            self._labels, [caller_entity(caller.organisation, caller.organisation_kind, roles)]
        )

    def of(self, asker: Asker, asked: Sequence[Grounds]) -> list[Outcome]:
        """The outcome on each of these grounds, in order."""
        told = [(asker.terms(grounds.dataset), self._told_of(grounds)) for grounds in asked]
        found = {key: self._kept.get(key) for key in told}
        fresh = {key: grounds for key, grounds in zip(told, asked, strict=True) if found[key] is None}
        if fresh:
            answered = dict(zip(fresh, self._ask(asker, list(fresh.values())), strict=True))
            self._keep(answered)
            found |= answered
        return [outcome for key in told if (outcome := found[key])]

    def prepare(self, foreseen: Mapping[Caller, Sequence[Grounds]]) -> None:
        """Ask now what these callers, of one role or none, will be decided on."""
        for caller, grounds in foreseen.items():
            self.of(Asker(self, caller, next(iter(caller.roles), NO_ROLE)), grounds)

    def _keep(self, answered: Mapping[Told, Outcome]) -> None:
        if len(self._kept) > KEPT_OUTCOMES:
            self._kept.clear()
        for key, outcome in answered.items():
            # What could not be evaluated is not kept: it is an alarm each time.
            if EVALUATION_ERROR not in outcome.verdict.policies:
                self._kept[key] = outcome

    def _ask(self, asker: Asker, asked: Sequence[Grounds]) -> list[Outcome]:
        """The highest permitted form on each of these grounds, with the refusal that lowered it. A policy that could
        not be evaluated refuses every form, lower ones too.

        The forms are asked for from the highest down. Where nothing is likely to be permitted, the lowest comes first:
        its refusal is the one that is named, and a policy that refuses every form leaves no other to ask for.
        """
        facts = [grounds.as_facts(asker.caller) for grounds in asked]
        verdicts: list[Verdicts] = [{} for _ in asked]

        def ask(action: str, places: Sequence[int]) -> None:
            questions = [_question(asker.caller, action, asked[place], facts[place]) for place in places]
            answers = self.policies.ask(questions, asker.entities) if questions else ()
            for place, verdict in zip(places, answers, strict=True):
                verdicts[place][action] = verdict

        ask(LOWEST, [place for place, grounds in enumerate(asked) if not (asker.promising and grounds.promising)])
        for action, _ in ACTIONS:
            ask(action, [place for place, found in enumerate(verdicts) if self._wanted(action, found)])
        return list(map(_outcome, verdicts))

    def _wanted(self, action: str, found: Verdicts) -> bool:
        """Whether the outcome still depends on the verdict on this action."""
        if action in found or any(_settles(found[higher]) for higher in HIGHER[action] if higher in found):
            return False
        return action == LOWEST or not any(map(self.policies.refuses_every_form, found.values()))

    def _told_of(self, grounds: Grounds) -> Terms:
        """What policies can tell of these grounds."""
        training = grounds.training_missing
        if training:
            training = tuple(sorted(set(map(self.policies.told_apart_on_reading, training))))
        return (self._told[grounds.dataset, grounds.sensitivity], training, *grounds.told())

    def _told_of_label(self, dataset: str, sensitivity: str) -> Terms:
        return tuple(map(self.policies.told_apart_on_reading, (dataset, sensitivity, label_id(dataset, sensitivity))))


def label_id(dataset: str, sensitivity: str) -> str:
    """The Cedar entity that stands for this dataset at this sensitivity."""
    return f"{dataset} {sensitivity}"


def _settles(verdict: Verdict) -> bool:
    """Whether nothing below this form is asked for."""
    return verdict.permitted or EVALUATION_ERROR in verdict.policies


def _outcome(found: Verdicts) -> Outcome:
    """The highest form that is permitted; what was not asked for is refused by what refuses every form."""
    refusal: Verdict | None = None
    for action, form in ACTIONS:
        verdict = found.get(action)
        if verdict is not None and _settles(verdict):
            return Outcome(form, verdict, refusal) if verdict.permitted else Outcome(Form.DENY, verdict, verdict)
        refusal = verdict or refusal
    assert refusal is not None
    return Outcome(Form.DENY, refusal, refusal)


def _question(caller: Caller, action: str, grounds: Grounds, facts: Mapping[str, Any]) -> Question:
    label = label_id(grounds.dataset, grounds.sensitivity)
    return Question(caller.organisation, action, label, facts, dataset=grounds.dataset)


def _label_entity(dataset: str, sensitivity: str) -> Mapping[str, Any]:
    return {
        "uid": {"type": "Label", "id": label_id(dataset, sensitivity)},
        "attrs": {"dataset": dataset, "sensitivity": sensitivity},
        "parents": [{"type": "Dataset", "id": dataset}],
    }
