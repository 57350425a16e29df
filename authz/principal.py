"""Who is asking: the claims of a verified access token. Nothing here comes from a header the caller can write."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Principal:
    """One caller. Field names are the token's claims; see `authz/tokens.py` for how they are verified.

    `route` is one of `access_routes` (DIRECT, MOBILE, TERMINAL, CONNECTED, BATCH, BUREAU).
    """

    subject: str
    name: str
    organisation: str
    organisation_kind: str
    agreement: str
    roles: tuple[str, ...]
    route: str
    system: str
    force_station: str | None = None
    vetting: str | None = None
    training: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    standing: str = "ACTIVE"
    token_id: str = ""
    issued_at: int = 0
    expires_at: int = 0
