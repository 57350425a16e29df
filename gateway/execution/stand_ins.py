"""Members of unions that stand where a record cannot be given: supergraph SDL in; which member stands when, and what it
says, out.

`@standIn(for:)` of the LEDS access specification marks such a member. A graph that does not link the specification has
none, and is projected as if there were no such thing.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    GraphQLNamedType,
    ListTypeNode,
    NonNullTypeNode,
    ObjectTypeDefinitionNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    TypeNode,
    UnionTypeDefinitionNode,
)

from authz.decision import Decision, Form
from authz.directives import ACCESS
from gateway.composition.supergraph_features import arguments_of, features_from_document
from gateway.execution.failures import UNAVAILABLE, Failure

ADVICE = "Treat it as unknown, never as 'none'; ask again shortly. The cause is in `errors` at this place."
SPECIFICATION = "access"


@dataclass(frozen=True, slots=True)
class StandIns:
    """By union: the member that stands for each outcome. `holders` are value types by name, which have no outcome of
    their own, each with its one field that answers with such a union: of a list of them that is only said to exist,
    one entry says so there."""

    members: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    holders: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def member(self, union: str, outcome: str) -> str | None:
        """The type that stands in the union's place for this outcome, if it has one."""
        return self.members.get(union, {}).get(outcome)


NO_STAND_INS = StandIns()


class Place(Protocol):
    """A response key: the key under which subgraphs answer it, its field's name and what is asked below it."""

    @property
    def held(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def below(self) -> "Shape | None": ...


class Shape(Protocol):
    """What a client asks of a value of one static type."""

    @property
    def static(self) -> GraphQLNamedType: ...

    def fields(self, type_name: str) -> Mapping[str, Place]: ...


def existing(shape: Shape, decision: Decision, stand_ins: StandIns) -> dict[str, Any] | None:
    """What stands for a value of which only that it exists may be said; None where nothing can."""
    facts = {"dataset": decision.dataset, "contact": decision.contact}
    if member := stand_ins.member(shape.static.name, Form.EXISTS):
        return _standing(shape, member, facts)
    name, found = stand_ins.holders.get(shape.static.name), dict[str, Any]()
    for place in shape.fields(shape.static.name).values() if name else ():
        below = place.below if place.name == name else None
        member = stand_ins.member(below.static.name, Form.EXISTS) if below else None
        found[place.held] = _standing(below, member, facts) if below and member else None
    return found if any(found.values()) else None


def failed(shape: Shape, member: str, failure: Failure | None) -> dict[str, Any]:
    """What stands for a record that could not be had, as `member` says it; without a failure, nobody knows why."""
    service = next((cause.error.service for cause in failure.causes), None) if failure else None
    return _standing(shape, member, {"product": service, "advice": ADVICE})


def _standing(shape: Shape, member: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """A stand-in as a subgraph would have answered it, by the client's keys."""
    said = {place.held: facts.get(place.name) for place in shape.fields(member).values()}
    return said | {"__typename": member}


def is_outage(failure: Failure) -> bool:
    """Whether a value is missing because its subgraph was down, slow or wrong, and not because of what was asked."""
    return failure.lost or all(cause.error.code == UNAVAILABLE for cause in failure.causes)


def all_of_outages(values: Iterable[Any]) -> tuple[Failure, ...]:
    """The failures, where nothing but outages stands at the fields of an object; none where there is any value."""
    found: list[Failure] = []
    for value in values:
        if type(value) is not Failure or not is_outage(value):
            return ()
        found.append(value)
    return tuple(found)


def stand_ins_from_document(document: DocumentNode) -> StandIns:
    """The stand-ins of a supergraph, under whatever name it imports the directive."""
    if not any(str(url).startswith(ACCESS) for url in _linked(document)):
        return NO_STAND_INS
    feature = features_from_document(document).by_name[SPECIFICATION]
    objects = [node for node in document.definitions if isinstance(node, ObjectTypeDefinitionNode)]
    standing = {
        node.name.value: outcome for node in objects for outcome in _outcomes(node, feature.directive("standIn"))
    }
    members = {
        node.name.value: found
        for node in document.definitions
        if isinstance(node, UnionTypeDefinitionNode)
        and (
            found := {
                standing[each.name.value]: each.name.value for each in node.types or () if each.name.value in standing
            }
        )
    }
    existing = frozenset(name for name, found in members.items() if Form.EXISTS in found)
    holders = {node.name.value: held for node in objects for held in _held(node, feature.directive("open"), existing)}
    return StandIns(MappingProxyType(members), MappingProxyType(holders))


def _linked(document: DocumentNode) -> Iterator[Any]:
    for node in document.definitions:
        if isinstance(node, SchemaDefinitionNode | SchemaExtensionNode):
            yield from (arguments_of(directive).get("url") for directive in node.directives or ())


def _outcomes(node: ObjectTypeDefinitionNode, directive: str) -> Iterator[str]:
    for applied in node.directives or ():
        if applied.name.value == directive:
            yield str(arguments_of(applied).get("for"))


def _held(node: ObjectTypeDefinitionNode, directive: str, unions: frozenset[str]) -> Iterator[str]:
    """The field of a value type that answers with such a union: the only one, and nothing else is never null."""
    inherits = any(
        applied.name.value == directive and arguments_of(applied).get("inherit") for applied in node.directives or ()
    )
    fields: tuple[FieldDefinitionNode, ...] = tuple(node.fields or ())
    answering = [each.name.value for each in fields if _named(each.type) in unions]
    if inherits and len(answering) == 1 and not any(isinstance(each.type, NonNullTypeNode) for each in fields):
        yield answering[0]


def _named(node: TypeNode) -> str | None:
    """The name of a type that is no list; a union in a list is not one record's place."""
    while isinstance(node, NonNullTypeNode):
        node = node.type
    return None if isinstance(node, ListTypeNode) else node.name.value  # type: ignore[union-attr]
