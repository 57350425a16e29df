"""`leds query`: a persona's answer from the demo that runs here, and from this process when none does."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leds.commands.query import application
from leds.keys import ensure_keys
from leds.running import Running, publish
from schema.errors import CodedError
from tests.end_to_end.demo import EXAMPLES, ROADSIDE, Demo
from tests.end_to_end.test_command_line import leds

ROADSIDE_FILE = str(EXAMPLES / "roadside.graphql")
VARIABLES = '{"vrm": "AB12CDE"}'


def test_the_running_demo_answers_as_over_http(demo: Demo, headers):
    printed = json.loads(demo.leds("query", ROADSIDE_FILE, "--variables", VARIABLES, "--persona", "detective").stdout)
    answered = demo.ask(ROADSIDE, headers["detective"], vrm="AB12CDE")
    assert printed["data"] == answered["data"]
    assert printed["extensions"]["access"] == answered["extensions"]["access"]


def test_without_a_demo_this_process_answers_the_same_and_records_it(demo: Demo, headers, tmp_path: Path):
    for kept in ("demo.sqlite", "demo.recipe.json"):
        shutil.copy(demo.home / kept, tmp_path)
    asked = leds("query", ROADSIDE_FILE, "--variables", VARIABLES, home=tmp_path, check=True)
    answer = json.loads(asked.stdout)
    assert answer["data"] == demo.ask(ROADSIDE, headers["officer"], vrm="AB12CDE")["data"]
    assert leds("audit", "verify", home=tmp_path).returncode == 0
    assert answer["extensions"]["audit"]["entry"] in leds("audit", "tail", "--json", home=tmp_path).stdout


def test_an_operation_of_which_nothing_is_answered_exits_1_with_its_errors(demo: Demo, tmp_path: Path):
    file = tmp_path / "wrong.graphql"
    file.write_text("{ nothing }")
    ended = demo.leds("query", str(file), check=False)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--persona", "nobody"), "UNKNOWN_NAME"),
        (("--variables", "{"), "FILE_UNREADABLE"),
        (("--variables", "[]"), "FILE_UNREADABLE"),
        ((), "NO_DEMO"),
    ],
    ids=("a persona that is none", "variables that are no JSON", "variables that are no object", "a demo that is gone"),
)
def test_what_cannot_be_asked_is_refused_by_code(tmp_path: Path, arguments: tuple[str, ...], code: str):
    ensure_keys(tmp_path / "keys")
    publish(Running("http://127.0.0.1:1", "http://127.0.0.1:1/oidc", "leds-graph", 0), tmp_path)
    refused = CliRunner(env={"LEDS_HOME": str(tmp_path)}).invoke(application, [ROADSIDE_FILE, *arguments]).exception
    assert isinstance(refused, CodedError)
    assert (refused.code, bool(refused.advice)) == (code, True)
