"""A nominal as the person subgraph answers it: every field, by every entry point, on both databases."""

import pytest

from schema.identifiers.person import person_urn
from subgraphs.person import app
from tests.resolvers.products import written, written_file
from tests.subgraphs.asking import Asking, asking
from tests.subgraphs.person.case_file import ASN, BLANK, CASE_FILE, CRO, ROBIN, URN

CODE = "{ code resolved }"
WHOLE_PERSON = f"""
personId personUrn croNumber filedName {{ last first type {CODE} }} names {{ last first type {CODE} }} sex {CODE}
dateOfBirth alsoKnownBirthDates placeOfBirth nationalities {CODE} ethnicityObserved {CODE} ethnicitySelfDefined {CODE}
religion {CODE} deceased dateOfDeath heightCm build {CODE} eyeColour {CODE} hairColour {CODE} facialHair {CODE}
hairType {CODE} skinColour {CODE} complexion {CODE} accent {CODE} glasses {CODE} handedness {CODE}
marks {{ type {CODE} location {CODE} text }} occupations {CODE} skills {CODE} placesFrequented
passports {{ value valid }} otherIdentifiers {{ type {CODE} value valid }} driverNumberRecorded
addresses {{ totalCount nodes {{ lines postcode from usage {CODE} fsCode }} }} contacts {{ type {CODE} value }}
warningSignals {{ code {CODE} text addedBy addedOn }} informationMarkers {{ code {CODE} addedOn }}
fingerprintStatus {CODE} dnaStatus {CODE} photos {{ location takenOn viewOnly }}
associates {{ nodes {{ other {{ typeName key }} type {CODE} confidence lastSeen }} }}
policeReferences {{ force type reference }} otherDetails
orders {{ type {CODE} conditions from court {{ code {CODE} }} }} nonConvictions {{ kind date reason }}
disqualifications {{ from to court {{ code {CODE} }} }} immigrationMarkers {{ marker ownerFs addedOn }}
wantedMissing {{ nodes {{ category {CODE} power {CODE} owner ownerContact {{ value }} circulatedFrom }} }}
meta {{ owner version dataset lag }}
"""
CRIMES = f"""
arrestReports {{ nodes {{ reportId asn processStage {CODE} arrestName {{ last first }} ownerCode version
  arrestingOfficer {{ rank surname }} prosecutingAgent {CODE} caseDetail
  offences {{ totalCount nodes {{ cjsOffenceCode npccOffenceCode roleQualifiers {CODE} legislationQualifiers {CODE}
    description startDate committedOnBail crimeReference location {{ lines fsCode }} plea {CODE}
    adjudications {{ appearanceNumber date adjudication {CODE} }} offencesTakenIntoConsideration
    othersCharged {{ name chargeGroup checkName }}
    disposals {{ disposalCode {CODE} qualifiers {CODE} duration {{ unit {CODE} count }} fine {{ amount currency }}
      effectiveDate }} }} }}
  remands {{ appearanceResult {CODE} currentAppearance {{ code {CODE} }}
    nextAppearance {{ date court {{ code {CODE} }} }} bailConditions bailConditionTypes {CODE}
    localAuthority {{ name secureUnit socialWorker }} }} }} }}
courtCases {{ nodes {{ courtCaseReference caseStatusMarker {CODE} court {{ code {CODE} }} convictionDate
  defendant {{ last first }} subsequentAppearances {{ date reason {CODE} }}
  offences {{ nodes {{ cjsOffenceCode }} }} }} }}
"""


@pytest.fixture
async def person(database_url: str):
    async with asking(app, await written(database_url, CASE_FILE)) as asks:
        yield asks


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written_file(tmp_path_factory.mktemp("person"), CASE_FILE)


@pytest.fixture
async def quick(file: str):
    """What does not depend on the database is asked of one."""
    async with asking(app, file) as asks:
        yield asks


def coded(code: str, resolved: bool = True) -> dict[str, object]:
    return {"code": code, "resolved": resolved}


