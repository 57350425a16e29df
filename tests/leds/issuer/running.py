"""A running demo issuer on a free port, with a clock that tests move and everything a client computes."""

import base64
import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from starlette.routing import Mount

from leds.issuer.app import MOUNT, demo_issuer
from leds.keys import Keys, ensure_keys

VERIFIER = "a-verifier-of-forty-three-characters-or-more-1"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
START = 1_770_066_847


@dataclass
class Clock:
    """Unix seconds that only move when a test says so."""

    now: int = START

    def __call__(self) -> int:
        return self.now


@dataclass
class Counter:
    """Bytes that differ each time and are the same in each run."""

    count: int = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return hashlib.shake_128(str(self.count).encode()).digest(size)


@dataclass
class Running:
    """The issuer's address, its keys and clock, and a client without redirects."""

    origin: str
    keys: Keys
    clock: Clock
    http: httpx.Client
    assertions: Counter = field(default_factory=Counter)

    @property
    def issuer(self) -> str:
        return self.origin + MOUNT

    @property
    def redirect_uri(self) -> str:
        return f"{self.origin}/graphiql"

    def request(self, **changes: str | None) -> dict[str, str]:
        """The parameters of a valid authorization request; a change to None leaves the parameter out."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": "graphiql",
            "redirect_uri": self.redirect_uri,
            "scope": "openid offline_access leds",
            "state": "a state & more",
            "nonce": "n-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def choose(self, persona: str = "officer", **changes: str | None) -> dict[str, str]:
        """Choose a persona on the page; the parameters the client gets at its redirect URI."""
        form = self.request(**changes) | {"persona": persona}
        reply = self.http.post(f"{self.issuer}/authorize", data=form)
        assert reply.status_code == 303, reply.text
        target = urlsplit(reply.headers["location"])
        assert f"{target.scheme}://{target.netloc}{target.path}" == self.redirect_uri
        return {name: values[0] for name, values in parse_qs(target.query).items()}

    def exchange(self, code: str, /, **changes: str | None) -> httpx.Response:
        """Send a code to the token endpoint, as GraphiQL would."""
        form: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "client_id": "graphiql",
            "code_verifier": VERIFIER,
            **changes,
        }
        return self.token({name: value for name, value in form.items() if value is not None})

    def refresh(self, token: str, **changes: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "graphiql"}
        return self.token(form | changes)

    def token(self, form: dict[str, str], **arguments: Any) -> httpx.Response:
        return self.http.post(f"{self.issuer}/token", data=form, **arguments)

    def assertion(self, key: ECKey | None = None, **changes: Any) -> dict[str, str]:
        """The form of a client credentials request proven by `private_key_jwt`."""
        claims = {
            "iss": "insurer-system",
            "sub": "insurer-system",
            "aud": f"{self.issuer}/token",
            "jti": self.assertions(8).hex(),
            "exp": self.clock.now + 60,
            **changes,
        }
        signed = jwt.encode({"alg": "ES256"}, claims, key or self.keys.client, algorithms=["ES256"])
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": signed,
        }

    def claims(self, token: str) -> dict[str, Any]:
        """The claims of a token, verified with the published keys."""
        jwks = self.http.get(f"{self.issuer}/jwks").json()
        return jwt.decode(token, ECKey.import_key(jwks["keys"][0]), algorithms=["ES256"]).claims


@contextmanager
def running_issuer(folder: Path) -> Iterator[Running]:
    """Start the issuer under `/oidc` on a free port; stop it afterwards."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        clock, keys = Clock(), ensure_keys(folder / "keys")
        app = Starlette(routes=[Mount(MOUNT, app=demo_issuer(origin, keys, clock, Counter()))])
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        with httpx.Client() as http:
            yield Running(origin, keys, clock, http)
        server.should_exit = True
        thread.join()
