"""Files that commands write: whole under their name, or not there."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from leds.errors import OutputExists, OutputFailed
from leds.output import whole_file


def write(path: Path, data: bytes, *, replace: bool, then: Callable[[], object] = lambda: None) -> None:
    """Write a whole file; `then` happens before it has its name."""
    with whole_file(path, replace=replace) as file:
        file.write(data)
        then()


def disk_full() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_file_takes_its_name_when_it_is_whole_and_its_owner_only_can_read_it(tmp_path: Path):
    path = tmp_path / "export.txt"
    with whole_file(path, replace=False) as file:
        file.write(b"one")
        file.flush()
        assert not path.exists()
        file.write(b"two")
    assert path.read_bytes() == b"onetwo"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ["export.txt"]


def test_a_file_that_is_there_is_replaced_only_where_that_was_said(tmp_path: Path):
    path = tmp_path / "export.txt"
    path.write_bytes(b"before")
    with pytest.raises(OutputExists) as refused:
        write(path, b"after", replace=False)
    assert "--force" in refused.value.advice
    assert path.read_bytes() == b"before"
    write(path, b"after", replace=True)
    assert path.read_bytes() == b"after"


def test_a_name_that_somebody_takes_meanwhile_is_not_replaced(tmp_path: Path):
    path = tmp_path / "export.txt"
    with pytest.raises(OutputExists):
        write(path, b"mine", replace=False, then=lambda: path.write_bytes(b"theirs"))
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["export.txt"]


@pytest.mark.parametrize("before", [None, b"before"])
def test_what_breaks_off_leaves_nothing_behind(tmp_path: Path, before: bytes | None):
    path = tmp_path / "export.txt"
    if before:
        path.write_bytes(before)
    with pytest.raises(OutputFailed, match="No space"):
        write(path, b"half", replace=True, then=disk_full)
    assert [each.read_bytes() for each in tmp_path.iterdir()] == ([before] if before else [])


def test_a_folder_that_is_not_there_is_a_coded_error(tmp_path: Path):
    with pytest.raises(OutputFailed, match="No such file"):
        write(tmp_path / "none" / "x", b"", replace=False)