ROBIN_HARBOUR = {
    "personId": ROBIN,
    "personUrn": URN,
    "croNumber": CRO,
    "filedName": {"last": "Harbour", "first": ["Robin"], "type": coded("FILED")},
    "names": [{"last": "Lantern", "first": ["Rob"], "type": coded("ALIAS")}],
    "sex": coded("M"),
    "dateOfBirth": "1985-03-14",
    "alsoKnownBirthDates": ["1986"],
    "placeOfBirth": "Anytown",
    "nationalities": [coded("GBR"), coded("XXZ", False)],
    "ethnicityObserved": coded("1"),
    "ethnicitySelfDefined": coded("W1"),
    "religion": None,
    "deceased": False,
    "dateOfDeath": None,
    "heightCm": 178,
    "build": coded("MED"),
    "eyeColour": coded("BRN"),
    "hairColour": coded("BLK"),
    "facialHair": coded("CS"),
    "hairType": coded("STR"),
    "skinColour": coded("X1", False),
    "complexion": coded("FRE"),
    "accent": coded("LON"),
    "glasses": coded("N"),
    "handedness": coded("R"),
    "marks": [{"type": coded("TAT"), "location": coded("RARM"), "text": "swallow"}],
    "occupations": [coded("DRIV")],
    "skills": [coded("LOCK")],
    "placesFrequented": ["The mill"],
    "passports": [{"value": "000000001", "valid": True}],
    "otherIdentifiers": [{"type": coded("NINO"), "value": "QQ12345", "valid": False}],
    "driverNumberRecorded": "HARBO803145R99ZZ",
    "addresses": {
        "totalCount": 2,
        "nodes": [
            {
                "lines": ["1 Mill Lane", "Anytown"],
                "postcode": "QX1 2AB",
                "from": "2025-03-04",
                "usage": coded("HOME"),
                "fsCode": "20R1",
            },
            {"lines": ["9 Old Road"], "postcode": "QX9", "from": None, "usage": coded("HOME"), "fsCode": None},
        ],
    },
    "contacts": [{"type": coded("MOBILE"), "value": "07700 900123"}],
    "warningSignals": [{"code": coded("VI"), "text": "Approach with two.", "addedBy": "20R1", "addedOn": "2025-03-04"}],
    "informationMarkers": [{"code": coded("WM"), "addedOn": "2025-03-04"}],
    "fingerprintStatus": coded("H"),
    "dnaStatus": coded("P"),
    "photos": [{"location": "20R1", "takenOn": "2020-05-06", "viewOnly": True}],
    "associates": {
        "nodes": [
            {
                "other": {"typeName": "Person", "key": BLANK},
                "type": coded("ASSOC"),
                "confidence": 0.8,
                "lastSeen": "2025-03-04",
            }
        ]
    },
    "policeReferences": [{"force": "20", "type": "NICHE", "reference": "N/1"}],
    "otherDetails": "Synthetic.",
    "orders": [
        {
            "type": coded("RO"),
            "conditions": ["No contact"],
            "from": "2025-03-04",
            "court": {"code": coded("2576")},
        }
    ],
    "nonConvictions": [{"kind": "NFA", "date": "2025-03-04", "reason": "Evidence"}],
    "disqualifications": [{"from": "2025-03-04", "to": "2027-03-04", "court": {"code": coded("2576")}}],
    "immigrationMarkers": [{"marker": "OVERSTAY", "ownerFs": "69AA", "addedOn": "2025-03-04"}],
    "wantedMissing": {
        "nodes": [
            {
                "category": coded("LOCATE"),
                "power": None,
                "owner": "20R1",
                "ownerContact": None,
                "circulatedFrom": None,
            },
            {
                "category": coded("WANTED"),
                "power": coded("WARRANT_NB"),
                "owner": "20R1",
                "ownerContact": {"value": "01632 960001"},
                "circulatedFrom": "2026-01-01T00:00:00Z",
            },
        ]
    },
    "meta": {"owner": "20R1", "version": "1", "dataset": "PNC.NAMES.CORE", "lag": 0},
}


async def test_every_field_of_a_nominal_is_answered_from_its_rows(person: Asking):
    answer = await person.ask(f'{{ person(urn: "{URN}") {{ {WHOLE_PERSON} }} }}')
    assert answer.errors == []
    assert answer.data["person"] == ROBIN_HARBOUR


async def test_arrests_offences_and_results_are_answered_from_their_rows(person: Asking):
    answer = await person.ask(f'{{ person(cro: "{CRO}") {{ {CRIMES} }} }}')
    assert answer.errors == []
    [arrest] = answer.data["person"]["arrestReports"]["nodes"]
    first, second = arrest["offences"]["nodes"]
    [case] = answer.data["person"]["courtCases"]["nodes"]
    assert arrest["asn"] == ASN
    assert arrest["arrestName"] == {"last": "Harbour", "first": ["Rob"]}
    assert arrest["arrestingOfficer"] == {"rank": "PC", "surname": "Example"}
    assert (arrest["ownerCode"], arrest["version"]) == ("20R1", "1")
    assert arrest["caseDetail"] == ["Line one", "Line two"]
    assert arrest["offences"]["totalCount"] == 2
    assert first["plea"] == coded("GUILTY")
    assert first["legislationQualifiers"] == [coded("ZZ", False)]
    assert first["adjudications"] == [{"appearanceNumber": 1, "date": "2025-04-01", "adjudication": coded("GUILTY")}]
    assert first["othersCharged"] == [{"name": "LANTERN", "chargeGroup": "1", "checkName": "LANTERN"}]
    assert first["location"] == {"lines": ["The mill"], "fsCode": "20R1"}
    [result] = first["disposals"]
    assert result["disposalCode"] == coded("1015")
    assert result["duration"] == {"unit": coded("W"), "count": 5}
    assert result["fine"] == {"amount": "100.00", "currency": "GBP"}
    assert (second["disposals"], second["adjudications"], second["location"]) == ([], [], None)
    [remand] = arrest["remands"]
    assert remand["nextAppearance"] == {"date": "2025-05-01", "court": {"code": coded("2576")}}
    assert remand["bailConditions"] == ["Live and sleep at\n1 Mill Lane"]
    assert remand["bailConditionTypes"] == [coded("RES")]
    assert remand["localAuthority"] == {"name": "Anyshire", "secureUnit": False, "socialWorker": "S. Example"}
    assert case["courtCaseReference"] == "26/9998/000826X"
    assert case["offences"]["nodes"] == [{"cjsOffenceCode": "SX03001"}]
    assert case["subsequentAppearances"] == [{"date": "2025-06-01", "reason": coded("Sentence Deferred")}]


