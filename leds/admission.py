"""Which graphs a governed gateway serves: what opens nothing that no approver let it open, at start and on a reload.

In: the rules of a graph, the approved access table and the file of signed approvals. Out: nothing, or a refusal with a
code. What cannot be told is refused.
"""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime

from authz.access_survey import sources, sources_of, survey_beyond
from authz.access_table import Widening, widenings
from authz.audit.pseudonym import SubjectKey
from authz.decide import Decider
from authz.errors import AccessWidened
from authz.rules import Rules
from authz.widened_rules import opened_by
from gateway.graph import Graph
from gateway.reload import Admit
from leds.access_approval import approved_table
from leds.approvals import approvals_file, approver_of, is_approved
from leds.comparison import Comparisons
from leds.config import Configuration, home
from leds.progress import bar
from leds.widenings import widening_lines

SHOWN_COORDINATES = 20
SHOWN_LINES = 12
PACKAGED = (
    "See all of it with `leds access diff`; after review `leds access approve --by … --because …`, and start again."
)
CONFIGURED = (
    "See all of it with `leds access diff --config FILE`; after review sign it, "
    "`leds access approve --config FILE --by … --because …`, and start again."
)


async def require_approved(configuration: Configuration, rules: Rules, key: SubjectKey) -> None:
    """Make sure that a service which is to start opens nothing beyond the approved table, or only what was signed.

    Costs milliseconds when rules, packaged facts, policies and row rules are those of the table, or were signed.
    Anything else is compared with the table, in seconds, and remembered under LEDS_HOME, sealed with `key`.

    Raises:
        AccessWidened: it does; names what is opened, and to whom.
        FileProblem, InvalidAccessTable: there is no table to compare with.
    """
    decider, table = Decider(rules), approved_table()
    now = sources(decider)
    if table.sources == now or is_approved(now, approvals_file(configuration), approver_of(configuration)):
        return
    comparisons = Comparisons(home(os.environ), key)
    if comparisons.holds(table.version, now):
        return
    with bar("comparing with the access that was approved", logged=False) as report:
        on = datetime.now(UTC).date()
        found = await asyncio.to_thread(survey_beyond, table, decider, on, report=report)
    if opened := widenings(table, found):
        raise _refusal(opened, CONFIGURED if configuration.subgraphs else PACKAGED)
    comparisons.keep(table.version, now)


def admission(configuration: Configuration) -> Admit:
    """What opens something beyond the graph that is served is taken up if it is what the approved table was computed
    from, or if an approver signed exactly these rules."""
    approver, file = approver_of(configuration), approvals_file(configuration)

    def admit(served: Graph, graph: Graph) -> None:
        if not isinstance(served.rules, Rules) or not isinstance(graph.rules, Rules) or served.rules == graph.rules:
            return
        opened = opened_by(served.rules, graph.rules)
        if not opened:
            return
        new = sources_of(graph.rules)
        if approved_table().sources != new and not is_approved(new, file, approver):
            raise AccessWidened(
                f"The new schemas could open {len(opened)} coordinates, and no approver signed that.",
                details={"coordinates": opened[:SHOWN_COORDINATES], "rules": graph.rules.version},
            )

    return admit


def _refusal(opened: Sequence[Widening], advice: str) -> AccessWidened:
    lines = list(widening_lines(opened))
    more = len(lines) - SHOWN_LINES
    shown = [*lines[:SHOWN_LINES], *([f"… and {more} more lines"] if more > 0 else [])]
    return AccessWidened(
        f"Not started: {len(opened)} times (caller, purpose, coordinate) could be read better than approved.",
        advice=advice,
        details={"widenings": len(opened), "opened": shown},
    )
