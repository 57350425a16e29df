"""The kept access table: what the last approval let everybody read, and who approved it, beside what holds now.

`schema/access/table.json` is the approved table, `schema/access/approvals.jsonl` its history. `make test` fails while
rules, facts or policies are not those of the approved table; `leds access approve` is the only way to write it.
A service that opens more than that table is not started (`leds/admission.py`).
"""

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from authz.access_survey import sources, survey, survey_beyond
from authz.access_table import AccessTable, Widening, parse_access_table, widenings
from authz.decide import Decider
from authz.errors import InvalidAccessTable
from authz.facts import packaged_facts
from leds.approvals import SignedApproval, approvals_file, keep
from leds.config import Configuration, home
from leds.errors import FileProblem
from leds.federation import configured_definitions, embedded_definitions
from leds.governed_rules import governed_definitions, governed_rules
from leds.keys import approval_key
from subgraphs.snapshots import FOLDER

TABLE = FOLDER.parent / "access" / "table.json"
APPROVALS = TABLE.with_name("approvals.jsonl")


@dataclass(frozen=True, slots=True)
class Approval:
    """Who let the access table become `table` (a version), when and why; `widened` counts what it opened."""

    day: str
    by: str
    because: str
    table: str
    widened: int


def current_decider() -> Decider:
    """The decider of the schemas as the subgraphs publish them now, the packaged facts and policies."""
    return Decider(governed_rules(governed_definitions(embedded_definitions()), packaged_facts()))


def configured_decider(configuration: Configuration) -> Decider:
    """The decider of the schemas that a configuration names, the packaged facts and policies. Raises CodedError."""
    definitions = governed_definitions(configured_definitions(configuration.subgraphs))
    return Decider(governed_rules(definitions, packaged_facts()))


def table_from_file(path: Path) -> AccessTable:
    """A kept table. Raises FileProblem or InvalidAccessTable."""
    try:
        return parse_access_table(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise FileProblem(f"{path} cannot be read: {error}.") from error


def approvals(path: Path = APPROVALS) -> tuple[Approval, ...]:
    """Every approval, oldest first."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return tuple(Approval(**json.loads(line)) for line in lines)


def approved_table() -> AccessTable:
    """The approved table of this package. Raises FileProblem or InvalidAccessTable."""
    table = table_from_file(TABLE)
    kept = approvals()
    if not kept or kept[-1].table != table.version:
        raise InvalidAccessTable(f"{TABLE.name} is not the table that was approved last ({APPROVALS.name}).")
    return table


def outdated(decider: Decider, table: AccessTable) -> tuple[str, ...]:
    """Which of the table's sources are no longer what they were when it was approved."""
    return tuple(name for name, version in sources(decider).items() if table.sources.get(name) != version)


def approve(
    by: str, because: str, on: date, report: Callable[[int, int], None], table: Path = TABLE
) -> tuple[Widening, ...]:
    """Survey what holds now, keep it as the approved table with its approval, and answer what it opened."""
    new = survey(current_decider(), on, report=report)
    opened = widenings(table_from_file(table), new) if table.exists() else ()
    approval = Approval(on.isoformat(), by, because, new.version, len(opened))
    table.parent.mkdir(parents=True, exist_ok=True)
    table.write_text(new.text(), encoding="utf-8")
    with table.with_name(APPROVALS.name).open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(approval)) + "\n")
    return opened


def approve_configured(
    configuration: Configuration, said: tuple[str, str], now: datetime, report: Callable[[int, int], None]
) -> tuple[tuple[Widening, ...], SignedApproval]:
    """Sign the rules of the schemas that a configuration names; `said` are by whom and why.

    Answers what they open beyond the approved table. Raises CodedError.
    """
    key = approval_key(home(os.environ) / "keys")
    decider, table = configured_decider(configuration), approved_table()
    found = survey_beyond(table, decider, now.date(), report=report)
    opened = widenings(table, found)
    by, because = said
    approval = SignedApproval(now.isoformat(), by, because, dict(sources(decider)), len(opened), found.version)
    return opened, keep(approval, key, approvals_file(configuration))
