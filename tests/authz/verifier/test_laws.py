"""Laws of verification: whatever is changed in whatever row is found, where it stands, and nothing makes it fail."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from authz.verifier.note import read_keys
from authz.verifier.verify import verify
from tests.authz.verifier.writing import Book, event, export, sample_book, verifier_key

KEYS = read_keys([verifier_key()])


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Book:
    """268 leaves, the first twelve with all kinds of parts, one of them erased."""
    book = sample_book(tmp_path_factory.mktemp("book"))
    book.erase(5, 1)
    book.commit([event(900, "ERASE", "5/1"), *(event(100 + number, parts=False) for number in range(255))])
    return book


@pytest.fixture(scope="module")
def values(book: Book) -> list[tuple[str, int, str, Any]]:
    """Every value of every row of the log: table, row, column, value."""
    found: list[tuple[str, int, str, Any]] = []
    with closing(sqlite3.connect(book.database)) as connection:
        connection.row_factory = sqlite3.Row
        for table in ("log", "leaf", "hash", "node", "part", "checkpoint"):
            for row in connection.execute(f"SELECT rowid AS row_, * FROM ledger_{table}"):
                found += [(f"ledger_{table}", row["row_"], column, row[column]) for column in row.keys()[1:]]
    return [value for value in found if value[3] not in (None, b"", "")]


def changed(value: Any, place: int, bits: int) -> Any:
    """`value` with one byte changed, or one bit of a number."""
    if isinstance(value, int):
        return value ^ (1 << bits % 8)
    data = bytearray(value.encode() if isinstance(value, str) else value)
    data[place % len(data)] ^= bits
    return bytes(data) if isinstance(value, bytes) else data


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), place=st.integers(0, 2000), bits=st.integers(1, 255))
def test_any_byte_changed_in_any_value_is_found(
    book: Book, values: list[tuple[str, int, str, Any]], tmp_path: Path, data: st.DataObject, place: int, bits: int
) -> None:
    table, row, column, value = values[data.draw(st.integers(0, len(values) - 1))]
    new = changed(value, place, bits)
    copy = tmp_path / "ledger.sqlite"
    copy.write_bytes(book.database.read_bytes())
    copy.with_suffix(".checkpoint").write_bytes(book.file.read_bytes())
    statement = f'UPDATE OR REPLACE {table} SET "{column}" = {"CAST(? AS TEXT)" if isinstance(value, str) else "?"}'
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"{statement} WHERE rowid = ?", (bytes(new) if isinstance(new, bytearray) else new, row))
    result = verify([copy], KEYS)
    assert not result.intact
    if table in ("ledger_leaf", "ledger_hash", "ledger_part") and column not in ("position", "slot"):
        position = row if table != "ledger_part" else position_of_part(book, row)
        assert result.first is not None
        assert result.first.position == position, (table, row, column, str(result))


def position_of_part(book: Book, row: int) -> int:
    return book.one("SELECT position FROM ledger_part WHERE rowid = ?", row)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
@example(place=0.014843671948256311, bits=128)  # a table's name that is no UTF-8
def test_a_byte_changed_in_the_file_itself_is_found_or_means_nothing(
    book: Book, tmp_path: Path, place: float, bits: int
) -> None:
    """SQLite keeps bytes without a meaning (free space, statistics): what can be read is still what was written."""
    whole = bytearray(book.database.read_bytes())
    whole[int(place * len(whole))] ^= bits
    copy = tmp_path / "ledger.sqlite"
    copy.write_bytes(whole)
    copy.with_suffix(".checkpoint").write_bytes(book.file.read_bytes())
    result = verify([copy], KEYS)
    if result.intact:
        assert [result.logs[0].leaves, result.logs[0].root] == [268, verify([book.database], KEYS).logs[0].root]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), bits=st.integers(1, 255))
def test_any_byte_changed_in_an_export_is_found_in_its_line(
    book: Book, tmp_path: Path, data: st.DataObject, bits: int
) -> None:
    lines = export(book)
    number = data.draw(st.integers(0, len(lines) - 1))
    changing = bytearray(lines[number])
    changing[data.draw(st.integers(0, len(changing) - 1))] ^= bits
    file = tmp_path / "export.jsonl"
    file.write_bytes(b"".join([*lines[:number], changing, *lines[number + 1 :]]))
    result = verify([file], KEYS)
    assert not result.intact
    if number > 0:
        assert result.first is not None
        assert result.first.line == number


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=300), st.binary(max_size=300).map(lambda data: b"{" + data)))
def test_no_bytes_at_all_make_it_fail(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "ledger.sqlite"
    file.write_bytes(content)
    assert not verify([file], KEYS).intact
