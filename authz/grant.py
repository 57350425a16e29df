"""The gateway's signed word to a subgraph: who asks and why, bound to one request, never a decision.

HTTP message signatures (RFC 9421, hmac-sha256) over method, path, content digest (RFC 9530) and the `leds-grant`
header, which is base64url JSON of principal and context. Keys, clock and nonces are given; replay is refused.
"""

import base64
import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from authz.context import RequestContext
from authz.errors import GrantMalformed, GrantMissing, GrantReplayed, GrantStale, GrantUntrusted
from authz.principal import Principal

LABEL = "leds"
COMPONENTS = '("@method" "@path" "content-digest" "leds-grant")'
ALGORITHM = "hmac-sha256"
METHOD = "POST"
PATH = "/graphql"
VALID_SECONDS = 30
CLOCK_SKEW_SECONDS = 5
REMEMBERED_NONCES = 200_000

HEADERS = ("content-digest", "leds-grant", "signature-input", "signature")
SIGNATURE_INPUT = re.compile(
    rf"{LABEL}=(?P<parameters>{re.escape(COMPONENTS)}(?:;[a-z]+=(?:\d+|\"[\x21\x23-\x5b\x5d-\x7e]*\"))+)"
)
PARAMETER = re.compile(r";(?P<name>[a-z]+)=(?:(?P<number>\d+)|\"(?P<text>[^\"]*)\")")
SIGNATURE = re.compile(rf"{LABEL}=:(?P<value>[A-Za-z0-9+/]+={{0,2}}):")
REQUIRED_PARAMETERS = frozenset({"created", "nonce", "keyid", "alg", "tag"})


@dataclass(frozen=True, slots=True)
class GrantKey:
    """One shared key with the id under which subgraphs know it."""

    key_id: str
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Grant:
    """Who asks, and why."""

    principal: Principal
    context: RequestContext


class NonceWindow:
    """The nonces seen while their signatures were fresh. One that is full refuses; it never forgets early."""

    def __init__(self, seconds: int = VALID_SECONDS + CLOCK_SKEW_SECONDS, capacity: int = REMEMBERED_NONCES) -> None:
        self._seconds = seconds
        self._capacity = capacity
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()

    def first_use(self, key_id: str, nonce: str, now: int) -> bool:
        """Remember this nonce; False when it was used before or no more can be remembered."""
        while self._seen and next(iter(self._seen.values())) + self._seconds < now:
            self._seen.popitem(last=False)
        if (key_id, nonce) in self._seen or len(self._seen) >= self._capacity:
            return False
        self._seen[key_id, nonce] = now
        return True


@dataclass(frozen=True, slots=True)
class GrantKeys:
    """What a subgraph accepts grants with: secrets by key id (several while keys rotate) and the nonces it has seen."""

    secrets: Mapping[str, bytes] = field(repr=False)
    window: NonceWindow = field(default_factory=NonceWindow, repr=False, compare=False)


def encode_grant(grant: Grant) -> str:
    """The `leds-grant` header: made once a request, however many subgraphs are asked."""
    return base64.urlsafe_b64encode(msgspec.json.encode(grant)).decode("ascii")


_DECODER = msgspec.json.Decoder(Grant)


def decode_grant(header: str) -> Grant:
    """The grant in a `leds-grant` header. Raises GrantMalformed."""
    try:
        return _DECODER.decode(base64.b64decode(header, altchars=b"-_", validate=True))
    except (ValueError, msgspec.DecodeError) as error:
        raise GrantMalformed("The grant header cannot be read.") from error


def sign_grant(key: GrantKey, subgraph: str, body: bytes, grant: str, created: int, nonce: str) -> dict[str, str]:
    """The headers that grant one `POST /graphql` with this body to this subgraph.

    `grant` comes from `encode_grant`; `created` is in Unix seconds; a `nonce` is never used twice.
    """
    digest = content_digest(body)
    parameters = (
        f'{COMPONENTS};created={created};nonce="{nonce}";keyid="{key.key_id}";alg="{ALGORITHM}";tag="{subgraph}"'
    )
    signature = _signature(key.secret, digest, grant, parameters)
    return {
        "content-digest": digest,
        "leds-grant": grant,
        "signature-input": f"{LABEL}={parameters}",
        "signature": f"{LABEL}=:{base64.b64encode(signature).decode('ascii')}:",
    }


