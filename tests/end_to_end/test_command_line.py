"""The `leds` command as users and scripts call it: what it prints, how it exits and what it says of mistakes."""

import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from leds.commands import COMMANDS
from tests.end_to_end.demo import EXAMPLES, ROOT, Demo, environment


def leds(*arguments: str, home: Path, check: bool = False) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leds", *arguments],
        cwd=ROOT,
        env=environment(home),
        check=check,
        capture_output=True,
        text=True,
    )


def test_help_names_every_command(tmp_path: Path):
    printed = leds("--help", home=tmp_path).stdout
    assert all(f" {name} " in printed for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(tmp_path: Path, name: str):
    ended = leds(name, "--help", home=tmp_path)
    assert ended.returncode == 0
    assert "Usage: " in ended.stdout


def test_the_demo_prints_personas_with_headers_queries_and_addresses(demo: Demo):
    printed = demo.output.read_text()
    for persona in ("officer", "detective", "analyst", "insurer", "inspector", "supervisor", "dpo"):
        assert f"\n{persona} – " in printed
    pasted = next(line for line in printed.splitlines() if line.startswith('{"Authorization"'))
    answer = demo.ask('{ vehicle(vrm: "AB12CDE") { make { label } } }', json.loads(pasted))
    assert answer["data"]["vehicle"]["make"]["label"] == "FORD"
    assert all(file.name in printed for file in EXAMPLES.glob("*.graphql"))
    assert f"{demo.origin}/graphiql" in printed or "make graphiql" in printed
    assert "SYNTHETIC" in printed


def test_a_token_is_printed_as_headers_only(demo: Demo):
    document = json.loads(demo.leds("token", "insurer", "--json").stdout)
    assert document.keys() == {"headers"}
    assert all(name == "Authorization" or name.startswith("X-Leds-") for name in document["headers"])


def test_a_token_for_nobody_names_the_personas(demo: Demo):
    ended = demo.leds("token", "constable", "--json", check=False)
    assert ended.returncode == 2
    error = json.loads(ended.stderr)["errors"][0]
    assert error["extensions"]["code"] == "UNKNOWN_NAME"
    assert "officer" in error["extensions"]["advice"]


@pytest.mark.parametrize("command", [("token", "officer"), ("audit", "tail"), ("audit", "verify")])
def test_what_needs_a_demo_says_so_when_there_is_none(tmp_path: Path, command: tuple[str, ...]):
    ended = leds(*command, home=tmp_path / "nothing")
    assert ended.returncode == 2
    assert "NO_DEMO" in ended.stderr
    assert "make run" in ended.stderr


def test_the_example_queries_are_answered_for_the_personas_they_are_for(demo: Demo, headers):
    people = demo.ask((EXAMPLES / "people.graphql").read_text(), headers["officer"])
    assert "2004/9000001V" in {node["personUrn"] for node in people["data"]["persons"]["nodes"]}
    check = demo.ask((EXAMPLES / "fraud-check.graphql").read_text(), headers["insurer"])
    assert check["data"]["vehicleFraudCheck"]["stolenCheck"]["code"] == "NO_CURRENT_REPORT"
    assert "errors" not in check


def test_the_running_demos_ledger_is_intact_and_an_edited_copy_is_not(demo: Demo, tmp_path: Path):
    assert demo.leds("audit", "verify").returncode == 0
    for name in ("ledger.sqlite", "ledger.sqlite-wal", "ledger.head"):
        shutil.copy(demo.home / name, tmp_path / name)
    connection = sqlite3.connect(tmp_path / "ledger.sqlite")
    edited = "CAST(replace(CAST(canonical AS TEXT), 'PP1', 'PP2') AS BLOB)"
    connection.execute(f"UPDATE ledger_entry SET canonical = {edited} WHERE position = 0")
    connection.commit()
    connection.close()
    arguments = ("--ledger", str(tmp_path / "ledger.sqlite"), "--head", str(tmp_path / "ledger.head"))
    ended = demo.leds("audit", "verify", "--json", *arguments, check=False)
    assert ended.returncode == 1
    first = json.loads(ended.stdout)["first"]
    assert (first["finding"], first["position"]) == ("EDITED", 0)


def test_the_plan_of_the_main_query_can_be_looked_at_as_a_persona_sees_it(tmp_path: Path):
    everything = leds("inspect", "plan", home=tmp_path, check=True).stdout
    assert everything.startswith("QueryPlan {")
    assert 'service: "intelligence"' in everything
    insurers = leds("inspect", "plan", "--persona", "insurer", home=tmp_path, check=True).stdout
    assert insurers.count("Fetch(") == 1
    assert "keeper" not in insurers


@pytest.mark.parametrize("stage", ["supergraph", "graph", "operation", "paths", "fetches"])
def test_every_stage_prints_text_and_json(tmp_path: Path, stage: str):
    assert leds("inspect", stage, home=tmp_path, check=True).stdout.strip()
    assert json.loads(leds("inspect", stage, "--json", home=tmp_path, check=True).stdout)


def test_our_subgraphs_compose_and_what_does_not_compose_is_listed_by_code(tmp_path: Path):
    assert "join__Graph" in leds("compose", home=tmp_path, check=True).stdout
    file = tmp_path / "subgraphs.json"
    file.write_text(
        json.dumps(
            [
                {"name": "a", "url": "http://127.0.0.1:1", "sdl": "type Query { x: Int }"},
                {"name": "b", "url": "http://127.0.0.1:2", "sdl": "type Query { x: String }"},
            ]
        )
    )
    ended = leds("compose", str(file), "--json", home=tmp_path)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["errors"]
    started = leds("gateway", "--subgraphs", str(file), "--port", "0", home=tmp_path)
    assert started.returncode == 2
    assert "COMPOSITION_FAILED" in started.stderr


def test_data_is_generated_once_and_never_into_a_database_with_rows(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'population.sqlite'}"
    arguments = ("data", "generate", "--people", "30", "--seed", "3", "--database", url)
    first = leds(*arguments, home=tmp_path)
    assert (first.returncode, "rows a second" in first.stdout) == (0, True)
    second = leds(*arguments, home=tmp_path)
    assert second.returncode == 2
    assert "DATABASE_NOT_EMPTY" in second.stderr


def test_an_unknown_configuration_key_is_refused_by_name(tmp_path: Path):
    config = tmp_path / "leds.toml"
    config.write_text("[gateway]\nprot = 9000\n")
    ended = leds("demo", "--config", str(config), home=tmp_path)
    assert ended.returncode == 2
    assert "prot" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_fixed_addresses_answer(demo: Demo):
    assert httpx.get(f"{demo.origin}/health/live").json() == {"status": "live"}
    assert httpx.get(f"{demo.origin}/health/ready").json() == {"status": "ready"}
    assert "leds_gateway_requests_total" in httpx.get(f"{demo.origin}/metrics").text
    discovery = httpx.get(f"{demo.origin}/oidc/.well-known/openid-configuration").json()
    assert discovery["issuer"] == f"{demo.origin}/oidc"
