"""The options of `leds gateway` about authentication and policies in; whose tokens and which policies count out."""

import asyncio
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path

from authz.errors import KeysUnavailable
from authz.keys import IssuerKeys, JwksKeys, KeySource, keys_from_jwks
from authz.standard.holder import holders
from authz.standard.policies import policies_in
from authz.tokens import Trust
from gateway.standard import Access
from leds.errors import ConfigurationError, FileProblem
from leds.files import read_text

ADVICE = "Give `--issuer URL --audience NAME`; `--jwks FILE|URL` and `--policies DIRECTORY` stand beside them."
VERSION = re.compile(r"[0-9a-f]{64}")
WEB = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class AccessOptions:
    """As they were given: the issuer's `iss`, the `aud` of this service, where the issuer's keys are when its discovery
    document does not say, and the directory of the policies behind `@policy`."""

    issuer: str | None = None
    audience: str | None = None
    jwks: str | None = None
    policies: Path | None = None

    def policy_files(self) -> tuple[Path, ...]:
        """The files whose change is a change of policies."""
        return tuple(sorted(self.policies.glob("*.cedar"))) if self.policies else ()


class ApprovedVersions:
    """The versions of graphs that may lower a rule: one that is named, or the words of a file, read each time."""

    def __init__(self, named: str | None) -> None:
        self._file = Path(named) if named and not VERSION.fullmatch(named) else None
        self._version = named if self._file is None else None

    def __call__(self, version: str) -> bool:
        """Whether this version is approved. A file that cannot be read approves nothing."""
        if self._file is None:
            return version == self._version
        try:
            return version in self._file.read_text(encoding="utf-8").split()
        except (OSError, UnicodeDecodeError):
            return False

    def files(self) -> tuple[Path, ...]:
        """The file whose change may be an approval."""
        return (self._file,) if self._file else ()


def access_from(options: AccessOptions) -> Access | None:
    """Whose tokens and which policies count; None when nothing is configured.

    Raises:
        ConfigurationError: options that do not make sense together.
        FileProblem: a file of keys that holds none.
    """
    if options == AccessOptions():
        return None
    if not options.issuer or not options.audience:
        raise ConfigurationError("Access needs both --issuer and --audience.", advice=ADVICE)
    directory = options.policies
    return Access(
        tokens=holders(Trust(options.issuer, options.audience), _keys(options.issuer, options.jwks)),
        policies=(lambda: policies_in(directory)) if directory else None,
    )


def _keys(issuer: str, jwks: str | None) -> KeySource:
    if jwks is None:
        if not issuer.startswith(WEB):
            raise ConfigurationError("An issuer that is no web address needs --jwks.", advice=ADVICE)
        return IssuerKeys(issuer, time.monotonic)
    if jwks.startswith(WEB):
        return JwksKeys(jwks, time.monotonic)
    _check_keys(Path(jwks))
    return JwksKeys(jwks, time.monotonic, _fetch_file)


def _check_keys(file: Path) -> None:
    """Raise FileProblem when the file holds no usable keys now, so that a slip shows at start."""
    try:
        keys_from_jwks(json.loads(read_text(file)))
    except (ValueError, KeysUnavailable) as error:
        raise FileProblem(
            f"{file} is no JWKS of public keys with ids.", advice='It must be JSON: {"keys": [{"kid": …, "kty": …}]}.'
        ) from error


async def _fetch_file(name: str) -> bytes:
    return await asyncio.to_thread(Path(name).read_bytes)
