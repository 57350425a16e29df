"""Plan, supergraph and clearance in; nothing out, or a refusal: the last look before execution, trusting no stage."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    parse,
)

from authz.decision import Clearance
from gateway.composition.supergraph import Supergraph
from gateway.planning.errors import PlanRefused
from gateway.planning.plan import Fetch, QueryPlan, RequiredField, RequiredFragment, Requirement, fetches_of

ENTITIES = "_entities"


def check_plan(plan: QueryPlan, supergraph: Supergraph, clearance: Clearance, internal: frozenset[str]) -> None:
    """See that every coordinate a plan reads, or sends on, is allowed to its caller or internal.

    `internal` holds `Type.field` coordinates that the federation itself needs: keys, `@inaccessible` fields, inputs of
    derived ones. A field of an interface counts as a read of every type it may be. `__typename` is always allowed.

    Raises:
        PlanRefused: a coordinate is neither; it is named together with the subgraph that would have been asked.
    """
    for fetch in fetches_of(plan):
        for coordinate in sorted(coordinates_of(fetch, supergraph.full_schema)):
            if coordinate not in internal and not clearance.decision(coordinate).allowed:
                raise PlanRefused(
                    f"the plan reads {coordinate} from '{fetch.subgraph}', which this caller may not read",
                    details={"coordinate": coordinate, "subgraph": fetch.subgraph},
                )


def coordinates_of(fetch: Fetch, schema: GraphQLSchema) -> frozenset[str]:
    """Every concrete coordinate that a fetch asks for or puts into its representations.

    Raises:
        PlanRefused: the fetch names a type or field that the supergraph does not have.
    """
    reader = _Reader(schema, fetch.subgraph)
    return frozenset(reader.operation(fetch)) | frozenset(reader.requirements(fetch.requires, None))


@dataclass(frozen=True, slots=True)
class _Reader:
    schema: GraphQLSchema
    subgraph: str

    def operation(self, fetch: Fetch) -> Iterator[str]:
        document = parse(fetch.operation, no_location=True)
        named = {item.name.value: item for item in document.definitions if isinstance(item, FragmentDefinitionNode)}
        for definition in document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                root = self.schema.get_root_type(definition.operation)
                if root is None:
                    raise self._unknown(definition.operation.value)
                yield from self._root(root, definition.selection_set, fetch, named)

    def requirements(self, items: Iterable[Requirement], parent: str | None) -> Iterator[str]:
        """The coordinates of a representation's values."""
        for item in items:
            if isinstance(item, RequiredFragment):
                yield from self.requirements(item.selections, item.type_condition or parent)
            elif isinstance(item, RequiredField) and not item.name.startswith("__"):
                if parent is None:
                    raise self._unknown(item.name)
                yield from (f"{name}.{item.name}" for name in self._possible(parent))
                yield from self.requirements(item.selections, self._field_type(parent, item.name))

    def _root(
        self, root: GraphQLNamedType, node: SelectionSetNode, fetch: Fetch, named: dict[str, FragmentDefinitionNode]
    ) -> Iterator[str]:
        """Entities are of the types whose representations are sent, whatever the fragment they are read by."""
        sent = {
            name
            for item in fetch.requires
            if isinstance(item, RequiredFragment) and item.type_condition
            for name in self._possible(item.type_condition)
        }
        for item in node.selections:
            if isinstance(item, FieldNode) and item.name.value == ENTITIES and item.selection_set:
                yield from self._fragments(item.selection_set, frozenset(sent), named)
            else:
                alone = SelectionSetNode(selections=(item,))
                yield from self._selections(root.name, self._possible(root.name), alone, named)

    def _fragments(
        self, node: SelectionSetNode, possible: frozenset[str], named: dict[str, FragmentDefinitionNode]
    ) -> Iterator[str]:
        for item in node.selections:
            if isinstance(item, InlineFragmentNode) and item.type_condition:
                condition = item.type_condition.name.value
                narrowed = possible & self._possible(condition)
                yield from self._selections(condition, narrowed, item.selection_set, named)

    def _selections(
        self,
        parent: str,
        possible: frozenset[str],
        node: SelectionSetNode,
        named: dict[str, FragmentDefinitionNode],
    ) -> Iterator[str]:
        for item in node.selections:
            if isinstance(item, FieldNode):
                name = item.name.value
                if name.startswith("__"):
                    continue
                inner = self._field_type(parent, name)
                yield from (f"{concrete}.{name}" for concrete in possible)
                if item.selection_set:
                    yield from self._selections(inner, self._possible(inner), item.selection_set, named)
                continue
            fragment = named[item.name.value] if isinstance(item, FragmentSpreadNode) else item
            if not isinstance(fragment, FragmentDefinitionNode | InlineFragmentNode):
                raise self._unknown(type(fragment).__name__)
            condition = fragment.type_condition.name.value if fragment.type_condition else parent
            narrowed = possible & self._possible(condition)
            yield from self._selections(condition, narrowed, fragment.selection_set, named)

    def _possible(self, name: str) -> frozenset[str]:
        kind = self.schema.get_type(name)
        if kind is None:
            raise self._unknown(name)
        if is_abstract_type(kind):
            return frozenset(item.name for item in self.schema.get_possible_types(kind))
        return frozenset((name,))

    def _field_type(self, parent: str, name: str) -> str:
        field = getattr(self.schema.get_type(parent), "fields", {}).get(name)
        if field is None:
            raise self._unknown(f"{parent}.{name}")
        return get_named_type(field.type).name

    def _unknown(self, what: str) -> PlanRefused:
        return PlanRefused(
            f"the plan asks '{self.subgraph}' for {what}, which the supergraph does not have",
            details={"coordinate": what, "subgraph": self.subgraph},
        )
