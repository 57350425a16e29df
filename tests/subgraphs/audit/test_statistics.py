"""Counts of use with few withheld, and samples that the server draws: from a whole period, within a scope."""

from collections import Counter

import pytest

from tests.subgraphs.audit.ledgers import AUDITING, AUDITOR, INSPECTOR, REFUSAL, auditing, operator, writing

MINE = operator("u-20-4419")
OTHER_FORCE = operator("u-14-1", "14A1", "ORG-14", role="roads_policing")
COUNTS = "total from to counts { value coded { label } count withheld }"


@pytest.fixture
async def written(tmp_path):
    async with writing(tmp_path) as ledger:
        yield ledger


@pytest.fixture
async def gateway(tmp_path, written):
    async with auditing(tmp_path, written) as asks:
        yield asks


async def used(written) -> None:
    """Ten requests of one force, of which six are refused, and five of another."""
    for number in range(10):
        await written.asked(MINE, reason="1" if number < 5 else "5", denials=REFUSAL if number < 6 else None)
    for _ in range(5):
        await written.asked(OTHER_FORCE)


def told(answer) -> dict[str | None, int | None]:
    return {count["value"]: count["count"] for count in answer.data["auditStatistics"]["counts"]}


COUNTED = [
    ("REASON", {"5": 10, "1": 5}),
    ("PURPOSE", {"LE2": 15}),
    ("ORGANISATION", {"ORG-20": 10, "ORG-14": 5}),
    ("ROLE", {"detective": 10, "roads_policing": 5}),
    ("HOUR", {"08": 15}),
    ("EVENT_TYPE", {"CONSULT": 9, "REFUSE": 6}),
    ("OUTCOME", {"OK": 15}),
    ("REFUSED_BY", {None: 15}),
]


@pytest.mark.parametrize(("dimension", "counts"), COUNTED)
async def test_requests_are_counted_by_each_dimension_in_one_statement(written, gateway, dimension, counts):
    await used(written)
    query = f"{{ auditStatistics(by: {dimension}) {{ {COUNTS} }} }}"
    answer = await gateway.ask(query, caller=INSPECTOR, context=AUDITING)
    assert told(answer) == counts
    assert answer.data["auditStatistics"]["total"] == 15
    assert answer.statements == 1


async def test_an_auditor_counts_the_requests_of_the_organisation(written, gateway):
    await used(written)
    query = f"{{ auditStatistics(by: REASON) {{ {COUNTS} }} }}"
    assert told(await gateway.ask(query, caller=AUDITOR, context=AUDITING)) == {"1": 5, "5": 5}


async def test_few_requests_are_withheld_with_as_many_others_as_it_takes(written, gateway):
    await used(written)
    await written.asked(MINE, reason="7")
    query = f"{{ auditStatistics(by: REASON) {{ {COUNTS} }} }}"
    answer = await gateway.ask(query, caller=INSPECTOR, context=AUDITING)
    assert told(answer) == {"5": 10, "1": None, "7": None}
    assert [count["withheld"] for count in answer.data["auditStatistics"]["counts"]] == [False, True, True]


async def test_statistics_and_samples_are_of_the_last_month_unless_said_otherwise(written, gateway):
    await used(written)
    query = (
        '{ auditStatistics(by: REASON, from: "2026-02-02T08:11:00Z", to: "2026-02-02T08:15:30Z") { total from to } }'
    )
    chosen = await gateway.ask(query, caller=INSPECTOR, context=AUDITING)
    assert chosen.data["auditStatistics"] == {
        "total": 5,
        "from": "2026-02-02T08:11:00Z",
        "to": "2026-02-02T08:15:30Z",
    }
    usual = await gateway.ask("{ auditSample(size: 1) { from to } }", caller=INSPECTOR, context=AUDITING)
    assert usual.data["auditSample"] == {"from": "2026-01-02T12:00:00Z", "to": "2026-02-02T12:00:00Z"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ auditStatistics(by: HOUR, from: "2024-02-02T08:11:00Z") { total } }', "AUDIT_PERIOD_INVALID"),
        ('{ auditSample(size: 5, from: "2026-03-02T08:11:00Z") { seed } }', "AUDIT_PERIOD_INVALID"),
        ("{ auditSample(size: 0) { seed } }", "AUDIT_SAMPLE_SIZE"),
        ("{ auditSample(size: 51) { seed } }", "AUDIT_SAMPLE_SIZE"),
    ],
)
async def test_what_is_too_much_or_nothing_is_refused_by_code(gateway, query, code):
    answer = await gateway.ask(query, caller=INSPECTOR, context=AUDITING)
    assert [found for found, _path in answer.codes] == [code]
    assert answer.statements == 0


SAMPLE = "{ auditSample(size: 4) { seed population events { auditId organisationId } } }"


async def test_a_sample_is_drawn_from_the_whole_scope_by_a_seed_of_the_server(tmp_path, written):
    await used(written)
    seeds = iter(f"seed {number}" for number in range(60))
    drawn: Counter[str] = Counter()
    async with auditing(tmp_path, written, new_id=lambda: next(seeds)) as gateway:
        for number in range(60):
            answer = await gateway.ask(SAMPLE, caller=INSPECTOR, context=AUDITING)
            sample = answer.data["auditSample"]
            assert (sample["seed"], sample["population"]) == (f"seed {number}", 15)
            ids = [event["auditId"] for event in sample["events"]]
            assert len(set(ids)) == 4
            drawn.update(ids)
            assert answer.statements == 2
    assert drawn.keys() == set(written.ids)
    # Each is drawn in 16 of 60 on average (4 of 15); the seeds are fixed, so this does not depend on luck.
    assert max(drawn.values()) <= 30
    assert min(drawn.values()) >= 5


async def test_a_sample_can_be_drawn_again_from_its_seed(tmp_path, written):
    await used(written)
    async with auditing(tmp_path, written, new_id=lambda: "the same") as gateway:
        first, second = [(await gateway.ask(SAMPLE, caller=INSPECTOR, context=AUDITING)).data for _ in range(2)]
    assert first == second


async def test_an_auditor_s_sample_is_of_the_organisation(written, gateway):
    await used(written)
    query = "{ auditSample(size: 50) { population events { organisationId } } }"
    sample = (await gateway.ask(query, caller=AUDITOR, context=AUDITING)).data["auditSample"]
    assert sample["population"] == len(sample["events"]) == 10
    assert {event["organisationId"] for event in sample["events"]} == {"ORG-20"}
