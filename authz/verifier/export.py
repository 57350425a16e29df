"""An export's file in, its records log by log out, line by line; the first line that is not as it was written ends it.

`docs/ledger-format.md`, *Exports*.
"""

import binascii
import hashlib
import json
from base64 import b64decode
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from authz.verifier.canonical import NotCanonical, parse, print_canonically
from authz.verifier.findings import Fault, Finding
from authz.verifier.note import Keys, parse_checkpoint
from authz.verifier.records import Interrupted, LeafRow, Note, PartRow, Place, Record, Subtree
from authz.verifier.shapes import Misshapen, count, one_of, several, struct, text

FORMAT = "leds-audit-export/2"
_LONGEST = 1 << 26
_DEEPEST = 62

Line = dict[str, Any]


class Export:
    """One export, read once from its first line to its last."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._number = -1
        self._chain = b""
        self._digest = hashlib.sha256()
        header = self._next()
        self.origins: tuple[str, ...] = tuple(header["logs"])
        self.keys: tuple[str, ...] = tuple(header["keys"])
        self._expected = list(self.origins)
        self._trailer, self._signed_digest = header, ""

    def logs(self) -> Iterator["ExportedLog"]:
        """Each log in turn; its records must be read before the next one. Raises Interrupted."""
        for origin, lines in groupby(self._lines(), key=lambda line: line["log"]):
            if origin not in self._expected:
                self._refuse(Finding.MALFORMED, "it belongs to a log that the header does not name, or that was there")
            self._expected.remove(origin)
            yield ExportedLog(origin, _records(lines))

    def check_trailer(self, keys: Keys) -> Iterator[Fault]:
        """What is wrong with the signature, once all logs were read. Raises Interrupted."""
        trailer, digest = self._trailer, self._signed_digest
        signed = f"{FORMAT}\n{digest}\n{trailer['origin']}\n".encode()
        if self._expected:
            yield Fault(Finding.DELETED, None, "a log that the header names is not there", trailer["line"])
        if (trailer["lines"], trailer["sha256"]) != (trailer["line"], digest):
            yield Fault(Finding.EXPORT_FORGED, None, "the lines are not the ones that were signed", trailer["line"])
        elif not keys.verify(trailer["origin"], _decoded(trailer["signature"]), signed):
            yield Fault(Finding.EXPORT_FORGED, None, "the export is not signed with a log's key", trailer["line"])
        if self._stream.readline(_LONGEST):
            yield Fault(Finding.INSERTED, None, "a line stands behind the trailer", trailer["line"] + 1)

    def _lines(self) -> Iterator[Line]:
        """The lines of logs; remembers the trailer behind them."""
        while True:
            before = self._digest.hexdigest()
            line = self._next()
            if line["kind"] == "trailer":
                self._trailer, self._signed_digest = line, before
                return
            yield line

    def _next(self) -> Line:
        self._number += 1
        data = self._stream.readline(_LONGEST)
        if not data:
            self._refuse(Finding.TAIL_CUT, "it is gone, and with it the trailer")
        line = self._parsed(data)
        if line["line"] != self._number:
            self._refuse(*self._out_of_order(line))
        chain = line.pop("chain")
        self._chain = hashlib.sha256(self._chain + print_canonically(line)).digest()
        if chain != self._chain.hex():
            self._refuse(Finding.EDITED, "it is not the line that was written there")
        self._digest.update(data)
        self._check_shape(line)
        return line

    def _parsed(self, data: bytes) -> Line:
        try:
            line = parse(data.removesuffix(b"\n"))
        except NotCanonical as error:
            self._refuse(Finding.EDITED, str(error))
        if not data.endswith(b"\n") or not isinstance(line, dict) or not {"line", "kind", "chain"} <= line.keys():
            self._refuse(Finding.EDITED, "it is no line of an export")
        return line

    def _out_of_order(self, line: Line) -> tuple[Finding, str]:
        if not isinstance(line["line"], int) or line["line"] < self._number:
            return Finding.INSERTED, "a line that belongs elsewhere stands in its place"
        following = self._stream.readline(_LONGEST)
        if _number_of(following) == self._number:
            return Finding.REORDERED, "it stands behind the next one"
        return Finding.DELETED, "it is gone"

    def _check_shape(self, line: Line) -> None:
        kind = "header" if self._number == 0 else str(line["kind"])
        shape = _ERASED if kind == "part" and "hash" in line else _SHAPES.get(kind)
        if shape is None or (kind == "header" and self._number > 0):
            self._refuse(Finding.MALFORMED, "its kind is none that stands there")
        try:
            shape(line, "")
        except Misshapen as error:
            self._refuse(Finding.MALFORMED, str(error))

    def _refuse(self, finding: Finding, detail: str) -> NoReturn:
        raise Interrupted(Fault(finding, None, f"{detail} ({_ordinal(self._number + 1)} of the file)", self._number))


class ExportedLog:
    """A Log in an export, which holds what was asked for and the hashes of the rest."""

    whole = False

    def __init__(self, origin: str, records: Iterator[Record]) -> None:
        self.origin = origin
        self._records = records

    def records(self) -> Iterator[Record]:
        """See Log."""
        return self._records

    def node(self, level: int, index: int) -> Any:
        """See Log: nodes stand among the records."""

    def nodes(self) -> Iterator[tuple[Any, Any]]:
        """See Log: nodes stand among the records."""
        return iter(())

    def hash_at(self, digest: bytes) -> int | None:
        """See Log: an export is read once, from its first line to its last."""

    def leaf_at(self, digest: bytes, after: int) -> int | None:
        """See Log: an export is read once, from its first line to its last."""

    def witnesses(self) -> Iterator[tuple[int, Any]]:
        """See Log: `witnesses_in` reads them for all logs."""
        return iter(())


def witnesses_in(path: Path) -> Iterator[tuple[str, int, bytes]]:
    """Log, position and bytes of every WITNESS leaf of an export; passes over what is no line."""
    with path.open("rb") as stream:
        while data := stream.readline(_LONGEST):
            if b"WITNESS" not in data:
                continue
            try:
                line = json.loads(data)
                yield str(line["log"]), int(line["position"]), line["canonical"].encode()
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                continue


def _records(lines: Iterator[Line]) -> Iterator[Record]:
    for _, group in groupby(_owned(lines), key=lambda item: item[0]):
        first, *others = (line for _, line in group)
        match first["kind"]:
            case "checkpoint":
                yield Note(_size_of(first["note"]), first["note"])
            case "node":
                yield Subtree(first["level"], first["index"], bytes.fromhex(first["hash"]))
            case "leaf":
                row = LeafRow(bytes.fromhex(first["seed"]), first["canonical"].encode(), None)
                parts = tuple(_part(line) for line in others)
                yield Place(first["position"], (bytes.fromhex(first["hash"]),), (row,), parts)
            case _:
                yield Place(first["position"], (), (), tuple(_part(line) for line in (first, *others)))


def _owned(lines: Iterator[Line]) -> Iterator[tuple[int, Line]]:
    """Each line with the number of the one it belongs to: a part to the leaf of its position before it."""
    owner, position = 0, None
    for number, line in enumerate(lines):
        if line["kind"] != "part" or line["position"] != position:
            owner, position = number, line.get("position")
        yield owner, line


def _part(line: Line) -> PartRow:
    if "hash" in line:
        return PartRow(line["slot"], None, None, bytes.fromhex(line["hash"]), None)
    return PartRow(line["slot"], bytes.fromhex(line["salt"]), line["canonical"].encode(), None, None)


def _size_of(note: str) -> int:
    try:
        return parse_checkpoint(note).size
    except ValueError:
        return 0


def _decoded(signature: str) -> bytes:
    try:
        return b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _number_of(data: bytes) -> Any:
    try:
        return json.loads(data)["line"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"the {number}{ending} line"


def _level(value: Any, path: str) -> None:
    count(value, path)
    if value > _DEEPEST:
        raise Misshapen(f"{path} is no level of a tree")


_hex = text(r"(?:[0-9a-f]{2})*")
_hash = text(r"[0-9a-f]{64}")
_LINE = {"line": count}
_OF_LOG = {**_LINE, "log": text()}
_ERASED = struct({**_OF_LOG, "kind": one_of("part"), "position": count, "slot": count, "hash": _hash})
_SHAPES = {
    "header": struct(
        {
            **_LINE,
            "kind": one_of("header"),
            "format": one_of(FORMAT),
            "exportedAt": text(),
            "logs": several(text()),
            "keys": several(text()),
        }
    ),
    "leaf": struct(
        {**_OF_LOG, "kind": one_of("leaf"), "position": count, "canonical": text(), "seed": _hex, "hash": _hash}
    ),
    "part": struct(
        {**_OF_LOG, "kind": one_of("part"), "position": count, "slot": count, "salt": _hex, "canonical": text()}
    ),
    "node": struct({**_OF_LOG, "kind": one_of("node"), "level": _level, "index": count, "hash": _hash}),
    "checkpoint": struct({**_OF_LOG, "kind": one_of("checkpoint"), "note": text()}),
    "trailer": struct(
        {**_LINE, "kind": one_of("trailer"), "lines": count, "sha256": _hash, "origin": text(), "signature": text()}
    ),
}
