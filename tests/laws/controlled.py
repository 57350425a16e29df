"""Records under control, and their rules said a second time in plain Python: a database in; whether a record is closed
to a caller who may be shown its fields out. Reads the register with no statement of ours.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

import sqlalchemy as sa

from authz.principal import Principal
from resolvers.migrations.all_tables import metadata

Subject = tuple[str, str]
# The column that says whose record a row is, by the type of that record.
OF_TYPE: Mapping[str, str] = {
    "Person": "person_id",
    "IntelReport": "intel_report_id",
    "Vehicle": "vehicle_id",
    "VehicleReport": "vehicle_report_id",
    "Driver": "driver_number",
    "PropertyItem": "property_id",
}
TABLES: Mapping[str, str] = {
    "Person": "person",
    "IntelReport": "intel_report",
    "Vehicle": "vehicle",
    "VehicleReport": "vehicle_report",
    "Driver": "driver",
    "PropertyItem": "property_item",
}
KINDS = ("sealed", "protected", "s47", "training", "victim_witness")
SILENT = frozenset({"sealed", "protected", "blocked"})
OWNERS = ("20", "20R1", "ORG-20", "06", "ORG-06", "96", "ORG-INS-A")
WORLDS = frozenset({"Person", "Vehicle", "Driver"})
SINCE, LIFTED = date(2020, 1, 1), date(2020, 6, 1)
UNDER_CONTROL, IS_LIFTED = 0.4, 0.15


@dataclass(frozen=True, slots=True)
class Control:
    """One control in force on a record."""

    kind: str
    owner: str


@dataclass(frozen=True, slots=True)
class Register:
    """What row rules go by: the controls in force by record, the people recorded where a user lives, and the reports
    under handling code C."""

    controls: Mapping[Subject, tuple[Control, ...]]
    households: Mapping[str, frozenset[str]]
    conditional: frozenset[str]

    def closes(self, subject: Subject, caller: Principal) -> bool:
        """Whether this record may not be shown whole to a caller who may be shown its fields."""
        kind, key = subject
        if any(self._binds(control, kind, caller) for control in self.controls.get(subject, ())):
            return True
        trained = any(control.kind == "training" for control in self.controls.get(subject, ()))
        if kind in WORLDS and trained is not (caller.organisation_kind == "training"):
            return True
        if kind == "IntelReport":
            return key in self.conditional and "intel_manager" not in caller.roles
        return kind == "Person" and key in self.households.get(caller.subject, frozenset())

    @staticmethod
    def _binds(control: Control, kind: str, caller: Principal) -> bool:
        unit = caller.force_station or ""
        if control.owner in {caller.organisation, unit[:2], unit}:
            return False
        restricted = control.kind == "s47" and kind == "Person" and "dpo" not in caller.roles
        return control.kind in SILENT or restricted


def set_controls(database: Path, random: Random) -> None:
    """Put many records of each type under a control, some of them lifted since."""
    register = metadata.tables["record_control"]
    engine = sa.create_engine(f"sqlite:///{database}")
    try:
        with engine.begin() as connection:
            held = {
                tuple(row) for row in connection.execute(sa.select(register.c.subject_type, register.c.subject_key))
            }
            for kind, table in TABLES.items():
                key = metadata.tables[table].c[OF_TYPE[kind]]
                for subject in connection.scalars(sa.select(key).order_by(key)).all():
                    if (kind, subject) not in held and random.random() < UNDER_CONTROL:
                        connection.execute(sa.insert(register).values(**_control(random, kind, subject)))
    finally:
        engine.dispose()


def _control(random: Random, kind: str, key: str) -> dict[str, object]:
    lifted = LIFTED if random.random() < IS_LIFTED else None
    said = {"kind": random.choice(KINDS), "owner": random.choice(OWNERS), "from_date": SINCE, "to_date": lifted}
    return {"subject_type": kind, "subject_key": key, **said}


def register_of(database: Path, today: date) -> Register:
    """The register of a database on a day."""
    engine = sa.create_engine(f"sqlite:///{database}")
    try:
        with engine.connect() as connection:
            controls: dict[Subject, list[Control]] = defaultdict(list)
            for subject, control in _in_force(connection, today):
                controls[subject].append(control)
            return Register(
                {subject: tuple(found) for subject, found in controls.items()},
                _households(connection),
                _conditional(connection),
            )
    finally:
        engine.dispose()


def _in_force(connection: sa.Connection, today: date) -> Iterator[tuple[Subject, Control]]:
    for row in connection.execute(sa.select(metadata.tables["record_control"])).mappings():
        if row["from_date"] <= today and (row["to_date"] is None or today <= row["to_date"]):
            yield (row["subject_type"], row["subject_key"]), Control(row["kind"], row["owner"])


def _households(connection: sa.Connection) -> Mapping[str, frozenset[str]]:
    homes: dict[str, set[str]] = defaultdict(set)
    for row in connection.execute(sa.select(metadata.tables["hr_household"])).mappings():
        homes[row["user_id"]].add(row["premises_key"])
    address = metadata.tables["person_address"]
    recorded = connection.execute(sa.select(address.c.person_id, address.c.premises_key)).all()
    return {user: frozenset(person for person, premises in recorded if premises in at) for user, at in homes.items()}


def _conditional(connection: sa.Connection) -> frozenset[str]:
    report = metadata.tables["intel_report"]
    return frozenset(connection.scalars(sa.select(report.c.intel_report_id).where(report.c.handling == "C")))
