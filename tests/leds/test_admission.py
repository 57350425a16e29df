"""Which graphs a governed gateway takes up, and what it says of one that it starts with."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from authz.access_survey import sources_of
from authz.errors import AccessWidened
from authz.facts import packaged_facts
from gateway.composition.definition import SubgraphDefinition
from gateway.general import GeneralSettings, general_graph
from gateway.graph import Graph
from leds.admission import admission, governed_definitions, governed_rules, tell_unapproved
from leds.approvals import SignedApproval, keep
from leds.config import AccessSection, Configuration, SubgraphSection
from leds.federation import SNAPSHOTS
from leds.keys import APPROVAL_PUBLIC_KEY, approval_key, ensure_keys
from tests.gateway.shop import SUPERGRAPH

PLAIN = general_graph(SUPERGRAPH, GeneralSettings())
LIVERY = '\n  livery: String @dataset(id: "DVLA.VEH", sensitivity: "S0")'


def graph(field: str = "") -> Graph:
    """A graph held to the rules of the packaged schemas, or with one field more."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in SNAPSHOTS.glob("*.graphql")}
    texts["vehicle"] = texts["vehicle"].replace("type Query {", f"type Query {{{field}", 1)
    definitions = governed_definitions([SubgraphDefinition(name, "", text) for name, text in sorted(texts.items())])
    rules = governed_rules(definitions, packaged_facts())
    return replace(PLAIN, version=rules.version, rules=rules)


@pytest.fixture(scope="module")
def served() -> Graph:
    return graph()


@pytest.fixture(scope="module")
def wider() -> Graph:
    return graph(LIVERY)


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


def test_a_start_beyond_what_was_packaged_is_told(
    configuration: Configuration, served: Graph, wider: Graph, tmp_path: Path
):
    def told(started: Graph, how: Configuration = configuration) -> list[str]:
        with capture_logs() as logs:
            tell_unapproved(how, started)
        return [f"{line['event']} {line['coordinates']}" for line in logs]

    assert told(served) == []
    assert told(wider) == ["access_unapproved ('Query.livery',)"]
    assert told(wider, Configuration()) == []
    approve(configuration, wider, tmp_path)
    assert told(wider) == []