async def test_a_nominal_of_whom_nothing_is_known_has_empty_lists_and_nulls(quick: Asking):
    answer = await quick.ask(f'{{ person(id: "{BLANK}") {{ {WHOLE_PERSON} {CRIMES} }} }}')
    assert answer.errors == []
    blank = answer.data["person"]
    for name in (
        "names",
        "warningSignals",
        "orders",
        "nonConvictions",
        "passports",
        "contacts",
        "marks",
        "placesFrequented",
    ):
        assert blank[name] == []
    for name in ("arrestReports", "courtCases", "wantedMissing", "associates"):
        assert blank[name]["nodes"] == []
    for name in ("sex", "fingerprintStatus", "photos", "dateOfBirth", "skinColour"):
        assert blank[name] is None


@pytest.mark.parametrize(
    "argument", [f'id: "{ROBIN}"', 'urn: "79/163001B"', 'cro: "65656/91H"', 'asn: "1101ZD0100000448754K"']
)
async def test_a_nominal_is_found_by_any_one_identifier_however_it_is_written(quick: Asking, argument: str):
    answer = await quick.ask(f"{{ person({argument}) {{ personUrn }} }}")
    assert (answer.errors, answer.data) == ([], {"person": {"personUrn": URN}})


@pytest.mark.parametrize(
    ("argument", "scalar", "value", "code"),
    [
        ("urn", "PersonUrn", "2001/0171310S", "INVALID_PERSON_URN"),
        ("cro", "CroNumber", "065656/91X", "INVALID_CRO_NUMBER"),
        ("asn", "Asn", "0800/00NP/01/00000000000X", "INVALID_ASN"),
    ],
)
async def test_a_wrong_check_letter_is_a_coded_error(quick: Asking, argument: str, scalar: str, value: str, code: str):
    answer = await quick.ask(f"query ($value: {scalar}) {{ person({argument}: $value) {{ personUrn }} }}", value=value)
    assert (answer.data, answer.codes, answer.statements) == (None, [code], 0)
    assert value not in str(answer.errors)


@pytest.mark.parametrize(
    "arguments", ["", f'(id: "{ROBIN}", urn: "{URN}")', f'(cro: "{CRO}", asn: "{ASN}")', "(id: null)"]
)
async def test_none_or_several_identifiers_are_refused_by_name(quick: Asking, arguments: str):
    answer = await quick.ask(f"{{ person{arguments} {{ personUrn }} }}")
    assert answer.codes == ["AMBIGUOUS_LOOKUP"]
    assert "`asn`" in answer.errors[0]["message"]


@pytest.mark.parametrize(
    "argument", [f'urn: "{person_urn(1981, 9_000_001)}"', 'id: "nobody"', 'asn: "26/0000/00/00000001566Y"']
)
async def test_nobody_is_null_without_an_error(quick: Asking, argument: str):
    answer = await quick.ask(f"{{ person({argument}) {{ personUrn }} }}")
    assert (answer.data, answer.errors) == ({"person": None}, [])


async def test_entities_come_back_in_order_with_null_for_the_unknown(person: Asking):
    keys = [BLANK, "nobody", ROBIN, BLANK]
    answer = await person.entities(
        "... on Person { personUrn }", [{"__typename": "Person", "personId": key} for key in keys]
    )
    assert answer.data == [{"personUrn": "1981/0000034U"}, None, {"personUrn": URN}, {"personUrn": "1981/0000034U"}]
    assert answer.statements == 1


async def test_what_is_shown_is_disclosed_once_for_each_dataset(quick: Asking):
    answer = await quick.ask(
        f'{{ person(urn: "{URN}") {{ dateOfBirth warningSignals {{ text }} arrestReports {{ nodes {{ asn }} }} }} }}'
    )
    assert {(each.type, each.dataset): each.fields for each in answer.disclosures} == {
        ("Person", "PNC.NAMES.CORE"): ("dateOfBirth",),
        ("Person", "PNC.NAMES.WARN"): ("warningSignals",),
        ("Person", "PNC.NAMES.CRIM"): ("ArrestReport.asn", "arrestReports"),
    }
