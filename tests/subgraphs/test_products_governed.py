"""The four products as they are served: two callers, two answers, and what each was shown."""

from contextlib import asynccontextmanager

import pytest

from subgraphs.intelligence import app as intelligence
from subgraphs.missing import app as missing
from subgraphs.person import app as person
from subgraphs.property import app as property_app
from subgraphs.service import Subgraph
from tests.authz.callers import INVESTIGATION, caller
from tests.resolvers.products import a_missing_report, a_person, an_intel_report, an_item, key_of, written_file
from tests.subgraphs.person.case_file import CASE_FILE, URN
from tests.subgraphs.world import serving

ANALYST = caller("intel_analyst", vetting="MV", training=("COP", "NM-ENQ", "PND-USER", "VP-ENQ"))
ROWS = [
    *CASE_FILE,
    *a_person(3, "Harbour"),
    *an_item(1, ("SERIAL", "JCB-3CX-0001"), make="JCB"),
    a_missing_report(1),
    an_intel_report(1),
]
REPORT = f'{{ intelReport(id: "{key_of(1, "3333")}") {{ text }} }}'


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    return written_file(tmp_path_factory.mktemp("governed"), ROWS)


@asynccontextmanager
async def served(subgraph: Subgraph, file: str):
    async with serving(subgraph.name, subgraph.schema, file) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("subgraph", "query"),
    [
        (
            person,
            f'{{ person(urn: "{URN}") {{ dateOfBirth warningSignals {{ text }} wantedMissing {{ totalCount }} }} }}',
        ),
        (person, '{ persons(name: {last: "Harbour"}) { totalCount nodes { filedName { last } } } }'),
        (property_app, '{ property(identifier: "jcb3cx1") { nodes { make } } }'),
        (missing, '{ missing(ref: "MP-26-0000001") { status { code } riskLevel { code } } }'),
    ],
    ids=["person", "persons", "property", "missing"],
)
async def test_an_officer_at_the_roadside_is_answered(file: str, subgraph: Subgraph, query: str):
    async with served(subgraph, file) as gateway:
        answer = await gateway.ask(query)
    assert answer.codes == []
    assert None not in answer.data.values()
    assert answer.disclosures != []


@pytest.mark.parametrize(
    ("selection", "path", "form", "mask", "value"),
    [
        ("nonConvictions { kind }", "nonConvictions", "EXISTS", None, True),
        ("immigrationMarkers { marker }", "immigrationMarkers", "EXISTS", None, True),
        ("dnaStatus { code }", "dnaStatus", "MASK", "BOOL", True),
    ],
)
async def test_what_an_officer_may_not_read_in_full_leaves_in_the_lower_form(
    file: str, selection: str, path: str, form: str, mask: str | None, value: object
):
    async with served(person, file) as gateway:
        answer = await gateway.ask(f'{{ person(urn: "{URN}") {{ dateOfBirth {selection} }} }}')
    assert answer.data == {"person": {"dateOfBirth": "1985-03-14", path: None}}
    (entry,) = answer.body["extensions"]["access"]
    assert (entry["path"], entry["form"], entry["mask"], entry["value"]) == (["person", path], form, mask, value)
    assert {(shown["form"], *shown["fields"]) for shown in answer.disclosures} == {
        ("FULL", "dateOfBirth"),
        (form, path),
    }
    assert answer.statements == 2, "the record, and one probe"


async def test_an_officer_is_shown_convictions_as_a_headline(file: str):
    """Decision 0018: entries by the groups of their codes, and nothing that has no masked form."""
    result = "disposals { disposalCode { code label group } }"
    offences = f"offences {{ nodes {{ {result} cjsOffenceCode courtOffenceSequenceNumber }} }}"
    async with served(person, file) as gateway:
        answer = await gateway.ask(f'{{ person(urn: "{URN}") {{ arrestReports {{ nodes {{ asn {offences} }} }} }} }}')
    (arrest,) = answer.body["data"]["person"]["arrestReports"]["nodes"]
    assert arrest["asn"] is None
    first, *_ = arrest["offences"]["nodes"]
    assert (first["cjsOffenceCode"], first["courtOffenceSequenceNumber"]) == (None, None)
    assert first["disposals"][0]["disposalCode"] == {"code": None, "label": None, "group": "final"}
    refused = {error["extensions"]["coordinate"] for error in answer.body["errors"]}
    assert refused == {"Offence.courtOffenceSequenceNumber"}
    shown = {(each["form"], name) for each in answer.disclosures for name in each["fields"]}
    names = ("ArrestReport.asn", "Offence.cjsOffenceCode", "Offence.disposals", "DisposalResult.disposalCode")
    assert {("MASK", name) for name in names} <= shown
    assert all(form != "FULL" for form, _ in shown)


async def test_intelligence_is_read_by_the_analyst_and_by_nobody_at_the_roadside(file: str):
    async with served(intelligence, file) as gateway:
        read = await gateway.ask(REPORT, caller=ANALYST, context=INVESTIGATION)
        refused = await gateway.ask(REPORT)
    assert read.data == {"intelReport": {"text": "Sanitised."}}
    assert [(shown["type"], shown["dataset"], shown["fields"]) for shown in read.disclosures] == [
        ("IntelReport", "PND.INT", ["text"])
    ]
    assert refused.body["data"] == {"intelReport": None}
    assert (refused.statements, refused.disclosures) == (0, [])


async def test_child_protection_is_refused_without_pnd(file: str):
    async with served(missing, file) as gateway:
        answer = await gateway.ask('{ missing(ref: "MP-26-0000001") { status { code } childProtection } }')
    assert answer.codes == [("ACCESS_DENIED", ["missing", "childProtection"])]
    assert answer.statements == 1
