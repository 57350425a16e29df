"""Fixtures every part of the tests may use: real servers, started once a session and only when asked for.

Tests marked `law(name)` are counted, and written down where `--laws-report` says.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.power_cut import library_in, reason_not_to_run
from tests.laws.report import LAW, SEED, Shown, shown, tallies, write
from tests.servers import PostgresServer, postgres_server


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--laws-report", type=Path, help="write {law: {cases, failures, seed}} to this file")
    parser.addoption("--whole-how-tos", action="store_true", help="carry out the slow steps of docs/how-to too")


class LawsReport:
    """Collects what the tests of laws have shown, and writes it at the end of the session."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.results: list[Shown] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = shown(report.user_properties, failed=report.failed)
        if found and (report.when == "call" or report.failed):
            self.results.append(found)

    def pytest_sessionfinish(self) -> None:
        write(self.path, tallies(self.results, SEED))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "law(name, cases=1): shows a law; counted under this name by --laws-report")
    if path := config.getoption("--laws-report"):
        config.pluginmanager.register(LawsReport(path))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if mark := item.get_closest_marker("law"):
            item.user_properties += [(LAW, mark.args[0]), *mark.kwargs.items()]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server; ask it for `await postgres.new_database()`."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def power_cut_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library under which `tests.faults.power_cut.PowerCut` runs a command."""
    if reason := reason_not_to_run():
        pytest.skip(reason)
    return library_in(tmp_path_factory.mktemp("library"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new, empty database: each test that asks for it runs over SQLite and over PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'database.sqlite'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return await server.new_database()
