"""The review queue of misuse signals: a SQLite file in which signals and what people decided on them are only added.

A signal that is found again, or shares an entry with one of the same kind that is there, is not added twice.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import msgspec

from authz.errors import MisuseQueueUnusable, UnknownSignal
from authz.misuse.signals import Signal, signal_from_json

FILE = "misuse.sqlite"
_WAIT_SECONDS = 60.0
_TABLES = """
CREATE TABLE IF NOT EXISTS misuse_signal (
    id TEXT PRIMARY KEY, rule TEXT NOT NULL, organisation TEXT NOT NULL, found_at TEXT NOT NULL, signal TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS misuse_evidence (
    about TEXT NOT NULL, evidence TEXT NOT NULL, id TEXT NOT NULL REFERENCES misuse_signal,
    PRIMARY KEY (about, evidence)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS misuse_decision (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL REFERENCES misuse_signal, reviewer TEXT NOT NULL,
    outcome TEXT NOT NULL, because TEXT NOT NULL, at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS misuse_decision_of ON misuse_decision (id);
"""
_ADD = "INSERT INTO misuse_signal VALUES (?, ?, ?, ?, ?)"
_EVIDENCE = "INSERT INTO misuse_evidence VALUES (?, ?, ?)"
_KNOWN = "SELECT 1 FROM misuse_evidence WHERE about = ? AND evidence = ?"
_SIGNALS = (
    "SELECT id, found_at, signal FROM misuse_signal WHERE (?1 IS NULL OR rule = ?1)"
    " AND (?2 IS NULL OR organisation = ?2) AND (?3 IS NULL OR id = ?3) ORDER BY found_at, id"
)
_DECISIONS = "SELECT reviewer, outcome, because, at FROM misuse_decision WHERE id = ? ORDER BY number"
_DECIDE = "INSERT INTO misuse_decision (id, reviewer, outcome, because, at) VALUES (?, ?, ?, ?, ?)"


class ReviewOutcome(StrEnum):
    """What came of a review (list `review_outcomes`, without NOT_REVIEWED, which is that nobody has decided)."""

    PROPER = "PROPER"
    QUERY = "QUERY"
    UNEXPLAINED = "UNEXPLAINED"
    REFERRED = "REFERRED"


@dataclass(frozen=True, slots=True)
class ReviewDecision:
    """What a person decided on a signal, and when. A later one stands beside it, never in its place."""

    reviewer: str
    outcome: ReviewOutcome
    because: str
    at: datetime


@dataclass(frozen=True, slots=True)
class QueuedSignal:
    """A signal in the queue, since when, and what was decided on it so far."""

    signal: Signal
    found_at: datetime
    decisions: tuple[ReviewDecision, ...] = ()

    @property
    def is_waiting(self) -> bool:
        """Whether a person has still to decide: nobody has, or an explanation was asked for."""
        return not self.decisions or self.decisions[-1].outcome is ReviewOutcome.QUERY


class ReviewQueue:
    """The queue in one file, made when it is first opened."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def new(self, signals: Iterable[Signal]) -> tuple[Signal, ...]:
        """Those of the signals that the queue does not have. Raises MisuseQueueUnusable."""
        with self._opened() as connection:
            return tuple(each for each in signals if not _is_known(connection, each))

    def add(self, signals: Iterable[Signal], at: datetime) -> tuple[Signal, ...]:
        """Add the signals; those that were not there, durable when this returns. Raises MisuseQueueUnusable."""
        added = []
        with self._opened() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            for each in signals:
                if not _is_known(connection, each):
                    _add(connection, each, at)
                    added.append(each)
        return tuple(added)

    def signals(self, rule: str | None = None, organisation: str | None = None) -> Iterator[QueuedSignal]:
        """Every signal, the oldest first, or a rule's or an organisation's. Raises MisuseQueueUnusable."""
        with self._opened() as connection:
            rows = connection.execute(_SIGNALS, (rule, organisation, None)).fetchall()
            for signal_id, found_at, text in rows:
                yield _queued(connection, signal_id, found_at, text)

    def signal(self, signal_id: str) -> QueuedSignal:
        """The signal of that id. Raises UnknownSignal, MisuseQueueUnusable."""
        with self._opened() as connection:
            row = connection.execute(_SIGNALS, (None, None, signal_id)).fetchone()
            if row is None:
                raise UnknownSignal("The queue has no signal of that id.")
            return _queued(connection, *row)

    def decide(self, signal_id: str, decision: ReviewDecision) -> QueuedSignal:
        """Add what a person decided; durable when this returns. Raises UnknownSignal, MisuseQueueUnusable."""
        self.signal(signal_id)
        said = (signal_id, decision.reviewer, decision.outcome.value, decision.because, decision.at.isoformat())
        with self._opened() as connection, connection:
            connection.execute(_DECIDE, said)
        return self.signal(signal_id)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.touch(mode=0o600)
            with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(_TABLES)
                yield connection
        except (sqlite3.Error, OSError, msgspec.MsgspecError) as error:
            raise MisuseQueueUnusable(f"The review queue cannot be used: {type(error).__name__}.") from error


def _is_known(connection: sqlite3.Connection, signal: Signal) -> bool:
    about = _about(signal)
    return any(
        connection.execute(_KNOWN, (about, each)).fetchone() is not None for each in signal.entries + signal.alerts
    )


def _add(connection: sqlite3.Connection, signal: Signal, at: datetime) -> None:
    text = msgspec.json.encode(signal).decode()
    connection.execute(_ADD, (signal.id, signal.rule, signal.organisation, at.isoformat(), text))
    evidence = dict.fromkeys(signal.entries + signal.alerts)
    connection.executemany(_EVIDENCE, [(_about(signal), each, signal.id) for each in evidence])


def _about(signal: Signal) -> str:
    return msgspec.json.encode(signal.about).decode()


def _queued(connection: sqlite3.Connection, signal_id: str, found_at: str, text: str) -> QueuedSignal:
    decisions = tuple(
        ReviewDecision(reviewer, ReviewOutcome(outcome), because, datetime.fromisoformat(at))
        for reviewer, outcome, because, at in connection.execute(_DECISIONS, (signal_id,))
    )
    return QueuedSignal(signal_from_json(text), datetime.fromisoformat(found_at), decisions)
