"""The service's key material: a folder in, keys in memory out. Never prints a key.

Files are made once with mode 0600, outside every database, and refused when somebody else can read them.
"""

import base64
import binascii
import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.jwk import ECKey

from authz.audit.pseudonym import SubjectKey
from authz.audit.sealing import SealingKey
from schema.errors import CodedError

Randomness = Callable[[int], bytes]

ISSUER_KEY = "issuer.pem"
LEDGER_KEY = "ledger.pem"
LEDGER_PUBLIC_KEY = "ledger.pub.pem"
ALERT_KEY = "alerts.pem"
ALERT_PUBLIC_KEY = "alerts.pub.pem"
APPROVAL_KEY = "approval.pem"
APPROVAL_PUBLIC_KEY = "approval.pub.pem"
SUBJECT_KEY = "subject.key"
SEALING_KEY = "sealing.key"
CLIENT_KEY = "insurer-system.pem"
CLIENT_SECRET = "insurer-system.secret"
LOG_PUBLIC_KEYS = (LEDGER_PUBLIC_KEY, ALERT_PUBLIC_KEY)
_PUBLIC_KEYS = {LEDGER_KEY: LEDGER_PUBLIC_KEY, ALERT_KEY: ALERT_PUBLIC_KEY, APPROVAL_KEY: APPROVAL_PUBLIC_KEY}
_SECRET_BYTES = 32


class KeyExposed(CodedError):
    """A key file that others than its owner may read: it may be known already."""

    code = "KEY_EXPOSED"
    status = 500


class KeyUnusable(CodedError):
    """A key file that is missing, cannot be read or holds no such key."""

    code = "KEY_UNUSABLE"
    status = 500
    advice = "Start the demo once to make its keys; to begin anew, delete the keys together with the ledger."


@dataclass(frozen=True, slots=True)
class Keys:
    """Every key of a running demo.

    `issuer` signs tokens (ES256), `ledger` signs checkpoints and `alerts` those of the logs of alerts, `sealing` closes
    what only an inspector may read there, `subject` hashes identifiers for the ledger; `client` and `client_secret` are
    what the demo's confidential client holds. What gateway and subgraphs share is in `leds.rings`.
    """

    issuer: ECKey = field(repr=False)
    ledger: Ed25519PrivateKey = field(repr=False)
    alerts: Ed25519PrivateKey = field(repr=False)
    sealing: SealingKey
    subject: SubjectKey
    client: ECKey = field(repr=False)
    client_secret: str = field(repr=False)


def ensure_keys(directory: Path, randomness: Randomness = os.urandom) -> Keys:
    """The keys in `directory`, making the ones that are missing. Raises KeyExposed, KeyUnusable."""
    _ensure(directory, tuple(_MAKERS), randomness)
    return load_keys(directory)


def ensure_subject_key(directory: Path, randomness: Randomness = os.urandom) -> SubjectKey:
    """What a subgraph hashes subjects with. Raises KeyExposed, KeyUnusable."""
    _ensure(directory, (SUBJECT_KEY,), randomness)
    return SubjectKey(*_named_secret(directory / SUBJECT_KEY))


def ensure_log_key(directory: Path, name: str, randomness: Randomness = os.urandom) -> Ed25519PrivateKey:
    """What signs the checkpoints of a process's own log (LEDGER_KEY, ALERT_KEY). Raises KeyExposed, KeyUnusable."""
    _ensure(directory, (name,), randomness)
    return _ed25519_key(directory / name)


def sealing_key(directory: Path) -> SealingKey | None:
    """The key that opens what was silent, where the operator put it: a new one would open nothing. Raises KeyExposed,
    KeyUnusable."""
    path = directory / SEALING_KEY
    return SealingKey(*_named_secret(path)) if path.exists() else None


def approval_key(directory: Path) -> Ed25519PrivateKey:
    """The key that approvals are signed with; a service needs only its public part. Raises KeyExposed, KeyUnusable."""
    return _ed25519_key(directory / APPROVAL_KEY)


