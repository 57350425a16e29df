"""Laws of enforcement over random operations and random callers: nothing denied is left, nothing allowed is lost."""

import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLObjectType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    parse,
    validate,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from authz.enforce import enforce
from tests.authz.enforcing import GOVERNED, RULES, SCHEMA, clearance
from tests.laws.report import cases

LAW = settings(deadline=None, max_examples=cases(80))
pytestmark = pytest.mark.law("enforcement", cases=LAW.max_examples)
ARGUMENTS = {
    "Query.people": ["", "(order: DOB)", '(name: {last: "x", order: NAME})', "(first: 2)"],
    "Query.person": ["", "(id: 1)"],
    "Query.records": ["", "(order: NAME)"],
}


@st.composite
def operations(draw: st.DrawFn) -> str:
    """A valid query over the small graph, with aliases, inline fragments on every type and named fragments."""
    fragments: list[str] = []
    selection = _selection(draw, SCHEMA.type_map["Query"], 0, fragments, itertools.count())
    return "\n".join([f"query {selection}", *fragments])


def _selection(draw: st.DrawFn, kind: GraphQLNamedType, depth: int, fragments: list[str], names: Iterator[int]) -> str:
    parts = [_field(draw, kind, depth, fragments, names) for _ in range(draw(st.integers(0, 3)))]
    if depth < 4 and draw(st.booleans()):
        parts.append(_fragment(draw, kind, depth, fragments, names))
    return "{ " + " ".join(filter(None, [*parts, "__typename" if draw(st.booleans()) or not any(parts) else ""])) + " }"


def _field(draw: st.DrawFn, kind: GraphQLNamedType, depth: int, fragments: list[str], names: Iterator[int]) -> str:
    fields = getattr(kind, "fields", None)
    if not fields:
        return ""
    name = draw(st.sampled_from(sorted(fields)))
    named = get_named_type(fields[name].type)
    arguments = draw(st.sampled_from(ARGUMENTS.get(f"{kind.name}.{name}", [""])))
    alias = f"a{next(names)}"
    if not is_composite_type(named):
        return f"{alias}: {name}{arguments}"
    if depth >= 4:
        return ""
    return f"{alias}: {name}{arguments} {_selection(draw, named, depth + 1, fragments, names)}"


def _fragment(draw: st.DrawFn, kind: GraphQLNamedType, depth: int, fragments: list[str], names: Iterator[int]) -> str:
    possible = {each.name for each in SCHEMA.get_possible_types(kind)} if is_abstract_type(kind) else {kind.name}
    conditions = sorted({*possible, kind.name, *(["Record"] if possible & {"Report", "Intel", "Person"} else [])})
    condition = draw(st.sampled_from(conditions))
    inner = _selection(draw, SCHEMA.type_map[condition], depth + 1, fragments, names)
    if draw(st.booleans()):
        return f"... on {condition} {inner}"
    name = f"F{len(fragments)}"
    fragments.append(f"fragment {name} on {condition} {inner}")
    return f"...{name}"


def readable(document: DocumentNode | None, denied: Collection[str] = ()) -> set[str]:
    """Every concrete coordinate the document can read, following each object type on its own.

    Nothing is followed below a denied coordinate, which is itself included.
    """
    if document is None:
        return set()
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return set(_Reach(fragments, denied).of(SCHEMA.type_map["Query"], operation.selection_set))


@dataclass(frozen=True, slots=True)
class _Reach:
    fragments: Mapping[str, FragmentDefinitionNode]
    denied: Collection[str]

    def of(self, kind: GraphQLNamedType, selection: SelectionSetNode) -> Iterator[str]:
        for concrete in SCHEMA.get_possible_types(kind) if is_abstract_type(kind) else [kind]:
            assert isinstance(concrete, GraphQLObjectType)
            for node in selection.selections:
                yield from self.field(concrete, node) if isinstance(node, FieldNode) else self.inside(concrete, node)

    def field(self, concrete: GraphQLObjectType, node: FieldNode) -> Iterator[str]:
        if node.name.value == "__typename":
            return
        coordinate = f"{concrete.name}.{node.name.value}"
        yield coordinate
        if node.selection_set and coordinate not in self.denied:
            yield from self.of(get_named_type(concrete.fields[node.name.value].type), node.selection_set)

    def inside(self, concrete: GraphQLObjectType, node: SelectionNode) -> Iterator[str]:
        inner = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(inner, InlineFragmentNode | FragmentDefinitionNode)
        if _is(concrete, inner.type_condition.name.value if inner.type_condition else concrete.name):
            yield from self.of(concrete, inner.selection_set)


def _is(concrete: GraphQLObjectType, condition: str) -> bool:
    return condition == concrete.name or any(condition == interface.name for interface in concrete.interfaces)


@LAW
@given(operations(), st.sets(st.sampled_from(GOVERNED), max_size=8))
def test_nothing_denied_is_left_and_what_is_left_is_valid(text: str, denied: set[str]):
    document = parse(text)
    assert validate(SCHEMA, document) == []
    found = enforce(document, None, SCHEMA, clearance(*denied), RULES)
    assert readable(found.document).isdisjoint(denied | set(found.denials))
    assert found.document is None or validate(SCHEMA, found.document) == []


@LAW
@given(operations(), st.sets(st.sampled_from(GOVERNED), max_size=8))
def test_exactly_the_denied_is_lost_and_named(text: str, denied: set[str]):
    document = parse(text)
    found = enforce(document, None, SCHEMA, clearance(*denied), RULES)
    reached = readable(document, denied=found.denials)
    assert readable(found.document) == reached - set(found.denials)
    assert reached & denied <= set(found.denials)


@LAW
@given(operations())
def test_whoever_may_read_everything_loses_nothing(text: str):
    document = parse(text)
    found = enforce(document, None, SCHEMA, clearance(), RULES)
    assert found.denials == {}
    assert readable(found.document) == readable(document)


@LAW
@given(operations(), st.sets(st.sampled_from(GOVERNED), max_size=8))
def test_enforcing_twice_is_enforcing_once(text: str, denied: set[str]):
    first = enforce(parse(text), None, SCHEMA, clearance(*denied), RULES)
    if first.document is not None:
        again = enforce(first.document, None, SCHEMA, clearance(*denied), RULES)
        assert again.document is first.document
        assert again.denials == {}


@LAW
@given(operations(), st.sets(st.sampled_from(GOVERNED), max_size=6), st.sampled_from(GOVERNED))
def test_a_further_denial_never_opens_anything(text: str, denied: set[str], more: str):
    document = parse(text)
    before = readable(enforce(document, None, SCHEMA, clearance(*denied), RULES).document)
    after = readable(enforce(document, None, SCHEMA, clearance(*denied, more), RULES).document)
    assert after <= before
