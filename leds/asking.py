"""A persona's request out, its response in: from the demo that runs here, else from this service in this process."""

import asyncio
import json
import os
import sys
import time
import urllib.request
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from gateway.documents.request import HttpRequest
from leds.config import Configuration, home, load_configuration
from leds.demo import embedded
from leds.demo_data import prepare, recipe_for
from leds.errors import NoRunningDemo, UnknownName
from leds.keys import load_keys
from leds.personas import PERSONAS, headers_for, token_for
from leds.running import Running, running_demo

TIMEOUT_SECONDS = 30
JSON_TYPE = {"content-type": "application/json"}


def ask(persona: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The response to a GraphQL request of `persona` with its usual statements: decided, masked and recorded as ever.

    Raises:
        UnknownName: there is no such persona.
        NoRunningDemo: a demo was here and does not answer.
        CodedError: whatever keeps the service from starting here.
    """
    if persona not in PERSONAS:
        raise UnknownName(f"There is no persona {persona!r}.", advice=f"Choose one of {', '.join(PERSONAS)}.")
    sent = json.dumps(body).encode()
    running = running_demo(home(os.environ))
    answer = _asked_there(running, persona, sent) if running else asyncio.run(_asked_here(persona, sent))
    return json.loads(answer)


def _asked_there(running: Running, persona: str, body: bytes) -> bytes:
    keys = load_keys(home(os.environ) / "keys")
    token = token_for(persona, keys, int(time.time()), issuer=running.issuer, audience=running.audience)
    headers = headers_for(persona, token) | JSON_TYPE
    request = urllib.request.Request(f"{running.origin}/graphql", data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            return response.read()
    except HTTPError as refused:
        return refused.read()
    except OSError as error:
        raise NoRunningDemo("The demo that ran here does not answer.") from error


async def _asked_here(persona: str, body: bytes) -> bytes:
    configuration = load_configuration(None, os.environ)
    _prepare(configuration, home(os.environ))
    async with embedded(configuration) as service:
        request = HttpRequest("POST", service.headers(persona) | JSON_TYPE, "", body)
        return (await service.governed.pipeline.answer(request)).body


def _prepare(configuration: Configuration, directory: Path) -> None:
    """Have the demo's own database fit this program. One that somebody chose is asked as it is."""
    if not configuration.database.url:
        directory.mkdir(parents=True, exist_ok=True)
        today = date.today()
        prepare(directory / "demo.sqlite", recipe_for(today), today, _say)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