def _ensure(directory: Path, names: tuple[str, ...], randomness: Randomness) -> None:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in names:
            if not (directory / name).exists():
                write_once(directory / name, _MAKERS[name](randomness))
            if name in _PUBLIC_KEYS:
                public = _pem_of_public(_ed25519_key(directory / name).public_key())
                _write_public(directory / _PUBLIC_KEYS[name], public)
    except OSError as error:
        raise KeyUnusable(f"The keys in {directory} cannot be made: {error.strerror}.") from error


def load_keys(directory: Path) -> Keys:
    """The keys in `directory`.

    Raises KeyExposed when somebody but the owner may read one, KeyUnusable when one is missing or is no such key.
    """
    return Keys(
        issuer=_signing_key(directory / ISSUER_KEY),
        ledger=_ed25519_key(directory / LEDGER_KEY),
        alerts=_ed25519_key(directory / ALERT_KEY),
        sealing=SealingKey(*_named_secret(directory / SEALING_KEY)),
        subject=SubjectKey(*_named_secret(directory / SUBJECT_KEY)),
        client=_signing_key(directory / CLIENT_KEY),
        client_secret=read_private(directory / CLIENT_SECRET).decode().strip(),
    )


def _make_signing_key(_: Randomness) -> bytes:
    return _pem(ec.generate_private_key(ec.SECP256R1()))


def _make_ed25519_key(randomness: Randomness) -> bytes:
    return _pem(Ed25519PrivateKey.from_private_bytes(randomness(32)))


def _make_named_secret(randomness: Randomness) -> bytes:
    secret = randomness(_SECRET_BYTES)
    name = hashlib.sha256(b"leds key id\n" + secret).hexdigest()[:8]
    return f"{name} {base64.b64encode(secret).decode()}\n".encode()


def _make_client_secret(randomness: Randomness) -> bytes:
    return base64.urlsafe_b64encode(randomness(_SECRET_BYTES)).rstrip(b"=") + b"\n"


_MAKERS: dict[str, Callable[[Randomness], bytes]] = {
    ISSUER_KEY: _make_signing_key,
    LEDGER_KEY: _make_ed25519_key,
    ALERT_KEY: _make_ed25519_key,
    APPROVAL_KEY: _make_ed25519_key,
    SUBJECT_KEY: _make_named_secret,
    SEALING_KEY: _make_named_secret,
    CLIENT_KEY: _make_signing_key,
    CLIENT_SECRET: _make_client_secret,
}


def _pem(key: ec.EllipticCurvePrivateKey | Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _pem_of_public(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def write_once(path: Path, data: bytes) -> None:
    """Write a whole file nobody else can read, or nothing: it takes its name only when it is complete."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, data)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    finally:
        os.unlink(temporary)


def _write_public(path: Path, data: bytes) -> None:
    if not path.exists():
        write_once(path, data)


def read_private(path: Path) -> bytes:
    """The bytes of a file that nobody but its owner can read. Raises KeyExposed, KeyUnusable."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise KeyExposed(
                f"Others may read the key file {path.name} (mode {mode:04o}).",
                advice=f"Run `chmod 600 {path}`; if anybody else could have read it, delete it and begin anew.",
            )
        return path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"The key file {path} cannot be read: {error.strerror}.") from error


def _private_key(path: Path) -> object:
    try:
        return serialization.load_pem_private_key(read_private(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyUnusable(f"The file {path} holds no private key.") from error


def _ed25519_key(path: Path) -> Ed25519PrivateKey:
    key = _private_key(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"The key in {path} is no Ed25519 key.")
    return key


def _signing_key(path: Path) -> ECKey:
    key = _private_key(path)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyUnusable(f"The key in {path} is no P-256 key.")
    signing = ECKey.import_key(key, {"use": "sig", "alg": "ES256"})
    signing.ensure_kid()
    return signing


def _named_secret(path: Path) -> tuple[str, bytes]:
    name, _, encoded = read_private(path).decode(errors="replace").strip().partition(" ")
    try:
        secret = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        secret = b""
    if not name or len(secret) != _SECRET_BYTES:
        raise KeyUnusable(f"The file {path} holds no secret with its id.")
    return name, secret
