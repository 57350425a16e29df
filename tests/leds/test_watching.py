"""When files that are looked at again and again count as changed."""

import os
from pathlib import Path

import pytest

from leds.files import files_of_subgraphs
from leds.watching import Watch


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "supergraph.graphql"
    path.write_text("one")
    return path


def looks(watch: Watch, times: int = 3) -> list[bool]:
    return [watch.changed() for _ in range(times)]


def test_a_file_that_stays_is_never_changed(file: Path):
    assert looks(Watch(lambda: (file,))) == [False, False, False]


def test_a_change_is_told_once_after_it_has_come_to_rest(file: Path):
    watch = Watch(lambda: (file,))
    file.write_text("two, longer")
    assert looks(watch) == [False, True, False]


def test_a_file_that_is_still_written_is_left_alone(file: Path):
    watch, told = Watch(lambda: (file,)), []
    for part in range(5):
        file.write_text("x" * (10 + part))
        told.append(watch.changed())
    assert told == [False] * 5
    assert looks(watch) == [True, False, False]


def test_a_change_between_watching_and_reading_is_not_missed(file: Path):
    watch = Watch(lambda: (file,))
    beside = file.with_name("new")
    beside.write_text("six")
    os.replace(beside, file)
    assert looks(watch) == [False, True, False]


def test_a_file_that_goes_and_comes_back_is_a_change_each_time(file: Path):
    watch = Watch(lambda: (file,))
    file.unlink()
    gone = looks(watch)
    file.write_text("one")
    assert (gone, looks(watch)) == ([False, True, False], [False, True, False])


def test_a_change_that_is_taken_back_before_it_rests_is_none(file: Path):
    other = file.with_name("other")
    watched = [file]
    watch = Watch(lambda: watched)
    watched[:] = [other]
    assert not watch.changed()
    watched[:] = [file]
    assert looks(watch) == [False, False, False]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ('[{"name": "a", "sdl": "a.graphql"}, {"name": "b", "sdl": "type Query { b: Int }"}]', ["a.graphql"]),
        ('[{"name": "a"}, 7, {"name": "b", "sdl": 3}]', []),
        ('{"name": "a"}', []),
        ("[{", []),
    ],
    ids=["a path and a text", "rows that are none", "no list", "no JSON"],
)
def test_the_schemas_a_list_names_are_watched_with_it(tmp_path: Path, text: str, others: list[str]):
    listed = tmp_path / "subgraphs.json"
    listed.write_text(text)
    assert files_of_subgraphs(listed) == (listed, *(tmp_path / other for other in others))


def test_a_list_that_is_not_there_is_watched_for(tmp_path: Path):
    assert files_of_subgraphs(tmp_path / "none.json") == (tmp_path / "none.json",)
