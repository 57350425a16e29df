"""What those who look after the ledger work with beside its tables: its keys, and where what they do is recorded."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from authz.audit.ledger import Draft, Receipt
from authz.audit.recorder import Recorder
from authz.audit.sealing import SealingKey

Append = Callable[[Draft], Awaitable[Receipt]]


@dataclass(frozen=True, slots=True)
class Desk:
    """`recorder` drafts what is done here and holds the key by which records are found in the ledger; `sealing` opens
    what was silent (None: nothing is opened here); `append` makes a draft durable (None: here the ledger is only read).
    """

    recorder: Recorder = field(repr=False)
    sealing: SealingKey | None = None
    append: Append | None = field(default=None, repr=False)
