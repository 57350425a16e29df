"""From a plate to everything, in one operation: four personas, four different, correct answers of the running demo."""

import json
from typing import Any

import pytest

from tests.end_to_end.demo import ROADSIDE, Demo
from tests.end_to_end.recorded import recorded

# What each persona is refused of the main query, and nothing else.
REFUSED: dict[str, set[str]] = {
    "officer": set(),
    "detective": set(),
    "analyst": set(),
    "insurer": {
        "Vehicle.insurance",
        "Vehicle.keeper",
        "Vehicle.linkedProperty",
        "Vehicle.meta",
        "Vehicle.motExpiryDate",
        "Vehicle.motTests",
        "Vehicle.taxDueDate",
        "Vehicle.verdicts",
        "VehicleReport.circumstances",
        "VehicleReport.crimeReference",
        "VehicleReport.ownerFs",
        "VehicleReport.type",
        "VehicleReport.warning",
        "VehicleReport.weedDate",
    },
}

# What each persona is shown in a lower form: by the last name of its path, the form with its mask, and what is said.
LOWER: dict[str, set[tuple[str, str, object]]] = {
    "officer": {
        ("points", "MASK(BAND)", "5-9"),
        ("disqualifiedUntil", "MASK(BOOL)", False),
        ("endorsements", "MASK(COUNT)", 4),
        # Convictions are a headline at the roadside: the groups of their codes (decision 0018).
        *((name, "MASK(GROUP)", None) for name in ("arrestReports", "offences", "disposals", "disposalCode")),
        ("cjsOffenceCode", "MASK(GROUP)", "CJ88"),
        ("asn", "MASK(LAST4)", "****001F"),
        ("nonConvictions", "EXISTS", True),
        ("nationalReference", "EXISTS", True),
        ("reportingForce", "EXISTS", True),
    },
    "detective": {("nonConvictions", "EXISTS", True)},
    "analyst": {
        ("nonConvictions", "EXISTS", True),
        *(
            (name, "EXISTS", True)  # the report under handling code C, whose condition is not met
            for name in (
                *("sourceForce", "sourceEvaluation", "informationAssessment", "handling", "dateOfIntelligence", "text"),
            )
        ),
    },
    "insurer": {("state", "MASK(GROUP)", None)},
}


@pytest.fixture(scope="module")
def answers(demo: Demo, headers: dict[str, dict[str, str]]) -> dict[str, dict[str, Any]]:
    return {persona: demo.ask(ROADSIDE, headers[persona], vrm="ab12 cde") for persona in REFUSED}


@pytest.mark.parametrize("persona", REFUSED)
def test_exactly_what_the_persona_may_not_read_is_refused_with_its_reason(answers, persona: str):
    errors = answers[persona].get("errors", ())
    assert {error["extensions"]["coordinate"] for error in errors} == REFUSED[persona]
    for error in errors:
        assert error["extensions"]["code"] == "ACCESS_DENIED"
        assert error["extensions"]["policies"]
        assert at(answers[persona]["data"], error["path"]) is None


@pytest.mark.parametrize("persona", LOWER)
def test_exactly_what_the_persona_may_read_in_a_lower_form_is_shown_in_it(answers, persona: str):
    entries = answers[persona]["extensions"].get("access", ())
    found = {(entry["path"][-1], form_of(entry), entry.get("value")) for entry in entries}
    assert found == LOWER[persona]
    for entry in entries:
        assert entry["policy"]
        shown = at(answers[persona]["data"], entry["path"])
        assert (shown is None) == (entry["form"] == "EXISTS" or "value" in entry)
        assert entry["form"] != "EXISTS" or (entry["dataset"] and entry["contact"])


def form_of(entry: dict[str, Any]) -> str:
    return f"MASK({entry['mask']})" if entry["form"] == "MASK" else entry["form"]


@pytest.mark.parametrize("persona", ["officer", "detective", "insurer"])
def test_without_intelligence_the_answer_is_that_there_is_none(answers, persona: str):
    vehicle = answers[persona]["data"]["vehicle"]
    assert vehicle["intelReports"] == {"nodes": []}
    for match in (vehicle["keeper"] or {}).get("matchedDrivers", ()):
        assert [each["person"]["intelNominals"] for each in match["driver"]["matchedPersons"]] == [{"nodes": []}]


def test_everybody_is_given_the_vehicle_unspaced_and_synthetic(answers):
    for answer in answers.values():
        assert answer["data"]["vehicle"]["vrm"] == "AB12CDE"
        assert answer["data"]["vehicle"]["make"] == {"code": "FORD", "label": "FORD"}
        assert answer["extensions"]["world"] == "SYNTHETIC"


def test_the_officer_is_given_keeper_driver_person_warnings_and_warrant(answers):
    vehicle = answers["officer"]["data"]["vehicle"]
    assert vehicle["keeper"]["name"] == {"last": "EXAMPLE", "first": ["Robin", "Ash"]}
    match = vehicle["keeper"]["matchedDrivers"][0]
    assert match["driver"]["driverNumber"] == "EXAMP803145RA9ZZ"
    assert {item["category"]["code"] for item in match["driver"]["entitlements"]} == {"AM", "B"}
    person = match["driver"]["matchedPersons"][0]["person"]
    assert person["personUrn"] == "2004/9000001V"
    assert {signal["code"]["code"] for signal in person["warningSignals"]} == {"VI", "WE", "AL"}
    assert [report["power"]["code"] for report in person["wantedMissing"]["nodes"]] == ["WARRANT_NB"]
    assert [item["category"]["label"] for item in person["linkedProperty"]["nodes"]]
    assert [report["riskLevel"]["code"] for report in person["missingReports"]["nodes"]]


