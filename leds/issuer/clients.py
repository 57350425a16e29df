"""The clients registered with the demo issuer, and how each proves who it is."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from joserfc.jwk import ECKey

from authz.principal import Principal
from leds.keys import Keys

SCOPES = ("openid", "profile", "offline_access", "leds")


@dataclass(frozen=True, slots=True)
class Client:
    """One client. Public ones have neither secret nor key; `principal` is whom a client's own tokens speak for."""

    id: str
    title: str
    grants: frozenset[str]
    scopes: frozenset[str]
    redirect_uris: frozenset[str] = frozenset()
    secret_hash: bytes | None = field(default=None, repr=False)
    key: ECKey | None = field(default=None, repr=False)
    principal: Principal | None = None

    @property
    def public(self) -> bool:
        """Whether the client cannot keep a secret, and so only names itself."""
        return self.secret_hash is None and self.key is None


def secret_hash(secret: str) -> bytes:
    """What is kept of a client secret (32 random bytes, so a plain hash is enough)."""
    return hashlib.sha256(secret.encode()).digest()


def demo_clients(origin: str, keys: Keys) -> Mapping[str, Client]:
    """`graphiql` (public, code flow) and `insurer-system` (confidential, client credentials) for a demo at `origin`."""
    graphiql = Client(
        id="graphiql",
        title="GraphiQL",
        grants=frozenset({"authorization_code", "refresh_token"}),
        scopes=frozenset(SCOPES),
        redirect_uris=frozenset({f"{origin}/graphiql"}),
    )
    insurer = Client(
        id="insurer-system",
        title="Alder Mutual claims system",
        grants=frozenset({"client_credentials"}),
        scopes=frozenset({"leds"}),
        secret_hash=secret_hash(keys.client_secret),
        key=ECKey.import_key(keys.client.as_dict(private=False)),
        principal=INSURER_SYSTEM,
    )
    return MappingProxyType({client.id: client for client in (graphiql, insurer)})


INSURER_SYSTEM = Principal(
    subject="insurer-system",
    name="Alder Mutual claims system",
    organisation="ORG-INS-A",
    organisation_kind="commercial_dsa",
    agreement="AGR-COM-01",
    roles=("partner_vehicle",),
    route="CONNECTED",
    system="PartnerConnect",
    vetting="BPSS",
    training=("COP", "VP-ENQ"),
)
"""The service identity of the partner's connecting system; the person it acts for is stated per request."""
