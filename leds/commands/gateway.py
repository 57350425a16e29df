"""`leds gateway`: serve any federated graph, from a supergraph or from subgraph schemas that are composed first."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.composition.compose import compose
from gateway.general import GeneralSettings, general_gateway
from leds.errors import ConfigurationError
from leds.files import files_of_subgraphs, read_subgraphs, read_text
from leds.serving import announcement, require_free_port, run, serve
from leds.watching import Files, Watch, reload_on_change

application = typer.Typer(rich_markup_mode="markdown")


@application.command()
def gateway(
    supergraph: Annotated[Path | None, typer.Option(help="A `supergraph.graphql` from any composer.")] = None,
    subgraphs: Annotated[
        Path | None, typer.Option(help="JSON `[{name, url, sdl}]`, composed first; `sdl` is the text or a file's path.")
    ] = None,
    port: Annotated[int, typer.Option(help="Where to listen on 127.0.0.1.", min=0, max=65535)] = 4000,
    watch: Annotated[
        float, typer.Option(help="Seconds between looks at the files; 0: they are read again on SIGHUP only.", min=0)
    ] = 1.0,
    override_label: Annotated[
        list[str] | None,
        typer.Option(help="A progressive `@override` label that is on; repeatable. `percent(n)` labels are drawn."),
    ] = None,
) -> None:
    """Serve any federated graph: a general Apollo Federation gateway without LEDS context or ledger.

    Give either `--supergraph FILE` or `--subgraphs FILE`. When the file changes, its graph is served from the next
    request on; one that makes no graph is refused and the last good one stays (`/health/graph`). Graphs that carry
    access rules are refused: nobody could be authenticated here.
    """
    source = _source(supergraph, subgraphs)
    watched = Watch(source.files)
    general = general_gateway(source.read, GeneralSettings(override_labels=frozenset(override_label or ())))
    require_free_port("127.0.0.1", port)
    ready = announcement(f"gateway on http://127.0.0.1:{port}/graphql")
    run(serve(general.app, "127.0.0.1", port, ready, beside=reload_on_change(general.reloader, watched, watch)))


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the supergraph comes from: how it is read, and the files that are read for it."""

    read: Callable[[], str]
    files: Files


def _source(supergraph: Path | None, subgraphs: Path | None) -> _Source:
    if supergraph and not subgraphs:
        return _Source(lambda: read_text(supergraph), lambda: (supergraph,))
    if subgraphs and not supergraph:
        return _Source(lambda: compose(read_subgraphs(subgraphs)).supergraph_sdl, lambda: files_of_subgraphs(subgraphs))
    raise ConfigurationError("Give exactly one of --supergraph and --subgraphs.", advice="See `leds gateway --help`.")