def test_the_vehicle_comes_with_mot_insurance_reports_and_verdicts(answers):
    vehicle = answers["officer"]["data"]["vehicle"]
    assert (vehicle["taxStatus"]["code"], vehicle["motStatus"]["code"]) == ("TAXED", "VALID")
    assert len(vehicle["motTests"]["nodes"]) == 3
    assert {policy["state"]["code"] for policy in vehicle["insurance"]["nodes"]} == {"ACTIVE", "LAPSED"}
    assert "Do not alert the occupants." in {report["warning"] for report in vehicle["reports"]["nodes"]}
    verdicts = vehicle["verdicts"]
    assert (verdicts["isLicensed"], verdicts["isInsured"]) == ("YES", "YES")
    assert verdicts["isKeeper"] in {"YES", "POSSIBLE"}
    assert {item["verdict"] for item in verdicts["evidence"]} == {"isKeeper", "isLicensed", "isInsured"}


def test_the_detective_is_given_convictions_and_points(answers):
    driver = answers["detective"]["data"]["vehicle"]["keeper"]["matchedDrivers"][0]["driver"]
    assert driver["points"] == 9
    arrests = driver["matchedPersons"][0]["person"]["arrestReports"]["nodes"]
    disposals = arrests[0]["offences"]["nodes"][0]["disposals"]
    assert disposals[0]["disposalCode"]["code"]


def test_only_the_analyst_is_given_intelligence(answers):
    vehicle = answers["analyst"]["data"]["vehicle"]
    assert vehicle["intelReports"]["nodes"]
    person = vehicle["keeper"]["matchedDrivers"][0]["driver"]["matchedPersons"][0]["person"]
    assert person["intelNominals"]["nodes"][0]["names"][0]["last"] == "EXAMPLE"
    for persona in ("officer", "detective", "insurer"):
        text = json.dumps(answers[persona])
        assert all(report["text"] not in text for report in vehicle["intelReports"]["nodes"] if report["text"])


def test_the_insurer_is_given_no_keeper_and_no_person(answers):
    text = json.dumps(answers["insurer"])
    for private in ("EXAMPLE", "Robin", "EXAMP803145RA9ZZ", "2004/9000001V", "Lantern Street"):
        assert private not in text


def test_a_partner_is_told_of_no_current_report_and_never_that_a_vehicle_is_not_stolen(demo: Demo, headers):
    query = "query($vrm: Vrm!) { vehicleFraudCheck(vrm: $vrm) { stolenCheck { code } asOf vinMatchesVrm } }"
    codes = {
        vrm: demo.ask(query, headers["insurer"], vrm=vrm)["data"]["vehicleFraudCheck"]["stolenCheck"]["code"]
        for vrm in ("AB12CDE", "OO00LOS", "OO00CNF")
    }
    assert codes == {"AB12CDE": "NO_CURRENT_REPORT", "OO00LOS": "CHECK_PENDING", "OO00CNF": "CURRENT"}


@pytest.mark.parametrize("persona", ["officer", "detective", "analyst"])
def test_the_work_is_the_same_for_one_and_for_two_hundred_linked_records(demo: Demo, headers, persona: str):
    one = demo.work_of(ROADSIDE, headers[persona], vrm="OO00ONE")
    many = demo.work_of(ROADSIDE, headers[persona], vrm="OO00MNY")
    assert one == many
    assert (
        sum(value for name, value in one.items() if name.endswith("fetches"))
        == {"officer": 6, "detective": 6, "analyst": 8}[persona]
    )


def test_a_denied_dataset_costs_no_request_and_no_statement(demo: Demo, headers):
    asked = demo.work_of(ROADSIDE, headers["insurer"], vrm="AB12CDE")
    assert asked == {"vehicle fetches": 1, "vehicle statements": 2}, "the vehicle, and its reports"


def test_every_answer_leaves_one_entry_with_every_subject_shown(demo: Demo, headers):
    answer = demo.ask(ROADSIDE, headers["detective"], vrm="AB12CDE")
    entry = recorded(demo, answer)
    assert entry["position"] == answer["extensions"]["audit"]["index"]
    assert {subject["type"] for subject in entry["subjects"]} == {
        "Driver",
        "KeeperRecord",
        "MissingReport",
        "Person",
        "PropertyItem",
        "Vehicle",
    }
    silences = [("Person.intelNominals", "SILENT"), ("Vehicle.intelReports", "SILENT")]
    assert [(refusal["coordinate"], refusal["form"]) for refusal in entry["silent"]] == silences
    assert entry["refusals"] == [], "what is silent stands nowhere but in what is sealed"
    asked = entry["request"]
    assert (entry["eventType"], asked["reason"], asked["operation"]["name"]) == ("COMBINE", "5", "Roadside")
    assert "AB12CDE" not in json.dumps(entry)


def at(data: Any, path: list[str | int]) -> Any:
    for step in path:
        data = data[step]
    return data
