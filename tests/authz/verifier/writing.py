"""A writer of ledgers straight from `docs/ledger-format.md`, for the verifier's tests; all values invented.

Plain SQLite; shares nothing with the product's writer nor with the verifier, and does what neither would: tamper.
"""

import base64
import hashlib
import json
import random
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ORIGIN = "leds.test/ledger"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
START = datetime(2026, 2, 2, 21, 14, 7, 318000, tzinfo=UTC)
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

TABLES = (
    "CREATE TABLE ledger_log (origin TEXT NOT NULL)",
    "CREATE TABLE ledger_leaf (position INTEGER PRIMARY KEY, month TEXT, at INTEGER, stage TEXT, audit_id TEXT, part"
    " INTEGER, event_type TEXT, user_id TEXT, organisation TEXT, reason TEXT, purpose TEXT, document TEXT, seed BLOB,"
    " canonical BLOB)",
    "CREATE TABLE ledger_hash (position INTEGER PRIMARY KEY, hash BLOB)",
    'CREATE TABLE ledger_node (level INTEGER, "index" INTEGER, hash BLOB, PRIMARY KEY (level, "index"))',
    "CREATE TABLE ledger_part (position INTEGER, slot INTEGER, month TEXT, key_hash TEXT, salt BLOB, canonical BLOB,"
    " hash BLOB, PRIMARY KEY (position, slot))",
    "CREATE TABLE ledger_checkpoint (size INTEGER PRIMARY KEY, note TEXT)",
)


def canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, as it is written there."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_root(hashes[:split]) + tree_root(hashes[split:])).digest()


