"""What the product declares, for pages that name it: functions and classes with their parameters, files, words."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PRODUCT = ("gateway", "leds", "subgraphs", "resolvers", "authz", "schema")
READ = {".py", ".csv", ".graphql", ".cedar", ".cedarschema", ".mako", ".ts", ".tsx"}
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Shape:
    """A call as a page writes it: the last name of what is called, and the names of its arguments in order."""

    name: str
    arguments: tuple[str, ...]


def files() -> Iterator[Path]:
    """Every text file of the product."""
    for package in PRODUCT:
        for path in sorted((ROOT / package).rglob("*")):
            if path.suffix in READ and not {"node_modules", "dist", "__pycache__"} & set(path.parts):
                yield path


@cache
def words() -> frozenset[str]:
    """Every word of the product's sources."""
    return frozenset(word for path in files() for word in WORD.findall(path.read_text(encoding="utf-8")))


@cache
def file_names() -> frozenset[str]:
    """Every file and folder, as `gateway/app.py`, `gateway/planning`, and as its last part."""
    paths = [
        path.relative_to(ROOT)
        for path in ROOT.rglob("*")
        if ".venv" not in path.parts and "node_modules" not in path.parts
    ]
    return frozenset(name for path in paths for name in (path.as_posix(), path.name))


@cache
def declared() -> dict[str, list[tuple[str, ...]]]:
    """The parameters of every function, method and class (its fields, when it has no `__init__`), by name."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for path in files():
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    found.setdefault(node.name, []).append(_parameters(node))
                elif isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, []).append(_fields(node))
    return found


@cache
def _members() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for path in files():
        if path.suffix == ".py":
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ClassDef):
                    found.setdefault(node.name, set()).update(_names_in(node))
    return found


def _names_in(node: ast.ClassDef) -> Iterator[str]:
    for member in ast.walk(node):
        if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
            yield member.name
        elif isinstance(member, ast.Name | ast.Attribute) and isinstance(member.ctx, ast.Store):
            yield member.id if isinstance(member, ast.Name) else member.attr


def members(name: str, attribute: str) -> set[str]:
    """What a class of this name has, under GraphQL's name too; the attribute itself when there is no such class."""
    found = _members().get(name)
    if found is None:
        return {attribute}
    return found | {
        "".join(part.title() if number else part for number, part in enumerate(each.split("_"))) for each in found
    }


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    given = node.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    return tuple(name for name in names if name not in ("self", "cls"))


def _fields(node: ast.ClassDef) -> tuple[str, ...]:
    for member in node.body:
        if isinstance(member, ast.FunctionDef) and member.name == "__init__":
            return _parameters(member)
    return tuple(
        member.target.id
        for member in node.body
        if isinstance(member, ast.AnnAssign) and isinstance(member.target, ast.Name)
    )


def shapes(code: str) -> Iterator[Shape]:
    """Every call in a piece of code, those inside its arguments too."""
    for found in re.finditer(r"([A-Za-z_]\w*)\(", code):
        inside = _to_closing(code, found.end())
        if inside is not None:
            yield Shape(found[1], tuple(name for part in _parts(inside) if (name := _name(part))))


def _to_closing(code: str, start: int) -> str | None:
    depth = 1
    for place in range(start, len(code)):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(code[place], 0)
        if depth == 0:
            return code[start:place]
    return None


def _parts(arguments: str) -> Iterator[str]:
    depth, begun = 0, 0
    for place, letter in enumerate(arguments):
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(letter, 0)
        if letter == "," and depth == 0:
            yield arguments[begun:place]
            begun = place + 1
    yield arguments[begun:]


def _name(part: str) -> str | None:
    """The name a part begins with; None for `*`, `…`, literals and values that are no plain name."""
    found = re.fullmatch(r"\s*([a-z_]\w*)\s*(?:[:=].*)?", part, re.DOTALL)
    return found[1] if found else None


def is_declared(shape: Shape) -> bool:
    """Whether something of that name takes those arguments in that order."""
    return any(_in_order(shape.arguments, parameters) for parameters in declared().get(shape.name, ()))


def _in_order(wanted: tuple[str, ...], parameters: tuple[str, ...]) -> bool:
    left = iter(parameters)
    return all(name in left for name in wanted)
