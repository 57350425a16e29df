"""The `leds` command: each subcommand is a module here, imported only when it is called so that help stays quick."""

import importlib

import click
import typer
from typer.core import TyperGroup
from typer.main import get_command

# Command → (module, one-line help). The modules hold a `typer.Typer` named `application`.
COMMANDS = {
    "demo": ("leds.commands.demo", "Run everything in one process on invented data (what `make run` starts)."),
    "serve": ("leds.commands.serve", "Run the governed gateway or one subgraph as a service of its own."),
    "gateway": ("leds.commands.gateway", "Serve any federated graph: a general Apollo Federation gateway."),
    "compose": ("leds.commands.compose", "Compose subgraph schemas into a supergraph, or list what is wrong."),
    "inspect": ("leds.commands.inspect", "Print what a stage makes: supergraph, graph, paths, fetches, plan."),
    "data": ("leds.commands.data", "Generate invented police data."),
    "token": ("leds.commands.token", "Print a persona's headers for the running demo."),
    "audit": ("leds.commands.audit", "Verify or follow the disclosure ledger."),
}


class LazyGroup(TyperGroup):
    """Finds commands by name without importing the others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order in which a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command's module and return its command."""
        if cmd_name not in COMMANDS:
            return None
        module, short_help = COMMANDS[cmd_name]
        command = get_command(importlib.import_module(module).application)
        command.name, command.short_help = cmd_name, short_help
        return command


application = typer.Typer(
    cls=LazyGroup,
    name="leds",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="LEDS Graph: a governed, federated GraphQL query layer. Start with `leds demo`; its answers are SYNTHETIC.",
)


@application.callback()
def _root() -> None:
    """Keeps the group a group when it has no command of its own."""