def timestamp(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def time_of(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def audit_id(number: int) -> str:
    whole = 1_770_000_000_000 << 80 | number
    return "".join(_CROCKFORD[whole >> shift & 31] for shift in range(125, -1, -5))


def key_id(name: str, key: Ed25519PrivateKey) -> bytes:
    return hashlib.sha256(name.encode() + b"\n\x01" + key.public_key().public_bytes_raw()).digest()[:4]


def verifier_key(name: str = ORIGIN, key: Ed25519PrivateKey = KEY) -> str:
    encoded = base64.b64encode(b"\x01" + key.public_key().public_bytes_raw()).decode()
    return f"{name}+{key_id(name, key).hex()}+{encoded}"


def checkpoint(size: int, root: bytes, moment: datetime, origin: str = ORIGIN, key: Ed25519PrivateKey = KEY) -> str:
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\ntime {timestamp(moment)}\n"
    signature = base64.b64encode(key_id(origin, key) + key.sign(text.encode())).decode()
    return f"{text}\n— {origin} {signature}\n"


REQUEST = {
    "user": {
        "id": "u-20-4419",
        "forceStation": "20R1",
        "organisation": "ORG-20",
        "organisationKind": "police_territorial",
        "agreement": "AGR-JC-01",
        "roles": ["mobile_officer"],
        "vetting": "RV",
        "training": ["COP", "NM-ENQ"],
    },
    "system": {"id": "SYS-MOB", "route": "MOBILE"},
    "reason": "1",
    "purpose": "PP1",
    "sessionId": "s-1",
    "correlationId": "c-1",
    "activityFlowId": None,
    "activityCode": "Person Enquiry",
    "actionCode": None,
    "applicationTime": "2026-02-02T21:14:06.990Z",
    "operation": {
        "name": "Roadside",
        "hash": "sha256:3f1d",
        "document": None,
        "variables": [{"path": "vrm", "value": "h:k1:00"}, {"path": "first", "value": 10}],
    },
}
NOTHING = {
    "format": "leds-audit-leaf/2",
    "part": 0,
    "intent": None,
    "eventType": None,
    "outcome": None,
    "world": "SYNTHETIC",
    "retention": "RR14",
    "request": None,
    "recipient": None,
    "refusals": [],
    "refusedBy": None,
    "resultCount": 0,
    "event": None,
    "witnessed": [],
    "spooled": False,
}
STATEMENTS = {
    "part": "statements",
    **dict.fromkeys(("name", "onBehalfOf", "statedName", "reasonText", "reference", "geolocation")),
    "justification": "Traffic stop A38",
    "originatorLine": "u-20-4419 TRAFFIC STOP A38 QB6 20R1",
}
SEALED = {"part": "sealed", "key": "i1", "data": base64.b64encode(bytes(1052)).decode()}


def subject(number: int) -> dict[str, Any]:
    form = {"dataset": "DVLA.VEH", "form": "FULL", "fields": ["colour", "make"], "policies": ["P05"]}
    return {
        "part": "subject",
        "type": "Vehicle",
        "keyHash": f"h:k1:{number:032x}",
        "eventType": "CONSULT",
        "forms": [form],
    }


@dataclass
class Draft:
    """A leaf that has no place yet: what it says, its parts, and when it is from if not now."""

    said: dict[str, Any]
    parts: list[dict[str, Any]] = field(default_factory=list)
    at: datetime | None = None


def intent(number: int) -> Draft:
    return Draft({"stage": "INTENT", "auditId": audit_id(number), "request": REQUEST}, [STATEMENTS])


def outcome(number: int, position: int, subjects: int) -> Draft:
    said = {
        "stage": "OUTCOME",
        "auditId": audit_id(number),
        "intent": position,
        "eventType": "CONSULT",
        "outcome": "OK",
        "resultCount": subjects,
    }
    return Draft(said, [SEALED, *(subject(index) for index in range(subjects))])


def refused(number: int) -> Draft:
    said = {
        "stage": "OUTCOME",
        "auditId": audit_id(number),
        "eventType": "REFUSE",
        "outcome": "REFUSED",
        "request": REQUEST,
        "refusedBy": "ACCESS_DENIED",
        "refusals": [{"coordinate": "Person.dob", "form": "DENY", "dataset": None, "policies": ["P01", "P02"]}],
    }
    return Draft(said, [STATEMENTS, SEALED])


def event(number: int, kind: str = "CONFIG", about: str | None = "2026.1", parts: bool = True) -> Draft:
    said = {
        "stage": "EVENT",
        "auditId": audit_id(number),
        "eventType": kind,
        "event": {"name": "RULES_LOADED", "about": about},
    }
    return Draft(said, [{"part": "about", "said": {"file": "rules"}}] if parts else [])


def witness(number: int, notes: Iterable[str]) -> Draft:
    said = {"stage": "WITNESS", "auditId": audit_id(number), "witnessed": sorted(notes)}
    return Draft(said)


@dataclass
class Book:
    """A ledger's log, its files in `folder`, and the means of somebody who may write them."""

    folder: Path
    name: str = "ledger"
    origin: str = ORIGIN
    key: Ed25519PrivateKey = KEY
    now: datetime = START
    randomness: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self) -> None:
        if not self.database.exists():
            self.run(*TABLES, ("INSERT INTO ledger_log VALUES (?)", (self.origin,)))
            self.commit([])

    @property
    def database(self) -> Path:
        return self.folder / f"{self.name}.sqlite"

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.checkpoint"

    # Reading and writing rows

    def run(self, *statements: tuple[str, Sequence[Any]] | str) -> None:
        with closing(sqlite3.connect(self.database)) as connection, connection:
            connection.execute("PRAGMA synchronous = OFF")
            for statement in statements:
                text, values = (statement, ()) if isinstance(statement, str) else statement
                connection.execute(text, values)

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database)) as connection:
            return connection.execute(statement, values).fetchall()

    def one(self, statement: str, *values: Any) -> Any:
        return self.rows(statement, *values)[0][0]

    @property
    def size(self) -> int:
        return len(self.rows("SELECT position FROM ledger_hash"))

    def hashes(self) -> list[bytes]:
        return [digest for (digest,) in self.rows("SELECT hash FROM ledger_hash ORDER BY position")]

    def leaf(self, position: int) -> bytes:
        return self.one("SELECT canonical FROM ledger_leaf WHERE position = ?", position)

    def note(self, size: int) -> str:
        return self.one("SELECT note FROM ledger_checkpoint WHERE size = ?", size)

    # Writing as the page says

    def commit(self, drafts: Sequence[Draft], place: bool = True) -> None:
        start = self.size
        for position, draft in enumerate(drafts, start):
            self.now += timedelta(milliseconds=1)
            self.write(position, draft)
        self.write_nodes(start)
        self.sign(start + len(drafts))
        if place:
            self.file.write_text(self.note(start + len(drafts)))

    def write(self, position: int, draft: Draft) -> None:
        moment = draft.at or self.now
        said, parts, seed = self.committed({**NOTHING, "occurredAt": timestamp(moment), **draft.said}, draft.parts)
        self.store(position, said, seed, parts)
        self.run(("INSERT INTO ledger_hash VALUES (?, ?)", (position, leaf_hash(canonical(said)))))

    def committed(
        self, said: dict[str, Any], parts: Sequence[dict[str, Any]]
    ) -> tuple[dict[str, Any], list[tuple[bytes, dict[str, Any]]], bytes]:
        salted = [(self.randomness.randbytes(16), part) for part in parts]
        slots = 1
        while slots < len(parts):
            slots *= 2
        seed = self.randomness.randbytes(32) if len(parts) < slots and parts else b""
        hashes = [leaf_hash(salt + canonical(part)) for salt, part in salted]
        hashes += [leaf_hash(hashlib.sha256(seed + number.to_bytes(4)).digest()) for number in range(len(parts), slots)]
        commitment = {"root": tree_root(hashes).hex(), "slots": slots} if parts else None
        return {**said, "parts": commitment}, salted, seed

    def store(
        self, position: int, said: dict[str, Any], seed: bytes, parts: Sequence[tuple[bytes, dict[str, Any]]]
    ) -> None:
        month = said["occurredAt"][:7]
        asked = said["request"] or {"user": {}, "operation": {}}
        values = (
            *(position, month, time_of(said["occurredAt"]), said["stage"], said["auditId"], said["part"]),
            *(said["eventType"], asked["user"].get("id"), asked["user"].get("organisation"), asked.get("reason")),
            *(asked.get("purpose"), asked["operation"].get("hash"), seed, canonical(said)),
        )
        self.run((f"INSERT INTO ledger_leaf VALUES ({', '.join('?' * 14)})", values))
        self.run(
            *(
                (
                    "INSERT INTO ledger_part VALUES (?, ?, ?, ?, ?, ?, NULL)",
                    (position, slot, month, part.get("keyHash"), salt, canonical(part)),
                )
                for slot, (salt, part) in enumerate(parts)
            )
        )

    def write_nodes(self, start: int = 0) -> None:
        """Every complete subtree of 256, 65,536 … leaves that ends behind `start`."""
        hashes = self.hashes()
        for level in (8, 16):
            for index in range(start >> level, len(hashes) >> level):
                root = tree_root(hashes[index << level : (index + 1) << level])
                self.run(("INSERT OR REPLACE INTO ledger_node VALUES (?, ?, ?)", (level, index, root)))

    def sign(self, size: int, key: Ed25519PrivateKey | None = None, at: datetime | None = None) -> None:
        note = checkpoint(size, tree_root(self.hashes()[:size]), at or self.now, self.origin, key or self.key)
        self.run(("INSERT OR REPLACE INTO ledger_checkpoint VALUES (?, ?)", (size, note)))

    # Tampering

    def edit(self, position: int) -> None:
        text = self.leaf(position).replace(b"RR14", b"RR15")
        assert text != self.leaf(position)
        self.run(("UPDATE ledger_leaf SET canonical = ? WHERE position = ?", (text, position)))

    def rehash(self, first: int = 0) -> None:
        """Give leaves from `first` on, and the nodes, the hashes of their bytes: what needs no key."""
        self.run(f"DELETE FROM ledger_hash WHERE position >= {first}")
        for position, data in self.rows("SELECT position, canonical FROM ledger_leaf WHERE position >= ?", first):
            self.run(("INSERT INTO ledger_hash VALUES (?, ?)", (position, leaf_hash(data))))

    def rewrite_nodes(self) -> None:
        self.run("DELETE FROM ledger_node")
        self.write_nodes()

    def resign(self, first: int, key: Ed25519PrivateKey) -> None:
        """Sign the stored checkpoints from `first` leaves on, and the file, again over what is stored now."""
        for (size,) in self.rows("SELECT size FROM ledger_checkpoint WHERE size >= ? ORDER BY size", first):
            self.sign(size, key)
            self.file.write_text(self.note(size))

    def delete(self, first: int, last: int, *tables: str) -> None:
        for table in tables or ("leaf", "part", "hash"):
            self.run(f"DELETE FROM ledger_{table} WHERE position BETWEEN {first} AND {last}")

    def shift(self, first: int, by: int, *tables: str) -> None:
        for table in tables or ("leaf", "part", "hash"):
            self.run(
                f"UPDATE ledger_{table} SET position = -position - 1000 WHERE position >= {first}",
                f"UPDATE ledger_{table} SET position = -position - 1000 + {by} WHERE position < 0",
            )

    def swap(self, one: int, other: int, *tables: str) -> None:
        for table in tables or ("leaf", "part", "hash"):
            self.run(
                f"UPDATE ledger_{table} SET position = -1 WHERE position = {one}",
                f"UPDATE ledger_{table} SET position = {one} WHERE position = {other}",
                f"UPDATE ledger_{table} SET position = {other} WHERE position = -1",
            )

    def erase(self, position: int, slot: int) -> None:
        """Erase a part as the page says, without the event that must name it."""
        statement = "SELECT salt, canonical FROM ledger_part WHERE position = ? AND slot = ?"
        [(salt, data)] = self.rows(statement, position, slot)
        change = "UPDATE ledger_part SET salt = NULL, canonical = NULL, key_hash = NULL, hash = ?"
        self.run((f"{change} WHERE position = ? AND slot = ?", (leaf_hash(salt + data), position, slot)))

    def receipt(self, position: int) -> str:
        """What a caller was given for the leaf at this position."""
        said = json.loads(self.leaf(position))
        receipt = {"entry": said["auditId"], "log": self.origin, "index": position}
        return json.dumps({**receipt, "leaf": leaf_hash(self.leaf(position)).hex()})