def request_signer(
    key: GrantKey, principal: Principal, context: RequestContext, clock: Callable[[], float], nonces: Callable[[], str]
) -> Callable[[str, bytes], dict[str, str]]:
    """A function (subgraph, body) → headers for all fetches of one client request; `clock` in Unix seconds."""
    grant = encode_grant(Grant(principal, context))
    return lambda subgraph, body: sign_grant(key, subgraph, body, grant, int(clock()), nonces())


def verify_grant(
    keys: GrantKeys, subgraph: str, body: bytes, headers: Mapping[str, str], now: datetime
) -> tuple[Principal, RequestContext]:
    """Who asks and why, if one of `keys` signed exactly this request for this subgraph just now.

    `headers` by lower-case name. Raises GrantMissing, GrantMalformed, GrantUntrusted, GrantStale or GrantReplayed.
    """
    digest, grant, signature_input, signature = _headers(headers)
    parameters, named = _parameters(signature_input)
    secret = keys.secrets.get(named["keyid"])
    if secret is None or named["alg"] != ALGORITHM or named["tag"] != subgraph:
        raise GrantUntrusted("The grant is not for this subgraph, or signed with an unknown key.")
    _check_signature(_signature(secret, digest, grant, parameters), signature)
    if not hmac.compare_digest(digest.encode(), content_digest(body).encode()):
        raise GrantUntrusted("The body is not the one that was granted.")
    decoded = decode_grant(grant)
    seconds = now.timestamp()
    _check_time(int(named["created"]), seconds)
    require_unexpired(decoded.principal, now)
    if not keys.window.first_use(named["keyid"], named["nonce"], int(seconds)):
        raise GrantReplayed("The grant was used before.")
    return decoded.principal, decoded.context


def content_digest(body: bytes) -> str:
    """The Content-Digest header of a body (RFC 9530)."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode('ascii')}:"


def _headers(headers: Mapping[str, str]) -> tuple[str, str, str, str]:
    if absent := [name for name in HEADERS if not headers.get(name)]:
        raise GrantMissing(f"The request carries no grant: {', '.join(absent)} missing.")
    digest, grant, signature_input, signature = (headers[name] for name in HEADERS)
    return digest, grant, signature_input, signature


def _parameters(signature_input: str) -> tuple[str, Mapping[str, str]]:
    """The signature parameters as they were sent (that is what is signed) and by name."""
    match = SIGNATURE_INPUT.fullmatch(signature_input)
    if match is None:
        raise GrantMalformed("The grant does not cover what it must.")
    found = [(each["name"], each["number"] or each["text"] or "") for each in PARAMETER.finditer(match["parameters"])]
    named = dict(found)
    if len(named) != len(found) or named.keys() != REQUIRED_PARAMETERS or not named["created"].isdigit():
        raise GrantMalformed("The grant's signature parameters are not the required ones.")
    return match["parameters"], named


def _check_signature(expected: bytes, signature: str) -> None:
    match = SIGNATURE.fullmatch(signature)
    if match is None:
        raise GrantMalformed("The signature is not one byte sequence under the grant's label.")
    if not hmac.compare_digest(base64.b64encode(expected), match["value"].encode("ascii")):
        raise GrantUntrusted("The grant's signature does not match the request.")


def _check_time(created: int, now: float) -> None:
    if not now - VALID_SECONDS <= created <= now + CLOCK_SKEW_SECONDS:
        raise GrantStale("The grant was made too long ago, or in the future.")


def require_unexpired(principal: Principal, now: datetime) -> None:
    """Raise GrantStale once the token behind a grant has expired: what goes on for long asks again and again."""
    if principal.expires_at + CLOCK_SKEW_SECONDS <= now.timestamp():
        raise GrantStale("The access token behind the grant has expired.")


def _signature(secret: bytes, digest: str, grant: str, parameters: str) -> bytes:
    """HMAC-SHA-256 of the signature base (RFC 9421 section 2.5)."""
    base = (
        f'"@method": {METHOD}\n"@path": {PATH}\n"content-digest": {digest}\n'
        f'"leds-grant": {grant}\n"@signature-params": {parameters}'
    )
    return hmac.digest(secret, base.encode("utf-8"), "sha256")
