"""What an invented population is like: never-issued identifiers, known codes, the domain's ratios and relations."""

import json
import re
from statistics import median

import pytest

from leds.data.cast import identities as ids
from leds.data.words import forenames, surnames
from schema.identifiers import (
    IDENTIFIERS,
    Validity,
    driver_number_conflicts,
    vin_check_digit_agrees,
)
from schema.reference_lists import reference_catalogue
from tests.leds.data.worlds import PEOPLE, values

CATALOGUE = reference_catalogue()
AS_OF = "2026-11-01"

# column, scalar, and the exceptions: the specimen plate of every document, and foreign plates (no such range)
SPECIMENS = [
    ("person.person_urn", "PersonUrn", set()),
    ("person.cro_number", "CroNumber", set()),
    ("person.driver_number_recorded", "DriverNumber", set()),
    ("arrest_report.asn", "Asn", set()),
    ("driver.driver_number", "DriverNumber", set()),
    ("driver_former_number.former_number", "DriverNumber", set()),
    ("vehicle.vrm", "Vrm", {ids.MAIN_VRM, ids.FOREIGN_VRM, ids.FOREIGN_PENDING_VRM}),
    ("vehicle_vrm_history.vrm", "Vrm", set()),
    ("vehicle.vin", "Vin", set()),
    ("person_address.address_postcode", "Postcode", set()),
    ("keeper_record.address_postcode", "Postcode", set()),
    ("driver.address_postcode", "Postcode", set()),
    ("firearm_certificate.address_postcode", "Postcode", set()),
    ("offence.location_postcode", "Postcode", set()),
    ("missing_report.last_seen_postcode", "Postcode", set()),
]
SHAPES = [
    ("court_case.court_case_reference", "CourtCaseReference"),
    ("offence.cjs_offence_code", "OffenceCodeCjs"),
    ("offence.npcc_offence_code", "OffenceCodeNpcc"),
    ("keeper_record.fleet_number", "FleetNumber"),
    ("person.date_of_birth", "PartialDate"),
    ("person_birth_date.value", "PartialDate"),
    ("intel_nominal.date_of_birth", "PartialDate"),
    ("vehicle.month_of_first_registration", "YearMonth"),
    ("foreign_vehicle_check.plate", "ForeignPlate"),
]
# column → list; a column of JSON lists is written with [], of JSON objects with the member's name in [].
CODES = {
    "person.sex": "sex",
    "person.nationalities[]": "nationality",
    "person.ethnicity_observed": "ethnicity_observed",
    "person.ethnicity_self_defined": "ethnicity_self_defined",
    "person.build": "build",
    "person.eye_colour": "eye_colour",
    "person.hair_colour": "hair_colour",
    "person.facial_hair": "facial_hair",
    "person.hair_type": "hair_type",
    "person.complexion": "complexion",
    "person.accent": "accent",
    "person.glasses": "glasses",
    "person.handedness": "handedness",
    "person.marks[type]": "mark_type",
    "person.marks[location]": "body_location",
    "person.occupations[]": "occupation",
    "person.skills[]": "skill",
    "person.owner_fs": "force_station_codes_sample",
    "person_name.title": "title",
    "person_name.type": "name_type",
    "person_address.address_usage": "address_usage",
    "person_address.address_status": "address_status",
    "person_address.address_country": "country",
    "person_contact.type": "contact_type",
    "person_identifier.type": "identifier_type",
    "person_association.type": "association_type",
    "person_warning.code": "warning_signals",
    "person_information_marker.code": "information_markers",
    "person_biometric.fingerprint_status": "fingerprint_status",
    "person_biometric.dna_status": "dna_status",
    "wanted_missing_report.category": "wanted_missing_categories",
    "wanted_missing_report.power": "wanted_missing_powers",
    "pnc_disqualification.type": "disqualification_type",
    "pnc_disqualification.court_code": "court_codes",
    "court_order.type": "court_order_type",
    "immigration_marker.owner_fs": "force_station_codes_sample",
    "arrest_report.process_stage": "process_stage",
    "arrest_report.prosecuting_agent": "prosecuting_agent",
    "offence.cjs_offence_code": "offence_codes_sample",
    "offence.npcc_offence_code": "npcc_offence_code_sample",
    "offence.role_qualifiers[]": "offence_role_qualifier",
    "offence.plea": "plea",
    "offence.adjudications[adjudication]": "adjudication",
    "disposal.disposal_code": "disposal_codes",
    "disposal.duration_unit": "duration_unit",
    "disposal.fine_currency": "currency",
    "court_case.case_status_marker": "case_status_marker",
    "court_case.court_code": "court_codes",
    "remand.appearance_result": "remand_appearance_result",
    "remand.bail_condition_types[]": "bail_condition_type",
    "driver.licence_type": "licence_type",
    "driver.licence_status": "licence_status",
    "driver.licence_status_qualifier": "licence_status_qualifier",
    "driver.owner_fs": "force_station_codes_sample",
    "driver_entitlement.category": "driver_licence_category",
    "driver_entitlement.restrictions[]": "licence_restriction_code",
    "driver_endorsement.offence_code": "endorsement_codes",
    "driver_endorsement.intoxicant_type": "intoxicant_type",
    "driver_endorsement.intoxicant_method": "intoxicant_method",
    "driver_endorsement.sentencing_court": "court_codes",
    "vehicle.make": "vehicle_make_sample",
    "vehicle.colour": "vehicle_colour",
    "vehicle.body_type": "vehicle_body_type",
    "vehicle.wheelplan": "wheelplan",
    "vehicle.fuel_type": "fuel_type",
    "vehicle.type_approval": "vehicle_category_ec",
    "vehicle.tax_status": "tax_status",
    "vehicle.mot_status": "mot_status",
    "vehicle.dvla_markers[]": "dvla_vehicle_marker",
    "vehicle_mot_test.result": "mot_test_result",
    "keeper_record.keeper_type": "keeper_type",
    "keeper_record.status": "keeper_status",
    "insurance_policy.cover": "insurance_cover",
    "insurance_policy.state": "insurance_policy_state",
    "vehicle_report.type": "vehicle_report_types",
    "vehicle_report.state": "vehicle_report_state",
    "vehicle_report.owner_fs": "force_station_codes_sample",
    "foreign_vehicle_check.country": "foreign_plate_country",
    "foreign_vehicle_check.state": "foreign_vehicle_check_state",
    "foreign_vehicle_check.source": "interpol_database",
    "anpr_hotlist_entry.category": "anpr_hotlist_category",
    "property_item.category": "property_type",
    "property_item.colour": "vehicle_colour",
    "property_item.owner_method": "match_method",
    "property_identifier.type": "property_identifier_type",
    "property_report.state": "property_report_state",
    "firearm_certificate.certificate_type": "firearm_certificate_type",
    "firearm_certificate.state": "firearm_certificate_state",
    "missing_report.risk_level": "missing_risk_levels",
    "missing_report.factors[]": "missing_factors",
    "missing_report.outcome": "missing_outcomes",
    "missing_report.contact_type": "contact_type",
    "intel_pnc_link.method": "match_method",
    "intel_report.source_evaluation": "intelligence_grading",
    "intel_report.information_assessment": "intelligence_grading",
    "intel_report.handling": "intelligence_handling",
    "intel_report.handling_action": "intelligence_handling",
    "intel_report.handling_sanitisation": "intelligence_handling",
    "intel_report.classification": "gsc_classification",
    "intel_link.object_type": "intelligence_object_type",
    "intel_link.kind": "intelligence_link_type",
    "intel_link.role": "intelligence_role",
}


