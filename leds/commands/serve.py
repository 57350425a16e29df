"""`leds serve`: the governed gateway, or one subgraph, as a service of its own."""

import os
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from authz.audit.desk import Desk
from authz.audit.recorder import Recorder
from gateway.readiness import always_ready
from leds.access_facts import live_facts
from leds.alert_log import open_alert_log
from leds.config import Configuration, home, load_configuration
from leds.errors import UnknownName
from leds.federation import settings_for_subgraphs, trust_of
from leds.governed import Configure, Governed, configured_identity
from leds.keys import ensure_subject_key, sealing_key
from leds.products import AUDIT, PRODUCTS, subgraph_named
from leds.serving import announcement, require_free_port, run, serve
from leds.watching import reload_on_hangup

application = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="Run the governed gateway, or one subgraph, as a service of its own.",
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Default: LEDS_CONFIG, else ./leds.toml when there is one.")
]
PortOption = Annotated[int | None, typer.Option(help="Overrides the configured port.", min=0, max=65535)]


@application.command("gateway")
def gateway_command(config: ConfigOption = None, port: PortOption = None) -> None:
    """Run the governed gateway: tokens, context, decisions and ledger always on.

    Subgraphs come from `[subgraphs.NAME]` in the configuration: `url` for a service, `app` for one in this process.
    On SIGHUP they and their schemas are read again; a graph that is refused leaves the one that is served.
    """
    run(_serve_gateway(lambda: load_configuration(config, os.environ), port))


@application.command("subgraph")
def subgraph_command(
    name: Annotated[str, typer.Argument(help=f"One of {', '.join(PRODUCTS)}.")],
    config: ConfigOption = None,
    port: PortOption = None,
) -> None:
    """Run one product's subgraph over HTTP.

    It answers only requests signed with its keys (`leds keys`), and signs its replies.
    """
    if name not in PRODUCTS:
        raise UnknownName(f"There is no subgraph {name!r}.", advice=f"Choose one of {', '.join(PRODUCTS)}.")
    run(_serve_subgraph(name, load_configuration(config, os.environ), port))


async def _serve_gateway(configure: Configure, port: int | None) -> None:
    configuration = configure()
    host, port = configuration.gateway.host, configuration.gateway.port if port is None else port
    require_free_port(host, port)
    governed = await Governed.start(configuration, configured_identity(configuration), always_ready, configure)
    ready = announcement(f"gateway on http://{host}:{port}/graphql")
    try:
        await serve(governed.app, host, port, ready, beside=reload_on_hangup(governed.reloader))
    finally:
        await governed.close()


async def _serve_subgraph(name: str, configuration: Configuration, port: int | None) -> None:
    port = PRODUCTS[name] if port is None else port
    require_free_port("127.0.0.1", port)
    subgraph = subgraph_named(name)
    keys = home(os.environ) / "keys"
    trust = trust_of(configuration, keys)
    subject_key = ensure_subject_key(keys)
    async with AsyncExitStack() as opened:
        facts = await live_facts(configuration)
        opened.push_async_callback(facts.close)
        opened.push_async_callback(trust.nonces.close)
        if name == AUDIT:
            desk = Desk(Recorder(subject_key, lambda: datetime.now(UTC), os.urandom), sealing_key(keys))
            settings = settings_for_subgraphs(configuration, subject_key, facts, trust, desk)
        else:
            alerts = await open_alert_log(configuration, home(os.environ), name)
            opened.push_async_callback(alerts.close)
            settings = settings_for_subgraphs(configuration, subject_key, facts, trust, alerts=alerts)
        opened.push_async_callback(subgraph.stop)
        await subgraph.start(settings(name))
        await serve(subgraph, "127.0.0.1", port, announcement(f"subgraph {name} on http://127.0.0.1:{port}/graphql"))
