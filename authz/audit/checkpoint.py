"""C2SP checkpoints (c2sp.org/tlog-checkpoint): which ledger, how many entries, which root, as a signed note. No I/O."""

import base64
import re
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from authz.audit.merkle import HASH_BYTES
from authz.audit.note import SignedNote, parse_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tree of the ledger `origin` when it held `size` entries: its 32-byte root, and lines of the ledger's own.

    Raises ValueError for an origin or extension that is empty or no single line, a size that is not from 0 to
    10**18 - 1, and a root of another length.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _SIZE.fullmatch(str(self.size)) or len(self.root) != HASH_BYTES:
            raise ValueError("a checkpoint with an impossible size or root")
        for line in (self.origin, *self.extensions):
            if not line or "\n" in line:
                raise ValueError("a checkpoint with an empty line")

    def text(self) -> str:
        """The lines that are signed, the last newline included."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and the note over its text; `str` is the note."""

    checkpoint: Checkpoint
    note: SignedNote

    def __str__(self) -> str:
        return str(self.note)

    def signed_by(self, key: Ed25519PublicKey, name: str) -> bool:
        """Whether `key`, known as `name`, signed this checkpoint. Lines of unknown keys are passed over.

        Raises ValueError for a name that no key can have.
        """
        return self.note.signed_by(key, name)


def sign_checkpoint(checkpoint: Checkpoint, key: Ed25519PrivateKey, name: str) -> str:
    """The note of `checkpoint` signed with `key`, known as `name`.

    Raises ValueError for a name that no key can have and for a control character or lone surrogate in the text. That no
    ledger signs two checkpoints of which neither grows into the other is the caller's to keep.
    """
    return str(sign_note(checkpoint.text(), key, name))


def parse_checkpoint(text: str) -> SignedCheckpoint:
    """The signed checkpoint that `text` is the exact print of. Raises ValueError for anything else."""
    note = parse_note(text)
    origin, size, root, *extensions = note.text.removesuffix("\n").split("\n")
    checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True), tuple(extensions))
    if checkpoint.text() != note.text:
        raise ValueError("a checkpoint that is not printed canonically")
    return SignedCheckpoint(checkpoint, note)
