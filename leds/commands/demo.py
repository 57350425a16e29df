"""`leds demo`: the whole service in one process on invented people, and everything needed to try it on the screen."""

import json
import os
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.panel import Panel
from rich.syntax import Syntax

from leds.config import load_configuration
from leds.demo import EXAMPLES, MAIN_VARIABLES, run_demo
from leds.governed import GRAPHIQL
from leds.keys import Keys
from leds.personas import PERSONAS, headers_for, token_for
from leds.running import Running
from leds.serving import run

application = typer.Typer(rich_markup_mode="markdown")
console = Console(highlight=False, soft_wrap=True)
QUERIES = ("roadside.graphql", "people.graphql", "fraud-check.graphql")


@application.command()
def demo(
    config: Annotated[
        Path | None, typer.Option("--config", help="Default: LEDS_CONFIG, else ./leds.toml when there is one.")
    ] = None,
) -> None:
    """Run everything in one process: seven subgraphs, gateway, access decisions, ledger, GraphiQL and a demo issuer.

    The first start generates 2,000 invented people and what goes with them; later starts take seconds. Stays in the
    foreground until Ctrl-C or SIGTERM. Every answer is SYNTHETIC.
    """
    configuration = load_configuration(config, os.environ)
    run(run_demo(configuration, console.print, _announce))


def _announce(running: Running, keys: Keys) -> None:
    console.print(Panel.fit("LEDS Graph demo – SYNTHETIC: every person, vehicle and number is invented", style="bold"))
    for name in PERSONAS:
        _print_persona(name, running, keys)
    _print_queries()
    for line in where_to_begin(running.origin, GRAPHIQL):
        console.print(line)


def where_to_begin(origin: str, graphiql: Path) -> tuple[str, ...]:
    """The addresses and what to do first; where GraphiQL is not built into its directory, how to get it."""
    if (graphiql / "index.html").exists():
        editor, first = f"{origin}/graphiql", "Paste a persona's headers into GraphiQL's header tab"
    else:
        editor, first = _not_built(graphiql), "Try `leds query docs/examples/people.graphql`"
    return (
        f"GraphQL    {origin}/graphql",
        f"GraphiQL   {editor}",
        f"Schema     {origin}/schema.graphql",
        "Ledger     leds audit tail · leds audit verify",
        f"\nReady. {first}, or run `leds token officer`. Ctrl-C ends.",
    )


def _print_persona(name: str, running: Running, keys: Keys) -> None:
    persona = PERSONAS[name]
    token = token_for(name, keys, int(time.time()), issuer=running.issuer, audience=running.audience)
    console.print(f"\n[bold]{name}[/] – {persona.title}. {persona.description}")
    console.print(json.dumps(headers_for(name, token)), markup=False)


def _print_queries() -> None:
    console.print(f"\n[bold]Three queries to try[/] (variables of the first: {json.dumps(MAIN_VARIABLES)})")
    for name in QUERIES:
        console.print(f"\ndocs/examples/{name}")
        console.print(Syntax((EXAMPLES / name).read_text(encoding="utf-8"), "graphql", background_color="default"))


def _not_built(directory: Path) -> str:
    failure = directory.parent / "build-failure.txt"
    reason = failure.read_text(encoding="utf-8").strip() if failure.exists() else "it was left out of the build"
    return (
        f"[yellow]not built[/] ({reason}); to have it, run `make graphiql` where an npm registry can be reached and "
        "start again. Everything else works without it."
    )
