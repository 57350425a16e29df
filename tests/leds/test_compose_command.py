"""The options of `leds compose`, as a caller in this process gives them."""

import json
from pathlib import Path

from typer.testing import CliRunner

from leds.commands.compose import application

CHAIN = "".join(f"type T{number} {{ next: T{number + 1} }} " for number in range(20)) + "type T20 { a: Int }"


def test_the_steps_of_checking_queries_are_limited_on_request(tmp_path: Path) -> None:
    file = tmp_path / "subgraphs.json"
    file.write_text(json.dumps([{"name": "a", "url": "", "sdl": "type Query { t: T0 } " + CHAIN}]))
    enough = CliRunner().invoke(application, [str(file), "--max-subgraph-paths", "30"])
    assert enough.exit_code == 0, enough.output
    too_few = CliRunner().invoke(application, [str(file), "--max-subgraph-paths", "10", "--json"])
    assert too_few.exit_code == 1
    (error,) = json.loads(too_few.output)["errors"]
    assert error["code"] == "MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"
    assert "more than the 10 subgraph paths" in error["message"]


def test_rows_take_no_limit(tmp_path: Path) -> None:
    refused = CliRunner().invoke(application, ["--jsonl", "--max-subgraph-paths", "10"])
    assert refused.exit_code != 0
