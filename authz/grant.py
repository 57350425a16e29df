"""The gateway's signed word to a subgraph: who asks and why, bound to one request, never a decision.

HTTP message signatures (RFC 9421, hmac-sha256) over method, path, content digest (RFC 9530) and the `leds-grant`
header, which is base64url JSON of principal and context. Keys, clock and nonces are given; replay is refused.
"""

import base64
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from authz.context import RequestContext
from authz.errors import GrantMalformed, GrantMissing, GrantReplayed, GrantStale, GrantUntrusted
from authz.nonces import CLOCK_SKEW_SECONDS, VALID_SECONDS, Nonces, NonceWindow
from authz.principal import Principal
from authz.rings import GrantKey, Ring, Rings
from authz.signatures import ALGORITHM, LABEL, SIGNATURE, content_digest, mac

COMPONENTS = '("@method" "@path" "content-digest" "leds-grant")'
METHOD = "POST"
PATH = "/graphql"

HEADERS = ("content-digest", "leds-grant", "signature-input", "signature")
SIGNATURE_INPUT = re.compile(
    rf"{LABEL}=(?P<parameters>{re.escape(COMPONENTS)}(?:;[a-z]+=(?:\d+|\"[\x21\x23-\x5b\x5d-\x7e]*\"))+)"
)
PARAMETER = re.compile(r";(?P<name>[a-z]+)=(?:(?P<number>\d+)|\"(?P<text>[^\"]*)\")")
REQUIRED_PARAMETERS = frozenset({"created", "nonce", "keyid", "alg", "tag"})


@dataclass(frozen=True, slots=True)
class Grant:
    """Who asks, and why; `facts` is the number of the access facts by which the gateway decided."""

    principal: Principal
    context: RequestContext
    facts: int = 0


@dataclass(frozen=True, slots=True)
class GrantKeys:
    """What one subgraph accepts grants with: the keys it shares with the gateway, and the nonces that were used."""

    ring: Ring
    nonces: Nonces = field(default_factory=NonceWindow, repr=False, compare=False)


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
    signature = mac(key.secret, _base(digest, grant, parameters))
    return {
        "content-digest": digest,
        "leds-grant": grant,
        "signature-input": f"{LABEL}={parameters}",
        "signature": f"{LABEL}=:{signature}:",
    }


def request_signer(
    rings: Rings, grant: Grant, clock: Callable[[], float], nonces: Callable[[], str]
) -> Callable[[str, bytes], dict[str, str]]:
    """A function (subgraph, body) → headers for all fetches of one client request; `clock` in Unix seconds.

    The function raises NoSigningKey.
    """
    encoded = encode_grant(grant)

    def sign(subgraph: str, body: bytes) -> dict[str, str]:
        now = clock()
        return sign_grant(rings(subgraph).signing(now), subgraph, body, encoded, int(now), nonces())

    return sign


async def verify_grant(keys: GrantKeys, subgraph: str, body: bytes, headers: Mapping[str, str], now: datetime) -> Grant:
    """Who asks and why, if one of `keys` signed exactly this request for this subgraph just now.

    `headers` by lower-case name. Raises GrantMissing, GrantMalformed, GrantUntrusted, GrantStale, GrantReplayed or
    NoncesUnavailable.
    """
    digest, grant, signature_input, signature = _headers(headers)
    parameters, named = _parameters(signature_input)
    seconds = now.timestamp()
    key = keys.ring.accepted(named["keyid"], seconds)
    if key is None or named["alg"] != ALGORITHM or named["tag"] != subgraph:
        raise GrantUntrusted("The grant is not for this subgraph, or signed with a key that does not count.")
    _check_signature(mac(key.secret, _base(digest, grant, parameters)), signature)
    if not hmac.compare_digest(digest.encode(), content_digest(body).encode()):
        raise GrantUntrusted("The body is not the one that was granted.")
    decoded = decode_grant(grant)
    _check_time(int(named["created"]), seconds)
    require_unexpired(decoded.principal, now)
    if not await keys.nonces.first_use(subgraph, named["keyid"], named["nonce"], seconds):
        raise GrantReplayed("The grant was used before.")
    return decoded


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


def _check_signature(expected: str, signature: str) -> None:
    match = SIGNATURE.fullmatch(signature)
    if match is None:
        raise GrantMalformed("The signature is not one byte sequence under the grant's label.")
    if not hmac.compare_digest(expected.encode(), match["value"].encode()):
        raise GrantUntrusted("The grant's signature does not match the request.")


def _check_time(created: int, now: float) -> None:
    if not now - VALID_SECONDS <= created <= now + CLOCK_SKEW_SECONDS:
        raise GrantStale("The grant was made too long ago, or in the future.")


def require_unexpired(principal: Principal, now: datetime) -> None:
    """Raise GrantStale once the token behind a grant has expired: what goes on for long asks again and again."""
    if principal.expires_at + CLOCK_SKEW_SECONDS <= now.timestamp():
        raise GrantStale("The access token behind the grant has expired.")


def _base(digest: str, grant: str, parameters: str) -> str:
    """The signature base (RFC 9421 section 2.5)."""
    return (
        f'"@method": {METHOD}\n"@path": {PATH}\n"content-digest": {digest}\n'
        f'"leds-grant": {grant}\n"@signature-params": {parameters}'
    )
