"""What signatures of requests and of replies have in common (RFC 9421, RFC 9530). Text and bytes only; no keys kept."""

import base64
import hashlib
import hmac
import re

LABEL = "leds"
ALGORITHM = "hmac-sha256"
SIGNATURE = re.compile(rf"{LABEL}=:(?P<value>[A-Za-z0-9+/]+={{0,2}}):")


def content_digest(body: bytes) -> str:
    """The Content-Digest header of a body (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def mac(secret: bytes, base: str) -> str:
    """HMAC-SHA-256 of a signature base (RFC 9421 sections 2.5 and 3.3.3), in base64."""
    return base64.b64encode(hmac.digest(secret, base.encode("utf-8"), "sha256")).decode("ascii")