def sample(number: int) -> list[Draft]:
    """Four leaves: a request with `number` subjects shown, one that was refused, and an event."""
    position = number * 4
    return [
        intent(position),
        outcome(position, position, number + 1),
        refused(position + 2),
        event(position + 3, parts=number % 2 == 0),
    ]


def sample_book(folder: Path, commits: int = 3, **named: Any) -> Book:
    """Twelve leaves in three commits of four."""
    book = Book(folder, **named)
    for number in range(commits):
        book.commit(sample(number))
    return book


def export(
    book: Book, held: Callable[[int], bool] = lambda position: True, key: Ed25519PrivateKey = KEY
) -> list[bytes]:
    """The lines of an export of one log; leaves that are not `held` stand in it as nodes of their own."""
    lines: list[dict[str, Any]] = [
        {
            "kind": "header",
            "format": "leds-audit-export/2",
            "exportedAt": timestamp(book.now),
            "logs": [book.origin],
            "keys": [verifier_key(book.origin, book.key)],
        }
    ]
    notes = dict(book.rows("SELECT size, note FROM ledger_checkpoint"))
    for position, digest in enumerate([*book.hashes(), b""]):
        if position in notes:
            lines.append({"kind": "checkpoint", "log": book.origin, "note": notes[position]})
        if not digest:
            continue
        stored = book.rows("SELECT canonical, seed FROM ledger_leaf WHERE position = ?", position)
        if not stored or not held(position):
            node = {"kind": "node", "log": book.origin, "level": 0, "index": position, "hash": digest.hex()}
            lines.append(node)
            continue
        [(data, seed)] = stored
        place = {"log": book.origin, "position": position}
        lines.append({"kind": "leaf", **place, "canonical": data.decode(), "seed": seed.hex(), "hash": digest.hex()})
        lines += [{"kind": "part", **place, **part} for part in _exported_parts(book, position)]
    return chained(lines, book.origin, key)


