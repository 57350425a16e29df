"""`leds explain`: what a persona would be shown of an operation, and why, asked of the running demo."""

import json
import os
import sys
import time
import urllib.request
from pathlib import Path
from typing import Annotated, Any

import typer

from authz.decision import Form
from authz.explain import ExplainedField
from leds.config import home
from leds.errors import FileProblem, NoRunningDemo, UnknownName
from leds.explained import explanation_text
from leds.files import read_text
from leds.keys import load_keys
from leds.personas import PERSONAS, headers_for, token_for
from leds.running import running_demo

application = typer.Typer(rich_markup_mode="markdown")
TIMEOUT_SECONDS = 30
QUERY = """query Explain($operation: String!, $operationName: String, $given: [String!]) {
  explain(operation: $operation, operationName: $operationName, given: $given) {
    fields { path coordinate outcome mask dataset policies missing contact rows under }
  }
}"""


@application.command()
def explain(
    file: Annotated[str, typer.Argument(help="A file with a GraphQL operation; `-` for standard input.")],
    persona: Annotated[str, typer.Option(help="Whose token and statements to ask with.")] = "officer",
    operation_name: Annotated[str | None, typer.Option(help="Which operation of the file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The fields as JSON.")] = False,
) -> None:
    """Say for each field of an operation what PERSONA would be shown, by which policy, what is missing and whom to ask.

    It is the query `explain` of the running service, in the context PERSONA states; `leds inspect access` shows an
    administrator rule, decision and plan without a service.
    """
    text = sys.stdin.read() if file == "-" else read_text(Path(file))
    fields = _asked(text, operation_name, _headers(persona))
    if as_json:
        typer.echo(json.dumps(fields, indent=2))
    else:
        typer.echo(explanation_text([_field(found) for found in fields]))


def _headers(persona: str) -> tuple[str, dict[str, str]]:
    """Where to ask, and with which headers."""
    if persona not in PERSONAS:
        raise UnknownName(f"There is no persona {persona!r}.", advice=f"Choose one of {', '.join(PERSONAS)}.")
    directory = home(os.environ)
    running = running_demo(directory)
    if running is None:
        raise NoRunningDemo("No demo is running here, so there is nobody to ask.")
    keys = load_keys(directory / "keys")
    token = token_for(persona, keys, int(time.time()), issuer=running.issuer, audience=running.audience)
    return running.origin, headers_for(persona, token)


def _asked(text: str, operation_name: str | None, to: tuple[str, dict[str, str]]) -> list[dict[str, Any]]:
    origin, headers = to
    body = json.dumps({"query": QUERY, "variables": {"operation": text, "operationName": operation_name}}).encode()
    request = urllib.request.Request(
        f"{origin}/graphql", data=body, headers=headers | {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
            answer = json.load(response)
    except OSError as error:
        raise NoRunningDemo("The demo that ran here does not answer.") from error
    if errors := answer.get("errors"):
        said = [f"{each.get('extensions', {}).get('code', '?')}: {each['message']}" for each in errors]
        raise FileProblem("The operation is not explained.", details={"errors": said})
    return answer["data"]["explain"]["fields"]


def _field(found: dict[str, Any]) -> ExplainedField:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return ExplainedField(form=Form(values.pop("outcome")), **values)
