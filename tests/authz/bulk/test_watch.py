"""The watch on bulk: who is stopped, who is not, who is told, and what is remembered of it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from string import ascii_uppercase

import pytest

from authz.alerts import Alert
from authz.audit.errors import AuditUnavailable
from authz.audit.pseudonym import SubjectKey
from authz.bulk.asked import Lookup
from authz.bulk.tally import Counted, TallyWindow
from authz.bulk.watch import BulkLimits, Watch
from authz.decision import Clearance, Decision, Form
from authz.errors import AgreementCapReached, CodedError, EnumerationStopped, WildcardRefused
from authz.facts import packaged_facts
from authz.policy_set import packaged_policies
from authz.principal import Principal
from tests.authz.callers import DETECTIVE, INSURER, NOON, OFFICER

MARKS = [f"AB12CD{letter}" for letter in ascii_uppercase]
COLLEAGUE = replace(OFFICER, subject="u-20-0001")


@dataclass
class Told:
    alerts: list[Alert] = field(default_factory=list)

    async def record(self, alerts: Sequence[Alert]) -> None:
        self.alerts += alerts


class Remembering(TallyWindow):
    """A tally that keeps everything it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[Counted] = []

    async def count(self, counted: Sequence[Counted], now: float) -> tuple[int, ...]:
        self.given += counted
        return await super().count(counted, now)


def watch(told: Told | None = None, tally: TallyWindow | None = None, **limits: int) -> Watch:
    key = SubjectKey("k1", b"secret")
    return Watch(tally or TallyWindow(), packaged_policies(), packaged_facts, key, BulkLimits(**limits), told or Told())


def marks(*values: str) -> frozenset[Lookup]:
    return frozenset(Lookup("Vehicle.vrm", value) for value in values)


async def refusals(found: Watch, who: Principal, asked: Iterable[frozenset[Lookup]]) -> list[type[CodedError] | None]:
    codes: list[type[CodedError] | None] = []
    for lookups in asked:
        try:
            await found.count(who, lookups, NOON)
            codes.append(None)
        except CodedError as error:
            codes.append(type(error))
    return codes


async def test_who_goes_through_marks_one_by_one_is_stopped():
    found = await refusals(watch(neighbours=5), OFFICER, [marks(mark) for mark in MARKS[:8]])
    assert found == [None] * 5 + [EnumerationStopped] * 3


async def test_one_request_of_many_aliases_is_stopped_whole():
    assert await refusals(watch(neighbours=5), OFFICER, [marks(*MARKS[:8])]) == [EnumerationStopped]


async def test_any_order_and_stride_is_stopped():
    shuffled = Random(3).sample(MARKS, len(MARKS))
    assert EnumerationStopped in await refusals(watch(), OFFICER, [marks(mark) for mark in shuffled])
    assert EnumerationStopped in await refusals(watch(neighbours=5), OFFICER, [marks(mark) for mark in MARKS[::3]])


async def test_the_same_mark_again_is_no_further_step():
    watching = watch(neighbours=5)
    assert set(await refusals(watching, OFFICER, [marks(*MARKS[:5])] * 50)) == {None}


async def test_a_burst_of_marks_as_traffic_brings_them_is_not_stopped():
    random = Random(5)
    traffic = [
        "".join(
            [
                *random.choices(ascii_uppercase, k=2),
                f"{random.randrange(51, 99)}",
                *random.choices(ascii_uppercase, k=3),
            ]
        )
        for _ in range(900)
    ]
    assert set(await refusals(watch(), OFFICER, [marks(mark) for mark in traffic])) == {None}


async def test_more_look_ups_than_anybody_needs_are_stopped():
    searches = [frozenset({Lookup("Query.persons", f"NAME {n}", sequential=False)}) for n in range(12)]
    assert await refusals(watch(lookups=10), OFFICER, searches) == [None] * 10 + [EnumerationStopped] * 2


@pytest.mark.parametrize("value", ["AB12*", "AB12%", "AB12CD?", "AB12C_E"])
async def test_a_wildcard_is_refused_as_one(value: str):
    assert await refusals(watch(), OFFICER, [marks(value)]) == [WildcardRefused]


async def test_colleagues_are_counted_each_for_themselves_and_windows_end():
    watching = watch(neighbours=5, seconds=600)
    await refusals(watching, OFFICER, [marks(mark) for mark in MARKS])
    await watching.count(COLLEAGUE, marks(MARKS[7]), NOON)
    with pytest.raises(EnumerationStopped):
        await watching.count(OFFICER, marks(MARKS[7]), NOON + timedelta(seconds=599))
    await watching.count(OFFICER, marks(MARKS[7]), NOON + timedelta(seconds=600))


