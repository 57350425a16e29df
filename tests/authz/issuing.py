"""An issuer for the tests: fresh keys, published as a JWKS, and tokens signed with them."""

from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from tests.authz.callers import NOON

ISSUER = "https://issuer.example"
AUDIENCE = "leds-graph"
NOW = NOON.timestamp()

KEYS: dict[str, Key] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}


def jwks(*algorithms: str) -> dict[str, Any]:
    """The public halves of these keys (all when none is named)."""
    return {"keys": [KEYS[name].as_dict(private=False) for name in algorithms or KEYS]}


def claims(**changes: object) -> dict[str, Any]:
    """The claims of a detective; a change to None leaves the claim out."""
    found = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "u-20-4419",
        "name": "DC 4419 EXAMPLE",
        "org": "ORG-20",
        "org_kind": "police_territorial",
        "agreement": "AGR-JC-01",
        "roles": ["detective"],
        "route": "DIRECT",
        "system": "LEDS-Direct",
        "fs": "20R1",
        "vetting": "RV",
        "training": ["NM-ENQ", "COP"],
        "areas": ["20"],
        "standing": "ACTIVE",
        "jti": "t-1",
        "iat": int(NOW),
        "nbf": int(NOW),
        "exp": int(NOW) + 900,
    } | changes
    return {name: value for name, value in found.items() if value is not None}


class _Signing(jws.JWSRegistry):
    """Signs with the name `EdDSA` too, as issuers in the field still do."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


def token(
    algorithm: str = "EdDSA", header: dict[str, Any] | None = None, key: Key | None = None, **changes: object
) -> str:
    """A token with these claims; `header` replaces entries of its header."""
    signing = key or KEYS[algorithm]
    complete = {"alg": algorithm, "typ": "at+jwt", "kid": signing.kid} | (header or {})
    sent = {name: value for name, value in complete.items() if value is not None}
    return jwt.encode(sent, claims(**changes), signing, registry=_Signing())
