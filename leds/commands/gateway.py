"""`leds gateway`: serve any federated graph, from a supergraph or from subgraph schemas that are composed first."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.composition.compose import compose
from gateway.general import GeneralSettings, general_gateway
from leds.access import AccessOptions, ApprovedVersions, access_from
from leds.errors import ConfigurationError
from leds.files import files_of_subgraphs, read_subgraphs, read_text
from leds.serving import announcement, require_free_port, run, serve
from leds.watching import Files, Watch, reload_on_change

application = typer.Typer(rich_markup_mode="markdown")


@application.command()
def gateway(  # noqa: PLR0913 - each parameter is an option of the command line
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
    issuer: Annotated[str | None, typer.Option(help="The `iss` of the access tokens that are accepted.")] = None,
    audience: Annotated[str | None, typer.Option(help="The `aud` of the access tokens made for this graph.")] = None,
    jwks: Annotated[
        str | None, typer.Option(help="The issuer's keys, FILE or URL; by default where its discovery document says.")
    ] = None,
    policies: Annotated[
        Path | None, typer.Option(help="Directory of `*.cedar` files whose actions are the names of `@policy`.")
    ] = None,
    approve_lowered_rules: Annotated[
        str | None,
        typer.Option(
            metavar="FILE|VERSION",
            help="Graphs that may ask less of a caller than the one served: a version, or a file.",
        ),
    ] = None,
) -> None:
    """Serve any federated graph: a general Apollo Federation gateway without LEDS context or ledger.

    Give either `--supergraph FILE` or `--subgraphs FILE`. When the file changes, its graph is served from the next
    request on; one that makes no graph is refused and the last good one stays (`/health/graph`). `@authenticated`,
    `@requiresScopes` and `@policy` are enforced for the holders of the issuer's tokens and for callers without one; a
    graph that has them is refused while `--issuer` and `--audience` (for `@policy` also `--policies`) are not given.
    A reload that lowers one of these rules anywhere is refused too, until its version (the log line `graph_refused`
    names it) is approved.
    """
    source, options = _source(supergraph, subgraphs), AccessOptions(issuer, audience, jwks, policies)
    approved = ApprovedVersions(approve_lowered_rules)
    watched = Watch(lambda: (*source.files(), *options.policy_files(), *approved.files()))
    settings = GeneralSettings(
        override_labels=frozenset(override_label or ()), access=access_from(options), lowering_approved=approved
    )

    async def served() -> None:
        general = general_gateway(source.read, settings)
        require_free_port("127.0.0.1", port)
        ready = announcement(f"gateway on http://127.0.0.1:{port}/graphql")
        reloading = reload_on_change(general.reloader, watched, watch)
        await serve(general.app, "127.0.0.1", port, ready, beside=reloading)

    run(served())


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
