"""Databases for tests of the person, property, missing and intelligence products, with rows as short as can be."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from resolvers.controls import tables as controls
from resolvers.intelligence import tables as intelligence
from resolvers.metadata import metadata
from resolvers.missing import tables as missing
from resolvers.names import (
    contact_key,
    name_search_columns,
    padded,
    place_words,
    postcode_key,
    premises_key,
    surname_words,
)
from resolvers.person import tables as person
from resolvers.property import tables as property_tables
from resolvers.property.keys import identifier_key

TODAY = date(2026, 2, 2)
NOW = datetime(2026, 2, 2, 9, 30, tzinfo=UTC)
RECORD = {"owner_fs": "20R1", "version": 1, "created_at": NOW, "updated_at": NOW, "as_of": NOW, "lag_seconds": 0}

Rows = Iterable[tuple[sa.Table, Mapping[str, Any]]]


def product_tables(products: Collection[str]) -> list[sa.Table]:
    """The tables of these products and their copy of the record controls, parents first."""
    return [table for table in metadata.sorted_tables if table.info.get("product") in {"controls", *products}]


def key_of(number: int, kind: str = "0000") -> str:
    """A record key that is easy to read in a failing test."""
    return f"00000000-0000-4000-{kind}-{number:012d}"


def a_record(table: sa.Table, **values: Any) -> tuple[sa.Table, dict[str, Any]]:
    """A row with the record columns every record carries."""
    return table, {**RECORD, **values}


def a_name(person_id: str, last: str, *first: str, kind: str = "FILED", seq: int = 0) -> list[tuple[sa.Table, dict]]:
    """A `person_name` row with its search columns and words."""
    row = {
        "person_id": person_id,
        "seq": seq,
        "last_name": last,
        "first_names": list(first),
        "type": kind,
        **name_search_columns(last, first),
    }
    words = [
        (
            person.person_name_word,
            {"person_id": person_id, "seq": seq, "word": word.word, "code": word.code, "whole": word.whole},
        )
        for word in surname_words(last)
    ]
    return [(person.person_name, row), *words]


def a_person(number: int, last: str, *first: str, **columns: Any) -> list[tuple[sa.Table, dict]]:
    """A nominal with a filed name; `columns` are columns of `person`."""
    person_id = key_of(number)
    place = columns.get("place_of_birth")
    row = {
        "person_id": person_id,
        "person_urn": f"{1980 + number // 1_000_000}/{number % 10_000_000:07d}A",
        "place_of_birth_folded": padded([place]) if place else None,
        **columns,
    }
    return [a_record(person.person, **row), *a_name(person_id, last, *first)]


def an_address(number: int, seq: int, lines: list[str], postcode: str, **columns: Any) -> tuple[sa.Table, dict]:
    """A `person_address` row with its search columns."""
    return person.person_address, {
        "person_id": key_of(number),
        "seq": seq,
        "address_lines": lines,
        "address_postcode": postcode,
        "place_words": place_words(lines, postcode),
        "match_postcode": postcode_key(postcode),
        "premises_key": premises_key(lines, postcode),
        **columns,
    }


def a_contact(number: int, seq: int, value: str, **columns: Any) -> tuple[sa.Table, dict]:
    """A `person_contact` row with its key."""
    row = {"person_id": key_of(number), "seq": seq, "type": "MOBILE", "value": value, "value_key": contact_key(value)}
    return person.person_contact, {**row, **columns}


def an_item(number: int, *identifiers: tuple[str, str], **columns: Any) -> list[tuple[sa.Table, dict]]:
    """A property item with its numbers, each (type, value)."""
    property_id = key_of(number, "1111")
    numbers = [
        (
            property_tables.property_identifier,
            {
                "property_id": property_id,
                "seq": seq,
                "type": kind,
                "value": value,
                "value_key": identifier_key(value),
            },
        )
        for seq, (kind, value) in enumerate(identifiers)
    ]
    row = {"property_id": property_id, "category": "PLANT", **columns}
    return [a_record(property_tables.property_item, **row), *numbers]


def a_missing_report(number: int, **columns: Any) -> tuple[sa.Table, dict]:
    """A missing episode."""
    row = {
        "missing_id": key_of(number, "2222"),
        "national_reference": f"MP-26-{number:07d}",
        "episode_start": NOW,
        "risk_level": "H",
        "child_under_18": True,
        "status": "open",
        "reporting_force": "20R1",
    }
    return a_record(missing.missing_report, **{**row, **columns})


def an_intel_report(number: int, **columns: Any) -> tuple[sa.Table, dict]:
    """An intelligence report."""
    row = {
        "intel_report_id": key_of(number, "3333"),
        "source_force": "20R1",
        "source_evaluation": "1",
        "information_assessment": "B",
        "handling": "P",
        "classification": "OS",
        "text": "Sanitised.",
        "date_of_intelligence": TODAY,
        "review_date": TODAY,
    }
    return a_record(intelligence.intel_report, **{**row, **columns})


def an_intel_link(number: int, seq: int, target_type: str, target_key: str) -> tuple[sa.Table, dict]:
    """A link of an intelligence report."""
    return intelligence.intel_link, {
        "intel_report_id": key_of(number, "3333"),
        "seq": seq,
        "object_type": "VEHICLE" if target_type == "Vehicle" else "PERSON",
        "target_type": target_type,
        "target_key": target_key,
        "kind": "USES",
    }


def a_control(subject_type: str, key: str, kind: str, owner: str = "06", **columns: Any) -> tuple[sa.Table, dict]:
    """A record control that has been in force for a year."""
    row = {"subject_type": subject_type, "subject_key": key, "kind": kind, "owner": owner}
    return controls.record_control, {**row, "from_date": date(2025, 1, 1), "area": None, **columns}


async def written(url: str, rows: Rows) -> str:
    """Make the tables of the rows' products in the empty database at `url`, and write the rows, parents first."""
    engine = create_async_engine(url, poolclass=sa.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(_write, rows)
    await engine.dispose()
    return url


def written_file(folder: Path, rows: Rows) -> str:
    """The asynchronous URL of a new SQLite file with these rows, for the tests that do not depend on the database."""
    file = folder / "products.sqlite"
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        _write(connection, rows)
    engine.dispose()
    return f"sqlite+aiosqlite:///{file}"


def _write(connection: sa.Connection, rows: Rows) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
    by_table: dict[sa.Table, list[dict]] = {}
    for table, row in rows:
        defaults = {column.name: 0 if column.name == "lag_seconds" else None for column in table.columns}
        by_table.setdefault(table, []).append({**defaults, **row})
    metadata.create_all(connection, product_tables({table.info["product"] for table in by_table}))
    for table in metadata.sorted_tables:
        if table in by_table:
            connection.execute(table.insert(), by_table[table])
