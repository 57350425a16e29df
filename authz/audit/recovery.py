"""Where a writer may go on: what the files hold in, the head to build on out, or a refusal that says why. Does no I/O.

A commit is durable in the database before its head reaches the head file, so after a crash the file is at most one
commit behind. Anything else was not done by this writer.
"""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from authz.audit.chain import SignedHead, genesis, parse_head
from authz.audit.errors import LedgerInconsistent
from authz.audit.store import Row, Stored


def start_from(stored: Stored | None, origin: str, key: Ed25519PublicKey) -> SignedHead | None:
    """The head to build on, or None when there is no ledger yet. Raises LedgerInconsistent."""
    if stored is None:
        return None
    if not stored.heads:
        raise LedgerInconsistent(
            "The ledger database is gone, its head file is not.",
            advice="Restore the database. To begin a new ledger on purpose, move the head file away.",
        )
    heads = [_signed(text, key) for text in stored.heads]
    newest = heads[0]
    if newest.head.origin != origin:
        raise LedgerInconsistent("The ledger database belongs to another ledger.")
    _require_row(newest, stored.last_row, origin)
    _require_head_file(heads, stored.head_file, key)
    return newest


def _signed(text: str, key: Ed25519PublicKey) -> SignedHead:
    try:
        head = parse_head(text)
    except ValueError as error:
        raise LedgerInconsistent("A stored ledger head cannot be read.") from error
    if not head.signed_by(key):
        raise LedgerInconsistent(
            "A stored ledger head was not signed with this service's ledger key.",
            advice="Use the key this ledger was written with; if it is the right key, run `leds audit verify`.",
        )
    return head


def _require_row(newest: SignedHead, row: Row | None, origin: str) -> None:
    reached = (row.position + 1, row.hash.hex()) if row else (0, genesis(origin).hex())
    if reached != (newest.head.count, newest.head.hash):
        raise LedgerInconsistent("The ledger's last entry is not the one its head was signed over.")


def _require_head_file(heads: list[SignedHead], text: str | None, key: Ed25519PublicKey) -> None:
    # The cases: no file yet (only right before the first commit), equal to the newest head, one commit behind it.
    if text is None and heads[0].head.number == 0:
        return
    if text is None:
        raise LedgerInconsistent("The ledger's head file is gone.")
    if _signed(text, key) not in heads:
        raise LedgerInconsistent("The ledger's head file does not belong to what the database holds.")
