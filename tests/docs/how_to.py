"""How-tos as programs: the fenced blocks of a page, carried out in order in a copy of the working tree.

A `console` block holds commands after `$ ` and what they print: `…` stands for any text, on a line of its own for any
lines. A `diff` block edits files by their context. Any other block whose info string names a path is that file.
`exits-1` is the status a command ends with; `slow` blocks are left out unless the whole page is asked for.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = (
    "authz",
    "docs",
    "gateway",
    "leds",
    "resolvers",
    "schema",
    "subgraphs",
    "tests",
    "pyproject.toml",
    "README.md",
)
NOT_COPIED = shutil.ignore_patterns("node_modules", "dist", "results")
FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STATUS = re.compile(r"exits-(\d+)")
LIMIT_SECONDS = 600


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, the rest of its info string, its text and the line it begins on."""

    language: str
    options: tuple[str, ...]
    text: str
    line: int

    @property
    def slow(self) -> bool:
        """Whether it is left to `make test-docs`."""
        return "slow" in self.options


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a console block and what the page says it prints; None when the page says nothing."""

    text: str
    printed: str | None


def blocks(page: str) -> tuple[Block, ...]:
    """Every fenced block of a page."""
    return tuple(
        Block(found[1], tuple(found[2].split()), found[3], page.count("\n", 0, found.start()) + 1)
        for found in FENCE.finditer(page)
    )


def commands(text: str) -> tuple[Command, ...]:
    """The commands of a console block; one goes on for as long as its lines end with a backslash."""
    found: list[Command] = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command = re.match(r"(?:.*\\\n)*.*\n", part)
        assert command is not None
        found.append(Command(command[0].strip(), part[command.end() :] or None))
    return tuple(found)


def matches(said: str, printed: str) -> bool:
    """Whether the page's text is what was printed."""
    lines = [".*" if line == "…" else _pattern(line) for line in said.rstrip().split("\n")]
    pattern = "\n".join(lines).replace(".*\n", "(?:.*\n)*").replace("\n.*", "(?:\n.*)*")
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.rstrip().split("\n"))) is not None


def _pattern(line: str) -> str:
    return ".*?".join(re.escape(part) for part in line.split("…"))


def edit(diff: str, tree: Path) -> None:
    """Apply a diff: what each hunk takes away must be in its file exactly once. Line numbers do not matter; a file
    keeps its line ends."""
    for old, new, hunks in re.findall(r"^--- (\S+)\n\+\+\+ (\S+)\n((?:(?!--- ).*\n)*)", diff, re.MULTILINE):
        path = tree / new.removeprefix("b/")
        kept = b"" if old == "/dev/null" else path.read_bytes()
        text, ends = kept.decode().replace("\r\n", "\n"), "\r\n" if b"\r\n" in kept else "\n"
        for before, after in _hunks(hunks):
            places = [found.start() for found in re.finditer(rf"^(?={re.escape(before)})", text, re.MULTILINE)]
            assert before == text == "" or (before and len(places) == 1), f"{new} does not hold exactly once:\n{before}"
            start = places[0]
            text = text[:start] + after + text[start + len(before) :]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline=ends)


def _hunks(text: str) -> Iterator[tuple[str, str]]:
    for hunk in re.split(r"^@@.*\n", text, flags=re.MULTILINE)[1:]:
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] or "\n" for line in lines if not line.startswith("+"))
        after = "".join(line[1:] or "\n" for line in lines if not line.startswith("-"))
        yield before, after


def working_copy(tree: Path) -> Path:
    """A copy of the working tree with its environment, in which nothing reaches back to the original."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=NOT_COPIED)
        else:
            shutil.copy2(ROOT / name, tree / name)
    (tree / ".venv").symlink_to(sys.prefix)
    return tree


def carry_out(page: Path, tree: Path, *, whole: bool) -> None:
    """Do what the page says, block by block. Raises AssertionError with its line where something differs."""
    for block in blocks(page.read_text(encoding="utf-8")):
        where = f"{page.name}:{block.line}"
        if block.slow and not whole:
            continue
        if block.language == "console":
            _run(block, tree, where)
        elif block.language == "diff":
            edit(block.text, tree)
        elif block.options:
            (tree / block.options[0]).write_text(block.text, encoding="utf-8")


def _run(block: Block, tree: Path, where: str) -> None:
    status = STATUS.search(" ".join(block.options))
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LEDS_", "PYTEST_"))}
    environment = inherited | {"PYTHONPATH": str(tree), "LEDS_HOME": str(tree / ".leds"), "COLUMNS": "200"}
    for command in commands(block.text):
        ended = subprocess.run(
            ["bash", "-c", command.text],
            cwd=tree,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
        )
        told = f"{where}: $ {command.text}\n{ended.stdout}{ended.stderr}"
        assert ended.returncode == (int(status[1]) if status else 0), told
        assert command.printed is None or matches(command.printed, ended.stdout), told
