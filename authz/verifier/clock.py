"""Times of leaves and checkpoints in their order in, those that go back too far out. Does no I/O."""

from authz.verifier.findings import Fault, Finding

TOLERANCE = 5 * 60 * 1000
"""Milliseconds that clocks may be set back by, and entries overtake each other on their way."""


class Clock:
    """The latest time so far, and the leaf that has it."""

    def __init__(self) -> None:
        self._latest: tuple[int, int] | None = None
        self._checkpoint: int | None = None

    def leaf(self, position: int, at: int, spooled: bool) -> Fault | None:
        """A leaf's time; one from the spool was written down before it came into the log."""
        latest = self._latest
        if latest is None or at >= latest[0]:
            self._latest = (at, position)
        elif at < latest[0] - TOLERANCE and not spooled:
            # What follows is measured against this one, or one leaf from the future would make all others doubtful.
            self._latest = (at, position)
            return Fault(Finding.CLOCK, position, f"it is dated before leaf {latest[1]}")
        return None

    def checkpoint(self, size: int, at: int, covered: int) -> Fault | None:
        """The time of a checkpoint over `size` leaves of which the one before it `covered` fewer."""
        before, self._checkpoint = self._checkpoint, at
        if self._latest is not None and at < self._latest[0] - TOLERANCE:
            return Fault(Finding.CLOCK, self._latest[1], f"the checkpoint over {size} leaves is dated before it")
        if before is not None and at < before - TOLERANCE:
            return Fault(Finding.CLOCK, covered, f"the checkpoint over {size} leaves is dated before the one before it")
        return None