def _exported_parts(book: Book, position: int) -> Iterable[dict[str, Any]]:
    statement = "SELECT slot, salt, canonical, hash FROM ledger_part WHERE position = ? ORDER BY slot"
    for slot, salt, data, digest in book.rows(statement, position):
        if data is None:
            yield {"slot": slot, "hash": digest.hex()}
        else:
            yield {"slot": slot, "salt": salt.hex(), "canonical": data.decode()}


def chained(lines: Sequence[dict[str, Any]], origin: str, key: Ed25519PrivateKey) -> list[bytes]:
    """Lines numbered, chained and signed."""
    chain, written = b"", []
    for number, line in enumerate(lines):
        chain, data = _chain(chain, {**line, "line": number})
        written.append(data)
    digest = hashlib.sha256(b"".join(written)).hexdigest()
    signature = base64.b64encode(key.sign(f"leds-audit-export/2\n{digest}\n{origin}\n".encode())).decode()
    trailer = {"kind": "trailer", "lines": len(written), "sha256": digest, "origin": origin, "signature": signature}
    return [*written, _chain(chain, {**trailer, "line": len(written)})[1]]


def _chain(before: bytes, line: dict[str, Any]) -> tuple[bytes, bytes]:
    chain = hashlib.sha256(before + canonical(line)).digest()
    return chain, canonical({**line, "chain": chain.hex()}) + b"\n"