def _column(world, coordinate):
    table, column = coordinate.split(".")
    return values(world, f'SELECT DISTINCT "{column}" FROM "{table}" WHERE "{column}" IS NOT NULL')


def _count(world, table, where="1"):
    return values(world, f"SELECT count(*) FROM {table} WHERE {where}")[0]


@pytest.mark.parametrize(("coordinate", "scalar", "exceptions"), SPECIMENS, ids=[name for name, *_ in SPECIMENS])
def test_identifiers_come_from_ranges_that_are_never_issued(world, coordinate, scalar, exceptions):
    found = _column(world, coordinate)
    assert found
    assert {value for value in found if IDENTIFIERS[scalar].check(value) is not Validity.SPECIMEN} == exceptions
    assert all(IDENTIFIERS[scalar].parse(value) == value for value in found)


@pytest.mark.parametrize(("coordinate", "scalar"), SHAPES)
def test_values_without_a_reserved_range_are_at_least_canonical(world, coordinate, scalar):
    found = _column(world, coordinate)
    assert found
    assert all(IDENTIFIERS[scalar].parse(value) == value for value in found)


def test_recorded_identifiers_are_kept_with_the_verdict_of_their_check(world):
    rows = world.execute("SELECT DISTINCT type, value, valid FROM person_identifier WHERE type IN ('NINO', 'PNCID')")
    scalars = {"NINO": "Nino", "PNCID": "PersonUrn"}
    verdicts = {(row["valid"], IDENTIFIERS[scalars[row["type"]]].check(row["value"])) for row in rows}
    assert verdicts == {(1, Validity.SPECIMEN), (0, Validity.INVALID)}


