"""The `leds` command: one module per subcommand; only the one that is called is imported, so it answers at once."""

import sys
from importlib import import_module

import typer

# Each module holds a `typer.Typer` named `application`: with one command of the module's name, or a group of commands.
COMMANDS = (
    "demo",
    "token",
    "audit",
    "serve",
    "gateway",
    "compose",
    "inspect",
    "explain",
    "query",
    "data",
    "keys",
    "access",
    "alerts",
    "misuse",
)
HELP = "LEDS Graph: a governed, federated GraphQL query layer. Start with `leds demo`; its answers are SYNTHETIC."


def application() -> None:
    """Run the command line. Raises CodedError for what the caller can put right."""
    chosen = sys.argv[1] if len(sys.argv) > 1 else ""
    command_line(COMMANDS if chosen not in COMMANDS else (chosen,))()


def command_line(names: tuple[str, ...]) -> typer.Typer:
    """A command line with these subcommands."""
    root = typer.Typer(
        name="leds", help=HELP, no_args_is_help=True, rich_markup_mode="markdown", pretty_exceptions_enable=False
    )
    root.callback()(_root)
    for name in names:
        module: typer.Typer = import_module(f"leds.commands.{name}").application
        only = module.registered_commands[0]
        if len(module.registered_commands) == 1 and only.callback is not None and not module.registered_callback:
            root.command(name)(only.callback)
        else:
            root.add_typer(module, name=name)
    return root


def _root() -> None:
    """Keeps the root a group even when it has a single subcommand."""
