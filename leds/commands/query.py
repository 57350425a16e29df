"""`leds query`: the answer to a GraphQL operation as a persona."""

import json
from typing import Annotated, Any

import typer

from leds.asking import ask
from leds.errors import FileProblem
from leds.files import read_operation

application = typer.Typer(rich_markup_mode="markdown")


@application.command()
def query(
    file: Annotated[str, typer.Argument(help="A file with a GraphQL operation; `-` for standard input.")],
    persona: Annotated[str, typer.Option(help="Whose token and statements to ask with.")] = "officer",
    variables: Annotated[str, typer.Option(help='The variables as JSON, e.g. \'{"vrm": "AB12CDE"}\'.')] = "{}",
    operation_name: Annotated[str | None, typer.Option(help="Which operation of the file.")] = None,
) -> None:
    """Print the response to an operation as JSON, as PERSONA receives it. Exits 1 when nothing of it is answered.

    Asked is the demo that runs here, or else the same service in this process: decided, masked and in the ledger.
    """
    body = {"query": read_operation(file), "variables": _object(variables), "operationName": operation_name}
    answer = ask(persona, body)
    typer.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    if answer.get("data") is None:
        raise typer.Exit(1)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise FileProblem(f"The variables are not JSON: {error}.", advice='Write \'{"name": "value"}\'.') from error
    if not isinstance(found, dict):
        raise FileProblem("The variables are no JSON object.", advice='Write \'{"name": "value"}\'.')
    return found