def test_phone_numbers_and_addresses_are_the_ones_reserved_for_drama(world):
    contacts = values(world, "SELECT value FROM person_contact")
    contacts += values(world, "SELECT owner_contact FROM wanted_missing_report WHERE owner_contact IS NOT NULL")
    contacts += values(world, "SELECT contact_value FROM missing_report WHERE contact_value IS NOT NULL")
    reserved = re.compile(r"(07700 ?900\d{3}|01632 ?960\d{3}|[^@ ]+@example\.(org|com))")
    assert [contact for contact in contacts if not reserved.fullmatch(contact)] == []
    assert contacts


def test_vins_carry_the_right_check_digit_and_imeis_the_test_range(world):
    assert all(vin_check_digit_agrees(vin) for vin in _column(world, "vehicle.vin"))
    imeis = values(world, "SELECT value FROM property_identifier WHERE type = 'IMEI'")
    assert {IDENTIFIERS["Imei"].check(value) for value in imeis} == {Validity.SPECIMEN}


@pytest.mark.parametrize("coordinate", CODES)
def test_every_code_is_a_live_value_of_its_list(world, coordinate):
    column, _, member = coordinate.rstrip("]").partition("[")
    found = _column(world, column)
    if coordinate.endswith("]"):
        found = [entry[member] if member else entry for value in found for entry in json.loads(value)]
    elif coordinate == "vehicle.colour":
        found = [part for value in found for part in value.split("/")]
    offered = {value.code for value in CATALOGUE.values(CODES[coordinate]) if value.valid_to is None}
    assert found
    assert set(found) <= offered


def test_what_must_never_be_generated_is_not(world):
    assert _count(world, "person", "religion IS NOT NULL OR skin_colour IS NOT NULL") == 0
    assert _count(world, "person_warning", "code = 'CO'") == 0
    assert _count(world, "person_name", "type IN ('BIRTH', 'MARR')") == 0
    assert _count(world, "wanted_missing_report", "category IN ('ABS-CARE', 'ABS-SCH')") == 0
    assert _count(world, "missing_report", "risk_level = 'NA'") == 0


def test_health_warnings_say_what_to_do_and_others_say_nothing(world):
    rows = world.execute("SELECT DISTINCT code, text FROM person_warning").fetchall()
    health = {value.code for value in CATALOGUE.values("warning_signals") if dict(value.extra)["sensitivity"] == "S3"}
    assert health & {row["code"] for row in rows}
    assert {(row["code"] in health, row["text"] is not None) for row in rows} == {(True, True), (False, False)}


