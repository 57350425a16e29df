"""What the architecture pages name is there: each file, word of code, call with its arguments, and link."""

import re
from pathlib import Path

import pytest

from tests.docs.declared import PRODUCT, ROOT, WORD, Shape, declared, file_names, is_declared, members, shapes, words

PAGES = [ROOT / "docs" / "ARCHITECTURE.md", *sorted((ROOT / "docs" / "architecture").glob("*.md"))]
FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"(?<![\w/<>.-])[\w.-]+(?:/[\w.-]+)*\.(?:py|csv|graphql|md|json|mako)\b|(?<![\w/<>.-])\w+(?:/\w+)+/?")
LINK = re.compile(r"\]\(([^)#]+)\)")
COMMENT = re.compile(r"#[^\n]*")
# GraphQL and configuration in call shapes, and what a running demo writes.
NOT_OURS = {"override", "percent", "Query.explain"}
WRITTEN = {"compared.json", "demo.json", "demo.recipe.json", "schema.graphql"}
FOLDERS = {*PRODUCT, "tests", "docs"}


def code(page: Path) -> list[str]:
    """Every piece of code of a page: its Python blocks without comments, and its spans."""
    text = page.read_text(encoding="utf-8")
    fenced = [COMMENT.sub("", block) for language, block in FENCED.findall(text) if language == "python"]
    return [*fenced, *re.findall(r"`([^`\n]+)`", FENCED.sub("", text))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_call_a_page_shows_is_declared_with_those_arguments(page: Path):
    shown = {shape for piece in code(page) for shape in shapes(piece)}
    assert [shape for shape in shown if shape.name not in NOT_OURS and not is_declared(shape)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_attribute_a_page_shows_of_a_class_is_one(page: Path):
    shown = {pair for piece in code(page) for pair in re.findall(r"\b([A-Z]\w+)\.([a-z_]\w*)", piece)}
    missing = {f"{name}.{attribute}" for name, attribute in shown if attribute not in members(name, attribute)}
    assert missing <= NOT_OURS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_word_of_code_is_one_of_the_product(page: Path):
    pieces = [FILE.sub("", piece) for piece in code(page)]
    unknown = {word for piece in pieces for word in WORD.findall(piece)} - words() - file_names()
    assert unknown <= {"STAGE", "LEDS_SECTION_KEY", "NAME", "recipe"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_file_a_page_names_is_there(page: Path):
    text = page.read_text(encoding="utf-8")
    named = {found[0].rstrip("/") for found in FILE.finditer(LINK.sub("", text))}
    named = {name for name in named if "." in name or name.partition("/")[0] in FOLDERS}
    assert named - file_names() - WRITTEN == set()
    assert [target for target in LINK.findall(text) if not (page.parent / target).exists()] == []


def test_a_call_that_nobody_declares_is_noticed():
    assert list(shapes("f(a, b: dict[str, int] = {}, *, c=None) -> g(x)")) == [
        Shape("f", ("a", "b", "c")),
        Shape("g", ("x",)),
    ]
    assert is_declared(Shape("rules_from_sdl", ("sdls",)))
    assert not is_declared(Shape("rules_from_sdl", ("sdl",)))
    assert not is_declared(Shape("rules_from_nothing", ()))
    assert "decision" in members("Clearance", "decision")
    assert "decided" not in members("Clearance", "decided")
    assert declared()["Decision"]
