"""The house rules that a program can hold: file sizes, names, our `schema` package and what may be committed."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

import schema

ROOT = Path(__file__).parent.parent
PACKAGES = ("gateway", "leds", "subgraphs", "resolvers", "authz", "schema", "tests", "bench")
MAX_LINES = 500
MAX_FUNCTION_LINES = 60
MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "misc"}
TOP_LEVEL = {
    *PACKAGES,
    "docs",
    "deploy",
    "pyproject.toml",
    "requirements.lock",
    "requirements-dev.lock",
    "requirements-bootstrap.lock",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "Makefile",
    "hatch_build.py",
    ".gitignore",
    ".ci",
}
SECRETS_AND_MACHINES = {
    "a private key": re.compile(rb"BEGIN (RSA |EC |OPENSSH )?PRIVATE" + rb" KEY"),
    "a package's download address": re.compile(rb"https?://[^\s\"']+\.(whl|tar\.gz|tgz)\b"),
    "an index address": re.compile(rb"--(extra-)?index-" + rb"url"),
    "a resolved address in a lock": re.compile(rb"\"resolved\": *\"http"),
    "a home directory": re.compile(rb"/(root|home/[a-z]+)/"),
}


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return [ROOT / name.decode() for name in listed.split(b"\0") if name]


def python_files() -> list[Path]:
    return [
        file
        for package in PACKAGES
        for file in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in file.parts
    ]


def test_our_schema_package_is_not_shadowed_by_the_one_on_the_package_index():
    assert Path(schema.__file__).parent == ROOT / "schema"


@pytest.mark.parametrize("file", python_files(), ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_file_tells_one_short_story(file: Path):
    text = file.read_text(encoding="utf-8")
    assert text.count("\n") <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"


def test_no_module_is_named_after_nothing():
    assert [file for file in python_files() if file.stem in MEANINGLESS] == []


def test_every_module_of_the_product_says_what_it_is():
    product = [file for file in python_files() if file.relative_to(ROOT).parts[0] not in {"tests", "bench"}]
    silent = [file for file in product if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))]
    assert silent == []


def test_the_top_level_holds_only_what_the_architecture_names():
    assert {file.relative_to(ROOT).parts[0] for file in committed_files()} <= TOP_LEVEL


@pytest.mark.parametrize("what", SECRETS_AND_MACHINES)
def test_nothing_committed_holds_a_secret_or_a_machine(what: str):
    pattern = SECRETS_AND_MACHINES[what]
    found = [file for file in committed_files() if file.exists() and pattern.search(file.read_bytes())]
    assert found == []