async def test_supervisors_are_told_once_and_of_no_identifier():
    told = Told()
    await refusals(watch(told, neighbours=5), OFFICER, [marks(mark) for mark in MARKS])
    (alert,) = told.alerts
    assert (alert.type, alert.policy, alert.rule) == ("MISUSE", "P14", "MU09")
    assert (alert.owner, alert.user, alert.subject_type) == ("ORG-20", OFFICER.subject, "Vehicle.vrm")
    assert not any(mark in json.dumps(alert.subject) for mark in MARKS)


async def test_a_refusal_stands_when_nobody_can_be_told():
    class Broken(Told):
        async def record(self, alerts: Sequence[Alert]) -> None:
            raise AuditUnavailable("The disclosure ledger cannot be written.")

    assert EnumerationStopped in await refusals(watch(Broken(), neighbours=1), OFFICER, [marks(*MARKS)])


async def test_only_keyed_hashes_are_remembered():
    tally = Remembering()
    await watch(tally=tally).count(OFFICER, marks("AB12CDE"), NOON)
    names = {part for each in tally.given for part in (each.name, each.member or "")}
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in names)
    another = Remembering()
    watching = watch(tally=another)
    watching._key = SubjectKey("k2", b"another secret")
    await watching.count(OFFICER, marks("AB12CDE"), NOON)
    assert names.isdisjoint({each.name for each in another.given})


def capped(user_cap: int | None, day_cap: int | None) -> Watch:
    facts = packaged_facts()
    agreement = replace(facts.agreements[INSURER.agreement], user_cap=user_cap, day_cap=day_cap)
    agreements = {**facts.agreements, agreement.id: agreement}
    changed = replace(facts, agreements=agreements)
    key = SubjectKey("k1", b"secret")
    return Watch(TallyWindow(), packaged_policies(), lambda: changed, key, BulkLimits(), Told())


async def test_an_agreement_s_requests_of_a_day_are_capped_for_the_whole_organisation():
    watching = capped(None, 3)
    users = [replace(INSURER, subject=f"u-{n}") for n in range(4)]
    assert [await refusals(watching, user, [frozenset()]) for user in users] == [[None]] * 3 + [[AgreementCapReached]]
    await watching.count(INSURER, frozenset(), NOON + timedelta(days=1))
    await watching.count(DETECTIVE, frozenset(), NOON)


async def test_an_agreement_s_users_of_a_day_are_capped():
    watching = capped(2, None)
    users = [replace(INSURER, subject=f"u-{n}") for n in (1, 2, 3, 1)]
    found = [await refusals(watching, user, [frozenset()]) for user in users]
    assert found == [[None], [None], [AgreementCapReached], [None]]


def test_caps_are_those_of_the_agreements():
    agreements = packaged_facts().agreements
    assert (agreements["AGR-COM-01"].user_cap, agreements["AGR-COM-01"].day_cap) == (25, 5000)
    assert (agreements["AGR-JC-01"].user_cap, agreements["AGR-JC-01"].day_cap) == (None, None)


@pytest.mark.parametrize(("rows", "form"), [(200, Form.FULL), (201, Form.DENY), (5_000, Form.DENY)])
def test_a_page_of_more_than_200_is_refused_with_what_to_do(rows: int, form: Form):
    clearance = Clearance("everything", {"Query.persons": Decision(Form.FULL)}, frozenset({"Person.personId"}), facts=3)
    bounded = watch().bounded(clearance, OFFICER, {"Query.persons": rows})
    decision = bounded.decision("Query.persons")
    assert decision.form is form
    if form is Form.DENY:
        assert decision.policies == ("P14",)
        assert "reporting tool" in decision.missing[0]
        assert bounded.key != clearance.key
        assert (bounded.internal, bounded.facts) == (clearance.internal, 3)
    else:
        assert bounded is clearance


@pytest.mark.parametrize("form", [Form.SILENT, Form.DENY])
def test_what_is_silent_or_refused_already_stays_so_however_much_is_asked(form: Form):
    clearance = Clearance("nothing", {"Vehicle.intelReports": Decision(form, ("P06",))})
    bounded = watch().bounded(clearance, OFFICER, {"Vehicle.intelReports": 5_000})
    assert bounded.decision("Vehicle.intelReports") == Decision(form, ("P06",))
    assert bounded is clearance
