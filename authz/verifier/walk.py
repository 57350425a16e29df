"""One log's records in, its verdict out: one pass from the first leaf to the last, in bounded memory.

Every leaf is compared with what is stored beside it, every checkpoint with the root over the leaves before it. What a
leaf shows is held back until a signed root confirms that the leaf is the one that was signed.
"""

from collections.abc import Callable, Iterator

from authz.verifier.clock import Clock
from authz.verifier.erasure import Erasures
from authz.verifier.findings import Fault, Finding, LogVerdict, in_order
from authz.verifier.histories import MOST_KEPT, BadNode, Histories, Layer
from authz.verifier.localise import classify, one_inserted, two_swapped
from authz.verifier.note import Checkpoint, Keys, parse_checkpoint
from authz.verifier.place import Examined, examine
from authz.verifier.records import Interrupted, Log, Note, Place, Record, Subtree
from authz.verifier.witnessing import Witnesses

MOST_FAULTS = 100
Progress = Callable[[str, int], None]


class Walk:
    """The pass over one log."""

    def __init__(self, log: Log, keys: Keys, witnesses: Witnesses, progress: Progress | None = None) -> None:
        self._log, self._keys, self._witnesses, self._progress = log, keys, witnesses, progress
        self._records: Iterator[Record] = iter(())
        self._histories = Histories(log.node if log.whole else None)
        self._erasures = Erasures()
        self._clock = Clock()
        self._faults: list[Fault] = []
        self._held: list[Fault] = []
        self._proven, self._root = 0, None
        self._noted = 0
        self._notes_seen = 0
        self._due: int | None = None
        self._beyond = 0
        self._leaves = 0
        self._absent = 0
        self._eraser_doubtful = False
        self._looked_up = False
        self._over = False
        self.interrupted: Fault | None = None

    @property
    def noted(self) -> int:
        """How many leaves the newest good checkpoint that is stored covers."""
        return self._noted

    def verdict(self) -> LogVerdict:
        """Read everything. What ended the reading early is in `interrupted`."""
        try:
            self._records = self._log.records()
            self._compare_witnesses()
            for record in self._records:
                self._take(record)
                if self._over or len(self._faults) >= MOST_FAULTS:
                    break
            else:
                self._finish()
            self._count_the_rest()
        except Interrupted as interruption:
            self.interrupted = interruption.fault
        return LogVerdict(
            self._log.origin,
            self._leaves,
            min([self._proven, *(fault.position for fault in self._faults if fault.position is not None)]),
            self._root.hex() if self._root is not None else None,
            in_order(self._faults)[:MOST_FAULTS],
            tuple(self._remarks()),
        )

    def _take(self, record: Record) -> None:
        match record:
            case Note():
                self._take_note(record)
            case Subtree():
                self._take_subtree(record)
            case Place():
                self._take_place(record)

    # Leaves

    def _take_place(self, place: Place) -> None:
        position = self._histories.size
        self._expect_no_note()
        if place.position < position:
            self._stop(Fault(Finding.INSERTED, place.position, "a leaf stands before the first or twice"))
            return
        if place.position > position:
            self._stop(Fault(Finding.DELETED, position, f"it is gone; the next one is {place.position}"))
            return
        self._leaves = position + 1
        found = examine(place)
        self._judge(position, found)
        stored, computed = found.stored or found.computed, found.computed or found.stored
        if self._over or stored is None or computed is None:
            self._over = True
            return
        self._histories.push(stored, computed)
        entry = str(found.leaf.said["auditId"]) if found.leaf else None
        self._witnesses.compare_receipts(position, (stored, computed), entry)
        self._compare_witnesses()
        if self._progress is not None:
            self._progress(self._log.origin, position)

    def _judge(self, position: int, found: Examined) -> None:
        if found.gone:
            self._erasures.leaf_gone(position)
        for slot in found.erased if self._log.opened else ():
            self._erasures.part_gone(position, slot)
        self._eraser_doubtful |= found.may_erase
        if found.leaf is not None:
            self._erasures.explain(found.leaf)
            clock = self._clock.leaf(position, found.leaf.at, found.leaf.said["spooled"])
            self._hold(clock)
        if found.fault is not None:
            self._hold(self._classified(position, found, found.fault))

    def _classified(self, position: int, found: Examined, fault: Fault) -> Fault:
        """What a leaf that does not have its stored hash comes from; looked up for the first of them only."""
        stored, computed = found.stored, found.computed
        if stored is None or computed is None or stored == computed or self._looked_up or not self._log.whole:
            return fault
        self._looked_up = True
        home = self._log.hash_at(computed)
        copied = home is None or home < position or self._log.leaf_at(computed, position) is not None
        finding = classify(not copied, self._log.leaf_at(stored, position) is not None)
        self._over = finding is not Finding.EDITED
        return Fault(finding, position, fault.detail) if self._over else fault

    def _hold(self, fault: Fault | None) -> None:
        if fault is not None and len(self._held) < MOST_FAULTS:
            self._held.append(fault)

    def _take_subtree(self, subtree: Subtree) -> None:
        size = self._histories.size
        if size != subtree.index << subtree.level:
            self._stop(Fault(Finding.DELETED, size, "neither it nor the hash of a subtree with it is there"))
            return
        self._histories.push_subtree(subtree.hash, subtree.level)
        self._absent += 1 << subtree.level
        self._leaves = self._histories.size
        if subtree.level == 0:
            self._witnesses.compare_receipts(size, (subtree.hash,), None)
        self._compare_witnesses()

    # Checkpoints

    def _take_note(self, note: Note) -> None:
        self._notes_seen += 1
        if self._due == note.size:
            self._due = None
        checkpoint = self._authentic(note)
        if checkpoint is None or note.size < self._histories.size:
            detail = f"the checkpoint over {note.size} leaves is not signed with the log's key, or out of place"
            self._faults.append(Fault(Finding.CHECKPOINT_FORGED, self._noted, detail))
            return
        if note.size > self._histories.size:
            self._beyond = max(self._beyond, note.size)
            return
        self._hold(self._clock.checkpoint(note.size, checkpoint.at, self._noted))
        layer = self._histories.confirmed(checkpoint.root)
        if layer is None:
            self._explain(checkpoint)
            return
        self._settle(layer, checkpoint.root)
        self._noted = note.size
        self._faults += self._witnesses.forks()

    def _authentic(self, note: Note) -> Checkpoint | None:
        try:
            checkpoint = parse_checkpoint(note.text)
        except (ValueError, TypeError, AttributeError):
            return None
        right = (checkpoint.origin, checkpoint.size, len(checkpoint.signatures)) == (self._log.origin, note.size, 1)
        return checkpoint if right and self._keys.signed(checkpoint) else None

    def _compare_witnesses(self) -> None:
        size = self._histories.size
        while (witnessed := self._witnesses.checkpoint_due(size)) is not None:
            layer = self._histories.confirmed(witnessed.root)
            if layer is None:
                self._witnesses.contradict(witnessed)
                continue
            self._settle(layer, witnessed.root)
            self._witnesses.agree(size)
            self._due = size if self._log.whole else None

    def _expect_no_note(self) -> None:
        """A checkpoint that somebody holds was stored with its leaves, and must still be."""
        if self._due is not None:
            detail = f"the checkpoint over {self._due} leaves that others hold is not stored"
            self._faults.append(Fault(Finding.CHECKPOINT_MISSING, self._noted, detail))
        self._due = None

    def _settle(self, layer: Layer, root: bytes) -> None:
        proven = self._histories.proven.size
        if layer is Layer.NODES:
            first = max(proven, self._histories.first_bad_block)
            self._faults.append(Fault(Finding.RECOMPUTED, first, "from it on a block of leaves is not the signed one"))
            self._held = [fault for fault in self._held if fault.finding is not Finding.CLOCK]
        self._faults += self._held
        self._held = []
        self._faults += map(_node_fault, self._histories.settle(layer))
        self._proven, self._root = self._histories.size, root

    def _explain(self, checkpoint: Checkpoint) -> None:
        """No layer has the signed root: some leaf since the last one is not the one that was signed."""
        self._over = True
        proven, size = self._histories.proven, self._histories.size
        definite = [fault for fault in self._held if fault.finding is not Finding.CLOCK]
        if definite:
            self._faults += map(_unsigned, definite)
            return
        total, newest, following = self._rest()
        newest = max(newest, self._witnesses.farthest())
        hashes = self._histories.recent
        few = len(hashes) < MOST_KEPT
        if self.interrupted is not None:
            total = newest  # how many there are is not known: nothing is concluded from it
        if total > newest:
            at = one_inserted(proven, [*hashes, following], checkpoint.root) if few and following else None
            finding = Finding.INSERTED
        elif total < newest:
            finding, at = Finding.DELETED, None
        else:
            at = two_swapped(proven, hashes, checkpoint.root) if few else None
            finding = Finding.RECOMPUTED if at is None else Finding.REORDERED
        detail = f"leaves {proven.size} to {size - 1} are not the ones that were signed"
        self._faults.append(Fault(finding, proven.size if at is None else at, detail))

    def _rest(self) -> tuple[int, int, bytes | None]:
        """How many leaves there are, how many the newest checkpoint covers, and the hash of the next leaf."""
        newest, following = max(self._histories.size, self._beyond), None
        try:
            for record in self._records:
                match record:
                    case Place():
                        following = following or examine(record).stored
                        self._leaves = max(self._leaves, record.position + 1)
                    case Note():
                        newest = max(newest, record.size if self._authentic(record) else 0)
                    case Subtree():
                        self._leaves = max(self._leaves, (record.index + 1) << record.level)
        except Interrupted as interruption:
            self.interrupted = interruption.fault
        return self._leaves, newest, following

    # The end

    def _stop(self, fault: Fault) -> None:
        self._over = True
        self._faults += (held for held in self._held if held.finding is not Finding.CLOCK)
        self._faults.append(fault)
        self._held = []

    def _count_the_rest(self) -> None:
        if self._over:
            self._faults += self._held
            self._held = []
        self._rest()

    def _finish(self) -> None:
        self._expect_no_note()
        count = self._histories.size
        if self._beyond > count:
            detail = f"{self._beyond} leaves were signed, {count} are there"
            self._faults.append(Fault(Finding.TAIL_CUT, count, detail))
        if not self._notes_seen:
            self._faults.append(Fault(Finding.CHECKPOINT_MISSING, self._noted, "no checkpoint is stored"))
        elif max(self._proven, self._beyond) < count and not self._doubtful_from(self._proven):
            detail = f"no signed checkpoint covers the leaves from {self._proven} on"
            self._faults.append(Fault(Finding.INSERTED, self._proven, detail))
        self._faults += (_unsigned(fault) for fault in self._held if fault.finding is not Finding.CLOCK)
        self._faults += self._witnesses.forks()
        self._faults += self._witnesses.beyond(count)
        self._finish_erasures(count)
        self._finish_nodes(count)

    def _doubtful_from(self, position: int) -> bool:
        forged = (fault for fault in self._faults if fault.finding is Finding.CHECKPOINT_FORGED)
        return any(fault.position is not None and fault.position <= position for fault in forged)

    def _finish_erasures(self, count: int) -> None:
        if self._eraser_doubtful and self._faults:
            return
        for first, last in self._erasures.runs():
            finding = Finding.TAIL_CUT if last == count - 1 else Finding.DELETED
            self._faults.append(Fault(finding, first, f"leaves {first} to {last} are gone and no ERASE names them"))
        for position, slot in self._erasures.parts():
            detail = f"its part in slot {slot} was erased and no ERASE names it"
            self._faults.append(Fault(Finding.DELETED, position, detail))

    def _finish_nodes(self, count: int) -> None:
        if not self._log.whole:
            return
        for level, index in self._log.nodes():
            if len(self._faults) >= MOST_FAULTS:
                break
            if type(level) is not int or type(index) is not int or not _complete(level, index, count):
                detail = f"a hash of a subtree is stored that is not there: level {level}, index {index}"
                self._faults.append(Fault(Finding.INSERTED, None, detail))

    def _remarks(self) -> Iterator[str]:
        if self._absent:
            yield f"{self._absent} leaves are not in the export; their hashes are."
        if self._witnesses.passed_over:
            yield f"Receipts and checkpoints that cannot be compared with the export: {self._witnesses.passed_over}."
        if not self._keys.knows(self._log.origin):
            yield "No key of this log was given."
        if len(self._faults) >= MOST_FAULTS:
            yield f"There are more faults than the {MOST_FAULTS} that are listed."
        yield from self._witnesses.notes


def _complete(level: int, index: int, count: int) -> bool:
    return 0 < level < 64 and level % 8 == 0 and index >= 0 and (index + 1) << level <= count


def _node_fault(bad: BadNode) -> Fault:
    if bad.stored is None:
        return Fault(Finding.DELETED, bad.position, f"the hash of {1 << bad.level} leaves from it on is gone")
    return Fault(
        Finding.EDITED, bad.position, f"{1 << bad.level} leaves from it on do not have the hash stored for them"
    )


def _unsigned(fault: Fault) -> Fault:
    """Bytes that nobody signed are not called malformed: they were put there with their hash."""
    if fault.finding is not Finding.MALFORMED:
        return fault
    return Fault(Finding.RECOMPUTED, fault.position, "it is not the leaf that was signed")
