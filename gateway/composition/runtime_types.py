"""Shared fields of abstract type: what each subgraph may return there has to agree, at least in part."""

from collections.abc import Iterator, Mapping, Sequence

from gateway.composition.model import Kind, TypeDefinition
from gateway.composition.moves import Moves, Position
from gateway.composition.report import Report, listed
from gateway.composition.satisfiability_text import Path, query_text
from gateway.composition.type_references import named_type


def may_disagree(moves: Moves, types: Mapping[str, TypeDefinition]) -> bool:
    """Whether any field at all has different runtime types in different subgraphs."""
    return any(
        len(set(_runtime_types_of(moves, owner.name, field.name))) > 1
        for owner in types.values()
        for field in owner.fields.values()
        if (target := types.get(named_type(field.type))) is not None and target.kind in (Kind.INTERFACE, Kind.UNION)
    )


def _runtime_types_of(moves: Moves, owner: str, name: str) -> Iterator[frozenset[str]]:
    for index, subgraph in enumerate(moves.subgraphs):
        field = subgraph.field(owner, name)
        if field is not None:
            yield frozenset(moves.runtime_types(index, named_type(field.type)))


def check_runtime_types(
    moves: Moves,
    target: TypeDefinition | None,
    coordinate: str,
    options: Sequence[Position],
    path: Path,
    report: Report,
) -> bool:
    """Whether the subgraphs that resolve the field have a runtime type in common; a hint when they differ otherwise."""
    if target is None or not target.is_composite or sum(_is_abstract(moves, option) for option in options) < 2:
        return True
    by_subgraph = {
        option.subgraph: frozenset(moves.runtime_types(option.subgraph, option.type))
        for option in options
        if not moves.is_interface_object(option)
    }
    possible = list(by_subgraph.values())
    if len(set(possible)) < 2:
        return True
    common = frozenset.intersection(*possible)
    names = {moves.subgraphs[index].name: types for index, types in by_subgraph.items()}
    query = query_text(path, below=True)
    intro = (
        f'For the following supergraph API query:\n{query}\nShared field "{coordinate}" return type '
        f'"{target.name}" has '
    )
    if not common:
        lines = "".join(f'\n - in subgraph "{name}", {_types(types)};' for name, types in names.items())
        message = (
            f"{intro}a non-intersecting set of possible runtime types across subgraphs. Runtime types in subgraphs are:"
            f"{lines}\nThis is not allowed as shared fields must resolve the same way in all subgraphs, and "
            "that imply at "
            f"least some common runtime types between the subgraphs."
        )
        owner, _, field = coordinate.partition(".")
        subgraphs = (moves.subgraphs[index] for index in by_subgraph)
        places = tuple(place for s in subgraphs for place in s.at(s.field(owner, field) or s.type(owner)))
        report.error("SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES", message, places)
        return False
    if not any(hint.coordinate == coordinate for hint in report.hints if hint.code == _HINT):
        never = "".join(
            f'\n - subgraph "{name}" should never resolve "{coordinate}" to an object of {_types(types - common)};'
            for name, types in names.items()
            if types - common
        )
        message = (
            f"{intro}different sets of possible runtime types across subgraphs.\nSince a shared field must be "
            "resolved the "
            f'same way in all subgraphs, make sure that {listed(list(names))} only resolve "{coordinate}" to '
            "objects of "
            f"{_types(common)}. In particular:{never}\nOtherwise the @shareable contract will be broken."
        )
        report.hint(_HINT, message, coordinate)
    return True


_HINT = "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN"


def _is_abstract(moves: Moves, position: Position) -> bool:
    owner = moves.type_at(position)
    return owner is not None and owner.kind is not Kind.OBJECT


def _types(names: frozenset[str]) -> str:
    return listed(sorted(names), "type")
