"""Records of what somebody did before 18 are hidden from partners, who learn that there are some (P11)."""

from datetime import UTC, date, datetime

import pytest

from authz.row_rules import RowFact, rules_of
from resolvers.database import Database
from resolvers.person import statements
from resolvers.person import tables as people
from tests.authz.callers import DETECTIVE, caller
from tests.resolvers.products import TODAY, a_person, a_record, key_of, written

PARTNER = caller("direct_user", "ORG-HO-IMM", "CONNECTED", "SC")
COORDINATES = ["ArrestReport.asn", "Offence.disposals", "DisposalResult.text", "CourtCase.court"]
# the birth date given at the arrest, the year of the offence, whether it may be a child's
AGES = [("1990-06-01", 2007, True), ("1990-06-01", 2008, True), ("1990-06-01", 2009, False), ("1990", 2007, True)]
AGES += [(None, 2007, False)]


def a_record_of(number: int, born: str | None, year: int) -> list:
    report, crime, case = key_of(number, "7777"), key_of(number, "7778"), key_of(number, "7779")
    stage = {"process_stage": "A", "process_stage_at": datetime(year, 3, 1, tzinfo=UTC), "asn": f"asn-{number}"}
    of_person, committed = {"person_id": key_of(1), "offence_id": crime}, date(year, 3, 1)
    reference = {"court_case_reference": f"ref-{number}", "case_status_marker": "court-case"}
    return [
        a_record(people.arrest_report, report_id=report, person_id=key_of(1), arrest_date_of_birth=born, **stage),
        a_record(people.offence, **of_person, report_id=report, cjs_offence_code="SX03001", start_date=committed),
        a_record(people.disposal, **of_person, disposal_id=key_of(number, "7780"), disposal_code="1015"),
        a_record(people.court_case, court_case_id=case, person_id=key_of(1), **reference),
        (people.court_case_offence, {"court_case_id": case, "offence_id": crime}),
    ]


async def test_a_record_says_whether_it_is_about_somebody_who_may_have_been_a_child(database_url: str):
    rows = [row for number, (born, year, _child) in enumerate(AGES) for row in a_record_of(number, born, year)]
    database = Database(await written(database_url, [*a_person(1, "Harbour"), *rows]))
    numbers = range(len(AGES))
    reports, crimes = ([key_of(number, kind) for number in numbers] for kind in ("7777", "7778"))
    async with database.reading(TODAY) as reading:
        found = {
            "report_id": await reading.rows(statements.arrest_reports([key_of(1)])),
            "offence_id": await reading.rows(statements.offences(reports)),
            "disposal_id": await reading.rows(statements.disposals(crimes)),
            "court_case_id": await reading.rows(statements.court_cases([key_of(1)])),
        }
    await database.close()
    expected = [int(RowFact.CHILD) if child else 0 for _born, _year, child in AGES]
    for key, records in found.items():
        by_number = {int(record[key][-12:]): record["row_facts"] for record in records}
        assert [by_number[number] for number in numbers] == expected, key


@pytest.mark.parametrize("coordinate", COORDINATES)
def test_partners_alone_are_concerned(coordinate: str):
    assert "child-offender" in rules_of(coordinate, PARTNER)
    assert "child-offender" not in rules_of(coordinate, DETECTIVE)
