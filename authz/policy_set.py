"""The Cedar policies of `authz/policies/`: parsed and checked against their schema once, then asked in batches.

In: policy texts and a Cedar schema. Out: for each question, whether it is permitted and the ids that determined it. Any
evaluation error refuses and raises the alarm: Cedar skips a policy that errors, so a `forbid` would fail open.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, TypeAlias

import cedarpy

from authz.decision import Form
from authz.errors import InvalidPolicies
from authz.policy_slices import Policy, Slices, for_every_form, met_by_any
from authz.policy_words import words_of

ALARM = logging.getLogger("leds.alarm")
UNRANKED = 1000
EVALUATION_ERROR = "P00.evaluation-error"
NOT_PERMITTED = "P00.not-permitted"
READS = frozenset({"read.full", "read.mask", "read.exists"})
"""The actions that stand for the forms of a field."""

Entity: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One Cedar request: may `caller` do `action` with `label`, given the facts? Callers and labels are entity ids;
    `kind` is the entity type of what is asked about; `dataset` the one dataset that it is in, where it is in one."""

    caller: str
    action: str
    label: str
    facts: Mapping[str, Any]
    kind: str = "Label"
    dataset: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it is permitted, and by which policies; refusals with the one to name first at the front."""

    permitted: bool
    policies: tuple[str, ...]


def caller_entity(organisation: str, kind: str, roles: Iterable[str]) -> Entity:
    """A class of callers as policies know it."""
    return {
        "uid": {"type": "Caller", "id": organisation},
        "attrs": {"organisation": organisation, "organisationKind": kind},
        "parents": [{"type": "Role", "id": role} for role in sorted(roles)],
    }


class Policies:
    """A validated policy set. `version` is the hash of its texts. By policy id: `ranks` order the policies that are
    named, `masks` are what a permit masks with, `outcomes` what a forbid's refusal looks like, `documents` the papers
    of the controller that they rely on."""

    def __init__(self, texts: Mapping[str, str], schema: str) -> None:
        text = "\n".join(texts[name] for name in sorted(texts))
        try:
            self._schema = cedarpy.Schema.from_str(schema)
            static: Mapping[str, Policy] = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"]
            validation = cedarpy.validate_policies(text, self._schema)
        except ValueError as error:
            raise InvalidPolicies(f"The Cedar policies do not parse: {error}") from error
        if not validation.validation_passed:
            raise InvalidPolicies(
                f"The Cedar policies do not fit their schema: {'; '.join(map(str, validation.errors))}"
            )
        annotations = _annotations(static.values())
        self.ranks = {name: int(found.get("rank", UNRANKED)) for name, found in annotations.items()}
        self.masks = {name: found["mask"] for name, found in annotations.items() if "mask" in found}
        self.outcomes = {name: found["outcome"] for name, found in annotations.items() if "outcome" in found}
        self.documents = {name: found["document"] for name, found in annotations.items() if "document" in found}
        self._slices = Slices(static)
        self._words = words_of(static.values())
        self._read_words = words_of(met_by_any(static.values(), READS))
        # Policies that only compare cannot fail: nothing is refused for another reason than the one that is found.
        self._for_every_form = for_every_form(static.values()) if self._read_words else frozenset[str]()
        self.version = hashlib.sha256(f"{schema}\0{text}".encode()).hexdigest()

    def told_apart(self, text: str) -> str:
        """The text, or nothing when no policy can tell it from any other that none of them mentions."""
        return text if self._words is None or text in self._words.all else ""

    def told_apart_on_reading(self, text: str, dataset: str | None = None) -> str:
        """The same of the policies that a form can be refused or permitted by; of a dataset: those that apply to it."""
        words = self._read_words
        if words is None:
            return text
        return text if text in (words.all if dataset is None else words.of(dataset)) else ""

    def entities(self, entities: Iterable[Entity]) -> cedarpy.Entities:
        """These entities, checked against the schema. Raises InvalidPolicies when one does not fit."""
        try:
            return cedarpy.Entities.from_json_str(json.dumps(list(entities)), self._schema)
        except ValueError as error:
            raise InvalidPolicies(f"Entities do not fit the Cedar schema: {error}") from error

    def with_added(self, entities: cedarpy.Entities, more: Iterable[Entity]) -> cedarpy.Entities:
        """These entities and more, checked against the schema. Raises InvalidPolicies when one does not fit."""
        try:
            return entities.with_added_json_str(json.dumps(list(more)), self._schema)
        except ValueError as error:
            raise InvalidPolicies(f"Entities do not fit the Cedar schema: {error}") from error

    def ask(self, questions: Sequence[Question], entities: cedarpy.Entities) -> tuple[Verdict, ...]:
        """One verdict per question, in order; each is asked of the policies that it can meet."""
        by_slice: dict[cedarpy.PolicySet, list[int]] = {}
        for place, question in enumerate(questions):
            by_slice.setdefault(self._slices.of(question.action, question.dataset), []).append(place)
        verdicts: dict[int, Verdict] = {}
        for policies, places in by_slice.items():
            requests = [_request(questions[place]) for place in places]
            results = cedarpy.is_authorized_batch(requests, policies, entities, self._schema)
            verdicts.update(zip(places, map(self._verdict, results), strict=True))
        return tuple(verdicts[place] for place in range(len(questions)))

    def refuses_every_form(self, verdict: Verdict) -> bool:
        """Whether this refusal of one form tells that all others are refused on the same grounds: a forbid that says
        the same of every form is among its policies, and no policy can fail to be evaluated."""
        return not verdict.permitted and not self._for_every_form.isdisjoint(verdict.policies)

    def _verdict(self, result: cedarpy.AuthzResult) -> Verdict:
        found = result.diagnostics
        if found.errors:
            ALARM.critical("A Cedar policy failed to evaluate, so the request is refused: %s", found.errors)
            return Verdict(False, (EVALUATION_ERROR,))
        ids = found.id_annotations_by_reason.values()
        named = tuple(sorted(ids, key=lambda name: (self.ranks[name], name)))
        return Verdict(result.allowed, named or (NOT_PERMITTED,))


def _request(question: Question) -> dict[str, Any]:
    return {
        "principal": {"type": "Caller", "id": question.caller},
        "action": {"type": "Action", "id": question.action},
        "resource": {"type": question.kind, "id": question.label},
        "context": dict(question.facts),
    }


def _annotations(policies: Iterable[Mapping[str, Any]]) -> Mapping[str, Mapping[str, str]]:
    """The annotations of every policy by its id. Raises InvalidPolicies when one has no id or shares it, or says
    another outcome than SILENT."""
    found: dict[str, Mapping[str, str]] = {}
    for policy in policies:
        annotations = policy.get("annotations", {})
        name = annotations.get("id")
        if not name or name in found:
            raise InvalidPolicies(f"Every Cedar policy needs an @id of its own; {name or 'one'} has none or shares it.")
        if annotations.get("outcome", Form.SILENT) != Form.SILENT:
            raise InvalidPolicies(f"The outcome of {name} can only be SILENT.")
        found[name] = annotations
    return found


def policies_from_directory(directory: Traversable) -> Policies:
    """The policies of the `*.cedar` files and `schema.cedarschema` in `directory`. Raises InvalidPolicies."""
    try:
        texts = {file.name: file.read_text("utf-8") for file in directory.iterdir() if file.name.endswith(".cedar")}
        schema = directory.joinpath("schema.cedarschema").read_text("utf-8")
    except OSError as error:
        raise InvalidPolicies("The Cedar policies cannot be read.") from error
    return Policies(texts, schema)


@cache
def packaged_policies() -> Policies:
    """The policies shipped with this package, parsed once."""
    return policies_from_directory(files("authz").joinpath("policies"))
