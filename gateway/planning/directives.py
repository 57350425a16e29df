"""A client's own executable directives: which subgraphs know them, and how they are written in what these are asked."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from graphql import (
    ArgumentNode,
    ConstDirectiveNode,
    DirectiveLocation,
    DirectiveNode,
    DocumentNode,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    Visitor,
    is_specified_directive,
    parse,
    print_ast,
    visit,
)

from gateway.composition.supergraph import Supergraph
from gateway.composition.supergraph_features import arguments_of, features_from_document
from gateway.planning.selections import Directive

FORWARDED = frozenset(
    {DirectiveLocation.FIELD, DirectiveLocation.QUERY, DirectiveLocation.MUTATION, DirectiveLocation.SUBSCRIPTION}
)
KnownBy = Mapping[str, frozenset[str]]
NOBODY: KnownBy = MappingProxyType({})


def known_by(supergraph: Supergraph) -> KnownBy:
    """By name of each executable directive that clients may use, the subgraphs that are sure to define it.

    One that is in the supergraph because every subgraph defines it (Federation, "Executable directives") is known to
    all. One that `@composeDirective` brought is known where `@join__directive` says so.
    """
    names = {
        item.name
        for item in supergraph.api_schema.directives
        if not is_specified_directive(item) and FORWARDED.intersection(item.locations)
    }
    if not names:
        return NOBODY
    document = parse(supergraph.sdl, no_location=True)
    composed, said = _imported(document), _Applied(supergraph, document)
    visit(document, said)
    everybody = frozenset(supergraph.subgraphs)
    return {name: frozenset(said.graphs.get(name, ())) if name in composed else everybody for name in names}


def _imported(document: DocumentNode) -> set[str]:
    """The directives that linked features bring, by the names they have here."""
    features = features_from_document(document).by_name.values()
    renamed = {new.removeprefix("@") for feature in features for _, new in feature.renames}
    return renamed | {feature.alias for feature in features}


class _Applied(Visitor):
    """Collects what `@join__directive(graphs:, name:)` says anywhere: these subgraphs know this directive."""

    def __init__(self, supergraph: Supergraph, document: DocumentNode) -> None:
        super().__init__()
        self.graphs: dict[str, set[str]] = {}
        self._names = {item.graph: name for name, item in supergraph.subgraphs.items()}
        self._directive = features_from_document(document).join.directive("directive")

    def enter_directive(self, node: ConstDirectiveNode, *_: object) -> None:
        if node.name.value == self._directive:
            arguments = arguments_of(node)
            known = self.graphs.setdefault(str(arguments.get("name")), set())
            known.update(self._names[graph] for graph in arguments.get("graphs") or () if graph in self._names)


def forwarded(nodes: Iterable[DirectiveNode], known: KnownBy) -> tuple[Directive, ...]:
    """The directives of a selection or an operation that some subgraph knows, in their order."""
    return tuple(_directive(node) for node in nodes if known.get(node.name.value))


def _directive(node: DirectiveNode) -> Directive:
    arguments = node.arguments or ()
    return Directive(
        node.name.value,
        f"@{node.name.value}{arguments_text(arguments)}",
        tuple(sorted({used for item in arguments for used in variables_in(item.value)})),
    )


def arguments_text(arguments: Iterable[ArgumentNode]) -> str:
    """Arguments as canonical text such as `(first:3)`; empty for none."""
    ordered = sorted(arguments, key=lambda argument: argument.name.value)
    return f"({','.join(f'{item.name.value}:{print_ast(item.value)}' for item in ordered)})" if ordered else ""


def variables_in(value: ValueNode) -> Iterator[str]:
    """The variables used anywhere in a value."""
    if isinstance(value, VariableNode):
        yield value.name.value
    elif isinstance(value, ListValueNode):
        for item in value.values:
            yield from variables_in(item)
    elif isinstance(value, ObjectValueNode):
        for item in value.fields:
            yield from variables_in(item.value)
