"""`leds explain`: what a persona would be shown of an operation, and why."""

import json
from typing import Annotated, Any

import typer

from authz.decision import Form
from authz.explain import ExplainedField
from leds.asking import ask
from leds.errors import FileProblem
from leds.explained import explanation_text
from leds.files import read_operation

application = typer.Typer(rich_markup_mode="markdown")
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

    It is the service's own query `explain`, in the context PERSONA states, asked of the demo that runs here or else of
    the same service in this process. `leds inspect access` shows an administrator rule, decision and plan.
    """
    fields = _asked(read_operation(file), operation_name, persona)
    if as_json:
        typer.echo(json.dumps(fields, indent=2))
    else:
        typer.echo(explanation_text([_field(found) for found in fields]))


def _asked(text: str, operation_name: str | None, persona: str) -> list[dict[str, Any]]:
    answer = ask(persona, {"query": QUERY, "variables": {"operation": text, "operationName": operation_name}})
    if errors := answer.get("errors"):
        said = [f"{each.get('extensions', {}).get('code', '?')}: {each['message']}" for each in errors]
        raise FileProblem("The operation is not explained.", details={"errors": said})
    return answer["data"]["explain"]["fields"]


def _field(found: dict[str, Any]) -> ExplainedField:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in found.items()}
    return ExplainedField(form=Form(values.pop("outcome")), **values)
