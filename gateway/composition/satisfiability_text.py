"""Puts unsatisfiable queries into words: the query that cannot be answered, and why each subgraph cannot answer it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.composition.field_set import fields_text
from gateway.composition.moves import Position
from gateway.composition.needs import field_set_needs, resolvable_keys
from gateway.composition.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Path:
    """The steps of a query from a root: field names, and `... on Type` for a type condition. Shares its beginning."""

    operation: str
    before: "Path | None" = None
    step: str = ""

    def then(self, field: str) -> "Path":
        """One field further."""
        return Path(self.operation, self, field)

    def on(self, name: str) -> "Path":
        """Narrowed to one type."""
        return Path(self.operation, self, f"... on {name}")

    @property
    def steps(self) -> list[str]:
        """All steps, the first one first."""
        found: list[str] = []
        path = self
        while path.before is not None:
            found.append(path.step)
            path = path.before
        return found[::-1]


def query_text(path: Path, *, below: bool) -> str:
    """The path as a query; `below` says that selections would follow."""
    head = "" if path.operation == "query" else f"{path.operation} "
    steps = [*path.steps, "..."] if below else list(path.steps)
    lines = [f"{head}{{"]
    for depth, step in enumerate(steps, start=1):
        lines.append("  " * depth + step + (" {" if depth < len(steps) else ""))
    lines += ["  " * depth + "}" for depth in range(len(steps) - 1, -1, -1)]
    return "\n".join(lines)


def unsatisfiable(path: Path, why: str, *, below: bool) -> str:
    """The whole message: query and reasons."""
    query = query_text(path, below=below)
    return f"The following supergraph API query:\n{query}\ncannot be satisfied by the subgraphs because:\n{why}."


def interface_object_reasons(resolution: Resolution, positions: Iterable[Position], interface: str) -> str:
    """Why the objects of an interface object get no type."""
    names = [resolution.subgraphs[p.subgraph].name for p in sorted(positions, key=lambda p: p.subgraph)]
    why = f'no subgraph can be reached to resolve the implementation type of @interfaceObject type "{interface}"'
    return ".\n".join(f'- from subgraph "{name}": {why}' for name in dict.fromkeys(names))


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A field of a type that cannot be resolved, and the contexts set around the objects it was asked of."""

    owner: str
    field: str
    around: frozenset[str]


def reasons(resolution: Resolution, starts: Sequence[Position], unresolved: Unresolved) -> str:
    """Why a field of a type cannot be resolved from any of the positions, nor from those their keys lead to."""
    owner = unresolved.owner
    reached = dict.fromkeys(p for start in starts for p in resolution.reach(start, owner).ranks)
    blocks = []
    for position in reached:
        found = list(dict.fromkeys(_reasons_at(resolution, position, unresolved, set(reached))))
        where = f'- from subgraph "{resolution.subgraphs[position.subgraph].name}":'
        blocks.append(
            f"{where} {found[0]}" if len(found) == 1 else "\n  - ".join([where, *(f"{r}." for r in found)])[:-1]
        )
    return ".\n".join(blocks)


def _reasons_at(
    resolution: Resolution, position: Position, unresolved: Unresolved, reached: set[Position]
) -> Iterable[str]:
    owner, field = unresolved.owner, unresolved.field
    edge = resolution.moves.edge(position, field)
    if edge is not None and not edge.reads <= unresolved.around:
        yield f'could not find a match for required context for field "{owner}.{field}"'
        return
    if edge is not None:
        yield _requires(resolution, position, owner, field)
        return
    yield _missing(resolution, position, owner, field)
    seen = {p.subgraph for p in reached}
    for index, subgraph in enumerate(resolution.subgraphs):
        target = subgraph.type(owner)
        if index in seen or target is None or resolution.moves.edge(Position(index, owner), field) is None:
            continue
        move = f'cannot move to subgraph "{subgraph.name}", which has field "{owner}.{field}", '
        keys = resolvable_keys(target)
        if resolution.moves.is_interface_object(position):
            yield (
                f'{move}because interface "{position.type}" is not defined in this subgraph (to jump to '
                f'"{subgraph.name}", it '
                f'would need to both define interface "{position.type}" and have a @key on it)'
            )
        elif not keys:
            yield f'{move}because type "{owner}" has no @key defined in subgraph "{subgraph.name}"'
        for key in keys:
            if not resolution.satisfies(position, field_set_needs(key)):
                text = fields_text(key.arguments.get("fields"))
                name = resolution.subgraphs[position.subgraph].name
                yield (
                    f'cannot move to subgraph "{subgraph.name}" using @key(fields: "{text}") of "{owner}", the '
                    "key field(s) "
                    f'cannot be resolved from subgraph "{name}"'
                )


def _missing(resolution: Resolution, position: Position, owner: str, field: str) -> str:
    coordinate = f"{position.type}.{field}"
    subgraph = resolution.subgraphs[position.subgraph]
    if resolution.moves.is_overridden(position, field):
        return f'field "{coordinate}" is not resolvable because it is overridden by another subgraph'
    if subgraph.field(position.type, field) is not None:
        return f'field "{coordinate}" is not resolvable because marked @external'
    if resolution.moves.is_interface_object(position):
        return (
            f'cannot find implementation type "{owner}" (supergraph interface "{position.type}" is declared with '
            f'@interfaceObject in "{subgraph.name}")'
        )
    return f'cannot find field "{owner}.{field}"'


def _requires(resolution: Resolution, position: Position, owner: str, field: str) -> str:
    edge = resolution.moves.edge(position, field)
    if edge is not None and resolution.satisfies(position, edge.requires):
        return (
            f'@require condition on field "{owner}.{field}" can be satisfied but missing usable key on '
            f'"{owner}" in subgraph '
            f'"{resolution.subgraphs[position.subgraph].name}" to resume query'
        )
    return f'cannot satisfy @require conditions on field "{owner}.{field}"'
