"""`leds inspect`: each stage's artefact, for any supergraph and operation, as text or JSON."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from graphql import DocumentNode, GraphQLError, parse, validate

from authz.enforce import enforce
from gateway.composition.compose import compose
from gateway.composition.supergraph import Supergraph, supergraph_from_sdl
from gateway.planning.inspect import Inspection, inspect_operation, inspect_supergraph
from gateway.planning.planner import Planner
from leds.access_trace import access_trace
from leds.cleared import Cleared, cleared
from leds.errors import ConfigurationError, FileProblem
from leds.federation import embedded_definitions
from leds.files import read_subgraphs, read_text
from leds.rows import plan_rows, print_rows

application = typer.Typer(rich_markup_mode="markdown")
MAIN_QUERY = Path(__file__).parent.parent.parent / "docs" / "examples" / "roadside.graphql"


class Stage(StrEnum):
    """The artefacts that can be looked at, in the order in which they are made."""

    SUPERGRAPH = "supergraph"
    GRAPH = "graph"
    OPERATION = "operation"
    PATHS = "paths"
    FETCHES = "fetches"
    PLAN = "plan"
    ACCESS = "access"


@application.command()
def inspect(  # noqa: PLR0913 - each parameter is an option of the command line
    stage: Annotated[Stage, typer.Argument(help="Which artefact.")],
    operation: Annotated[
        Path | None, typer.Argument(help="A file with a GraphQL operation; default: the roadside query.")
    ] = None,
    supergraph: Annotated[Path | None, typer.Option(help="A `supergraph.graphql`; default: the service's own.")] = None,
    subgraphs: Annotated[Path | None, typer.Option(help="JSON `[{name, url, sdl}]`, composed first.")] = None,
    operation_name: Annotated[str | None, typer.Option(help="Which operation of the file.")] = None,
    persona: Annotated[str | None, typer.Option(help="Show what is left of the operation for this persona.")] = None,
    override_label: Annotated[
        list[str] | None, typer.Option(help="A progressive `@override` label that is on; repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON (a plan: Apollo's serialised form).")] = False,
    as_rows: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help="`plan` only: a row `{id, supergraph_sdl, operation, operation_name?}` a line on standard input, "
            "a row `{id, plan, fetches, depth}` or `{id, errors}` a line out.",
        ),
    ] = False,
) -> None:
    """Print what a stage of the gateway makes of a supergraph and an operation.

    `supergraph` and `graph` need no operation. The first stage that looks wrong is the one at fault. `access` shows an
    administrator, field by field, the rule, the decision for the `--persona` (what is silent by name) and the plan.
    """
    if as_rows:
        if stage is not Stage.PLAN or any((operation, supergraph, subgraphs, operation_name, persona, override_label)):
            raise ConfigurationError("--jsonl stands alone, after `leds inspect plan`: each row holds its own input.")
        return print_rows(plan_rows())
    if supergraph and subgraphs:
        raise ConfigurationError("Give at most one of --supergraph and --subgraphs.")
    planner = Planner(_supergraph(supergraph, subgraphs), frozenset(override_label or ()))
    if stage in (Stage.SUPERGRAPH, Stage.GRAPH):
        return _print(inspect_supergraph(stage, planner), as_json=as_json)
    document = _document(operation or MAIN_QUERY, planner.supergraph)
    caller = cleared(persona, datetime.now(UTC)) if persona else None
    if stage is Stage.ACCESS:
        if caller is None:
            raise ConfigurationError("`access` shows what a persona may have: say which with --persona.")
        return _print(access_trace(planner, document, operation_name, caller), as_json=as_json)
    if caller:
        document = _allowed(document, operation_name, planner.supergraph, caller)
    return _print(inspect_operation(stage, planner, document, operation_name), as_json=as_json)


def _print(inspection: Inspection, *, as_json: bool) -> None:
    typer.echo(json.dumps(inspection.data, indent=2) if as_json else inspection.text)


def _supergraph(supergraph: Path | None, subgraphs: Path | None) -> Supergraph:
    if supergraph:
        return supergraph_from_sdl(read_text(supergraph))
    definitions = read_subgraphs(subgraphs) if subgraphs else embedded_definitions()
    return supergraph_from_sdl(compose(definitions).supergraph_sdl)


def _document(file: Path, supergraph: Supergraph) -> DocumentNode:
    try:
        document = parse(read_text(file))
    except GraphQLError as error:
        raise FileProblem(f"{file} is not a GraphQL document: {error.message}") from error
    if errors := validate(supergraph.api_schema, document):
        raise FileProblem(
            f"{file} is not valid over this supergraph.",
            advice="Correct the operation; `/schema.graphql` of the running gateway has the schema.",
            details={"errors": [error.message for error in errors]},
        )
    return document


def _allowed(
    document: DocumentNode, operation_name: str | None, supergraph: Supergraph, caller: Cleared
) -> DocumentNode:
    """What the gateway plans for a persona of the demo: the operation without the fields it may not read."""
    allowed = enforce(document, operation_name, supergraph.api_schema, caller.clearance, caller.rules).document
    if allowed is None:
        raise FileProblem(
            f"Nothing of the operation is left for {caller.persona}.", advice="`leds token` lists personas."
        )
    return allowed
