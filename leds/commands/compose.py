"""`leds compose`: subgraph schemas in; a supergraph, or every error and hint, out."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from gateway.composition.compose import Composition, compose
from gateway.composition.errors import CompositionFailed
from leds.federation import embedded_definitions
from leds.files import read_subgraphs

application = typer.Typer(rich_markup_mode="markdown")
console = Console(stderr=True, highlight=False)


@application.command("compose")
def compose_command(
    subgraphs: Annotated[
        Path | None, typer.Argument(help="JSON `[{name, url, sdl}]`; without it the service's own seven subgraphs.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the supergraph here instead of printing it.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print `{supergraph_sdl, hints}` or `{errors, hints}`.")
    ] = False,
) -> None:
    """Compose subgraph schemas into a supergraph, or list everything that is wrong with them.

    Exits 1 when they do not compose. Hints go to standard error.
    """
    try:
        composition = compose(read_subgraphs(subgraphs) if subgraphs else embedded_definitions())
    except CompositionFailed as failure:
        _print_failure(failure, as_json=as_json)
        raise typer.Exit(1) from failure
    _print(composition, output, as_json=as_json)


def _print(composition: Composition, output: Path | None, *, as_json: bool) -> None:
    if output:
        output.write_text(composition.supergraph_sdl, encoding="utf-8")
    if as_json:
        hints = [{"code": hint.code, "message": hint.message} for hint in composition.hints]
        typer.echo(json.dumps({"supergraph_sdl": composition.supergraph_sdl, "hints": hints}))
        return
    if not output:
        typer.echo(composition.supergraph_sdl)
    for hint in composition.hints:
        console.print(f"[yellow]hint[/] {hint.code}: {hint.message}")


def _print_failure(failure: CompositionFailed, *, as_json: bool) -> None:
    if as_json:
        errors = [
            {"code": error.code, "message": error.message, "locations": list(map(str, error.locations))}
            for error in failure.errors
        ]
        typer.echo(json.dumps({"errors": errors}))
        return
    for error in failure.errors:
        where = ", ".join(map(str, error.locations))
        console.print(f"[red]error[/] {error.code}: {error.message}" + (f"  ({where})" if where else ""), markup=True)
    console.print(f"{len(failure.errors)} error(s): the subgraphs do not compose.")