def test_names_are_words_and_surnames_tell_driver_numbers_apart():
    assert len(surnames()) > 1_000
    assert len({name[:5] for name in surnames()}) == len(surnames())
    cast = {"EXAMPLE", "HARBOUR", "LANTERN", "COMPASS", "QUAYSIDE", "KETTLE", "PARASOL", "BEACON", "UMBRELLA"}
    assert not cast & set(surnames())
    assert len(set(forenames())) == len(forenames())


def test_people_drivers_and_vehicles_keep_their_ratio(world):
    generated = "{} NOT LIKE 'ca57%'"
    assert _count(world, "person", generated.format("person_id")) == PEOPLE
    assert _count(world, "vehicle", generated.format("vehicle_id")) == PEOPLE * 24 // 5
    cast = len({ids.MAIN_DRIVER, ids.PARTNER_DRIVER, ids.BANNED_DRIVER, ids.ONE_DRIVER, ids.MANY_DRIVER})
    assert _count(world, "driver") - cast == PEOPLE * 9 // 2


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [("person_warning", 0.29, 0.41), ("wanted_missing_report", 0.02, 0.09), ("arrest_report", 0.88, 0.99)],
)
def test_the_share_of_nominals_with_a_record_is_that_of_the_scale(world, table, low, high):
    holders = values(world, f"SELECT count(DISTINCT person_id) FROM {table} WHERE person_id NOT LIKE 'ca57%'")[0]
    assert low < holders / PEOPLE < high


def test_most_nominals_have_one_arrest_three_addresses_and_a_few_have_very_many(world):
    def counts(table):
        per_person = f"SELECT count(*) FROM {table} WHERE person_id NOT LIKE 'ca57%' GROUP BY person_id"
        return values(world, per_person)

    arrests = counts("arrest_report")
    assert 0.5 < arrests.count(1) / PEOPLE < 0.7
    assert max(arrests) >= 6
    assert median(counts("person_address")) == 3
    assert max(counts("person_address")) >= 8


def test_every_reference_between_rows_leads_somewhere(world):
    assert world.execute("PRAGMA foreign_key_check").fetchall() == []
    for table, column in [
        ("person_name", "person_id"),
        ("person_warning", "person_id"),
        ("arrest_report", "person_id"),
        ("wanted_missing_report", "person_id"),
        ("intel_pnc_link", "person_id"),
    ]:
        assert _count(world, table, f"{column} NOT IN (SELECT person_id FROM person)") == 0, table
    vehicle_links = "target_type = 'Vehicle' AND target_key NOT IN (SELECT vrm FROM vehicle)"
    assert _count(world, "intel_link", vehicle_links) == 0


def test_a_driver_number_agrees_with_its_record(world):
    rows = world.execute("SELECT driver_number, last_name, first_names, date_of_birth FROM driver")
    for row in rows:
        born = row["date_of_birth"]
        told = row["driver_number"]
        first = tuple(json.loads(row["first_names"]))
        assert driver_number_conflicts(told, surname=row["last_name"], first=first) == ()
        assert (told[5] + told[10], told[8:10]) == (born[2:4], born[8:10])


