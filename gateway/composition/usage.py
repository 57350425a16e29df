"""What a subgraph's federation directives say of its fields: which are external, provided, keys, used, shareable."""

from collections.abc import Iterator
from dataclasses import dataclass

from gateway.composition.context import context_selections
from gateway.composition.field_set import Selected, selected_fields, with_implementations
from gateway.composition.model import Application, Field, Kind, Subgraph, TypeDefinition
from gateway.composition.type_references import named_type


@dataclass(frozen=True, slots=True)
class Usage:
    """Sets of coordinates (`Type.field`) of one subgraph.

    `external`: declared but resolved elsewhere. `provided`: external, yet resolved on some path. `used`: named by a
    @key, @requires, @provides, a context selection, or needed by an interface. `shareable`: others may resolve it.
    """

    external: frozenset[str]
    provided: frozenset[str]
    keys: frozenset[str]
    used: frozenset[str]
    shareable: frozenset[str]

    def is_external(self, coordinate: str) -> bool:
        """Whether the field is external, be it provided on some paths."""
        return coordinate in self.external

    def is_fully_external(self, coordinate: str) -> bool:
        """Whether the subgraph never resolves the field."""
        return coordinate in self.external and coordinate not in self.provided


def usage_of(subgraph: Subgraph) -> Usage:
    """Reads every directive of the subgraph once."""
    keys = frozenset(
        c for owner, use in _keys(subgraph) for c in _all(subgraph, selected_fields(subgraph, owner.name, use))
    )
    provided = frozenset(_provided(subgraph))
    external = frozenset(_external(subgraph)) - _stand_ins(subgraph)
    return Usage(
        external=external,
        provided=provided,
        keys=keys,
        used=keys | provided | frozenset(_required(subgraph)) | _by_interfaces(subgraph) | _by_contexts(subgraph),
        shareable=frozenset(_shareable(subgraph, keys | provided)),
    )


def _all(subgraph: Subgraph, selected: list[Selected]) -> Iterator[str]:
    return with_implementations(subgraph, selected)


def _keys(subgraph: Subgraph) -> Iterator[tuple[TypeDefinition, Application]]:
    for owner in subgraph.of_kind(Kind.OBJECT, Kind.INTERFACE):
        yield from ((owner, use) for use in owner.all_of("key"))


def _fields(subgraph: Subgraph) -> Iterator[tuple[TypeDefinition, Field]]:
    for owner in subgraph.of_kind(Kind.OBJECT, Kind.INTERFACE):
        yield from ((owner, field) for field in owner.fields.values())


def _provided(subgraph: Subgraph) -> Iterator[str]:
    for _, field in _fields(subgraph):
        for use in field.all_of("provides"):
            yield from _all(subgraph, selected_fields(subgraph, named_type(field.type), use))


def _required(subgraph: Subgraph) -> Iterator[str]:
    for owner, field in _fields(subgraph):
        for use in field.all_of("requires"):
            yield from _all(subgraph, selected_fields(subgraph, owner.name, use))


def _by_contexts(subgraph: Subgraph) -> frozenset[str]:
    return frozenset(c for selected in context_selections(subgraph) for c in _all(subgraph, selected))


def _external(subgraph: Subgraph) -> Iterator[str]:
    for owner, field in _fields(subgraph):
        if field.has("external") or owner.has("external"):
            yield f"{owner.name}.{field.name}"


def _stand_ins(subgraph: Subgraph) -> frozenset[str]:
    """Key fields marked @external on an extension: Federation 1 writes them so although the subgraph resolves them."""
    found: set[str] = set()
    for owner, use in _keys(subgraph):
        if use.on_extension or owner.has("extends"):
            selected = selected_fields(subgraph, owner.name, use)
            found |= {s.coordinate for s in selected if s.owner.name == owner.name and s.field.has("external")}
    return frozenset(found)


def _by_interfaces(subgraph: Subgraph) -> frozenset[str]:
    used: set[str] = set()
    for interface in subgraph.of_kind(Kind.INTERFACE):
        owners = [t.name for t in subgraph.of_kind(Kind.OBJECT, Kind.INTERFACE) if interface.name in t.interfaces]
        used |= {f"{owner}.{name}" for owner in owners for name in interface.fields}
    return frozenset(used)


def _shareable(subgraph: Subgraph, always: frozenset[str]) -> Iterator[str]:
    for owner, field in _fields(subgraph):
        coordinate = f"{owner.name}.{field.name}"
        declared = field.has("shareable") or any(use.part == field.part for use in owner.all_of("shareable"))
        if declared or coordinate in always or owner.kind is Kind.INTERFACE:
            yield coordinate
