"""Owners are told of looks at what is SILENT to others, supervisors of misuse; nobody sees that in an answer."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from authz.alerts import Alert
from authz.audit.errors import AuditUnavailable
from authz.row_rules import RowCaller
from resolvers.controls.tables import hr_household
from resolvers.controls.watch import Look
from resolvers.database import Database
from resolvers.names import premises_key
from resolvers.person.statements import people
from resolvers.property.tables import firearm_certificate
from subgraphs.alerting import Alerting
from subgraphs.service import Subgraph
from tests.authz.callers import DETECTIVE, INVESTIGATION, NOON
from tests.resolvers.products import a_control, a_name, a_person, a_record, an_address, key_of, written
from tests.subgraphs import world
from tests.subgraphs.controls.test_twins import CASES, LINKS, PERSONS, SECRET, people_rows, vehicle_rows

OFFICER = replace(DETECTIVE, force_station="20R1")
OWNER = replace(DETECTIVE, organisation="ORG-06", force_station="06AA")
BY_ID = f'{{ person(id: "{SECRET}") {{ names {{ last }} }} }}'
PERSON = CASES["a person by id"].app
VEHICLE = CASES["reports on a vehicle"].app
PROPERTY = CASES["property by identifier"].app


class Kept:
    """A sink that keeps alerts, after refusing as often as it is told."""

    def __init__(self, refusals: int = 0) -> None:
        self.alerts: list[Alert] = []
        self.refusals = refusals

    async def record(self, alerts: Sequence[Alert]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise AuditUnavailable("The disclosure ledger cannot be written.")
        self.alerts += alerts


def subject(kind: str, key: str) -> str:
    return world.SUBJECT_KEY.subject(kind, key)


async def told(app: Subgraph, url: str, query: str, caller: Any = OFFICER, **changes: Any) -> list[Alert]:
    sink = Kept(**changes)
    async with world.serving(app.name, app.schema, url, alerts=sink, alert_seconds=3600.0) as gateway:
        await gateway.ask(query, None, caller, INVESTIGATION)
        assert sink.alerts == []
    return sink.alerts


RENAMED = [*a_person(2, "Harbour", "Robin"), *a_name(SECRET, "Lantern", "Rob", kind="BIRTH", seq=1)]
REPORT, HOME = key_of(2, "2222"), (["1 Mill Lane"], "QX1 2AB")
AT_HOME = {"user_id": "u-20-4419", "premises_key": premises_key(*HOME)}
CERTIFICATE = key_of(2, "8888")
HELD = {"certificate_id": CERTIFICATE, "certificate_type": "A", "state": "L", "weapons_held": 1}
HELD |= {"holder_type": "Person", "holder_key": key_of(1), "match_name": "HARBOUR ROBIN", "match_postcode": "QX12AB"}
PROBED = "{ _entities(representations: [{%s}]) { ... on Person { firearmCertificates { __typename } } } }"
PROBED %= f'__typename: "Person", personId: "{key_of(1)}", matchNames: ["HARBOUR ROBIN"], matchPostcodes: ["QX12AB"]'
LOOKS = {
    "by a probe": (
        PROPERTY,
        [a_record(firearm_certificate, **HELD), a_control("FirearmCertificate", CERTIFICATE, "protected")],
        PROBED,
        ("FirearmCertificate", CERTIFICATE),
    ),
    "by its key": (PERSON, [*people_rows(True), a_control("Person", SECRET, "protected")], BY_ID, ("Person", SECRET)),
    "by name": (PERSON, [*people_rows(True), a_control("Person", SECRET, "sealed")], PERSONS, ("Person", SECRET)),
    "by a link": (
        PERSON,
        [*people_rows(True), a_control("Person", SECRET, "protected")],
        LINKS % key_of(1),
        ("Person", SECRET),
    ),
    "by a former name": (PERSON, [*RENAMED, a_control("Person", SECRET, "grc")], BY_ID, ("Person", SECRET)),
    "in a list": (
        VEHICLE,
        [*vehicle_rows(True), a_control("VehicleReport", REPORT, "blocked")],
        '{ vehicle(vrm: "AB12CDE") { reports { totalCount } } }',
        ("VehicleReport", REPORT),
    ),
    "by its type": (
        VEHICLE,
        [world.a_vehicle(1, vrm="AB12CDE"), world.a_report(2, type="BLK", owner_fs="06")],
        '{ vehicle(vrm: "AB12CDE") { reports { totalCount } } }',
        ("VehicleReport", REPORT),
    ),
}


@pytest.mark.parametrize("name", LOOKS)
async def test_the_owner_is_told_who_looked_at_a_silent_record(name: str, database_url: str):
    app, rows, query, (kind, key) = LOOKS[name]
    alerts = await told(app, await written(database_url, rows), query)
    assert set(alerts) == {
        Alert("SILENT_HIT", "P10", "06", kind, subject(kind, key), "u-20-4419", "ORG-20", NOON),
    }


@pytest.mark.parametrize("name", LOOKS)
async def test_the_owner_s_own_looks_are_no_alerts(name: str, tmp_path):
    app, rows, query, _subject = LOOKS[name]
    url = await written(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}", rows)
    assert await told(app, url, query, OWNER) == []


async def test_a_look_that_found_nothing_hidden_is_no_alert(tmp_path):
    rows = [*people_rows(True), a_control("Person", SECRET, "protected")]
    url = await written(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}", rows)
    assert await told(PERSON, url, f'{{ person(id: "{key_of(3)}") {{ filedName {{ last }} }} }}') == []


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([a_control("Person", SECRET, "high_profile", "20")], "MU02"),
        (
            [an_address(2, 0, *HOME), (hr_household, AT_HOME)],
            "MU01",
        ),
    ],
)
async def test_the_supervisor_is_told_of_a_look_at_a_high_profile_or_own_record(rows, rule, database_url: str):
    url = await written(database_url, [*a_person(2, "Harbour"), *rows])
    alerts = await told(PERSON, url, BY_ID)
    assert [(alert.type, alert.policy, alert.owner, alert.rule) for alert in alerts] == [
        ("MISUSE", "P15", "ORG-20", rule)
    ]


async def test_what_could_not_be_recorded_is_tried_again(tmp_path, caplog):
    rows = [*people_rows(True), a_control("Person", SECRET, "protected")]
    database = Database(await written(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}", rows))
    sink = Kept(refusals=1)
    alerting = Alerting(database, sink, world.SUBJECT_KEY)
    async with database.reading(NOON.date()) as reading:
        await reading.rows(people([SECRET]))
    alerting.look(Look(RowCaller(user="u-1"), NOON, reading.reads), reading.notices)
    await alerting.last()
    assert sink.alerts == []
    await alerting.last()
    await alerting.last()
    await database.close()
    assert [alert.owner for alert in sink.alerts] == ["06"]
