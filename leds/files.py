"""Files named on the command line in; their text or subgraph definitions out, or a coded error that names the file."""

import json
import sys
from pathlib import Path
from typing import Any

from gateway.composition.compose import SubgraphDefinition
from leds.errors import FileProblem


def read_text(file: Path) -> str:
    """The UTF-8 text of a file.

    Raises:
        FileProblem: it cannot be read or is not UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise FileProblem(f"{file} cannot be read: {error.strerror}.", advice="Check the path.") from error
    except UnicodeDecodeError as error:
        raise FileProblem(f"{file} is not UTF-8 text.", advice="Save it as UTF-8.") from error


def read_operation(file: str) -> str:
    """The text of a file with a GraphQL operation; `-` is standard input.

    Raises:
        FileProblem: it cannot be read or is not UTF-8.
    """
    return sys.stdin.read() if file == "-" else read_text(Path(file))


def read_subgraphs(file: Path) -> tuple[SubgraphDefinition, ...]:
    """Subgraph definitions from JSON `[{name, url, sdl}]`; `sdl` is the text or a path beside this file.

    Raises:
        FileProblem: the file is not such JSON.
    """
    try:
        rows = json.loads(read_text(file))
    except json.JSONDecodeError as error:
        raise FileProblem(f"{file} is not valid JSON: line {error.lineno}, {error.msg}.") from error
    if not isinstance(rows, list) or not rows:
        raise FileProblem(f"{file} holds no subgraphs.", advice='It must be a JSON list of {"name", "url", "sdl"}.')
    return tuple(_definition(file, number, row) for number, row in enumerate(rows, 1))


def files_of_subgraphs(file: Path) -> tuple[Path, ...]:
    """The files that `read_subgraphs` reads: this one and every schema that it names, as far as it can be read now."""
    try:
        rows = json.loads(file.read_bytes())
    except (OSError, ValueError):
        return (file,)
    sdls = [row.get("sdl") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return (file, *(file.parent / sdl.strip() for sdl in sdls if isinstance(sdl, str) and _is_path(sdl)))


def _definition(file: Path, number: int, row: Any) -> SubgraphDefinition:
    if not isinstance(row, dict) or not all(isinstance(row.get(key), str) for key in ("name", "sdl")):
        raise FileProblem(f"{file}: subgraph {number} lacks a text `name` or `sdl`.")
    sdl = row["sdl"]
    if _is_path(sdl):
        sdl = read_text(file.parent / sdl.strip())
    return SubgraphDefinition(name=row["name"], url=row.get("url") or "", sdl=sdl)


def _is_path(sdl: str) -> bool:
    return "{" not in sdl and "\n" not in sdl.strip()
