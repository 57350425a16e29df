"""A world in which every governed text of chosen columns is unique: a database in, who each canary belongs to out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from authz.decision import Clearance, Form
from resolvers.migrations.all_tables import metadata
from tests.laws.controlled import OF_TYPE, Subject

CANARY = re.compile(rb"canary-(\d+)-canary", re.IGNORECASE)
# (table, column) → the one coordinate that answers with it.
COLUMNS: Mapping[tuple[str, str], str] = {
    ("person", "other_details"): "Person.otherDetails",
    ("person", "place_of_birth"): "Person.placeOfBirth",
    ("person_warning", "text"): "Person.warningSignals",
    ("non_conviction", "reason"): "Person.nonConvictions",
    ("immigration_marker", "reason"): "Person.immigrationMarkers",
    ("wanted_missing_report", "offence_or_reason"): "WantedMissingReport.offenceOrReason",
    ("wanted_missing_report", "action_text"): "WantedMissingReport.actionText",
    ("intel_report", "text"): "IntelReport.text",
    ("intel_report", "source_text"): "IntelReport.sourceText",
    ("vehicle", "engine_number"): "Vehicle.engineNumber",
    ("vehicle_report", "circumstances"): "VehicleReport.circumstances",
    ("insurance_policy", "insurer"): "InsurancePolicy.insurer",
    ("driver", "place_of_birth"): "Driver.placeOfBirth",
    ("driver_medical", "eyesight"): "Driver.eyesight",
    ("driver_medical", "hearing"): "Driver.hearing",
    ("driver_medical", "medical_notes"): "Driver.medicalNotes",
    ("property_item", "description"): "PropertyItem.description",
    ("disposal", "text"): "DisposalResult.text",
}


# The column that says whose row a row is, in the ledger's sense; the first that a table has.
WHOSE = {
    "intel_report_id": "IntelReport",
    "property_id": "PropertyItem",
    "driver_number": "Driver",
    "vehicle_id": "Vehicle",
    "person_id": "Person",
}


@dataclass(frozen=True, slots=True)
class Canaries:
    """Each canary's coordinate by its number, the record that its row belongs to, and the subject that the ledger
    names when it is shown."""

    coordinates: Mapping[int, str]
    subjects: Mapping[int, Subject]
    whose: Mapping[int, Subject]

    def seen(self, bodies: Iterable[bytes]) -> set[int]:
        """The canaries in these bytes."""
        return {int(number) for body in bodies for number in CANARY.findall(body)}


def set_canaries(database: Path) -> Canaries:
    """Put a canary of its own into every row of each chosen column of a SQLite database."""
    engine = sa.create_engine(f"sqlite:///{database}")
    coordinates: dict[int, str] = {}
    subjects: dict[int, Subject] = {}
    whose: dict[int, Subject] = {}
    try:
        with engine.begin() as connection:
            for (table_name, column), coordinate in COLUMNS.items():
                table = metadata.tables[table_name]
                keys = list(table.primary_key.columns)
                whose_column = next(name for name in WHOSE if name in table.c)
                for *row_key, holder in connection.execute(sa.select(*keys, table.c[whose_column])).all():
                    number = len(coordinates) + 1
                    coordinates[number] = coordinate
                    whose[number] = WHOSE[whose_column], holder
                    named = {column.name: value for column, value in zip(keys, row_key, strict=True)}
                    subjects.update(_subject(number, coordinate, named))
                    here = sa.and_(*(table.c[name] == value for name, value in named.items()))
                    changed = sa.update(table).where(here).values({column: f"canary-{number}-canary"})
                    connection.execute(changed)
    finally:
        engine.dispose()
    return Canaries(coordinates, subjects, whose)


def _subject(number: int, coordinate: str, key: Mapping[str, Any]) -> Iterator[tuple[int, Subject]]:
    """Whose record a row is, where records of its type can be under control."""
    kind = coordinate.partition(".")[0]
    if kind in OF_TYPE and OF_TYPE[kind] in key:
        yield number, (kind, key[OF_TYPE[kind]])


def keys_of(database: Path, table_name: str, column: str, like: str = "%") -> list[str]:
    """The values of a key column, in order."""
    engine = sa.create_engine(f"sqlite:///{database}")
    chosen = metadata.tables[table_name].columns[column]
    try:
        with engine.connect() as connection:
            return [
                str(value) for value in connection.scalars(sa.select(chosen).where(chosen.like(like)).order_by(chosen))
            ]
    finally:
        engine.dispose()


def not_whole(clearance: Clearance, coordinates: Iterable[str]) -> Iterator[str]:
    """Those of the coordinates whose values this caller may not be shown as they are."""
    return (name for name in coordinates if clearance.decision(name).form is not Form.FULL)
