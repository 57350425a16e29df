"""Missing episodes: found by reference or by the nominal, with child protection read from its own table."""

from datetime import UTC, datetime

import pytest

from resolvers.missing.tables import missing_child_protection, missing_match, missing_risk_change
from subgraphs.missing import app
from tests.resolvers.products import a_missing_report, key_of, written, written_file
from tests.subgraphs.asking import Asking, asking

REPORT = key_of(1, "2222")
ROWS = [
    a_missing_report(
        1,
        person_id=key_of(1),
        factors=["CSE", "??"],
        last_seen_lines=["The quay"],
        last_seen_postcode="QX1",
        description={
            "heightCm": 150,
            "build": "MED",
            "hairColour": "BLK",
            "clothing": "Red coat",
            "marks": [{"type": "TAT", "location": "RARM", "text": "star"}],
        },
        looked_after=True,
        outcome=None,
        contact_type="BUS",
        contact_value="01632 960001",
        return_interview={"date": "2026-01-05", "summary": "Synthetic."},
    ),
    a_missing_report(
        2, person_id=key_of(1), status="located", outcome="RET", episode_start=datetime(2025, 1, 1, tzinfo=UTC)
    ),
    a_missing_report(3),
    (
        missing_risk_change,
        {"missing_id": REPORT, "seq": 0, "risk_level": "M", "changed_at": datetime(2026, 1, 1, tzinfo=UTC)},
    ),
    (
        missing_risk_change,
        {"missing_id": REPORT, "seq": 1, "risk_level": "H", "changed_at": datetime(2026, 1, 2, tzinfo=UTC)},
    ),
    (
        missing_match,
        {"missing_id": REPORT, "seq": 0, "other_type": "UnidentifiedCase", "other_key": "U1", "score": 0.4},
    ),
    (
        missing_match,
        {"missing_id": REPORT, "seq": 1, "other_type": "UnidentifiedCase", "other_key": "U2", "score": 0.7},
    ),
    (missing_child_protection, {"missing_id": REPORT, "linked": True}),
]
WHOLE = """
missingId nationalReference personId episodeStart riskLevel { code } riskChanges { level { code } changedAt }
factors { code resolved } lastSeen { lines postcode }
description { heightCm build { code } hairColour { code } clothing marks { type { code } text } }
childUnder18 lookedAfter status { code resolved } outcome { code } reportingForce contact { type { code } value }
childProtection returnInterview { date summary } unidentifiedMatch { other { typeName key } score }
meta { dataset }
"""


@pytest.fixture
async def missing(database_url: str):
    async with asking(app, await written(database_url, ROWS)) as asks:
        yield asks


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written_file(tmp_path_factory.mktemp("missing"), ROWS)


@pytest.fixture
async def quick(file: str):
    async with asking(app, file) as asks:
        yield asks


async def test_an_episode_is_answered_from_its_rows(missing: Asking):
    answer = await missing.ask(f'{{ missing(ref: " mp-26-0000001 ") {{ {WHOLE} }} }}')
    assert answer.errors == []
    found = answer.data["missing"]
    assert {name: found[name] for name in ("riskLevel", "status", "outcome", "childUnder18", "lookedAfter")} == {
        "riskLevel": {"code": "H"},
        "status": {"code": "open", "resolved": True},
        "outcome": None,
        "childUnder18": True,
        "lookedAfter": True,
    }
    assert found["riskChanges"] == [
        {"level": {"code": "H"}, "changedAt": "2026-01-02T00:00:00Z"},
        {"level": {"code": "M"}, "changedAt": "2026-01-01T00:00:00Z"},
    ]
    assert found["factors"] == [{"code": "CSE", "resolved": True}, {"code": "??", "resolved": False}]
    assert found["lastSeen"] == {"lines": ["The quay"], "postcode": "QX1"}
    assert found["description"]["marks"] == [{"type": {"code": "TAT"}, "text": "star"}]
    assert found["contact"] == {"type": {"code": "BUS"}, "value": "01632 960001"}
    assert found["childProtection"] is True
    assert found["returnInterview"] == {"date": "2026-01-05", "summary": "Synthetic."}
    assert [match["other"]["key"] for match in found["unidentifiedMatch"]] == ["U2", "U1"]
    assert (found["reportingForce"], found["meta"]) == ("20R1", {"dataset": "NRMP"})


async def test_an_episode_of_which_little_is_known_has_nulls_and_empty_lists(quick: Asking):
    answer = await quick.ask(f'{{ missing(ref: "MP-26-0000003") {{ {WHOLE} }} }}')
    found = answer.data["missing"]
    for name in ("personId", "lastSeen", "description", "contact", "childProtection", "returnInterview", "lookedAfter"):
        assert found[name] is None
    for name in ("riskChanges", "factors", "unidentifiedMatch"):
        assert found[name] == []


async def test_child_protection_is_not_read_unless_it_is_asked_for(quick: Asking):
    without = await quick.ask('{ missing(ref: "MP-26-0000001") { status { code } riskLevel { code } } }')
    asked = await quick.ask('{ missing(ref: "MP-26-0000001") { status { code } childProtection } }')
    assert (without.statements, asked.statements) == (1, 2)
    assert {(each.type, each.dataset): each.fields for each in asked.disclosures} == {
        ("MissingReport", "NRMP"): ("status",),
        ("MissingReport", "PND.CP"): ("childProtection",),
    }


async def test_an_unknown_reference_is_null(quick: Asking):
    answer = await quick.ask('{ missing(ref: "MP-00-0000000") { riskLevel { code } } }')
    assert (answer.data, answer.errors) == ({"missing": None}, [])


async def test_a_nominal_s_episodes_are_paged_latest_first(missing: Asking):
    selection = "... on Person { missingReports(first: 1) { totalCount pageInfo { hasNextPage } nodes { missingId } } }"
    people = [{"__typename": "Person", "personId": key_of(number)} for number in (1, 2)]
    answer = await missing.entities(selection, people)
    found = {"totalCount": 2, "pageInfo": {"hasNextPage": True}, "nodes": [{"missingId": REPORT}]}
    nothing = {"totalCount": 0, "pageInfo": {"hasNextPage": False}, "nodes": []}
    assert answer.data == [{"missingReports": found}, {"missingReports": nothing}]
    assert answer.statements == 2


@pytest.mark.parametrize(("people", "reports"), [(1, 1), (1, 200), (50, 1)])
async def test_statements_do_not_grow_with_people_or_episodes(database_url: str, people: int, reports: int):
    rows = [
        a_missing_report(person * 1000 + number, person_id=key_of(person))
        for person in range(1, people + 1)
        for number in range(reports)
    ]
    selection = "... on Person { missingReports(first: 200) { nodes { riskChanges { changedAt } childProtection } } }"
    async with asking(app, await written(database_url, rows)) as asks:
        entities = [{"__typename": "Person", "personId": key_of(person)} for person in range(1, people + 1)]
        answer = await asks.entities(selection, entities)
    assert [len(person["missingReports"]["nodes"]) for person in answer.data] == [reports] * people
    assert answer.statements == 3


async def test_entities_are_found_by_their_key(quick: Asking):
    keys = [REPORT, "nothing"]
    representations = [{"__typename": "MissingReport", "missingId": key} for key in keys]
    answer = await quick.entities("... on MissingReport { nationalReference }", representations)
    assert answer.data == [{"nationalReference": "MP-26-0000001"}, None]
