"""A governed gateway does not start with what nobody approved: deployed over configured schemas, embedded over changed
sources."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest

from leds.keys import ensure_keys
from tests.docs.how_to import edit, working_copy
from tests.end_to_end.demo import ROOT, STARTING_SECONDS, Demo, environment, free_port
from tests.end_to_end.test_deployed import EMBEDDED, service

SNAPSHOT = (ROOT / "schema" / "subgraphs" / "vehicle.graphql").read_text(encoding="utf-8")
ISSUER = {"LEDS_IDENTITY_ISSUER": "http://127.0.0.1:1/oidc"}
WIDER = SNAPSHOT.replace(
    "type Query {\n", 'type Query {\n  livery: String @dataset(id: "DVLA.VEH", sensitivity: "S0")\n', 1
)
NARROWER = SNAPSHOT.replace('  colour: CodedValue @dataset(id: "DVLA.VEH", sensitivity: "S0")\n', "", 1)
BORN = (
    "Person,dateOfBirth,PartialDate,may be year or year-month; subject aged over 100 is past retention,PNC.NAMES.CORE,"
)
MASKED_OTHERWISE = f"""--- a/schema/fields.csv
+++ b/schema/fields.csv
@@
-{BORN}S1,YEAR,1985-03-14,,foundation
+{BORN}S1,AGE_BAND,1985-03-14,,foundation
"""
QUERY = '{ vehicle(vrm: "AB12CDE") { vrm } }'


def configured(home: Path, sdl: str) -> Path:
    """A configuration whose products are elsewhere, and the vehicle's has this schema."""
    home.mkdir()
    (home / "vehicle.graphql").write_text(sdl, encoding="utf-8")
    config = home / "leds.toml"
    sections = [f'[subgraphs.{name}]\nurl = "http://127.0.0.1:1/graphql"\n' for name in EMBEDDED]
    sections.append(f'[subgraphs.vehicle]\nurl = "http://127.0.0.1:1/graphql"\nsdl = "{home / "vehicle.graphql"}"\n')
    config.write_text("".join(sections), encoding="utf-8")
    return config


def leds(
    home: Path, *arguments: str, tree: Path = ROOT, settings: Mapping[str, str] = ISSUER
) -> subprocess.CompletedProcess[str]:
    """A `leds` command that ends by itself, of the sources in `tree`."""
    return subprocess.run(
        [sys.executable, "-m", "leds", *arguments],
        cwd=tree,
        env=environment(home, PYTHONPATH=str(tree), **settings),
        capture_output=True,
        text=True,
        timeout=STARTING_SECONDS,
    )


def embedded(demo: Demo, port: int) -> dict[str, str]:
    """Where a demo listens that reads the records of another."""
    return {"LEDS_GATEWAY_PORT": str(port), "LEDS_DATABASE_URL": f"sqlite:///{demo.home / 'demo.sqlite'}"}


def assert_refused(ended: subprocess.CompletedProcess[str], *said: str) -> None:
    """It did not start: by its code, with what is opened to whom, and what to do."""
    assert ended.returncode == 2, ended.stdout + ended.stderr
    for text in ("leds: ACCESS_WIDENED: Not started: ", *said, "leds access diff", "leds access approve"):
        assert text in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "http://" not in ended.stdout


@pytest.mark.parametrize("command", [("serve", "gateway"), ("demo",)], ids=" ".join)
def test_configured_schemas_that_open_something_are_not_served(demo: Demo, tmp_path: Path, command: tuple[str, ...]):
    home, port = tmp_path / "home", free_port()
    config = configured(home, WIDER)
    ended = leds(home, *command, "--config", str(config), settings=ISSUER | embedded(demo, port))
    assert_refused(ended, "Query.livery: DENY → FULL", "crown_dependency detective: ", " more lines")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/health/live")


def test_configured_schemas_that_open_something_are_served_once_they_are_signed(tmp_path: Path):
    home, port = tmp_path / "home", free_port()
    config = configured(home, WIDER)
    ensure_keys(home / "keys")
    looked = leds(home, "access", "diff", "--config", str(config))
    assert (looked.returncode, "Query.livery: DENY → FULL" in looked.stdout) == (1, True)
    assert not (home / "approvals.jsonl").exists()
    leds(home, "access", "approve", "--config", str(config), "--by", "DA", "--because", "ticket 7").check_returncode()
    with service("gateway", "--port", str(port), "--config", str(config), settings=ISSUER, home=home):
        assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200
    config.with_name("vehicle.graphql").write_text(WIDER.replace("livery", "paint"), encoding="utf-8")
    assert_refused(leds(home, "serve", "gateway", "--config", str(config)), "Query.paint")


def test_configured_schemas_that_open_nothing_are_served_without_anybody(tmp_path: Path):
    home, port = tmp_path / "home", free_port()
    assert NARROWER != SNAPSHOT
    config = configured(home, NARROWER)
    with service("gateway", "--port", str(port), "--config", str(config), settings=ISSUER, home=home):
        assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources with a tag that shows a reviewer what the approved one does not."""
    tree = working_copy(tmp_path_factory.mktemp("changed"))
    edit(MASKED_OTHERWISE, tree)
    return tree


def test_changed_sources_that_open_something_are_served_once_they_are_approved(
    demo: Demo, changed: Path, tmp_path: Path
):
    """`leds demo`, and what serves itself to answer one query."""
    home, settings = tmp_path / "home", embedded(demo, free_port())
    (tmp_path / "it.graphql").write_text(QUERY, encoding="utf-8")
    asked = ("query", str(tmp_path / "it.graphql"))
    for command in (("demo",), asked):
        ended = leds(home, *command, tree=changed, settings=settings)
        assert_refused(ended, "Person.dateOfBirth: MASK YEAR → MASK AGE_BAND", "supervisor: CO1")
    said = ("--by", "Joint controllers", "--because", "Reviewers need no year of birth")
    leds(home, "access", "approve", *said, tree=changed).check_returncode()
    answered = leds(home, *asked, tree=changed, settings=settings)
    assert (answered.returncode, '"vrm": "AB12CDE"' in answered.stdout) == (0, True)


def test_a_table_that_was_not_approved_lets_nothing_start(demo: Demo, changed: Path, tmp_path: Path):
    table = changed / "schema" / "access" / "table.json"
    table.write_text(table.read_text(encoding="utf-8").replace('"OPEN"', '"INHERITED"', 1), encoding="utf-8")
    ended = leds(tmp_path / "home", "demo", tree=changed, settings=embedded(demo, free_port()))
    assert (ended.returncode, "INVALID_ACCESS_TABLE" in ended.stderr) == (2, True)
