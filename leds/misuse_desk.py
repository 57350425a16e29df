"""Where the command line finds misuse signals, and puts before reviewers what is new: the ledger, the alerts and feeds
of this home in, its review queue out. Every look and every decision is in the operators' log first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from authz.alert_reading import KeptAlert, kept_alerts
from authz.audit.alert_log import alert_logs
from authz.audit.export import Asked
from authz.audit.leaf import EventType
from authz.audit.operator_log import OperatorEvent
from authz.audit.reading import leaves_between
from authz.audit.search import Wanted, search
from authz.errors import OwnSignal
from authz.misuse.detect import RuleRun, detect
from authz.misuse.feeds import COLUMNS, FEEDS, Feeds
from authz.misuse.rule_book import MisuseRule, packaged_rules
from authz.misuse.signals import Signal
from authz.misuse.transactions import transactions
from authz.misuse_queue import FILE, QueuedSignal, ReviewDecision, ReviewQueue
from leds.errors import ConfigurationError, FileProblem
from leds.files import read_text
from leds.ledger_desk import Desk, account

_ALERTS_FEED = "alerts"
_NAMES_READ = 100


@dataclass(frozen=True, slots=True)
class MisuseRun:
    """What became of each rule, which signals are new in the queue, and how many requests there were to judge."""

    rules: tuple[RuleRun, ...]
    added: tuple[Signal, ...]
    requests: int


@dataclass(frozen=True, slots=True)
class MisuseDesk:
    """The ledger to be read and the queue of this home."""

    desk: Desk

    @property
    def queue(self) -> ReviewQueue:
        """The review queue."""
        return ReviewQueue(self.desk.state / FILE)

    def feeds(self, files: Mapping[str, Path]) -> Feeds:
        """The feeds in these files, by name; the alerts of this home where no others are named.

        Raises FileProblem, InvalidMisuseFeed, AlertsUnreadable.
        """
        feeds = Feeds(alerts=self._alerts(files.get(_ALERTS_FEED)))
        for name, file in files.items():
            if name in COLUMNS:
                feeds = feeds.with_file(name, read_text(file))
        return feeds

    def run(self, feeds: Feeds, period: Asked, said: Mapping[str, object]) -> MisuseRun:
        """Judge what was asked of the service, and put into the queue what happened in the period and is new.

        More is read than the period has, because some rules look back. Raises LedgerUnreadable, AuditUnavailable,
        MisuseQueueUnusable.
        """
        rules, logs = packaged_rules(), self.desk.logs()
        self.desk.looked("misuse", logs, said)
        asked = Asked(period.start and period.start - _look_back(rules), period.end)
        requests = transactions(leaf for log in logs for leaf in leaves_between(log.path, asked.bounds))
        runs = tuple(_in(period, each) for each in detect(requests, _until(feeds, period.end), rules))
        found = [each for run in runs for each in run.signals]
        return MisuseRun(runs, self._queued(found), len(requests))

    def decide(self, signal_id: str, decision: ReviewDecision) -> QueuedSignal:
        """Record what a person decided about a signal, in the operators' log and then in the queue. It changes nothing
        else: what follows from it, people do.

        Raises UnknownSignal, OwnSignal, AuditUnavailable, MisuseQueueUnusable.
        """
        signal = self.queue.signal(signal_id).signal
        reviewer = decision.reviewer.casefold()
        if reviewer in {name.casefold() for name in self._names(signal)}:
            raise OwnSignal("The signal is about whoever is to decide on it.")
        said = {
            "by": account(),
            "reviewer": decision.reviewer,
            "outcome": decision.outcome.value,
            "because": decision.because,
            "entries": " ".join(signal.entries),
        }
        self.desk.record(OperatorEvent(EventType.REVIEW, "misuse.decide", signal_id, said))
        return self.queue.decide(signal_id, decision)

    def looked_at(self, name: str, about: str | None, said: Mapping[str, str | None]) -> None:
        """Record a look at the queue by the command `name`. Raises AuditUnavailable."""
        asked = {key: value for key, value in said.items() if value is not None}
        self.desk.record(OperatorEvent(EventType.SEARCH, f"misuse.{name}", about, {"by": account()} | asked))

    def _queued(self, found: Sequence[Signal]) -> tuple[Signal, ...]:
        if new := self.queue.new(found):
            told = {
                rule: " ".join(each.id for each in new if each.rule == rule) for rule in {each.rule for each in new}
            }
            self.desk.record(OperatorEvent(EventType.ALERT, "misuse.run", None, {"by": account()} | told))
        return self.queue.add(new, datetime.now(UTC))

    def _names(self, signal: Signal) -> Iterator[str]:
        """What the user is called: the id, and the names that the ledger has of the newest requests."""
        yield signal.user
        wanted = Wanted(operator=signal.user, organisation=signal.organisation)
        for found in islice(search(self.desk.logs(), wanted), _NAMES_READ):
            if (said := found.tailed.request.statements) and said.name:
                yield said.name

    def _alerts(self, chosen: Path | None) -> tuple[KeptAlert, ...] | None:
        folder = chosen or self.desk.database.parent
        if alert_logs(folder):
            return kept_alerts(folder)
        if chosen:
            raise FileProblem(f"There is no log of alerts in {chosen}.", advice="Give the folder that holds them.")
        return None


def feed_files(named: Sequence[str]) -> Mapping[str, Path]:
    """`NAME=FILE` options as paths by feed. Raises ConfigurationError: no such feed, no such form, or one twice."""
    files: dict[str, Path] = {}
    for option in named:
        name, _, file = option.partition("=")
        if name not in FEEDS or not file or name in files:
            raise ConfigurationError(
                f"--feed {option} names no feed, no file, or a feed that is named already.",
                advice=f"Write --feed NAME=FILE with each NAME once, of {', '.join(FEEDS)}.",
            )
        files[name] = Path(file)
    return files


def _until(feeds: Feeds, end: datetime | None) -> Feeds:
    """The feeds with the alerts of before that time."""
    if end is None or feeds.alerts is None:
        return feeds
    return replace(feeds, alerts=tuple(each for each in feeds.alerts if each.alert.at < end))


def _look_back(rules: Sequence[MisuseRule]) -> timedelta:
    """How long before a period a rule may have to look, and the rest of that day."""
    return timedelta(days=1 + max(rule.thresholds.get("days", 0) for rule in rules))


def _in(period: Asked, run: RuleRun) -> RuleRun:
    """The run with what happened, or went on, in the period."""
    if period.start is None:
        return run
    return replace(run, signals=tuple(each for each in run.signals if each.last >= period.start))
