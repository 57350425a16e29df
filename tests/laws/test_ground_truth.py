"""Whoever asks whatever: the ledger says what was shown to whom, nothing less and nothing more.

What was really shown is known by its values: every governed text of chosen columns is unique, and whose it is was
written down when it was put there.
"""

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from authz.audit.leaf import Stage
from authz.audit.parts import Subject
from authz.audit.reading import Kept, read_leaf
from authz.decision import Form
from tests.laws.canary_world import World, canary_world
from tests.laws.random_callers import Asking, random_asking, random_persona
from tests.laws.report import CASES, SEED, cases

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTIONS = 100

Said = tuple[str, str, str]
"""A subject's type, the hash of its key, and a coordinate."""


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with canary_world(tmp_path_factory.mktemp("ground truth")) as running:
        yield running


@pytest.mark.law("the-ledger-is-the-truth")
async def test_the_ledger_names_exactly_what_was_shown(world: World, record_property):
    count = cases(QUESTIONS)
    record_property(CASES, count)
    random, shown, last = Random(f"ledger {SEED}"), 0, -1
    for _ in range(count):
        asking = random_asking(random, world.decider.facts) if random.random() < 0.3 else random_persona(random)
        query = world.questions.query()
        body, _ = await world.answer(query, asking)
        answer = json.loads(body)
        last = newest_outcome(last)
        kept = leaf(last)
        assert (kept.leaf.refused_by is None) == ("data" in answer)
        assert kept.leaf.refused_by is not None or who(kept) == asking.principal.subject
        told = {said(world, number) for number in world.canaries.seen([body])}
        assert told - recorded(kept) == set(), f"shown and not recorded\n{asking}\n{query}"
        # What a plan reads of one record as an input only is recorded as shown where this field of another record is
        # shown in the same answer: disclosures are told apart by coordinate, not by place.
        elsewhere = {coordinate for _, _, coordinate in told}
        extra = {each for each in (recorded(kept) & known(world)) - told if each[2] not in elsewhere}
        assert extra == set(), f"recorded and not shown\n{asking}\n{query}"
        if "data" in answer:
            receipt_holds(answer, asking, last, kept)
        shown += len(told)
    assert shown > count / 10, "little was shown to anybody"


def ledger() -> Path:
    return Path(os.environ["LEDS_HOME"]) / "ledger.sqlite"


def leaf(position: int) -> Kept:
    found = read_leaf(ledger(), position)
    assert found is not None
    return found


def newest_outcome(last: int) -> int:
    """The position of the one outcome behind this position: every request has one, whatever became of it."""
    position, outcomes = last + 1, list[int]()
    while (found := read_leaf(ledger(), position)) is not None:
        outcomes += [position] if found.leaf.stage is Stage.OUTCOME else []
        assert not outcomes or found.leaf.stage is not Stage.INTENT, "the outcome is the last that is said of a request"
        position += 1
    (outcome,) = outcomes
    return outcome


def who(outcome: Kept) -> str | None:
    request = outcome.leaf.request if outcome.leaf.intent is None else leaf(outcome.leaf.intent).leaf.request
    assert request is not None
    return request.user.id if request.user else None


def receipt_holds(answer: dict[str, Any], asking: Asking, position: int, kept: Kept) -> None:
    receipt = answer["extensions"]["audit"]
    assert (receipt["index"], receipt["entry"]) == (position, kept.leaf.audit_id)
    if kept.leaf.intent is not None:
        assert leaf(kept.leaf.intent).leaf.audit_id == kept.leaf.audit_id


def said(world: World, number: int) -> Said:
    """What the ledger must say of a canary that was shown."""
    kind, key = world.canaries.whose[number]
    return kind, world.service.keys.subject.subject(kind, key), world.canaries.coordinates[number]


def known(world: World) -> set[Said]:
    """Everything of which it is known whether it was shown: leaves. Of an object other fields may be shown."""
    return {each for each in (said(world, number) for number in world.canaries.whose) if is_leaf(world, each[2])}


def is_leaf(world: World, coordinate: str) -> bool:
    type_name, _, field = coordinate.partition(".")
    kind = world.questions.schema.type_map[type_name]
    assert isinstance(kind, GraphQLObjectType)
    return is_leaf_type(get_named_type(kind.fields[field].type))


def recorded(kept: Kept) -> set[Said]:
    return {each for subject in kept.subjects for each in of_subject(subject)}


def of_subject(subject: Subject) -> set[Said]:
    """What was shown in full; a field of the subject's own type is said by its name, one below by its coordinate."""
    names = {name for form in subject.forms if form.form is Form.FULL for name in form.fields}
    return {
        (subject.type, subject.key_hash, name if "." in name else f"{subject.type}.{name}") for name in sorted(names)
    }
