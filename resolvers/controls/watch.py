"""Who looked at what is SILENT to them: statements already answered in, looks at hidden records out. Reads only.

A look is judged after its reply has left. The statements it ran are run again for exactly the rows it was not given,
once for all looks of the same unit; only where some row comes out is it found out whose look it was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from authz.row_rules import RowCaller
from resolvers.controls.notices import Subject
from resolvers.controls.parameters import HIDDEN_ONLY
from resolvers.controls.predicates import controls_on
from resolvers.database import Database, Read, Reading

BLOCKED_REPORT = "VehicleReport"
SUBJECTS = {
    "person_id": "Person",
    "vehicle_id": "Vehicle",
    "vehicle_report_id": BLOCKED_REPORT,
    "keeper_record_id": "KeeperRecord",
    "driver_number": "Driver",
    "property_id": "PropertyItem",
    "certificate_id": "FirearmCertificate",
    "missing_id": "MissingReport",
    "intel_report_id": "IntelReport",
    "intel_nominal_id": "IntelNominal",
}
LINKS = (("other_type", "other_key"), ("target_type", "target_key"))


@dataclass(frozen=True, slots=True)
class Look:
    """What one request read, for whom and when."""

    caller: RowCaller
    at: datetime
    reads: Sequence[Read]


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was hidden from a look, and whose control it is."""

    look: Look
    subject: Subject
    owner: str


async def hits(database: Database, looks: Sequence[Look]) -> list[Hit]:
    """The hidden records these looks would have found. Raises DatabaseUnavailable."""
    groups: dict[tuple[RowCaller, date], list[Look]] = {}
    for look in looks:
        groups.setdefault((_owner(look.caller), look.at.date()), []).append(look)
    return [hit for (owner, day), group in groups.items() for hit in await _of_owner(database, owner, day, group)]


def _owner(caller: RowCaller) -> RowCaller:
    """Whom hidden rows depend on: all callers who own the same controls see the same."""
    return RowCaller(organisation=caller.organisation, force=caller.force, unit=caller.unit, denied=0)


async def _of_owner(database: Database, owner: RowCaller, day: date, looks: Sequence[Look]) -> list[Hit]:
    keys: dict[tuple[sa.Select, bool], dict[Any, None]] = {}
    for read in (read for look in looks for read in look.reads if _is_watched(read.statement)):
        keys.setdefault((read.statement, read.paired), {}).update(dict.fromkeys(read.keys))
    async with database.reading(day, owner, hidden_only=True) as reading:
        hidden = {
            statement
            for (statement, paired), asked in keys.items()
            if await reading.rows(statement, list(asked), paired=paired)
        }
        return [hit for look in looks for hit in await _of_look(reading, look, hidden)] if hidden else []


async def _of_look(reading: Reading, look: Look, hidden: set[sa.Select]) -> list[Hit]:
    rows = [
        row
        for read in look.reads
        if read.statement in hidden
        for row in await reading.rows(read.statement, list(read.keys), paired=read.paired)
    ]
    subjects = dict.fromkeys(subject for row in rows for subject in _subjects(row))
    owners = {
        (BLOCKED_REPORT, row["vehicle_report_id"]): row["owner_fs"]
        for row in rows
        if "vehicle_report_id" in row and row["owner_fs"]
    }
    for control in await reading.rows(controls_on(), [key for _type, key in subjects]):
        if (subject := (control["subject_type"], control["subject_key"])) in subjects:
            owners[subject] = control["owner"]
    mine = {look.caller.organisation, look.caller.force, look.caller.unit}
    return [Hit(look, subject, owner) for subject, owner in sorted(owners.items()) if owner not in mine]


def _subjects(row: Mapping[str, Any]) -> list[Subject]:
    named = [(kind, row[column]) for column, kind in SUBJECTS.items() if row.get(column)]
    return named + [(row[kind], row[key]) for kind, key in LINKS if row.get(kind) and row.get(key)]


@lru_cache(maxsize=1024)
def _is_watched(statement: sa.Select) -> bool:
    """Whether a statement leaves out rows that are SILENT."""
    return any(isinstance(node, sa.BindParameter) and node.key == HIDDEN_ONLY for node in visitors.iterate(statement))
