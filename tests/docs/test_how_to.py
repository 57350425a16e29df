"""Every how-to is carried out as it is written; `--whole-how-tos` (`make test-docs`) with its slow steps."""

from pathlib import Path

import pytest

from tests.docs.how_to import ROOT, Block, Command, blocks, carry_out, commands, edit, matches, working_copy

PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_how_to_does_what_it_says(page: Path, tmp_path: Path, request: pytest.FixtureRequest):
    carry_out(page, working_copy(tmp_path), whole=request.config.getoption("--whole-how-tos"))


def test_a_page_is_its_blocks_in_order():
    page = "Do\n\n```console slow exits-1\n$ ls\na\n```\n\nthen\n\n```graphql q.graphql\n{ a }\n```\n"
    assert blocks(page) == (
        Block("console", ("slow", "exits-1"), "$ ls\na\n", 3),
        Block("graphql", ("q.graphql",), "{ a }\n", 10),
    )


def test_a_command_has_what_it_prints_after_it_and_goes_on_after_a_backslash():
    assert commands("$ one \\\n  two\nprinted\n$ three\n") == (
        Command("one \\\n  two", "printed\n"),
        Command("three", None),
    )


@pytest.mark.parametrize(
    ("said", "printed", "same"),
    [
        ("one\ntwo", "one\ntwo\n", True),
        ("one", "one\ntwo", False),
        ("one\n…", "one\ntwo\nthree", True),
        ("…\nthree", "one\ntwo\nthree", True),
        ("one\n…\nthree", "one\nthree", True),
        ("one\n…\nthree", "one\nfour", False),
        ("took … s", "took 4.1 s", True),
        ("a.c", "abc", False),
    ],
)
def test_dots_stand_for_any_text_and_alone_for_any_lines(said: str, printed: str, same: bool):
    assert matches(said, printed) is same


DIFF = (
    "--- a/file\n+++ b/file\n@@\n two\n-three\n+3\n four\n@@\n+zero\n one\n--- /dev/null\n+++ b/new/file\n@@\n+made\n"
)


def test_an_edit_finds_its_place_by_what_is_there(tmp_path: Path):
    (tmp_path / "file").write_text("one\ntwo\nthree\nfour\n")
    edit(DIFF, tmp_path)
    assert (tmp_path / "file").read_text() == "zero\none\ntwo\n3\nfour\n"
    assert (tmp_path / "new" / "file").read_text() == "made\n"


def test_an_edited_file_keeps_its_line_ends(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"one\r\ntwo\r\nthree\r\nfour\r\n")
    edit(DIFF, tmp_path)
    assert (tmp_path / "file").read_bytes() == b"zero\r\none\r\ntwo\r\n3\r\nfour\r\n"


@pytest.mark.parametrize("text", ["one\ntwo\n", "one\ntwo\nthree\nfour\ntwo\nthree\nfour\n"], ids=("nowhere", "twice"))
def test_an_edit_whose_place_is_not_there_once_fails(tmp_path: Path, text: str):
    (tmp_path / "file").write_text(text)
    with pytest.raises(AssertionError, match="exactly once"):
        edit(DIFF, tmp_path)
