"""The cast: there by its documented identifiers in every world, with the records each story needs."""

import json
from pathlib import Path

import pytest

from leds.data.cast import identities as ids
from schema.identifiers import driver_number_conflicts
from tests.leds.data.worlds import generate_sqlite, reading, values

DOCUMENT = Path(__file__).parents[3] / "docs" / "cast.md"
VEHICLE_OF = "vehicle_id = (SELECT vehicle_id FROM vehicle WHERE vrm = ?)"

IDENTIFIERS = {name: value for name, value in vars(ids).items() if name.isupper() and isinstance(value, str)}


def test_every_identifier_of_the_cast_is_documented():
    text = DOCUMENT.read_text()
    keys = {name for name in IDENTIFIERS if name.endswith("_ID")}
    assert [name for name in IDENTIFIERS.keys() - keys if IDENTIFIERS[name] not in text] == []


def test_the_cast_is_in_every_world_whatever_its_size_and_seed(tmp_path, world):
    generate_sqlite(tmp_path / "tiny.sqlite", people=1, seed=99)
    tables = values(world, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%\\_%' ESCAPE '\\'")
    with reading(tmp_path / "tiny.sqlite") as tiny:
        for table in tables:
            key = values(world, "SELECT name FROM pragma_table_info(?) WHERE pk = 1", table)[0]
            statement = f"SELECT * FROM {table} WHERE {key} LIKE 'ca57%' ORDER BY {key}"
            assert list(map(tuple, tiny.execute(statement))) == list(map(tuple, world.execute(statement))), table


def test_the_main_plate_leads_to_everything_the_main_query_asks_for(world):
    vehicle = world.execute("SELECT * FROM vehicle WHERE vrm = ?", (ids.MAIN_VRM,)).fetchone()
    assert (vehicle["make"], vehicle["model"], vehicle["body_type"], vehicle["vin"]) == (
        "FORD",
        "FOCUS",
        "HAT5",
        ids.MAIN_VIN,
    )
    assert (vehicle["tax_status"], vehicle["mot_status"]) == ("TAXED", "VALID")
    driver = world.execute(
        "SELECT d.* FROM keeper_record k JOIN driver d USING (match_name, match_postcode) "
        "WHERE k.vehicle_id = ? AND k.status = 'CURRENT'",
        (vehicle["vehicle_id"],),
    ).fetchall()
    assert [row["driver_number"] for row in driver] == [ids.MAIN_DRIVER]
    person = values(world, "SELECT person_id FROM person WHERE driver_number_recorded = ?", ids.MAIN_DRIVER)
    assert person == [ids.MAIN_PERSON_ID]
    for table, column in [
        ("person_warning", "person_id"),
        ("wanted_missing_report", "person_id"),
        ("arrest_report", "person_id"),
        ("offence", "person_id"),
        ("disposal", "person_id"),
        ("court_case", "person_id"),
        ("remand", "person_id"),
        ("non_conviction", "person_id"),
        ("missing_report", "person_id"),
        ("intel_pnc_link", "person_id"),
        ("property_item", "owner_key"),
        ("firearm_certificate", "holder_key"),
    ]:
        assert values(world, f"SELECT count(*) FROM {table} WHERE {column} = ?", ids.MAIN_PERSON_ID)[0] >= 1, table
    linked = "SELECT count(*) FROM property_identifier WHERE value = ?"
    assert values(world, linked, ids.MAIN_VIN) == [1]
    assert values(world, "SELECT count(*) FROM intel_link WHERE target_key = ?", ids.MAIN_VRM) == [2]


def test_the_main_driver_has_nine_points_that_count_and_some_that_no_longer_do(world):
    rows = world.execute(
        "SELECT expires_on > '2026-11-01' AS counts, sum(penalty_points) AS points FROM driver_endorsement "
        "WHERE driver_number = ? GROUP BY 1 ORDER BY 1",
        (ids.MAIN_DRIVER,),
    )
    assert list(map(tuple, rows)) == [(0, 3), (1, 9)]


def test_the_active_policy_names_one_driver_in_full_and_one_by_an_initial(world):
    policies = values(
        world, f"SELECT permitted_drivers FROM insurance_policy WHERE state = 'ACTIVE' AND {VEHICLE_OF}", ids.MAIN_VRM
    )
    assert [driver["value"] for driver in json.loads(policies[0])] == ["EXAMPLE, Robin Ash", "HARBOUR, W"]


@pytest.mark.parametrize(
    ("vrm", "state"), [(ids.LOST_UNCONFIRMED_VRM, "WEED_DUE"), (ids.LOST_CONFIRMED_VRM, "CONFIRMED")]
)
def test_the_lost_vehicles_have_one_report_each_in_its_state(world, vrm, state):
    assert values(world, f"SELECT state FROM vehicle_report WHERE type = 'LOS' AND {VEHICLE_OF}", vrm) == [state]


def test_a_blocked_plate_differs_from_its_twin_only_in_its_identity(world):
    columns = [row["name"] for row in world.execute("PRAGMA table_info(vehicle)")]
    alike = ", ".join(f'"{name}"' for name in columns if name not in ("vehicle_id", "vrm", "vin"))
    twins = [
        tuple(world.execute(f"SELECT {alike} FROM vehicle WHERE vrm = ?", (vrm,)).fetchone())
        for vrm in (ids.BLOCKED_VRM, ids.UNREPORTED_VRM)
    ]
    assert twins[0] == twins[1]
    reports = "SELECT vehicle_report_id FROM vehicle_report WHERE " + VEHICLE_OF
    (blocked,) = values(world, reports, ids.BLOCKED_VRM)
    assert values(world, "SELECT vehicle_report_id FROM vehicle_report_block WHERE vehicle_report_id = ?", blocked) == [
        blocked
    ]
    assert values(world, reports, ids.UNREPORTED_VRM) == []
    for table in ("keeper_record", "insurance_policy", "vehicle_mot", "vehicle_mot_test", "anpr_hotlist_entry"):
        counts = [
            values(world, f"SELECT count(*) FROM {table} WHERE {VEHICLE_OF}", vrm)
            for vrm in (ids.BLOCKED_VRM, ids.UNREPORTED_VRM)
        ]
        assert counts[0] == counts[1]


def test_the_clone_carries_the_vin_of_the_genuine_vehicle_and_is_reported(world):
    vins = [values(world, "SELECT vin FROM vehicle WHERE vrm = ?", vrm) for vrm in (ids.CLONE_VRM, ids.CLONED_VRM)]
    assert vins[0] == vins[1]
    assert values(world, f"SELECT type FROM vehicle_report WHERE {VEHICLE_OF}", ids.CLONE_VRM) == ["CLO"]


def test_the_conflicting_number_on_pnc_contradicts_everything_the_nominal_says(world):
    number = values(world, "SELECT driver_number_recorded FROM person WHERE person_id = ?", ids.CONFLICT_PERSON_ID)[0]
    assert number == ids.PARTNER_DRIVER
    conflicts = driver_number_conflicts(number, surname="COMPASS", first=("Jet",), born=ids.CONFLICT_BORN, sex="M")
    assert conflicts == ("surname", "initials", "dateOfBirth", "sex")


def test_a_missing_child_is_no_nominal_and_every_change_of_risk_is_kept(world):
    child = world.execute(
        "SELECT * FROM missing_report WHERE national_reference = ?", (ids.MISSING_CHILD_REF,)
    ).fetchone()
    assert (child["person_id"], child["child_under_18"], child["status"]) == (None, 1, "open")
    changes = "SELECT risk_level FROM missing_risk_change WHERE missing_id = ? ORDER BY seq"
    assert values(world, changes, child["missing_id"]) == ["M", "H"]


LINKED = {
    "vehicle_report": "SELECT count(*) FROM vehicle_report JOIN vehicle USING (vehicle_id) WHERE vrm = :vrm",
    "insurance_policy": "SELECT count(*) FROM insurance_policy JOIN vehicle USING (vehicle_id) WHERE vrm = :vrm",
    "vehicle_mot_test": "SELECT count(*) FROM vehicle_mot_test JOIN vehicle USING (vehicle_id) WHERE vrm = :vrm",
    "property by VIN": "SELECT count(*) FROM property_identifier WHERE value = :vin",
    "intel_link": "SELECT count(*) FROM intel_link WHERE target_key = :vrm",
    "driver_endorsement": "SELECT count(*) FROM driver_endorsement WHERE driver_number = :number",
    "arrest_report": "SELECT count(*) FROM arrest_report WHERE person_id = :person",
    "offence": "SELECT count(*) FROM offence WHERE person_id = :person",
    "remand": "SELECT count(*) FROM remand WHERE person_id = :person",
    "court_case": "SELECT count(*) FROM court_case WHERE person_id = :person",
    "wanted_missing_report": "SELECT count(*) FROM wanted_missing_report WHERE person_id = :person",
    "person_warning": "SELECT count(*) FROM person_warning WHERE person_id = :person",
    "former addresses": "SELECT count(*) FROM person_address WHERE person_id = :person AND seq > 0",
    "missing_report": "SELECT count(*) FROM missing_report WHERE person_id = :person",
    "property by owner": "SELECT count(*) FROM property_item WHERE owner_key = :person",
}


@pytest.mark.parametrize("relation", LINKED)
def test_the_two_linked_members_have_one_and_two_hundred_of_everything(world, relation):
    members = (
        (1, {"vrm": ids.ONE_VRM, "vin": ids.ONE_VIN, "number": ids.ONE_DRIVER, "person": ids.ONE_PERSON_ID}),
        (ids.MANY, {"vrm": ids.MANY_VRM, "vin": ids.MANY_VIN, "number": ids.MANY_DRIVER, "person": ids.MANY_PERSON_ID}),
    )
    for count, parameters in members:
        assert world.execute(LINKED[relation], parameters).fetchone()[0] == count


@pytest.mark.parametrize(("vrm", "number"), [(ids.ONE_VRM, ids.ONE_DRIVER), (ids.MANY_VRM, ids.MANY_DRIVER)])
def test_the_keepers_of_the_linked_members_are_matched_to_their_drivers(world, vrm, number):
    statement = (
        "SELECT d.driver_number FROM keeper_record k JOIN driver d USING (match_name, match_postcode) "
        f"WHERE k.{VEHICLE_OF}"
    )
    assert values(world, statement, vrm) == [number]
