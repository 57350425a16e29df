"""The vectors whose condition is about the row, asked of the owning subgraph by each one's caller in its context."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa

from resolvers.controls.tables import hr_household
from resolvers.names import premises_key
from subgraphs.intelligence import app as intelligence_app
from subgraphs.missing import app as missing_app
from subgraphs.person import app as person_app
from subgraphs.service import Subgraph
from subgraphs.vehicle import app as vehicle_app
from tests.authz.callers import SYSTEMS, context
from tests.authz.test_policy_vectors import VECTORS, principal_of
from tests.resolvers.products import (
    a_control,
    a_missing_report,
    a_name,
    a_person,
    an_address,
    an_intel_report,
    key_of,
    written,
)
from tests.subgraphs import world

Rows = list[tuple[sa.Table, dict[str, Any]]]

ROWS = {row["id"]: row for row in VECTORS}
ONE = key_of(1)
HOME = ["1 Mill Lane"], "QX1 2AB"
PERSON = f'{{ person(id: "{ONE}") {{ filedName {{ last }} }} }}'
NAMES = f'{{ person(id: "{ONE}") {{ filedName {{ last }} names {{ last }} }} }}'
REPORT = f'{{ intelReport(id: "{key_of(1, "3333")}") {{ text }} }}'
BORN = f'{{ person(id: "{ONE}") {{ dateOfBirth }} }}'
EPISODE = '{ missing(ref: "MP-26-0000001") { %s } }'
REPORTS = '{ vehicle(vrm: "AB12CDE") { make { code } reports { totalCount nodes { type { code } } } } }'
NO_REPORTS = {"make": {"code": "FORD"}, "reports": {"totalCount": 0, "nodes": []}}


def a_subject(*controls: tuple[str, str]) -> Rows:
    control_rows = [a_control("Person", ONE, kind, owner) for kind, owner in controls]
    return [*a_person(1, "Harbour", "Robin", date_of_birth="2012-01-01"), an_address(1, 0, *HOME), *control_rows]


def a_household(*users: str) -> Rows:
    key = premises_key(*HOME)
    return [(hr_household, {"user_id": user, "premises_key": key}) for user in users]


def an_episode(area: str) -> Rows:
    row = a_missing_report(1, factors=["CSE"], contact_type="BUS", contact_value="01632 960001", reporting_force="96HQ")
    return [row, a_control("MissingReport", key_of(1, "2222"), "own_area", "99", area=area)]


def a_vehicle(blocked: bool) -> Rows:
    control = [a_control("VehicleReport", key_of(1, "2222"), "blocked", "06")] if blocked else []
    return [world.a_vehicle(1, vrm="AB12CDE"), world.a_report(1), *control]


@dataclass(frozen=True)
class Asked:
    """What stands in a vector's world, what is asked there, and what comes back: data, and what stands beside."""

    vector: str
    app: Subgraph
    rows: Rows
    query: str
    data: Any
    beside: tuple[tuple[str, str, str], ...] = ()


FULL_NAME = {"person": {"filedName": {"last": "Harbour"}}}
AT_HOME = [*a_subject(), *a_household("u-20-4419")]
RENAMED = [*a_subject(("grc", "06")), *a_name(ONE, "Lantern", "Rob", kind="BIRTH", seq=1)]
WORLD, RESTRICTED = (("Query.person", "DENY", "P18"),), (("Query.person", "DENY", "P16"),)
CASES = [
    Asked(
        "V17",
        intelligence_app,
        [an_intel_report(1, handling="C")],
        REPORT,
        {"intelReport": {"text": None}},
        (("IntelReport.text", "EXISTS", "P13"),),
    ),
    Asked("V16", intelligence_app, [an_intel_report(1, handling="P")], REPORT, {"intelReport": {"text": "Sanitised."}}),
    Asked("V60", intelligence_app, [an_intel_report(1, handling="C")], REPORT, {"intelReport": {"text": "Sanitised."}}),
    Asked(
        "V26",
        vehicle_app,
        a_vehicle(True),
        '{ vehicle(vrm: "AB12CDE") { reports { nodes { type { code } } } } }',
        {"vehicle": {"reports": {"nodes": []}}},
    ),
    Asked("V32", vehicle_app, a_vehicle(True), REPORTS, {"vehicle": NO_REPORTS}),
    Asked("V62", vehicle_app, a_vehicle(True), REPORTS, {"vehicle": NO_REPORTS}),
    Asked("V33", person_app, a_subject(("protected", "06")), PERSON, {"person": None}),
    Asked(
        "V43",
        person_app,
        AT_HOME,
        PERSON,
        {"person": None},
        (("Query.person", "DENY", "P15"),),
    ),
    Asked("V44", person_app, [*a_subject(("high_profile", "06")), *a_household("u-2")], PERSON, FULL_NAME),
    Asked("V53", person_app, a_subject(), PERSON, {"person": None}, WORLD),
    Asked("V68", person_app, a_subject(("training", "39")), PERSON, FULL_NAME),
    Asked("V02", person_app, a_subject(("training", "39")), PERSON, {"person": None}, WORLD),
    Asked("V74", person_app, RENAMED, NAMES, {"person": {"filedName": {"last": "Harbour"}, "names": []}}),
    Asked(
        "V75",
        person_app,
        a_subject(("s47", "06")),
        PERSON,
        {"person": None},
        RESTRICTED,
    ),
    Asked(
        "V12",
        person_app,
        a_subject(),
        f'{{ person(id: "{ONE}") {{ dateOfBirth }} }}',
        {"person": {"dateOfBirth": "2012-01-01"}},
    ),
]
HIGH = {"missing": {"riskLevel": {"code": "H"}}}
CASES += [
    Asked(
        "V29",
        missing_app,
        an_episode("SC"),
        EPISODE % "status { code }",
        {"missing": {"status": None}},
        (("MissingReport.status", "EXISTS", "P11"),),
    ),
    Asked("V69", missing_app, an_episode("WM"), EPISODE % "riskLevel { code }", HIGH),
    Asked(
        "V28",
        missing_app,
        an_episode("WM"),
        EPISODE % "factors { code }",
        {"missing": {"factors": None}},
        (("MissingReport.factors", "MASK", "P11"),),
    ),
    Asked("V57", missing_app, an_episode("SC"), EPISODE % "riskLevel { code }", HIGH),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.vector)
async def test_a_vector_about_a_row_holds_where_the_row_is(case: Asked, database_url: str):
    row = ROWS[case.vector]
    principal = replace(principal_of(row), areas=("WM",) if row["role"] == "safeguarding_partner" else ())
    stated = context(row["reason"], row["purpose"], SYSTEMS[row["route"]])
    url = await written(database_url, case.rows)
    async with world.serving(case.app.name, case.app.schema, url) as gateway:
        answer = await gateway.ask(case.query, None, principal, stated)
    assert answer.data == case.data
    entries = answer.body["extensions"].get("access", [])
    assert [(entry["coordinate"], entry["form"]) for entry in entries] == [beside[:2] for beside in case.beside]
    assert all(policy in entry["policies"] for entry, (*_, policy) in zip(entries, case.beside, strict=True))
    assert all(entry["missing"] and entry["contact"] for entry in entries)
