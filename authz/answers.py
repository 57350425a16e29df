"""What the policies answer on grounds: asked of Cedar in batches, and once for all that no policy can tell apart.

In: a caller with one role, and grounds. Out: an `Outcome` for each. Cedar decides every one; nothing here does.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, TypeAlias

import cedarpy

from authz.decision import Form
from authz.grounds import Caller, Grounds
from authz.policy_set import EVALUATION_ERROR, Policies, Question, Verdict, caller_entity

# The forms, highest first: the first that is permitted stands.
ACTIONS = (("read.full", Form.FULL), ("read.mask", Form.MASK), ("read.exists", Form.EXISTS))
KEPT_TERMS = 1_024
NO_VERDICTS: tuple[Verdict, ...] = ()
Terms: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A form with the verdict that gave it (for DENY: that refused it) and the refusals of all higher forms."""

    form: Form
    verdict: Verdict
    refusals: tuple[Verdict, ...]

    @property
    def policies(self) -> tuple[str, ...]:
        """The policies by which it is this form: what refused the next higher one first, then what permitted it."""
        above = self.refusals[-1].policies if self.refusals else ()
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
            told, caller = partial(self._answers.policies.told_apart, dataset=dataset), self.caller
            stated = (caller.organisation, caller.organisation_kind, self.role, caller.reason, caller.purpose)
            missing = tuple(sorted(set(map(told, caller.statements_missing))))
            found = self._terms[dataset] = (*map(told, (*stated, caller.route, caller.standing)), missing)
        return found

    @cached_property
    def entities(self) -> cedarpy.Entities:
        """The labels and this caller with this role."""
        return self._answers.entities(self.caller, (self.role,) if self.role else ())


class Answers:
    """The answers of one policy set about these labels (dataset, sensitivity), kept by what it can tell apart."""

    def __init__(self, policies: Policies, labels: Iterable[tuple[str, str]]) -> None:
        known = sorted(set(labels))
        self.policies = policies
        self._labels = policies.entities([_label_entity(*label) for label in known])
        first: dict[Terms, tuple[str, str]] = {}
        self._alike = {label: first.setdefault(self._told(*label), label) for label in known}
        self._kept: dict[Terms, dict[Grounds, Outcome]] = {}

    def entities(self, caller: Caller, roles: Sequence[str]) -> cedarpy.Entities:
        """The labels and this caller with these roles as Cedar entities, for questions to the policies."""
        return self.policies.with_added(
            self._labels, [caller_entity(caller.organisation, caller.organisation_kind, roles)]
        )

    def of(self, asker: Asker, asked: Sequence[Grounds]) -> list[Outcome]:
        """The outcome on each of these grounds, in order."""
        told = [self._as_told(grounds) for grounds in asked]
        found = {grounds: self._of_terms(asker.terms(grounds.dataset)).get(grounds) for grounds in told}
        if fresh := [grounds for grounds, outcome in found.items() if outcome is None]:
            outcomes = self._ask(asker, fresh)
            for grounds, outcome in outcomes.items():
                # What could not be evaluated is not kept: it is an alarm each time.
                if EVALUATION_ERROR not in outcome.verdict.policies:
                    self._of_terms(asker.terms(grounds.dataset))[grounds] = outcome
            return [found[grounds] or outcomes[grounds] for grounds in told]
        return [outcome for grounds in told if (outcome := found[grounds])]

    def _of_terms(self, terms: Terms) -> dict[Grounds, Outcome]:
        """What is kept of askers on these terms."""
        if len(self._kept) > KEPT_TERMS:
            self._kept.clear()
        return self._kept.setdefault(terms, {})

    def _ask(self, asker: Asker, asked: Sequence[Grounds]) -> Mapping[Grounds, Outcome]:
        """Find the highest permitted form on each of these grounds; the refusals that lowered it are kept beside it.
        A policy that could not be evaluated refuses every form, lower ones too."""
        refused = dict.fromkeys(asked, NO_VERDICTS)
        facts = {grounds: grounds.as_facts(asker.caller) for grounds in asked}
        outcomes: dict[Grounds, Outcome] = {}
        for action, form in ACTIONS:
            waiting = [grounds for grounds in asked if grounds not in outcomes]
            questions = [_question(asker.caller, action, grounds, facts[grounds]) for grounds in waiting]
            verdicts = self.policies.ask(questions, asker.entities) if questions else ()
            for grounds, verdict in zip(waiting, verdicts, strict=True):
                if verdict.permitted:
                    outcomes[grounds] = Outcome(form, verdict, refused[grounds])
                elif EVALUATION_ERROR in verdict.policies:
                    outcomes[grounds] = Outcome(Form.DENY, verdict, (verdict,))
                else:
                    refused[grounds] = (*refused[grounds], verdict)
        for grounds in (grounds for grounds in asked if grounds not in outcomes):
            outcomes[grounds] = Outcome(Form.DENY, refused[grounds][-1], refused[grounds])
        return outcomes

    def _as_told(self, grounds: Grounds) -> Grounds:
        """These grounds with the first label and the first training that policies cannot tell from theirs."""
        dataset, sensitivity = self._alike[grounds.dataset, grounds.sensitivity]
        training = grounds.training_missing
        if training:
            training = tuple(sorted(set(map(self.policies.told_apart, training))))
        return grounds.of_label(dataset, sensitivity, training)

    def _told(self, dataset: str, sensitivity: str) -> Terms:
        return tuple(map(self.policies.told_apart, (dataset, sensitivity, label_id(dataset, sensitivity))))


def label_id(dataset: str, sensitivity: str) -> str:
    """The Cedar entity that stands for this dataset at this sensitivity."""
    return f"{dataset} {sensitivity}"


def _question(caller: Caller, action: str, grounds: Grounds, facts: Mapping[str, Any]) -> Question:
    return Question(caller.organisation, action, label_id(grounds.dataset, grounds.sensitivity), facts)


def _label_entity(dataset: str, sensitivity: str) -> Mapping[str, Any]:
    return {
        "uid": {"type": "Label", "id": label_id(dataset, sensitivity)},
        "attrs": {"dataset": dataset, "sensitivity": sensitivity},
        "parents": [{"type": "Dataset", "id": dataset}],
    }
