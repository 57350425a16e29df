"""What a log needs of the place where it is kept: one writer, atomic commits that are durable when they return."""

from collections.abc import Sequence
from typing import Protocol

from authz.audit.rows import Commit, Stored


class LogStore(Protocol):
    """One log in one database. Used by one `Ledger` at a time.

    Every method raises AuditUnavailable when the database cannot be used. After an error of `commit` nothing is known
    of what became durable: the ledger opens the store again and looks.
    """

    async def open(self) -> None:
        """Become the one writer. Raises LedgerInUse when another is, LedgerInconsistent for another format."""
        ...

    async def create(self, origin: str, note: str) -> None:
        """Begin a log without leaves, under its first checkpoint."""
        ...

    async def stored(self) -> Stored | None:
        """What the log holds, None where nothing was ever written."""
        ...

    async def commit(self, commit: Commit) -> None:
        """Make leaves, parts, nodes and checkpoint durable, all or nothing. Raises DuplicateEntry."""
        ...

    async def place(self, note: str) -> None:
        """Keep the newest checkpoint outside the database too."""
        ...

    async def others(self) -> Sequence[str]:
        """The newest checkpoints of the other logs of this ledger, as signed notes, by the names of their logs."""
        ...

    async def check(self) -> None:
        """Make sure that a commit could be made just now, without making one."""
        ...

    async def close(self) -> None:
        """Give up being the writer. May be called when `open` has failed."""
        ...
