"""`leds compose`: subgraph schemas in; a supergraph, or every error and hint, out; and what changed between two."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from gateway.composition.changes import Change, Severity
from gateway.composition.compose import Composition, compose
from gateway.composition.contract import Contract
from gateway.composition.diff import diff
from gateway.composition.errors import CompositionFailed
from gateway.composition.satisfiability import MAX_SUBGRAPH_PATHS
from gateway.composition.supergraph import Supergraph, supergraph_from_sdl
from leds.errors import ConfigurationError
from leds.federation import embedded_definitions
from leds.files import read_subgraphs, read_text
from leds.rows import composed_row, error_entries, print_rows


class _ComposeGroup(TyperGroup):
    """`leds compose FILE` composes; only a first argument that is a subcommand's name is taken for one."""

    def parse_args(self, ctx, args):
        known = args and args[0] in self.commands
        return super().parse_args(ctx, args if known else ["subgraphs", *args])


application = typer.Typer(
    cls=_ComposeGroup,
    rich_markup_mode="markdown",
    help="Compose subgraph schemas into a supergraph, or say every error; compare two with `diff`.",
)
console = Console(stderr=True, highlight=False, soft_wrap=True)


@application.command("subgraphs")
def compose_command(  # noqa: PLR0913 - typer takes each option as a parameter
    subgraphs: Annotated[
        Path | None, typer.Argument(help="JSON `[{name, url, sdl}]`; without it the service's own subgraphs.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--out", "-o", help="Write the supergraph here instead of printing it.")
    ] = None,
    include_tags: Annotated[
        list[str] | None, typer.Option(help="A contract: show only what carries one of these @tag names.")
    ] = None,
    exclude_tags: Annotated[
        list[str] | None, typer.Option(help="A contract: hide what carries one of these @tag names; wins.")
    ] = None,
    max_subgraph_paths: Annotated[
        int, typer.Option(min=1, help="Steps that checking whether every query can be answered may take.")
    ] = MAX_SUBGRAPH_PATHS,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print `{supergraph_sdl, hints}` or `{errors, hints}`.")
    ] = False,
    as_rows: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help="A row `{id, subgraphs: [{name, url, sdl}]}` a line on standard input, "
            "a row `{id, supergraph_sdl, hints}` or `{id, errors}` a line out.",
        ),
    ] = False,
) -> None:
    """Compose subgraph schemas into a supergraph, or list everything that is wrong with them.

    Exits 1 when they do not compose. Hints go to standard error. Tags are given several times or with commas:
    what a contract does not show is `@inaccessible` in the supergraph. `leds compose diff OLD NEW` compares two.
    """
    contract = Contract(_tags(include_tags), _tags(exclude_tags))
    if as_rows:
        if subgraphs or output or contract or max_subgraph_paths != MAX_SUBGRAPH_PATHS:
            raise ConfigurationError("--jsonl stands alone: each row holds its own subgraphs.")
        return print_rows(composed_row)
    try:
        definitions = read_subgraphs(subgraphs) if subgraphs else embedded_definitions()
        composition = compose(definitions, contract, max_subgraph_paths=max_subgraph_paths)
    except CompositionFailed as failure:
        _print_failure(failure, as_json=as_json)
        raise typer.Exit(1) from failure
    return _print(composition, output, as_json=as_json)


class FailOn(StrEnum):
    """The mildest kind of change that makes `leds compose diff` exit 1."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"
    NEVER = "never"


@application.command("diff")
def diff_command(
    old: Annotated[Path, typer.Argument(help="A supergraph, or subgraphs as JSON `[{name, url, sdl}]`.")],
    new: Annotated[Path, typer.Argument(help="The same, later.")],
    fail_on: Annotated[FailOn, typer.Option(help="Exit 1 from this kind of change on.")] = FailOn.BREAKING,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print `{breaking, dangerous, safe, changes}`: counts and each change.")
    ] = False,
) -> None:
    """Classify every change between two supergraphs: breaking, dangerous or safe, for clients and for the joins.

    Exits 1 when a change is breaking (see `--fail-on`), 2 when a file cannot be read.
    """
    changes = diff(_supergraph(old), _supergraph(new))
    typer.echo(_changes_json(changes) if as_json else "\n".join(_change_lines(changes)))
    refused = {FailOn.BREAKING: (Severity.BREAKING,), FailOn.DANGEROUS: (Severity.BREAKING, Severity.DANGEROUS)}
    if any(change.severity in refused.get(fail_on, ()) for change in changes):
        raise typer.Exit(1)


def _tags(given: list[str] | None) -> frozenset[str]:
    return frozenset(tag.strip() for text in given or () for tag in text.split(",") if tag.strip())


def _supergraph(file: Path) -> Supergraph:
    text = read_text(file)
    if text.lstrip().startswith(("[", "{")):
        return supergraph_from_sdl(compose(read_subgraphs(file)).supergraph_sdl)
    return supergraph_from_sdl(text)


def _changes_json(changes: tuple[Change, ...]) -> str:
    counts = {str(severity): sum(change.severity is severity for change in changes) for severity in Severity}
    listed = [
        {"severity": item.severity, "code": item.code, "coordinate": item.coordinate, "message": item.message}
        for item in changes
    ]
    return json.dumps(counts | {"changes": listed}, indent=2)


def _change_lines(changes: tuple[Change, ...]) -> list[str]:
    counts = ", ".join(f"{sum(item.severity is severity for item in changes)} {severity}" for severity in Severity)
    return [*(f"{item.severity:<9} {item.coordinate}: {item.message}" for item in changes), f"{counts}."]


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
        console.print(f"[yellow]hint[/] {hint.code}: {escape(hint.message)}")


def _print_failure(failure: CompositionFailed, *, as_json: bool) -> None:
    if as_json:
        hints = [{"code": hint.code, "message": hint.message} for hint in failure.hints]
        typer.echo(json.dumps({"errors": error_entries(failure.errors), "hints": hints}))
        return
    for error in failure.errors:
        where = ", ".join(map(str, error.locations))
        text = escape(error.message + (f"  ({where})" if where else ""))
        console.print(f"[red]error[/] {error.code}: {text}")
    console.print(f"{len(failure.errors)} error(s): the subgraphs do not compose.")
