"""Which graphs a governed gateway starts with, and which it takes up while it runs."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from authz.access_survey import sources_of
from authz.audit.pseudonym import SubjectKey
from authz.errors import AccessWidened
from authz.facts import packaged_facts
from authz.rules import Rules
from gateway.composition.definition import SubgraphDefinition
from gateway.general import GeneralSettings, general_graph
from gateway.graph import Graph
from leds.admission import admission, require_approved
from leds.approvals import SignedApproval, keep
from leds.comparison import FILE, Comparisons
from leds.config import AccessSection, Configuration, SubgraphSection
from leds.federation import SNAPSHOTS
from leds.governed_rules import governed_definitions, governed_rules
from leds.keys import APPROVAL_PUBLIC_KEY, approval_key, ensure_keys
from tests.gateway.shop import SUPERGRAPH

PLAIN = general_graph(SUPERGRAPH, GeneralSettings())
QUERY = "type Query {"
LIVERY = f'{QUERY}\n  livery: String @dataset(id: "DVLA.VEH", sensitivity: "S0")'
COLOUR = '  colour: CodedValue @dataset(id: "DVLA.VEH", sensitivity: "S0")'
KEY = SubjectKey("k", b"of this service")


def graph(old: str = QUERY, new: str = QUERY) -> Graph:
    """A graph held to the rules of the packaged schemas, or with one text of the vehicle's replaced."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in SNAPSHOTS.glob("*.graphql")}
    assert texts["vehicle"].count(old) == 1
    texts["vehicle"] = texts["vehicle"].replace(old, new)
    definitions = governed_definitions([SubgraphDefinition(name, "", text) for name, text in sorted(texts.items())])
    rules = governed_rules(definitions, packaged_facts())
    return replace(PLAIN, version=rules.version, rules=rules)


@pytest.fixture(scope="module")
def served() -> Graph:
    return graph()


@pytest.fixture(scope="module")
def wider() -> Graph:
    return graph(QUERY, LIVERY)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEDS_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def configuration(tmp_path: Path) -> Configuration:
    ensure_keys(tmp_path / "keys")
    access = AccessSection(
        approver=str(tmp_path / "keys" / APPROVAL_PUBLIC_KEY), approvals=str(tmp_path / "approvals.jsonl")
    )
    return Configuration(access=access, subgraphs={"vehicle": SubgraphSection(url="http://127.0.0.1:1/graphql")})


def approve(configuration: Configuration, approved: Graph, folder: Path) -> None:
    sources = dict(sources_of(approved.rules))  # type: ignore[arg-type]  # a governed graph's
    said = SignedApproval(datetime(2026, 2, 2, tzinfo=UTC).isoformat(), "DA", "ticket 7", sources, 1)
    keep(said, approval_key(folder / "keys"), Path(configuration.access.approvals))


def test_what_opens_something_is_taken_up_once_it_is_signed(
    configuration: Configuration, served: Graph, wider: Graph, tmp_path: Path
):
    admit = admission(configuration)
    with pytest.raises(AccessWidened) as refused:
        admit(served, wider)
    assert refused.value.details["coordinates"] == ("Query.livery",)
    approve(configuration, served, tmp_path)
    with pytest.raises(AccessWidened):
        admit(served, wider)
    approve(configuration, wider, tmp_path)
    admit(served, wider)


def test_what_opens_nothing_needs_nobody(configuration: Configuration, served: Graph, wider: Graph):
    admit = admission(configuration)
    admit(served, served)
    admit(wider, served)
    admit(served, replace(PLAIN, rules=None))


def test_what_the_approved_table_was_computed_from_is_taken_up_again(configuration: Configuration, served: Graph):
    admission(configuration)(graph(COLOUR, ""), served)


async def start(configuration: Configuration, started: Graph) -> None:
    assert isinstance(started.rules, Rules)
    await require_approved(configuration, started.rules, KEY)


async def test_what_was_approved_starts_without_a_comparison(configuration: Configuration, served: Graph, home: Path):
    await start(configuration, served)
    assert not (home / FILE).exists()


# What is written instead of which text, and what that opens.
WIDER = {
    "a field more": (QUERY, LIVERY, "Query.livery: DENY → FULL"),
    "a field of another dataset": (
        '@dataset(id: "INT.SMV", sensitivity: "S2")\n  vehicleFraud',
        '@dataset(id: "DVLA.VEH", sensitivity: "S0")\n  vehicleFraud',
        "Query.foreignVehicleCheck: DENY → FULL/protected-record",
    ),
    "a field that is open": (COLOUR, "  colour: CodedValue @open", "Vehicle.colour: decided by dataset → OPEN"),
    "an argument that reads nothing": (
        "vehicleFraudCheck(",
        "vehicleFraudCheck(like: String @open, ",
        "Query.vehicleFraudCheck(like:): DENY → OPEN",
    ),
}
NARROWER = {
    "a field less": (COLOUR, ""),
    "a field that is sensitive": (COLOUR, COLOUR.replace("S0", "S3")),
}


@pytest.mark.parametrize("name", WIDER)
async def test_what_opens_something_starts_once_it_is_signed(configuration: Configuration, name: str, home: Path):
    old, new, first = WIDER[name]
    wider = graph(old, new)
    with pytest.raises(AccessWidened) as refused:
        await start(configuration, wider)
    changed, caller, *_ = refused.value.details["opened"]
    assert (changed, ": " in caller) == (first, True)
    assert str(refused.value.details["widenings"]) in refused.value.message
    assert "leds access approve --config" in refused.value.advice
    with pytest.raises(AccessWidened):
        await start(configuration, wider)
    approve(configuration, wider, home)
    await start(configuration, wider)


@pytest.mark.parametrize("name", NARROWER)
async def test_what_opens_nothing_starts_and_is_compared_once(configuration: Configuration, name: str, home: Path):
    narrower = graph(*NARROWER[name])
    await start(configuration, narrower)
    compared = (home / FILE).stat()
    await start(configuration, narrower)
    assert (home / FILE).stat() == compared


def test_a_comparison_counts_for_its_table_its_sources_and_its_key_only(tmp_path: Path):
    kept = Comparisons(tmp_path, KEY)
    assert not kept.holds("table", {"rules": "1"})
    kept.keep("table", {"rules": "1"})
    assert kept.holds("table", {"rules": "1"})
    assert not kept.holds("another", {"rules": "1"})
    assert not kept.holds("table", {"rules": "2"})
    assert not Comparisons(tmp_path, SubjectKey("k", b"of somebody else")).holds("table", {"rules": "1"})
    forged = (tmp_path / FILE).read_bytes().replace(b'"rules":"1"', b'"rules":"2"')
    (tmp_path / FILE).write_bytes(forged)
    assert not kept.holds("table", {"rules": "2"})
    (tmp_path / FILE).write_bytes(b"{")
    assert not kept.holds("table", {"rules": "1"})
