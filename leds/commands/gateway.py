"""`leds gateway`: serve any federated graph, from a supergraph or from subgraph schemas that are composed first."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.composition.compose import compose
from gateway.general import create_general_app
from leds.errors import ConfigurationError
from leds.files import read_subgraphs, read_text
from leds.serving import announcement, require_free_port, run, serve

application = typer.Typer(rich_markup_mode="markdown")


@application.command()
def gateway(
    supergraph: Annotated[Path | None, typer.Option(help="A `supergraph.graphql` from any composer.")] = None,
    subgraphs: Annotated[
        Path | None, typer.Option(help="JSON `[{name, url, sdl}]`, composed first; `sdl` is the text or a file's path.")
    ] = None,
    port: Annotated[int, typer.Option(help="Where to listen on 127.0.0.1.", min=0, max=65535)] = 4000,
) -> None:
    """Serve any federated graph: a general Apollo Federation gateway without LEDS context or ledger.

    Give either `--supergraph FILE` or `--subgraphs FILE`. Graphs that carry access rules are refused:
    nobody could be authenticated here.
    """
    app = create_general_app(_supergraph_sdl(supergraph, subgraphs))
    require_free_port("127.0.0.1", port)
    run(serve(app, "127.0.0.1", port, announcement(f"gateway on http://127.0.0.1:{port}/graphql")))


def _supergraph_sdl(supergraph: Path | None, subgraphs: Path | None) -> str:
    if supergraph and not subgraphs:
        return read_text(supergraph)
    if subgraphs and not supergraph:
        return compose(read_subgraphs(subgraphs)).supergraph_sdl
    raise ConfigurationError("Give exactly one of --supergraph and --subgraphs.", advice="See `leds gateway --help`.")
