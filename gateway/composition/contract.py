"""A merged schema and a contract (which @tag names clients see) in; the schema with the rest @inaccessible out."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from graphql.language import DirectiveDefinitionNode

from gateway.composition.inaccessible import Visibility
from gateway.composition.join import applied
from gateway.composition.merge_context import MergeContext
from gateway.composition.model import Element, Field, Kind, TypeDefinition
from gateway.composition.print_supergraph import MergedSchema
from gateway.composition.read_subgraph import type_text
from gateway.composition.type_references import named_type

E = TypeVar("E", bound=Element)
Types = Mapping[str, TypeDefinition]


@dataclass(frozen=True, slots=True)
class Contract:
    """Which tags a variant of the API shows: `exclude` wins over `include`; an empty `include` lets everything in."""

    include: frozenset[str] = frozenset()
    exclude: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.include or self.exclude)

    def excludes(self, tags: frozenset[str]) -> bool:
        """Whether an element with these tags is hidden outright."""
        return not self.exclude.isdisjoint(tags)

    def omits(self, tags: frozenset[str]) -> bool:
        """Whether an element that has to be asked for (an output field, a union) is not."""
        return bool(self.include) and self.include.isdisjoint(tags)


@dataclass(frozen=True, slots=True)
class _Filter:
    """A contract and the local names of the two directives it works with."""

    contract: Contract
    tag: str | None
    inaccessible: str

    def tags(self, element: Element) -> frozenset[str]:
        texts = (use.text("name") for use in element.applications if use.name == self.tag)
        return frozenset(text for text in texts if text is not None)

    def hidden(self, element: E) -> E:
        """The element, @inaccessible."""
        if any(use.name == self.inaccessible for use in element.applications):
            return element
        return replace(element, applications=(*element.applications, applied(self.inaccessible, {})))


def apply_contract(context: MergeContext, schema: MergedSchema, contract: Contract) -> MergedSchema:
    """The schema with everything @inaccessible that the contract does not show; keys stay for the joins.

    The rules are those of Apollo's contracts: a type's tags hold for its fields; `include` picks output fields and
    unions; types without visible parts, and types no visible field leads to, go too. Whether what stays can do
    without what went is the next stage's question (`validate_inaccessible`).
    """
    rules = _Filter(contract, context.composed.federation.get("tag"), context.composed.federation["inaccessible"])
    _hint_unused(context, schema.types.values(), rules)
    types = {name: _filtered(rules, definition) for name, definition in schema.types.items()}
    types = {name: _unless_empty(rules, types, definition) for name, definition in types.items()}
    reached = _reached(Visibility(types, rules.inaccessible), schema)
    shown = {name: item if name in reached or _machinery(item) else rules.hidden(item) for name, item in types.items()}
    return replace(schema, types=shown)


def with_inaccessible(context: MergeContext) -> MergeContext:
    """The context with @inaccessible among the composed directives, which a contract needs in any case."""
    federation = {"inaccessible": "inaccessible"} | dict(context.composed.federation)
    return replace(context, composed=replace(context.composed, federation=federation))


def _machinery(definition: TypeDefinition) -> bool:
    return definition.name == "join__Graph"


def _hint_unused(context: MergeContext, types: Iterable[TypeDefinition], rules: _Filter) -> None:
    """A misspelt tag would silently show too much."""
    used = {tag for definition in types for element in _elements(definition) for tag in rules.tags(element)}
    for tag in sorted((rules.contract.include | rules.contract.exclude) - used):
        context.report.hint("CONTRACT_TAG_UNUSED", f'The contract names the tag "{tag}", which no element carries.')


def _elements(definition: TypeDefinition) -> Iterator[Element]:
    yield definition
    for child in definition.children():
        yield child
        if isinstance(child, Field):
            yield from child.arguments.values()


def _filtered(rules: _Filter, definition: TypeDefinition) -> TypeDefinition:
    tags = rules.tags(definition)
    selected = replace(
        definition,
        fields={name: _field(rules, item, tags) for name, item in definition.fields.items()},
        inputs={name: _part(rules, item) for name, item in definition.inputs.items()},
        values={name: _part(rules, item) for name, item in definition.values.items()},
    )
    omitted = definition.kind is Kind.UNION and rules.contract.omits(tags)
    return rules.hidden(selected) if omitted or rules.contract.excludes(tags) else selected


def _field(rules: _Filter, item: Field, of_type: frozenset[str]) -> Field:
    tags = rules.tags(item) | of_type
    selected = replace(item, arguments={name: _part(rules, given) for name, given in item.arguments.items()})
    return rules.hidden(selected) if rules.contract.omits(tags) or rules.contract.excludes(tags) else selected


def _part(rules: _Filter, element: E) -> E:
    """Arguments, input fields and enum values can only be excluded."""
    return rules.hidden(element) if rules.contract.excludes(rules.tags(element)) else element


def _unless_empty(rules: _Filter, types: Types, definition: TypeDefinition) -> TypeDefinition:
    """A type without visible parts is hidden with them (for Query the next stage reports that)."""
    visibility = Visibility(types, rules.inaccessible)
    children = list(definition.children())
    if definition.kind is Kind.UNION:
        empty = all(map(visibility.hides_type, definition.members))
    else:
        empty = bool(children) and all(map(visibility.hides, children))
    return rules.hidden(definition) if empty else definition


def _reached(visibility: Visibility, schema: MergedSchema) -> set[str]:
    """The types that lead from the visible root fields and the directives of operations.

    An interface is reached by what implements it, too, but then does not lead to its other implementations.
    """
    waiting = [(name, True) for name in schema.roots.values()]
    waiting += [(name, True) for name in _directive_inputs(schema)]
    seen: set[tuple[str, bool]] = set()
    while waiting:
        name, returned = waiting.pop()
        definition = visibility.types.get(name)
        if (name, returned) in seen or definition is None or visibility.hides(definition):
            continue
        seen.add((name, returned))
        waiting += [(target, True) for target in _references(visibility, definition)]
        waiting += [(interface, False) for interface in definition.interfaces]
        if returned and definition.kind is Kind.INTERFACE:
            waiting += [(other.name, True) for other in visibility.types.values() if name in other.interfaces]
    return {name for name, _ in seen}


def _references(visibility: Visibility, definition: TypeDefinition) -> Iterator[str]:
    for item in definition.fields.values():
        if not visibility.hides(item):
            yield named_type(item.type)
            yield from (named_type(given.type) for given in item.arguments.values() if not visibility.hides(given))
    yield from (named_type(item.type) for item in definition.inputs.values() if not visibility.hides(item))
    yield from definition.members


def _directive_inputs(schema: MergedSchema) -> Iterator[str]:
    for node in schema.definitions:
        if isinstance(node, DirectiveDefinitionNode):
            yield from (named_type(type_text(argument.type, {})) for argument in node.arguments or ())
