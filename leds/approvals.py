"""What approvers signed: a change of access facts, or a version of the rules that opens something. A folder of keys and
a file of approvals in; signatures and whether they hold out.

The key that signs is `approval.pem`; a service needs its public part only, so the other may be kept elsewhere.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from leds.config import Configuration, home
from leds.errors import FileProblem
from leds.keys import APPROVAL_PUBLIC_KEY

FORMAT = "leds-access-approval/1"
FILE = "approvals.jsonl"


class SignedApproval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who let the access table follow from these `sources` (versions), when and why; `widened` counts what it opened,
    `table` names what was surveyed."""

    at: str
    by: str
    because: str
    sources: dict[str, str]
    widened: int
    table: str = ""
    signature: str = ""
    format: str = FORMAT

    @property
    def signed(self) -> bytes:
        """What is signed: everything but the signature."""
        return _encode(msgspec.structs.replace(self, signature=""))


_encode = msgspec.json.Encoder(order="sorted").encode
_decode = msgspec.json.Decoder(SignedApproval, strict=True).decode


class Approver:
    """Whose signatures count. The key is read each time: signatures are looked at when something changes, not with
    requests. Without a key nothing is approved."""

    def __init__(self, public_key: Path) -> None:
        self._path = public_key

    def verify(self, data: bytes, signature: str) -> bool:
        """Whether the approver signed exactly these bytes."""
        try:
            key = serialization.load_pem_public_key(self._path.read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm) as error:
            structlog.get_logger("leds").error("approver_unknown", file=self._path.name, error=type(error).__name__)
            return False
        if not isinstance(key, Ed25519PublicKey):
            return False
        try:
            key.verify(base64.b64decode(signature, validate=True), data)
        except (InvalidSignature, binascii.Error):
            return False
        return True


def approver_of(configuration: Configuration) -> Approver:
    """The approver that a service trusts."""
    chosen = configuration.access.approver
    return Approver(Path(chosen) if chosen else home(os.environ) / "keys" / APPROVAL_PUBLIC_KEY)


def approvals_file(configuration: Configuration) -> Path:
    """Where signed approvals of rules are kept."""
    chosen = configuration.access.approvals
    return Path(chosen) if chosen else home(os.environ) / FILE


def signature_of(key: Ed25519PrivateKey, data: bytes) -> str:
    """A signature as it is written (base64)."""
    return base64.b64encode(key.sign(data)).decode()


def keep(approval: SignedApproval, key: Ed25519PrivateKey, file: Path) -> SignedApproval:
    """Sign an approval and add it to the file. Raises FileProblem."""
    signed = msgspec.structs.replace(approval, signature=signature_of(key, approval.signed))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("ab") as lines:
            lines.write(_encode(signed) + b"\n")
            lines.flush()
            os.fsync(lines.fileno())
    except OSError as error:
        raise FileProblem(f"{file} cannot be written: {error.strerror}.") from error
    return signed


def is_approved(sources: Mapping[str, str], file: Path, approver: Approver) -> bool:
    """Whether the approver signed exactly these versions. What cannot be read says nothing.

    Of facts it is the packaged ones: each change of them while a service runs has a signature of its own.
    """
    try:
        lines = file.read_bytes().splitlines()
    except OSError:
        return False
    return any(_is_of(line, sources, approver) for line in lines)


def _is_of(line: bytes, sources: Mapping[str, str], approver: Approver) -> bool:
    try:
        approval = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    return (
        approval.sources == sources
        and approval.format == FORMAT
        and approver.verify(approval.signed, approval.signature)
    )
