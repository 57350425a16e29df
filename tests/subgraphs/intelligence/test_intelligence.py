"""Intelligence: reached by a report's id, a confirmed link, a VRM or an explicit link; proposals join nothing."""

import pytest

from resolvers.intelligence.tables import intel_nominal, intel_nominal_name, intel_pnc_link
from subgraphs.intelligence import app
from tests.resolvers.products import a_record, an_intel_link, an_intel_report, key_of, written, written_file
from tests.subgraphs.asking import Asking, asking


def a_nominal(number: int, person: int | None = None, confirmed_by: str | None = "DC 1") -> list:
    """A PND nominal with two names and, perhaps, a link to a PNC nominal."""
    nominal_id = key_of(number, "4444")
    rows = [
        a_record(intel_nominal, intel_nominal_id=nominal_id, date_of_birth="1985", report_count=2),
        *(
            (
                intel_nominal_name,
                {
                    "intel_nominal_id": nominal_id,
                    "seq": seq,
                    "last_name": last,
                    "first_names": ["Robin"],
                    "type": kind,
                },
            )
            for seq, (last, kind) in enumerate([("Harbour", "FILED"), ("Lantern", "ALIAS")])
        ),
    ]
    if person is not None:
        link = {"method": "MANUAL", "score": 0.9, "confirmed_by": confirmed_by}
        rows.append((intel_pnc_link, {"intel_nominal_id": nominal_id, "person_id": key_of(person), **link}))
    return rows


ROWS = [
    *a_nominal(1, person=1),
    *a_nominal(2, person=1, confirmed_by=None),
    *a_nominal(3),
    an_intel_report(
        1,
        handling="C",
        handling_action="A1",
        handling_sanitisation="S1",
        handling_text="Ask first.",
        source_text="Unsanitised.",
        risk_assessment={"publicImmunity": True, "sourceSafety": "HIGH"},
    ),
    an_intel_report(2),
    an_intel_link(1, 0, "IntelNominal", key_of(1, "4444")),
    an_intel_link(1, 1, "Vehicle", "AB12CDE"),
    an_intel_link(1, 2, "Vehicle", "AB12CDE"),
    an_intel_link(2, 0, "IntelNominal", key_of(1, "4444")),
    an_intel_link(2, 1, "MissingReport", key_of(1, "2222")),
]
REPORT = """
intelReportId sourceForce sourceEvaluation { code resolved } informationAssessment { code resolved }
handling { code { code } action { code } sanitisation { code } text } classification { code } text sourceText
dateOfIntelligence reviewDate links { target { typeName key } objectType { code } kind { code } role { code } }
riskAssessment { publicImmunity sourceSafety text } meta { dataset owner }
"""


@pytest.fixture
async def intelligence(database_url: str):
    async with asking(app, await written(database_url, ROWS)) as asks:
        yield asks


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written_file(tmp_path_factory.mktemp("intelligence"), ROWS)


@pytest.fixture
async def quick(file: str):
    async with asking(app, file) as asks:
        yield asks


async def test_a_report_is_answered_from_its_rows(intelligence: Asking):
    answer = await intelligence.ask(f'{{ intelReport(id: "{key_of(1, "3333")}") {{ {REPORT} }} }}')
    assert answer.errors == []
    found = answer.data["intelReport"]
    assert found["sourceEvaluation"] == {"code": "1", "resolved": True}
    assert found["informationAssessment"] == {"code": "B", "resolved": True}
    assert found["handling"] == {
        "code": {"code": "C"},
        "action": {"code": "A1"},
        "sanitisation": {"code": "S1"},
        "text": "Ask first.",
    }
    assert (found["text"], found["sourceText"]) == ("Sanitised.", "Unsanitised.")
    assert (found["dateOfIntelligence"], found["reviewDate"]) == ("2026-02-02", "2026-02-02")
    assert [link["target"]["typeName"] for link in found["links"]] == ["IntelNominal", "Vehicle", "Vehicle"]
    assert found["riskAssessment"] == {"publicImmunity": True, "sourceSafety": "HIGH", "text": None}
    assert found["meta"] == {"dataset": "PND.INT", "owner": "20R1"}


