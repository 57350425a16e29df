"""Databases, a ledger's folder or an export in, with keys and what others hold; the verdict over them out.

Writes nothing, and believes nothing but signatures of the keys that it is given.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from authz.verifier.database import Database, note_stored, open_database, unguarded_state
from authz.verifier.evidence import Evidence
from authz.verifier.export import Export, witnesses_in
from authz.verifier.findings import Fault, Finding, LogVerdict, Verdict, in_order
from authz.verifier.leaf import Malformed, leaf_from_bytes
from authz.verifier.note import Checkpoint, Keys, parse_checkpoint, read_keys
from authz.verifier.records import Interrupted, Log
from authz.verifier.walk import Progress, Walk
from authz.verifier.witnessing import CHECKPOINT_FILE, Witnesses

_ATTEMPTS = 3
OWN_KEYS = "No key was given: the export is only shown to agree with the keys it brings itself."


@dataclass(frozen=True, slots=True)
class Outside:
    """The checkpoint file of a log: its text, None where it is gone."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """A log and, where one is kept, its checkpoint file."""

    log: Log
    outside: Outside | None = None


def verify(
    paths: Sequence[Path],
    keys: Keys | None,
    *,
    checkpoints: Iterable[str] = (),
    receipts: Iterable[str] = (),
    progress: Progress | None = None,
) -> Verdict:
    """The verdict over databases, a folder of them, or one export, against `checkpoints` (texts) and `receipts` (JSON
    lines) that were kept elsewhere. Without `keys` an export is held against the keys in its first line.

    Raises ReceiptUnreadable, and KeyUnreadable for databases without keys; all else that is wrong is in the verdict.
    """
    with closing(Evidence()) as evidence:
        for line in receipts:
            evidence.add_receipt(line)
        if len(paths) == 1 and _is_export(paths[0]):
            return _verify_export(paths[0], keys, evidence, list(checkpoints), progress)
        trusted = keys or read_keys(())
        faults = _keep(checkpoints, evidence, trusted)
        whole = any(path.is_dir() for path in paths)
        verdict = _at_one_moment(_databases(paths), trusted, evidence, whole, progress)
        return replace(verdict, faults=(*faults, *verdict.faults))


def verify_logs(
    sources: Sequence[Source], keys: Keys, evidence: Evidence, progress: Progress | None = None
) -> tuple[LogVerdict, ...]:
    """The verdicts over logs wherever they are kept, each also against what any of them witnessed of it."""
    witnessed = _witnessed(sources, evidence, keys)
    return tuple(
        _verify_log(source, keys, evidence, tuple(witnessed.get(source.log.origin, ())), progress) for source in sources
    )


def _verify_log(
    source: Source, keys: Keys, evidence: Evidence, faults: tuple[Fault, ...], progress: Progress | None
) -> LogVerdict:
    origin = source.log.origin
    file = _checkpoint_file(source, keys)
    if isinstance(file, Checkpoint):
        evidence.add_checkpoint(file, CHECKPOINT_FILE)
    walk = Walk(source.log, keys, Witnesses(evidence.checkpoints(origin), evidence.receipts(origin)), progress)
    verdict = walk.verdict()
    further = [*faults, *([file] if isinstance(file, Fault) else []), *([walk.interrupted] if walk.interrupted else [])]
    behind = isinstance(file, Checkpoint) and file.size < walk.noted
    note = ("The checkpoint file is behind the database, as while one is put there.",) if behind else ()
    return replace(verdict, faults=in_order((*verdict.faults, *further)), notes=(*verdict.notes, *note))


def _checkpoint_file(source: Source, keys: Keys) -> Checkpoint | Fault | None:
    if source.outside is None:
        return None
    if source.outside.text is None:
        return Fault(Finding.CHECKPOINT_FILE_MISSING, None, "there is no checkpoint file: a rollback would not show")
    checkpoint = _signed(source.outside.text, keys)
    if checkpoint is None or checkpoint.origin != source.log.origin:
        return Fault(Finding.CHECKPOINT_FORGED, None, "the checkpoint file is not signed with the log's key")
    return checkpoint


def _signed(text: str, keys: Keys) -> Checkpoint | None:
    try:
        checkpoint = parse_checkpoint(text)
    except ValueError:
        return None
    return checkpoint if keys.signed(checkpoint) else None


def _keep(texts: Iterable[str], evidence: Evidence, keys: Keys) -> list[Fault]:
    """Keep checkpoints that were given; those that nobody signed."""
    faults: list[Fault] = []
    for number, text in enumerate(texts, 1):
        checkpoint = _signed(text, keys)
        if checkpoint is None:
            detail = f"checkpoint {number} of those given is not signed with a log's key"
            faults.append(Fault(Finding.CHECKPOINT_FORGED, None, detail))
        else:
            evidence.add_checkpoint(checkpoint, f"checkpoint {number} of those given")
    return faults


# Databases


def _databases(paths: Sequence[Path]) -> tuple[Path, ...]:
    return tuple(
        database for path in paths for database in (sorted(path.glob("*.sqlite")) if path.is_dir() else [path])
    )


def _at_one_moment(
    paths: Sequence[Path], keys: Keys, evidence: Evidence, whole: bool, progress: Progress | None
) -> Verdict:
    for _ in range(_ATTEMPTS):
        before = [unguarded_state(path) for path in paths]
        verdict = _verify_databases(paths, keys, evidence, whole, progress)
        if all(state in (None, unguarded_state(path)) for state, path in zip(before, paths, strict=True)):
            return verdict
    return Verdict((), (Fault(Finding.UNREADABLE, None, "the ledger was changed each time while it was read"),))


def _verify_databases(
    paths: Sequence[Path], keys: Keys, evidence: Evidence, whole: bool, progress: Progress | None
) -> Verdict:
    unreadable: list[LogVerdict] = []
    with ExitStack() as stack:
        sources: list[Source] = []
        for path in paths:
            try:
                database = stack.enter_context(open_database(path))
                sources.append(Source(database, _outside(path, database)))
            except Interrupted as interruption:
                unreadable.append(LogVerdict(path.name, 0, 0, None, (interruption.fault,)))
        logs = (*verify_logs(sources, keys, evidence, progress), *unreadable)
    nowhere = [origin for origin in evidence.origins() if origin not in {source.log.origin for source in sources}]
    if not paths:
        return Verdict((), (Fault(Finding.UNREADABLE, None, "there is no ledger"),))
    if not whole:
        return Verdict(
            logs, (), tuple(f"Others hold something of {origin}, which was not given." for origin in nowhere)
        )
    lost = Fault(Finding.TAIL_CUT, 0, "others hold something of this log, and no database does")
    return Verdict((*logs, *(LogVerdict(origin, 0, 0, None, (lost,)) for origin in nowhere)))


def _outside(path: Path, database: Database) -> Outside | None:
    """The checkpoint file beside a database, read after the moment the database is of: an honest one is never ahead of
    it then, unless the writer went on while we read; then it says no more than the database does."""
    file = path.with_suffix(".checkpoint")
    try:
        text = file.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return Outside(None)
    except OSError as error:
        raise Interrupted(Fault(Finding.UNREADABLE, None, f"the checkpoint file cannot be read: {error}")) from error
    try:
        size = parse_checkpoint(text).size
    except ValueError:
        return Outside(text)
    ahead = size > database.newest() and note_stored(path, size) == text
    return None if ahead else Outside(text)


def _witnessed(sources: Sequence[Source], evidence: Evidence, keys: Keys) -> dict[str, list[Fault]]:
    """Keep what logs witnessed of each other; faults by the log that witnessed what was never signed."""
    faults: dict[str, list[Fault]] = {}
    for source in sources:
        origin = source.log.origin
        found = ((origin, position, data) for position, data in _readable(source.log.witnesses()))
        faults[origin] = list(_keep_witnessed(found, evidence, keys))
    return faults


def _readable(witnesses: Iterator[tuple[int, object]]) -> Iterator[tuple[int, object]]:
    """As many as can be read: what stands in the way is found again when the log itself is."""
    try:
        yield from witnesses
    except Interrupted:
        return


def _keep_witnessed(witnesses: Iterable[tuple[str, object, object]], evidence: Evidence, keys: Keys) -> Iterator[Fault]:
    for origin, position, data in witnesses:
        try:
            leaf = leaf_from_bytes(data if isinstance(data, bytes) else b"")
        except Malformed:
            continue
        for checkpoint in leaf.witnessed():
            if keys.signed(checkpoint):
                evidence.add_checkpoint(checkpoint, f"leaf {position} of {origin}")
            elif keys.knows(checkpoint.origin) and isinstance(position, int):
                detail = f"it holds a checkpoint of {checkpoint.origin} that is not signed with its key"
                yield Fault(Finding.CHECKPOINT_FORGED, position, detail)


# Exports


def _is_export(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(1) == b"{"
    except OSError:
        return False


def _verify_export(
    path: Path, keys: Keys | None, evidence: Evidence, checkpoints: Sequence[str], progress: Progress | None
) -> Verdict:
    logs: list[LogVerdict] = []
    faults: list[Fault] = []
    notes: list[str] = []
    with path.open("rb") as stream:
        try:
            export = Export(stream)
            trusted = keys or read_keys(export.keys)
            notes += () if keys else (OWN_KEYS,)
            faults += _keep(checkpoints, evidence, trusted)
            if len(export.origins) > 1:
                faults += _keep_witnessed(witnesses_in(path), evidence, trusted)
            for log in export.logs():
                walk = Walk(
                    log, trusted, Witnesses(evidence.checkpoints(log.origin), evidence.receipts(log.origin)), progress
                )
                logs.append(walk.verdict())
                if walk.interrupted:
                    raise Interrupted(walk.interrupted)
            faults += export.check_trailer(trusted)
        except Interrupted as interruption:
            faults.append(interruption.fault)
    return Verdict(tuple(logs), tuple(faults), tuple(notes))
