"""A supergraph in; the graph of who can resolve what out: fields, possible types and entity jumps. Built once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from graphql import GraphQLSyntaxError, OperationDefinitionNode, SelectionSetNode, is_abstract_type, parse

from gateway.composition.supergraph import InvalidSupergraph, SubgraphField, SubgraphType, Supergraph
from gateway.planning.contextual import Contexts, Contextual, contexts_of
from gateway.planning.normalise import field_set_selections
from gateway.planning.selections import Selections


@dataclass(frozen=True, slots=True)
class Resolver:
    """How one subgraph resolves a field. `type` is its own type reference; `external` means: only where provided.

    `arguments` are those that have to be given to it from contexts.
    """

    type: str
    requires: Selections = ()
    provides: Selections = ()
    external: bool = False
    arguments: tuple[Contextual, ...] = ()

    @property
    def named_type(self) -> str:
        """The type without lists and non-nulls."""
        return self.type.strip("[]!")

    @property
    def lists(self) -> int:
        """How many lists are nested around the named type."""
        return self.type.count("[")


@dataclass(frozen=True, slots=True)
class Target:
    """A subgraph where an object can be looked up: as `type`, by `key` (no key: a root type, which is always there)."""

    subgraph: str
    type: str
    key: Selections


Resolvers = Mapping[tuple[str, str], Mapping[str, Resolver]]


@dataclass(frozen=True, slots=True)
class Graph:
    """Who can resolve what. All mappings are keyed by (subgraph, type) or by type; nothing changes after `graph_of`.

    `answering`: by type and field, the targets that answer the field; `resolving`: by type and field, the subgraphs;
    `keepers`: by type, the subgraphs of its targets.
    """

    supergraph: Supergraph
    fields: dict[tuple[str, str], dict[str, Resolver]]
    possible: dict[tuple[str, str], frozenset[str]]
    possible_anywhere: dict[str, frozenset[str]]
    targets: dict[str, tuple[Target, ...]]
    answering: dict[str, dict[str, tuple[Target, ...]]]
    resolving: dict[tuple[str, str], tuple[str, ...]]
    keepers: dict[str, frozenset[str]]
    interface_objects: frozenset[tuple[str, str]]
    abstract: frozenset[tuple[str, str]]
    unions: frozenset[str]
    accessible: frozenset[str]
    root_types: frozenset[str]
    contexts: Contexts

    def resolver(self, subgraph: str, type_name: str, field: str) -> Resolver | None:
        """What the subgraph declares of the field, external or not."""
        return self.fields.get((subgraph, type_name), {}).get(field)

    def overlaps(self, runtime_type: str, condition: str) -> bool:
        """Whether an object of the type (an interface's name, for interface objects) can match a fragment."""
        mine = self.possible_anywhere.get(runtime_type, frozenset())
        return bool(mine & self.possible_anywhere.get(condition, frozenset()))


def graph_of(supergraph: Supergraph, labels: frozenset[str] = frozenset()) -> Graph:
    """Build the graph. `labels` are the progressive `@override` labels that are switched on.

    Raises:
        InvalidSupergraph: a key, `@requires` or `@provides` that does not parse.
    """
    full = supergraph.full_schema
    roots = {item.name for item in (full.query_type, full.mutation_type, full.subscription_type) if item}
    declared = {
        (subgraph, name): item for name, by_graph in supergraph.types.items() for subgraph, item in by_graph.items()
    }
    possible_anywhere = {name: _possible_anywhere(supergraph, name) for name in full.type_map}
    contexts = contexts_of(supergraph, possible_anywhere)
    fields = {place: dict(_resolvers(place, supergraph, labels, contexts)) for place in declared}
    targets = {name: tuple(_targets(name, supergraph, roots)) for name in supergraph.types}
    return Graph(
        supergraph=supergraph,
        fields=fields,
        possible={place: _possible(item, place[0], supergraph) for place, item in declared.items()},
        possible_anywhere=possible_anywhere,
        targets=targets,
        answering={name: _answering(found, fields) for name, found in targets.items()},
        resolving=_resolving(fields),
        keepers={name: frozenset(target.subgraph for target in found) for name, found in targets.items()},
        interface_objects=frozenset(place for place, item in declared.items() if item.interface_object),
        abstract=frozenset(place for place, item in declared.items() if item.kind in ("INTERFACE", "UNION")),
        unions=frozenset(name for (_, name), item in declared.items() if item.kind == "UNION"),
        accessible=frozenset(supergraph.api_schema.type_map),
        root_types=frozenset(roots),
        contexts=contexts,
    )


def _answering(targets: Iterable[Target], fields: Resolvers) -> dict[str, tuple[Target, ...]]:
    found: dict[str, list[Target]] = {}
    for target in targets:
        for name, resolver in fields.get((target.subgraph, target.type), {}).items():
            if not resolver.external:
                found.setdefault(name, []).append(target)
    return {name: tuple(able) for name, able in found.items()}


def _resolving(fields: Resolvers) -> dict[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for (subgraph, type_name), resolvers in sorted(fields.items()):
        for name, resolver in resolvers.items():
            if not resolver.external:
                found.setdefault((type_name, name), []).append(subgraph)
    return {coordinate: tuple(subgraphs) for coordinate, subgraphs in found.items()}


def field_set(text: str, type_name: str, supergraph: Supergraph) -> Selections:
    """The selections of a `join__FieldSet`.

    Raises:
        InvalidSupergraph: it does not parse.
    """
    return field_set_selections(_selection_set(text), type_name, supergraph.full_schema)


def _selection_set(text: str) -> SelectionSetNode:
    try:
        definition = parse("{" + text + "}", no_location=True).definitions[0]
    except GraphQLSyntaxError as error:
        raise InvalidSupergraph(f"the field set {text!r} is not valid: {error.message}") from error
    if not isinstance(definition, OperationDefinitionNode):
        raise InvalidSupergraph(f"the field set {text!r} is not a selection")
    return definition.selection_set


def _resolvers(
    place: tuple[str, str], supergraph: Supergraph, labels: frozenset[str], contexts: Contexts
) -> Iterator[tuple[str, Resolver]]:
    item = supergraph.types[place[1]][place[0]]
    for field in item.fields.values():
        if not _switched_off(field, labels):
            yield (
                field.name,
                Resolver(
                    type=field.type,
                    requires=field_set(field.requires, item.name, supergraph) if field.requires else (),
                    provides=field_set(field.provides, field.type.strip("[]!"), supergraph) if field.provides else (),
                    external=field.external or field.overridden,
                    arguments=contexts.arguments.get((*place, field.name), ()),
                ),
            )


def _switched_off(field: SubgraphField, labels: frozenset[str]) -> bool:
    """A labelled override resolves while its label is on, the overridden field while it is off."""
    if field.override_label is None:
        return False
    return (field.override_label in labels) is not bool(field.override)


def _possible(item: SubgraphType, subgraph: str, supergraph: Supergraph) -> frozenset[str]:
    """The types an object may have in the subgraph's answer; an interface object stands for itself."""
    if item.kind == "UNION":
        return frozenset(item.members)
    if item.kind != "INTERFACE":
        return frozenset((item.name,))
    return frozenset(
        name
        for name, by_graph in supergraph.types.items()
        if (other := by_graph.get(subgraph)) and other.kind == "OBJECT" and item.name in other.interfaces
    )


def _possible_anywhere(supergraph: Supergraph, name: str) -> frozenset[str]:
    type_ = supergraph.full_schema.type_map[name]
    if is_abstract_type(type_):
        return frozenset(item.name for item in supergraph.full_schema.get_possible_types(type_))
    return frozenset((name,))


def _targets(name: str, supergraph: Supergraph, roots: set[str]) -> Iterator[Target]:
    """Where an object of the type can be looked up: under its own keys, or as an interface object of its interfaces."""
    type_ = supergraph.full_schema.type_map.get(name)
    interfaces = tuple(item.name for item in getattr(type_, "interfaces", ()))
    for subgraph in supergraph.subgraphs:
        own = supergraph.types[name].get(subgraph)
        if own and name in roots:
            yield Target(subgraph, name, ())
        for declared in (own, *(supergraph.types.get(item, {}).get(subgraph) for item in interfaces)):
            if declared and (declared is own or declared.interface_object):
                for key in declared.keys:
                    if key.resolvable:
                        yield Target(subgraph, declared.name, field_set(key.fields, declared.name, supergraph))
