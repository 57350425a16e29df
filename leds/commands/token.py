"""`leds token`: a persona's headers for the running demo."""

import json
import os
import time
from typing import Annotated

import typer

from leds.config import home
from leds.errors import NoRunningDemo, UnknownName
from leds.keys import load_keys
from leds.personas import PERSONAS, headers_for, token_for
from leds.running import running_demo

application = typer.Typer(rich_markup_mode="markdown")


@application.command()
def token(
    persona: Annotated[str, typer.Argument(help="officer, detective, analyst, insurer, inspector, supervisor or dpo.")],
    as_json: Annotated[bool, typer.Option("--json", help='Print `{"headers": {…}}` for scripts.')] = False,
) -> None:
    """Print the headers of a complete request as PERSONA, signed for the running demo and reusable until they expire.

    With curl: `leds token officer > officer.headers`, then `curl -H @officer.headers`. Scripts: `--json`.
    """
    if persona not in PERSONAS:
        raise UnknownName(f"There is no persona {persona!r}.", advice=f"Choose one of {', '.join(PERSONAS)}.")
    directory = home(os.environ)
    running = running_demo(directory)
    if running is None:
        raise NoRunningDemo("No demo is running here, so there is nothing to sign a token for.")
    keys, now = load_keys(directory / "keys"), int(time.time())
    headers = headers_for(persona, token_for(persona, keys, now, issuer=running.issuer, audience=running.audience))
    if as_json:
        typer.echo(json.dumps({"headers": headers}, indent=2))
    else:
        typer.echo("\n".join(f"{name}: {value}" for name, value in headers.items()))
