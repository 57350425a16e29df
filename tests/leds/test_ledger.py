"""Which log a process writes, by its configuration; and the commands that erase from it."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import typer
from typer.testing import CliRunner

from authz.audit.errors import LedgerInUse, PartNotErasable, RetentionRunning
from authz.audit.ledger import Draft, Ledger, LedgerKeys
from authz.audit.reading import read_leaves
from authz.audit.store_postgres import PostgresLog
from authz.audit.store_sqlite import SqliteLog
from leds.commands.audit_erasing import erase, prepare, retention
from leds.config import Configuration, LedgerSection
from leds.errors import ConfigurationError, UnknownName
from leds.keys import ensure_keys
from leds.ledger import ORIGIN, database_of, origin_of, store_of
from schema.errors import CodedError
from tests.authz.audit.samples import sample, ticking_clock

application = typer.Typer()
for command in (prepare, retention, erase):
    application.command()(command)


@pytest.mark.parametrize(
    ("section", "origin", "file"),
    [
        (LedgerSection(), "leds-graph/gateway", "ledger.sqlite"),
        (LedgerSection(log="a-1"), "leds-graph/gateway/a-1", "ledger-a-1.sqlite"),
        (LedgerSection(log="a-1", path="/data/own.sqlite"), "leds-graph/gateway/a-1", "/data/own.sqlite"),
    ],
)
def test_each_named_log_has_an_origin_and_files_of_its_own(
    tmp_path: Path, section: LedgerSection, origin: str, file: str
) -> None:
    assert (origin_of(section), database_of(section, tmp_path)) == (origin, tmp_path / file)
    assert isinstance(store_of(Configuration(ledger=section), tmp_path), SqliteLog)


@pytest.mark.parametrize("url", ["postgresql://h/ledger", "postgresql+asyncpg://u@h1,h2/ledger"])
def test_a_url_keeps_the_log_in_postgresql(tmp_path: Path, url: str) -> None:
    assert isinstance(store_of(Configuration(ledger=LedgerSection(url=url)), tmp_path), PostgresLog)


@pytest.mark.parametrize(
    "section",
    [
        LedgerSection(log="A 1"),
        LedgerSection(log="../a"),
        LedgerSection(log="a+b"),
        LedgerSection(log="a" * 41),
        LedgerSection(url="sqlite:///ledger.sqlite"),
        LedgerSection(url="postgres"),
    ],
)
def test_what_names_no_log_or_database_is_refused_with_what_to_write(tmp_path: Path, section: LedgerSection) -> None:
    with pytest.raises(ConfigurationError) as refused:
        store_of(Configuration(ledger=section), tmp_path)
    assert refused.value.advice


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home whose log holds a leaf of 2015, one of 2016 and one of the future."""
    monkeypatch.setenv("LEDS_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    ensure_keys(tmp_path / "keys")

    async def write() -> None:
        ledger = await opened(tmp_path)
        for number, year in enumerate((2015, 2016, 2126)):
            await ledger.append(dated(number, f"{year}-02-02T10:00:00.000Z"))
        await ledger.close()

    asyncio.run(write())
    return tmp_path


async def opened(home: Path) -> Ledger:
    keys = ensure_keys(home / "keys")
    store = store_of(Configuration(), home)
    return await Ledger.open(store, LedgerKeys(keys.ledger, keys.sealing), ORIGIN, ticking_clock())


def dated(number: int, occurred_at: str) -> Draft:
    draft = sample(number)
    return replace(draft, leaf=msgspec.structs.replace(draft.leaf, occurred_at=occurred_at))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(application, arguments, catch_exceptions=False)
    if result.exception:
        raise result.exception
    return result.stdout


def positions(home: Path) -> list[int]:
    return [kept.position for kept in read_leaves(home / "ledger.sqlite", 0, 100)]


MONTHS = [{"month": f"{year}-02", "leaves": 1, "runs": [[at, at]]} for at, year in enumerate((2015, 2016))]


def test_a_dry_run_shows_what_would_go_and_drops_nothing(home: Path) -> None:
    shown = json.loads(run("retention", "--drop-before", "2016-03", "--dry-run", "--json"))
    assert shown == {"log": ORIGIN, "dropped": False, "months": MONTHS}
    assert "would drop 2015-02: 1 leaves (0-0)" in run("retention", "--drop-before", "2016-03", "--dry-run")
    assert positions(home) == [0, 1, 2]


def test_expired_months_go_and_events_say_so(home: Path) -> None:
    shown = json.loads(run("retention", "--drop-before", "2016-03", "--json"))
    assert shown == {"log": ORIGIN, "dropped": True, "months": MONTHS}
    assert positions(home) == [2, 3, 4]
    said = [kept.leaf.event for kept in read_leaves(home / "ledger.sqlite", 3, 9)]
    assert [(event.name, event.about) for event in said if event] == [
        ("ledger.retention", "0-0"),
        ("ledger.retention", "1-1"),
    ]
    assert "nothing to drop" in run("retention", "--drop-before", "2016-03")


def test_what_people_wrote_in_a_part_is_erased_by_name(home: Path) -> None:
    shown = json.loads(run("erase", ORIGIN, "1/0", "--by", "DPO", "--because", "s47 request 12", "--json"))
    assert (shown["position"], shown["slot"], shown["index"]) == (1, 0, 3)
    erased, event = read_leaves(home / "ledger.sqlite", 1, 3)[0], read_leaves(home / "ledger.sqlite", 3, 1)[0]
    assert erased.statements is None
    assert event.leaf.event is not None
    assert (event.leaf.event.name, event.leaf.event.about) == ("ledger.erase", "1/0")


REFUSED: dict[str, tuple[tuple[str, ...], type[CodedError]]] = {
    "a month that is none": (("retention", "--drop-before", "2016-13"), ConfigurationError),
    "a month that must be kept": (("retention", "--drop-before", "2127-01"), RetentionRunning),
    "another log": (("erase", "elsewhere", "1/0", "--by", "a", "--because", "b"), UnknownName),
    "no part": (("erase", ORIGIN, "1", "--by", "a", "--because", "b"), ConfigurationError),
    "nobody": (("erase", ORIGIN, "1/0", "--by", " ", "--because", "b"), ConfigurationError),
    "no reason": (("erase", ORIGIN, "1/0", "--by", "a", "--because", ""), ConfigurationError),
    "a subject": (("erase", ORIGIN, "1/2", "--by", "a", "--because", "b"), PartNotErasable),
    "tables in a file": (("prepare",), ConfigurationError),
}


@pytest.mark.parametrize(("arguments", "error"), REFUSED.values(), ids=REFUSED)
def test_a_slip_erases_nothing_and_is_answered_with_what_to_do(
    home: Path, arguments: tuple[str, ...], error: type[CodedError]
) -> None:
    with pytest.raises(error) as refused:
        run(*arguments)
    assert refused.value.advice
    assert positions(home) == [0, 1, 2]


async def test_a_log_that_is_being_written_is_not_erased_from(home: Path) -> None:
    ledger = await opened(home)
    for arguments in (
        ("retention", "--drop-before", "2016-03"),
        ("erase", ORIGIN, "1/0", "--by", "a", "--because", "b"),
    ):
        with pytest.raises(LedgerInUse):
            await asyncio.to_thread(run, *arguments)
    await ledger.close()
    assert positions(home) == [0, 1, 2]