IMPERFECT = {
    "a number on PNC that is another person's": """
        SELECT count(*) FROM person p JOIN driver d ON d.driver_number = p.driver_number_recorded
        JOIN person_name n ON n.person_id = p.person_id AND n.type = 'FILED' WHERE n.match_name <> d.match_name""",
    "a number on PNC that is right": """
        SELECT count(*) FROM person p JOIN driver d ON d.driver_number = p.driver_number_recorded
        JOIN person_name n ON n.person_id = p.person_id AND n.type = 'FILED' WHERE n.match_name = d.match_name""",
    "a keeper who is a driver by name and postcode": """
        SELECT count(*) FROM keeper_record k JOIN driver d USING (match_name, match_postcode)""",
    "a keeper known by initials only": """
        SELECT count(*) FROM keeper_record
        WHERE keeper_type = 'INDIVIDUAL' AND length(first_names) = 5""",
    "a lease company as keeper": """
        SELECT count(*) FROM keeper_record WHERE keeper_type = 'LEASE' AND match_name IS NULL""",
    "a former keeper": "SELECT count(*) FROM keeper_record WHERE status = 'PREVIOUS'",
    "two vehicles with one VIN": """
        SELECT count(*) FROM vehicle a JOIN vehicle b ON a.vin = b.vin AND a.vehicle_id < b.vehicle_id""",
    "an alias with another surname": """
        SELECT count(*) FROM person_name a JOIN person_name f USING (person_id)
        WHERE a.type = 'ALIAS' AND f.type = 'FILED' AND a.last_key <> f.last_key""",
    "an unconfirmed LOS within a week of weeding": f"""
        SELECT count(*) FROM vehicle_report WHERE type = 'LOS' AND state = 'WEED_DUE'
        AND julianday(weed_date) - julianday('{AS_OF}') BETWEEN 0 AND 7""",
    "a missing person who is no nominal": "SELECT count(*) FROM missing_report WHERE person_id IS NULL",
    "a missing person who is one": "SELECT count(*) FROM missing_report WHERE person_id IS NOT NULL",
    "a blocked report": "SELECT count(*) FROM vehicle_report_block",
    "a policy that names a driver by initials": r"""
        SELECT count(*) FROM insurance_policy WHERE permitted_drivers GLOB '*, [A-Z]"*'""",
    "a policy that has lapsed": "SELECT count(*) FROM insurance_policy WHERE state = 'LAPSED'",
    "a person banned on PNC and licensed at DVLA": """
        SELECT count(*) FROM pnc_disqualification q JOIN person p USING (person_id)
        JOIN driver d ON d.driver_number = p.driver_number_recorded WHERE d.licence_status = 'CUR'""",
    "a heavy vehicle whose keeper has no C1": """
        SELECT count(*) FROM vehicle v JOIN keeper_record k USING (vehicle_id)
        JOIN driver d ON d.match_name = k.match_name AND d.match_postcode = k.match_postcode
        WHERE v.revenue_weight > 3500 AND NOT EXISTS (SELECT 1 FROM driver_entitlement e
            WHERE e.driver_number = d.driver_number AND e.category LIKE 'C%')""",
    "a PND nominal only proposed to be a PNC one": "SELECT count(*) FROM intel_pnc_link WHERE confirmed_by IS NULL",
    "property linked to a vehicle by engine number": """
        SELECT count(*) FROM property_identifier i JOIN vehicle v ON v.engine_number = i.value
        WHERE i.type = 'ENGNO'""",
    "a birth date known to the year": "SELECT count(*) FROM person WHERE length(date_of_birth) = 4",
}


@pytest.mark.parametrize("relation", IMPERFECT)
def test_the_population_holds_the_relations_that_are_not_straightforward(world, relation):
    assert values(world, IMPERFECT[relation])[0] > 0


def test_an_unconfirmed_los_weeds_after_42_days_and_a_confirmed_one_after_six_years(world):
    rows = world.execute(
        "SELECT state, julianday(weed_date) - julianday(substr(created_at, 1, 10)) AS days FROM vehicle_report "
        "WHERE type = 'LOS' AND vehicle_report_id NOT LIKE 'ca57%'"
    ).fetchall()
    unconfirmed = {row["days"] for row in rows if row["state"] in ("UNCONFIRMED", "REMINDED", "WEED_DUE")}
    assert unconfirmed == {42}
    assert {row["days"] for row in rows if row["state"] == "CONFIRMED"} == {2192}
