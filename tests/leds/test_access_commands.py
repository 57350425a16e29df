"""The commands that change access facts: what each writes, what it says first, and that a slip writes nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from authz.errors import InvalidFactChange
from authz.fact_changes import change_from, state_after
from authz.facts import Facts, packaged_facts, packaged_tables
from leds.approvals import Approver, SignedApproval, is_approved, keep, signature_of
from leds.commands.access import application
from leds.errors import ConfigurationError, UnknownName
from leds.keys import APPROVAL_KEY, APPROVAL_PUBLIC_KEY, KeyUnusable, approval_key, ensure_keys

SAID = ("--by", "design authority", "--because", "ticket 7")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEDS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    ensure_keys(tmp_path / "keys")
    return tmp_path


def run(*arguments: str) -> str:
    result = CliRunner().invoke(application, arguments, catch_exceptions=False)
    if result.exception:
        raise result.exception
    return result.stdout


def facts(home: Path) -> Facts:
    """The facts as a service that trusts the key of this home has them."""
    lines = (home / "facts.jsonl").read_bytes().splitlines()
    verify = Approver(home / "keys" / APPROVAL_PUBLIC_KEY).verify
    return state_after(packaged_tables(), map(change_from, lines), verify).facts()


CHANGES = {
    "agreement suspend AGR-COM-01": lambda found: found.agreements["AGR-COM-01"].state == "SUSPENDED",
    "agreement end AGR-COM-01": lambda found: found.agreements["AGR-COM-01"].state == "TERMINATED",
    "agreement extend AGR-COM-01 --until 2026-12-01": lambda found: (
        str(found.agreements["AGR-COM-01"].end) == "2026-12-01"
    ),
    "agreement extend AGR-COM-01 --until 2029-12-01 --quick": lambda f: (
        str(f.agreements["AGR-COM-01"].end) == "2029-12-01"
    ),
    "agreement resume AGR-COM-04 --quick": lambda found: found.agreements["AGR-COM-04"].state == "IN_FORCE",
    "organisation remove ORG-20": lambda found: "ORG-20" not in found.organisations,
    "system withdraw ForceMobile": lambda found: found.systems["ForceMobile"].state == "WITHDRAWN",
    "system approve LegacyBatch --quick": lambda found: found.systems["LegacyBatch"].state == "APPROVED",
    "user suspend u-1": lambda found: found.standing("u-1", "ACTIVE") == "SUSPENDED",
    "user lapse u-1 --module COP --module NM-ENQ": lambda found: (
        found.training_of("u-1", ("COP", "QUEST")) == {"QUEST"}
    ),
    "entitlement set partner_vehicle PNC.PROP --form EXISTS --field PropertyItem.identifiers": lambda found: (
        "EXISTS" in {row.form for row in found.entitlements["partner_vehicle", "PNC.PROP"]}
    ),
    "entitlement remove direct_user PNC.NAMES.CORE": lambda found: (
        ("direct_user", "PNC.NAMES.CORE") not in found.entitlements
    ),
}


@pytest.mark.parametrize("command", CHANGES)
def test_a_change_is_kept_attributed_and_counts(home: Path, command: str):
    told = json.loads(run(*command.split(), *SAID, "--json"))
    assert (told["number"], told["by"], told["because"]) == (1, "design authority", "ticket 7")
    assert told["opens"] is told["signed"]
    found = facts(home)
    assert (found.number, CHANGES[command](found)) == (1, True)


def test_what_a_change_opens_is_said_and_what_it_undoes_is_the_packaged_state(home: Path):
    run("agreement", "suspend", "AGR-TRN-01", *SAID)
    told = json.loads(run("agreement", "resume", "AGR-TRN-01", *SAID, "--json"))
    assert told["opens"]
    assert {row["before"] for row in told["widenings"]} >= {"DENY"}
    assert {row["caller"].split()[0] for row in told["widenings"]} == {"training"}
    assert facts(home).version == packaged_facts().version
    run("user", "suspend", "u-1", *SAID)
    assert json.loads(run("user", "restore", "u-1", *SAID, "--json"))["signed"]
    run("organisation", "remove", "ORG-20", *SAID)
    run("organisation", "restore", "ORG-20", *SAID)
    assert "ORG-20" in facts(home).organisations


SLIPS = {
    "an unknown agreement": ("agreement suspend AGR-NONE", "There is no agreement AGR-NONE"),
    "an unknown system": ("system withdraw Nobody", "There is no system Nobody"),
    "an unknown organisation": ("organisation remove ORG-NONE", "There is no organisation ORG-NONE"),
    "an unknown dataset": ("entitlement set detective NONE --form FULL", "NONE"),
    "an unknown form": ("entitlement set detective PNC.PROP --form SOME", "SOME"),
    "unknown training": ("entitlement set direct_user PNC.NAMES.CORE --form FULL --training SWIMMING", "SWIMMING"),
    "what is so already": ("agreement resume AGR-COM-01", "is so already"),
    "an organisation that is there": ("organisation restore ORG-20", "is so already"),
}


@pytest.mark.parametrize(("command", "message"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_named_and_nothing_is_written(home: Path, command: str, message: str):
    with pytest.raises(InvalidFactChange, match=message):
        run(*command.split(), *SAID)
    assert not (home / "facts.jsonl").exists()


def test_without_a_name_a_reason_or_the_approvers_key_nothing_is_written(home: Path):
    with pytest.raises(ConfigurationError):
        run("agreement", "suspend", "AGR-COM-01", "--by", " ", "--because", "ticket 7")
    (home / "keys" / APPROVAL_KEY).unlink()
    with pytest.raises(KeyUnusable):
        run("system", "approve", "LegacyBatch", *SAID)
    ensure_keys(home / "other")
    (home / "leds.toml").write_text(f'[access]\napprover = "{home / "other" / APPROVAL_PUBLIC_KEY}"\n')
    ensure_keys(home / "keys")
    with pytest.raises(ConfigurationError, match="not the one"):
        run("system", "approve", "LegacyBatch", *SAID, "--quick")
    assert not (home / "facts.jsonl").exists()


def test_lists_and_history_are_of_what_holds_now(home: Path):
    run("agreement", "suspend", "AGR-COM-01", *SAID)
    run("user", "lapse", "u-1", "--module", "COP", *SAID)
    (agreement,) = (row for row in map(json.loads, run("list", "--json").splitlines()) if row["id"] == "AGR-COM-01")
    assert agreement["state"] == "SUSPENDED"
    for what, name in (
        ("organisations", "ORG-20"),
        ("systems", "ForceMobile"),
        ("entitlements", "detective"),
        ("users", "u-1"),
    ):
        assert name in run("list", what)
    assert [json.loads(line)["number"] for line in run("log", "--json").splitlines()] == [1, 2]
    assert "ticket 7" in run("show", "AGR-COM-01")
    assert "ticket 7" not in run("show", "AGR-COM-02")
    for unknown in (("list", "masks"), ("show", "nobody")):
        with pytest.raises(UnknownName):
            run(*unknown)


SOURCES = {"rules": "1", "policies": "2", "row rules": "3", "facts": "4"}


def test_an_approval_is_of_exactly_these_versions_by_exactly_this_approver(tmp_path: Path):
    ensure_keys(tmp_path / "keys")
    ensure_keys(tmp_path / "other")
    approver, other = (Approver(tmp_path / name / APPROVAL_PUBLIC_KEY) for name in ("keys", "other"))
    file, key = tmp_path / "approvals.jsonl", approval_key(tmp_path / "keys")
    assert not is_approved(SOURCES, file, approver)
    now = datetime(2026, 2, 2, tzinfo=UTC).isoformat()
    keep(SignedApproval(now, "DA", "ticket 7", SOURCES, 3), key, file)
    assert is_approved(SOURCES, file, approver)
    assert not is_approved(SOURCES, file, other)
    assert not is_approved(SOURCES, file, Approver(tmp_path / "none.pem"))
    for name in SOURCES:
        assert not is_approved({**SOURCES, name: "5"}, file, approver)
    for altered in (b'"widened":3', b'"DA"', b'"ticket 7"', b"approval/1"):
        assert altered in file.read_bytes()
        changed = tmp_path / "changed.jsonl"
        changed.write_bytes(b"no approval\n" + file.read_bytes().replace(altered, altered.replace(b"3", b"4").upper()))
        if changed.read_bytes().endswith(file.read_bytes()):
            changed.write_bytes(changed.read_bytes().replace(b"approval/1", b"approval/2"))
        assert not is_approved(SOURCES, changed, approver)
    assert not approver.verify(b"x", signature_of(key, b"y"))
    assert not approver.verify(b"x", "no base64!")
