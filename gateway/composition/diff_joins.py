"""Two supergraphs in; the changes of subgraphs, keys and who resolves what out. Clients do not see these."""

from collections.abc import Iterator, Mapping

from gateway.composition.changes import Change, both, breaking, dangerous, missing, safe
from gateway.composition.supergraph_model import ContextArgument, SubgraphField, SubgraphType, Supergraph

Declarations = Mapping[str, SubgraphType]


def join_changes(old: Supergraph, new: Supergraph) -> Iterator[Change]:
    """Every change of the join metadata; of types that came or went altogether the API's changes tell."""
    yield from _subgraph_changes(old, new)
    for name, before, after in both(old.types, new.types):
        yield from _entity_changes(name, before, after)
        yield from _declaration_changes(name, before, after)
        yield from _field_changes(name, before, after)


def _subgraph_changes(old: Supergraph, new: Supergraph) -> Iterator[Change]:
    for name in missing(old.subgraphs, new.subgraphs):
        yield dangerous("SUBGRAPH_REMOVED", name, "The subgraph was removed.")
    for name in missing(new.subgraphs, old.subgraphs):
        yield safe("SUBGRAPH_ADDED", name, "A subgraph was added.")
    for name, was, now in both(old.subgraphs, new.subgraphs):
        if was.url != now.url:
            yield dangerous("SUBGRAPH_URL_CHANGED", name, f"answers at {now.url or 'no address'} now.")


def _entity_changes(name: str, old: Declarations, new: Declarations) -> Iterator[Change]:
    """Keys by subgraph: `resolvable` ones are those by which the subgraph can be asked."""
    was, now = _keys(old), _keys(new)
    if any(was.values()) and not any(now.values()):
        yield breaking("ENTITY_REMOVED", name, "No subgraph can be asked for it by key any more.")
        return
    for key in missing(was, now):
        yield dangerous("KEY_REMOVED", name, f"has no @key {{{key[1]}}} in {key[0]} any more.")
    for key in missing(now, was):
        yield safe("KEY_ADDED", name, f"has a @key {{{key[1]}}} in {key[0]} now.")
    for key in sorted(was.keys() & now.keys()):
        if was[key] and not now[key]:
            yield dangerous("KEY_NOT_RESOLVABLE", name, f"cannot be asked for by {{{key[1]}}} in {key[0]} any more.")
        elif now[key] and not was[key]:
            yield safe("KEY_RESOLVABLE", name, f"can be asked for by {{{key[1]}}} in {key[0]} now.")


def _keys(declared: Declarations) -> dict[tuple[str, str], bool]:
    found: dict[tuple[str, str], bool] = {}
    for graph, item in declared.items():
        for key in item.keys:
            place = (graph, _spaced(key.fields))
            found[place] = key.resolvable or found.get(place, False)
    return found


def _declaration_changes(name: str, old: Declarations, new: Declarations) -> Iterator[Change]:
    for graph in missing(old, new):
        yield safe("TYPE_LEFT_SUBGRAPH", name, f"is no longer in {graph}.")
    for graph in missing(new, old):
        yield safe("TYPE_JOINED_SUBGRAPH", name, f"is in {graph} now.")
    for graph, was, now in both(old, new):
        if was.interface_object != now.interface_object:
            word = "an" if now.interface_object else "no longer an"
            yield dangerous("INTERFACE_OBJECT_CHANGED", name, f"is {word} @interfaceObject in {graph}.")
        elif was.kind == now.kind:
            yield from _part_changes(name, graph, was, now)


def _part_changes(name: str, graph: str, old: SubgraphType, new: SubgraphType) -> Iterator[Change]:
    for part in ("interfaces", "members", "values"):
        before, after = set(getattr(old, part)), set(getattr(new, part))
        if before != after:
            gone, come = (", ".join(missing(*pair)) for pair in ((before, after), (after, before)))
            message = f"has other {part} in {graph}: gone {gone or 'none'}, new {come or 'none'}."
            yield safe("SUBGRAPH_PARTS_CHANGED", name, message)


def _field_changes(name: str, old: Declarations, new: Declarations) -> Iterator[Change]:
    was, now = _by_field(old), _by_field(new)
    for field, before, after in both(was, now):
        coordinate = f"{name}.{field}"
        yield from _resolver_changes(coordinate, _resolvers(before), _resolvers(after))
        for graph, declared, redeclared in both(before, after):
            yield from _declared_changes(coordinate, graph, declared, redeclared)


def _by_field(declared: Declarations) -> dict[str, dict[str, SubgraphField]]:
    found: dict[str, dict[str, SubgraphField]] = {}
    for graph, item in declared.items():
        for field in item.fields.values():
            found.setdefault(field.name, {})[graph] = field
    return found


def _resolvers(fields: Mapping[str, SubgraphField]) -> list[str]:
    return [graph for graph, field in fields.items() if not field.external and not field.overridden]


def _resolver_changes(coordinate: str, old: list[str], new: list[str]) -> Iterator[Change]:
    gone, come = missing(old, new), missing(new, old)
    if old and new and len(gone) == len(set(old)):
        message = f"moved from {', '.join(sorted(old))} to {', '.join(sorted(new))}."
        yield dangerous("FIELD_MOVED", coordinate, message)
        return
    for graph in gone:
        yield safe("RESOLVER_REMOVED", coordinate, f"is no longer resolved by {graph}.")
    for graph in come:
        yield safe("RESOLVER_ADDED", coordinate, f"is resolved by {graph} too now." if old else f"by {graph} now.")


def _declared_changes(coordinate: str, graph: str, old: SubgraphField, new: SubgraphField) -> Iterator[Change]:
    if old.type != new.type:
        message = f"has type {new.type} in {graph} now, had {old.type}."
        yield safe("SUBGRAPH_TYPE_CHANGED", coordinate, message)
    for part, code, kinds in _PARTS:
        was, now = _spaced(getattr(old, part)), _spaced(getattr(new, part))
        if was != now:
            kind = kinds[0] if now else kinds[1]
            yield kind(code, coordinate, f"has {_shown(part, now)} in {graph} now, had {_shown(part, was)}.")


_PARTS = (
    ("requires", "REQUIRES_CHANGED", (dangerous, safe)),
    ("provides", "PROVIDES_CHANGED", (dangerous, safe)),
    ("override", "OVERRIDE_CHANGED", (dangerous, dangerous)),
    ("override_label", "OVERRIDE_LABEL_CHANGED", (dangerous, dangerous)),
    ("context_arguments", "CONTEXT_ARGUMENTS_CHANGED", (dangerous, dangerous)),
)
"""The part of a field's declaration, the change's code, and its kind when the part is there now or gone."""


def _spaced(part: str | tuple[ContextArgument, ...] | None) -> str:
    """Field sets compare without regard to white space."""
    text = ", ".join(map(str, part)) if isinstance(part, tuple) else part or ""
    return " ".join(text.replace("{", " { ").replace("}", " } ").split())


def _shown(part: str, text: str) -> str:
    name = {"override_label": "label", "context_arguments": "arguments from a context"}.get(part, f"@{part}")
    return f"{name} {text}" if text else f"no {name}"
