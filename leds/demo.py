"""The demo: prepare data and keys, start the governed service with the demo issuer, answer the main query, say so."""

import asyncio
import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from starlette.routing import Mount

from authz.keys import StaticKeys
from authz.tokens import Trust
from gateway.documents.request import HttpRequest
from gateway.pipeline import Pipeline
from leds.config import Configuration, home
from leds.demo_data import PEOPLE, SEED, prepare, recipe_for
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
    keys = ensure_keys(directory / "keys")
    if not configuration.database.url:
        today = date.today()
        prepare(directory / "demo.sqlite", recipe_for(today, PEOPLE, SEED), today, say)
    running = _running(configuration, host, port)
    is_ready = asyncio.Event()

    async def ready() -> bool:
        return is_ready.is_set()

    governed = await Governed.start(configuration, _identity(running, keys), ready)

    async def when_listening() -> None:
        await require_main_answer(governed.pipeline, keys, running)
        publish(running, directory)
        is_ready.set()
        announce(running, keys)

    try:
        await serve(governed.app, host, port, when_listening)
    finally:
        withdraw(directory)
        await governed.close()


async def require_main_answer(pipeline: Pipeline, keys: Keys, running: Running) -> None:
    """Ask the main query as the officer: readiness is an answer, not an open port.

    Raises:
        DemoNotReady: it was not answered.
    """
    token = token_for("officer", keys, int(time.time()), issuer=running.issuer, audience=running.audience)
    headers = {name.lower(): value for name, value in headers_for("officer", token).items()}
    body = json.dumps({"query": MAIN_QUERY.read_text(encoding="utf-8"), "variables": MAIN_VARIABLES}).encode()
    request = HttpRequest("POST", headers | {"content-type": "application/json"}, "", body)
    response = await pipeline.answer(request)
    answer = json.loads(response.body)
    if response.status != 200 or not (answer.get("data") or {}).get("vehicle"):
        codes = sorted({error.get("extensions", {}).get("code", "?") for error in answer.get("errors", [])})
        raise DemoNotReady("The main query was not answered at start.", details={"codes": codes})


def _running(configuration: Configuration, host: str, port: int) -> Running:
    origin = f"http://{host}:{port}"
    return Running(origin, f"{origin}{MOUNT}", configuration.identity.audience, os.getpid())


def _identity(running: Running, keys: Keys) -> Identity:
    issuer = demo_issuer(running.origin, keys, lambda: int(time.time()), os.urandom, running.audience)
    trust = Trust(running.issuer, running.audience)
    return Identity(trust, StaticKeys(public_key_set(keys)), [Mount(MOUNT, issuer)])
