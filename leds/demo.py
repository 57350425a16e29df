"""The demo: prepare data and keys, start the governed service with the demo issuer, answer the main query, say so."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from starlette.routing import Mount

from authz.keys import StaticKeys
from authz.tokens import Trust
from gateway.documents.request import HttpRequest
from gateway.errors import Starting
from gateway.readiness import Ready, Reason, always_ready
from leds.config import Configuration, home
from leds.demo_data import PEOPLE, SEED, prepare, prepare_configured, recipe_for
from leds.errors import DemoNotReady
from leds.governed import Governed, Identity
from leds.issuer.app import MOUNT, demo_issuer, public_key_set
from leds.keys import Keys, ensure_keys
from leds.personas import headers_for, token_for
from leds.running import Running, publish, withdraw
from leds.serving import require_free_port, serve

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"
MAIN_QUERY = EXAMPLES / "roadside.graphql"
MAIN_VARIABLES = {"vrm": "AB12CDE"}


@dataclass(frozen=True, slots=True)
class Embedded:
    """The governed service in this process with the demo issuer's keys; not listening anywhere."""

    governed: Governed
    running: Running
    keys: Keys

    def headers(self, persona: str) -> dict[str, str]:
        """A persona's headers for a request just now, names in lower case."""
        running = self.running
        token = token_for(persona, self.keys, int(time.time()), issuer=running.issuer, audience=running.audience)
        return {name.lower(): value for name, value in headers_for(persona, token).items()}


@asynccontextmanager
async def embedded(configuration: Configuration, ready: Ready = always_ready) -> AsyncIterator[Embedded]:
    """The service over the configured or the demo's database, closed afterwards.

    Raises:
        CodedError: whatever keeps it from starting, with what to do about it.
    """
    keys = ensure_keys(home(os.environ) / "keys")
    running = _running(configuration)
    governed = await Governed.start(configuration, _identity(running, keys), ready)
    try:
        yield Embedded(governed, running, keys)
    finally:
        await governed.close()


async def run_demo(
    configuration: Configuration, say: Callable[[str], None], announce: Callable[[Running, Keys], None]
) -> None:
    """Run until SIGINT or SIGTERM. `announce` is called once the main query has been answered.

    Raises:
        CodedError: whatever keeps the demo from starting, with what to do about it.
    """
    host, port = configuration.gateway.host, configuration.gateway.port
    require_free_port(host, port)
    directory = home(os.environ)
    directory.mkdir(parents=True, exist_ok=True)
    today = date.today()
    recipe = recipe_for(today, PEOPLE, SEED)
    if configuration.database.url:
        await prepare_configured(configuration.database.url, recipe, today, say)
    else:
        prepare(directory / "demo.sqlite", recipe, today, say)
    is_ready = asyncio.Event()

    async def ready() -> Sequence[Reason]:
        return () if is_ready.is_set() else (Reason("demo", Starting.code),)

    async with embedded(configuration, ready) as service:

        async def when_listening() -> None:
            await require_main_answer(service)
            publish(service.running, directory)
            is_ready.set()
            announce(service.running, service.keys)

        try:
            await serve(service.governed.app, host, port, when_listening)
        finally:
            withdraw(directory)


async def require_main_answer(service: Embedded) -> None:
    """Ask the main query as the officer: readiness is an answer, not an open port.

    Raises:
        DemoNotReady: it was not answered.
    """
    headers = service.headers("officer")
    body = json.dumps({"query": MAIN_QUERY.read_text(encoding="utf-8"), "variables": MAIN_VARIABLES}).encode()
    request = HttpRequest("POST", headers | {"content-type": "application/json"}, "", body)
    response = await service.governed.pipeline.answer(request)
    answer = json.loads(response.body)
    if response.status != 200 or not (answer.get("data") or {}).get("vehicle"):
        codes = sorted({error.get("extensions", {}).get("code", "?") for error in answer.get("errors", [])})
        raise DemoNotReady("The main query was not answered at start.", details={"codes": codes})


def _running(configuration: Configuration) -> Running:
    origin = f"http://{configuration.gateway.host}:{configuration.gateway.port}"
    return Running(origin, f"{origin}{MOUNT}", configuration.identity.audience, os.getpid())


def _identity(running: Running, keys: Keys) -> Identity:
    issuer = demo_issuer(running.origin, keys, lambda: int(time.time()), os.urandom, running.audience)
    trust = Trust(running.issuer, running.audience)
    return Identity(trust, StaticKeys(public_key_set(keys)), [Mount(MOUNT, issuer)])
