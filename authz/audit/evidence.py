"""Signed heads as evidence: texts and the public key in, the heads that hold and the faults of the rest out. No I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from authz.audit.chain import SignedHead, parse_head
from authz.audit.verdict import Fault, Finding


@dataclass(frozen=True, slots=True)
class Evidence:
    """The stored heads that hold (oldest first, no gap), the fault that ended them, and how many are stored."""

    heads: tuple[SignedHead, ...]
    faults: tuple[Fault, ...]
    stored: int

    @property
    def count(self) -> int:
        """How many entries the newest good head covers."""
        return self.heads[-1].head.count if self.heads else 0


def evidence_of(texts: Sequence[tuple[int, str]], key: Ed25519PublicKey) -> Evidence:
    """Judge the stored (number, head) pairs in their order; what follows a bad one proves nothing."""
    heads: list[SignedHead] = []
    for expected, (number, text) in enumerate(texts):
        signed = authentic(text, key)
        fault = _fault_of_head((expected, number), signed, heads)
        if fault is not None or signed is None:
            return Evidence(tuple(heads), (fault,) if fault else (), len(texts))
        heads.append(signed)
    if heads:
        return Evidence(tuple(heads), (), len(texts))
    return Evidence((), (Fault(Finding.HEAD_MISSING, 0, "the database holds no signed head"),), 0)


def authentic(text: str, key: Ed25519PublicKey) -> SignedHead | None:
    """The head in `text` if it is one and `key` signed it."""
    try:
        signed = parse_head(text)
    except ValueError:
        return None
    return signed if signed.signed_by(key) else None


def _fault_of_head(numbers: tuple[int, int], signed: SignedHead | None, before: Sequence[SignedHead]) -> Fault | None:
    expected, number = numbers
    proven = before[-1].head.count if before else 0
    if number != expected:
        return Fault(Finding.HEAD_MISSING, proven, f"signed head {expected} is gone")
    if signed is None:
        return Fault(Finding.HEAD_FORGED, proven, f"head {number} was not signed with the ledger's key")
    if signed.head.number != number:
        return Fault(Finding.HEAD_FORGED, proven, f"head {signed.head.number} stands in the place of head {number}")
    if before and (signed.head.origin != before[-1].head.origin or signed.head.count <= proven):
        return Fault(Finding.HEAD_FORGED, proven, f"head {number} does not follow head {number - 1}")
    return None


def judge_head_file(
    text: str | None, evidence: Evidence, key: Ed25519PublicKey
) -> tuple[tuple[Fault, ...], tuple[str, ...]]:
    """Faults and notes of the head file: it must be the newest stored head or, after a crash, the one before."""
    if text is None:
        return (Fault(Finding.HEAD_FILE_MISSING, None, "there is no head file: a cut tail would not show"),), ()
    signed = authentic(text, key)
    if signed is None:
        return (Fault(Finding.HEAD_FORGED, None, "the head file was not signed with the ledger's key"),), ()
    if evidence.faults or signed == evidence.heads[-1]:
        return (), ()
    if signed in evidence.heads[-2:]:
        return (), ("The head file is one commit behind: one is under way, or the writer stopped in between.",)
    if signed in evidence.heads:
        behind = evidence.heads[-1].head.number - signed.head.number
        return (Fault(Finding.HEAD_ROLLED_BACK, None, f"the head file is {behind} commits behind the database"),), ()
    return (_beyond_or_forked(signed, evidence, "the head file"),), ()


def judge_witness(text: str, hashes: Mapping[int, str], evidence: Evidence, key: Ed25519PublicKey) -> tuple[Fault, ...]:
    """Faults of a head kept elsewhere, given the recomputed hash at each count that was reached."""
    signed = authentic(text, key)
    if signed is None:
        return (Fault(Finding.HEAD_FORGED, None, "a witnessed head was not signed with the ledger's key"),)
    if evidence.faults or hashes.get(signed.head.count) == signed.head.hash:
        return ()
    return (_beyond_or_forked(signed, evidence, "a witnessed head"),)


def _beyond_or_forked(signed: SignedHead, evidence: Evidence, what: str) -> Fault:
    head, newest = signed.head, evidence.heads[-1].head
    if head.origin == newest.origin and head.count > newest.count:
        detail = f"{what} covers {head.count} entries, the database holds heads over {newest.count}"
        return Fault(Finding.TAIL_CUT, newest.count, detail)
    return Fault(Finding.FORKED, None, f"{what} covers {head.count} entries of another history")
