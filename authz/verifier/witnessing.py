"""What others hold of one log, met leaf by leaf while the log is read: what does not fit comes out. Does no I/O."""

from collections.abc import Iterator

from authz.verifier.evidence import Receipt, Witnessed
from authz.verifier.findings import Fault, Finding

CHECKPOINT_FILE = "the checkpoint file"


class Witnesses:
    """The checkpoints and receipts of one log, both sorted by position."""

    def __init__(self, checkpoints: Iterator[Witnessed], receipts: Iterator[Receipt]) -> None:
        self._checkpoints, self._receipts = checkpoints, receipts
        self._checkpoint: Witnessed | None = next(checkpoints, None)
        self._receipt: Receipt | None = next(receipts, None)
        self._contradictions: list[Fault] = []
        self._agreed = 0
        self.passed_over = 0
        self.notes: list[str] = []

    def checkpoint_due(self, size: int) -> Witnessed | None:
        """The next checkpoint over exactly `size` leaves; those over fewer cannot be compared any more."""
        while self._checkpoint is not None and self._checkpoint.size < size:
            self.passed_over += 1
            self._checkpoint = next(self._checkpoints, None)
        if self._checkpoint is None or self._checkpoint.size > size:
            return None
        due, self._checkpoint = self._checkpoint, next(self._checkpoints, None)
        return due

    def agree(self, size: int) -> None:
        """A checkpoint over `size` leaves fits them."""
        self._agreed = size

    def contradict(self, witnessed: Witnessed) -> None:
        """A checkpoint does not fit the leaves."""
        self._contradict(f"{witnessed.source} covers {witnessed.size} leaves of another history")

    def _contradict(self, detail: str) -> None:
        self._contradictions.append(Fault(Finding.FORKED, self._agreed, detail))

    def compare_receipts(self, position: int, hashes: tuple[bytes | None, ...], entry: str | None) -> None:
        """The receipts for `position` against the hashes of its leaf and the leaf's audit id, where they are known."""
        while self._receipt is not None and self._receipt.position <= position:
            receipt, self._receipt = self._receipt, next(self._receipts, None)
            if receipt.position < position:
                self.passed_over += 1
            elif receipt.leaf not in hashes:
                self._contradict(f"the receipt of {receipt.entry} has another leaf at {position}")
            elif entry not in (None, receipt.entry):
                self.notes.append(f"A receipt for leaf {position} names another entry than the leaf.")

    def forks(self) -> Iterator[Fault]:
        """The contradictions so far, where a signed checkpoint confirms the leaves: then there are two histories."""
        yield from self._contradictions
        self._contradictions = []

    def farthest(self) -> int:
        """How many leaves the largest checkpoint covers that was not compared yet; nothing can be, any more."""
        sizes = [self._checkpoint.size] if self._checkpoint else []
        return max((*sizes, *(one.size for one in self._checkpoints)), default=0)

    def beyond(self, count: int) -> Iterator[Fault]:
        """What covers more leaves than there are."""
        while (due := self._checkpoint) is not None:
            if due.size > count:
                finding = Finding.ROLLED_BACK if due.source == CHECKPOINT_FILE else Finding.TAIL_CUT
                yield Fault(finding, count, f"{due.source} covers {due.size} leaves, {count} are there")
            self._checkpoint = next(self._checkpoints, None)
        while (receipt := self._receipt) is not None:
            if receipt.position >= count:
                detail = f"the receipt of {receipt.entry} is for leaf {receipt.position}, {count} are there"
                yield Fault(Finding.TAIL_CUT, count, detail)
            self._receipt = next(self._receipts, None)
