"""What README and CONTRIBUTING tell a newcomer to type: it runs, and every command, option, target and key is there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer

from leds.commands import COMMANDS, command_line
from leds.config import load_configuration
from tests.end_to_end.demo import ROOT, Demo, environment

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"`(?:\.venv/bin/)?leds ([^`]+)`|^(?:\$ )?\.venv/bin/leds (.+)$", re.MULTILINE)
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.skipif(not shutil.which("curl"), reason="the README asks with curl, and there is none")
def test_what_the_readme_says_to_type_beside_a_running_demo_runs(demo: Demo, tmp_path: Path):
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    blocks = [text for language, text in BLOCK.findall(README) if not language and ".venv/bin/leds" in text]
    script = "\n".join(["set -e", *blocks]).replace("http://127.0.0.1:8000", demo.origin)
    ended = subprocess.run(
        ["bash", "-c", script.replace(".venv/bin/leds", f"{sys.executable} -m leds")],
        cwd=tmp_path,
        env=environment(demo.home, PYTHONPATH=os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", "")))),
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count('"Authorization"') == 1
    assert "\nintact\n" in ended.stdout
    assert "QueryPlan {" in ended.stdout
    assert '"personUrn": "2004/9000001V"' in ended.stdout
    assert "DENY DVLA.KEEPER" in ended.stdout
    assert '"keeper":{"name":{"last":"EXAMPLE"}}' in ended.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_and_target_a_page_names_is_there(page: Path):
    text = page.read_text(encoding="utf-8")
    said = [first or second for first, second in COMMAND.findall(text)]
    assert [line for line in said if not _known(line)] == []
    assert set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE)) <= TARGETS


def _known(line: str) -> bool:
    """Whether the command, its subcommand and its options are on the command line."""
    words = re.split(r" [#|>] ", line)[0].split()
    command: Any = typer.main.get_command(command_line(COMMANDS))
    for word in words:
        command = getattr(command, "commands", {}).get(word.rstrip(","), command)
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    named = words[0] in COMMANDS or words[0] == "--help"
    return named and all(word in options for word in words if word.startswith("--"))


def test_the_configuration_in_the_readme_is_one(tmp_path: Path):
    (toml,) = (text for language, text in BLOCK.findall(README) if language == "toml")
    file = tmp_path / "leds.toml"
    file.write_text(toml, encoding="utf-8")
    assert load_configuration(file, {}).subgraphs["person"].app == "subgraphs.person:app"