async def test_an_unknown_report_is_null(quick: Asking):
    answer = await quick.ask('{ intelReport(id: "nothing") { text } }')
    assert (answer.data, answer.errors) == ({"intelReport": None}, [])


async def test_a_nominal_is_joined_by_confirmed_links_only(intelligence: Asking):
    selection = """... on Person { intelNominals { totalCount nodes {
      intelNominalId names { last } dateOfBirth reportCount
      pncPersonLink { typeName key method { code } score confirmedBy }
      reports { totalCount nodes { intelReportId } } meta { dataset } } } }"""
    people = [{"__typename": "Person", "personId": key_of(number)} for number in (1, 2)]
    answer = await intelligence.entities(selection, people)
    assert answer.errors == []
    joined, unlinked = (person["intelNominals"] for person in answer.data)
    assert (joined["totalCount"], unlinked) == (1, {"totalCount": 0, "nodes": []})
    [nominal] = joined["nodes"]
    assert nominal["intelNominalId"] == key_of(1, "4444")
    assert [name["last"] for name in nominal["names"]] == ["Harbour", "Lantern"]
    assert (nominal["dateOfBirth"], nominal["reportCount"]) == ("1985", 2)
    assert nominal["pncPersonLink"] == {
        "typeName": "Person",
        "key": key_of(1),
        "method": {"code": "MANUAL"},
        "score": 0.9,
        "confirmedBy": "DC 1",
    }
    assert nominal["reports"]["totalCount"] == 2
    assert nominal["meta"] == {"dataset": "PND.NOM"}


async def test_a_proposed_link_is_not_shown_from_the_other_side_either(quick: Asking):
    representations = [{"__typename": "IntelNominal", "intelNominalId": key_of(number, "4444")} for number in (2, 3, 9)]
    answer = await quick.entities("... on IntelNominal { pncPersonLink { key } }", representations)
    assert answer.data == [{"pncPersonLink": None}, {"pncPersonLink": None}, None]


async def test_a_vehicle_s_reports_are_found_by_its_mark_each_once(intelligence: Asking):
    selection = "... on Vehicle { intelReports { totalCount nodes { intelReportId } } }"
    vehicles = [
        {"__typename": "Vehicle", "vehicleId": key_of(number), "vrm": vrm}
        for number, vrm in enumerate(["AB12CDE", "QX00AAA", None])
    ]
    answer = await intelligence.entities(selection, vehicles)
    assert answer.errors == []
    assert [vehicle["intelReports"]["totalCount"] for vehicle in answer.data] == [1, 0, 0]
    assert answer.data[0]["intelReports"]["nodes"] == [{"intelReportId": key_of(1, "3333")}]
    assert answer.statements == 2


async def test_a_missing_episode_is_joined_by_explicit_links_only(quick: Asking):
    selection = "... on MissingReport { intelReports { nodes { intelReportId } } }"
    representations = [{"__typename": "MissingReport", "missingId": key_of(number, "2222")} for number in (1, 2)]
    answer = await quick.entities(selection, representations)
    assert [len(episode["intelReports"]["nodes"]) for episode in answer.data] == [1, 0]


@pytest.mark.parametrize(("people", "reports"), [(1, 1), (1, 200), (50, 1)])
async def test_statements_do_not_grow_with_nominals_or_reports(database_url: str, people: int, reports: int):
    rows = []
    for person in range(1, people + 1):
        rows += a_nominal(person, person=person)
        for number in range(reports):
            serial = person * 1000 + number
            rows += [an_intel_report(serial), an_intel_link(serial, 0, "IntelNominal", key_of(person, "4444"))]
    selection = """... on Person { intelNominals { nodes { names { last }
      reports(first: 200) { nodes { links { kind { code } } } } } } }"""
    async with asking(app, await written(database_url, rows)) as asks:
        entities = [{"__typename": "Person", "personId": key_of(person)} for person in range(1, people + 1)]
        answer = await asks.entities(selection, entities)
    found = [person["intelNominals"]["nodes"] for person in answer.data]
    assert [len(nominals) for nominals in found] == [1] * people
    assert {len(nominal["reports"]["nodes"]) for nominals in found for nominal in nominals} == {reports}
    assert answer.statements == 4
