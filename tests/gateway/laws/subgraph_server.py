"""One subgraph served from a world as an ASGI application, and what no real subgraph could have answered."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import (
    FieldNode,
    GraphQLResolveInfo,
    GraphQLSchema,
    InlineFragmentNode,
    SelectionSetNode,
    build_schema,
    execute_sync,
    extend_schema,
    parse,
    print_ast,
    validate,
)

from gateway.composition.complete import complete
from gateway.composition.model import Field, Kind, Subgraph, TypeDefinition
from gateway.composition.read_subgraph import root_types
from tests.gateway.laws.ground import Ground, field_set
from tests.gateway.laws.world import Thing, World

Selected = tuple[SelectionSetNode, ...]
Message = MutableMapping[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """A thing as this subgraph met it: what a field above provides of it, what its representation gave."""

    thing: Thing
    provided: Selected = ()
    given: Any = None


@dataclass(frozen=True)
class Declared:
    """One subgraph of a ground: its schema as it would run, and what its directives say."""

    ground: Ground
    subgraph: Subgraph
    sdl: str

    @cached_property
    def schema(self) -> GraphQLSchema:
        """The executable schema, with `_entities` where there is something to look up."""
        document = complete(parse(self.sdl, no_location=True), self.subgraph.links)
        query = self.names.get("Query", "Query")
        roots = [name for name, type_ in self.subgraph.types.items() if type_.kind is Kind.OBJECT and self._keys(type_)]
        entities = " | ".join(self.names.get(name, name) for name in roots)
        look_up = f"extend type {query} {{ _service: String }}"
        if entities:
            look_up = (
                f"scalar _Any union _Entity = {entities} "
                f"extend type {query} {{ _entities(representations: [_Any!]!): [_Entity]! }}"
            )
        text = print_ast(document)
        if query not in {getattr(getattr(node, "name", None), "value", "") for node in document.definitions}:
            text += f" type {query} {{ _law: String }}"
        schema = build_schema(text, assume_valid=True, assume_valid_sdl=True)
        return extend_schema(schema, parse(look_up), assume_valid=True, assume_valid_sdl=True)

    @cached_property
    def names(self) -> dict[str, str]:
        """The root types' own names by their default names."""
        defaults = {"query": "Query", "mutation": "Mutation", "subscription": "Subscription"}
        return {defaults[kind]: name for kind, name in root_types(parse(self.sdl)).items()}

    def type_of(self, name: str) -> TypeDefinition | None:
        """A type by the name it has here."""
        default = {own: default for default, own in self.names.items()}.get(name, name)
        return self.subgraph.type(default)

    def keys(self, name: str) -> list[SelectionSetNode]:
        """The keys by which a type can be looked up here."""
        declared = self.type_of(name)
        return self._keys(declared) if declared else []

    def is_own_key(self, type_name: str, name: str) -> bool:
        """Whether the field is part of a key that the subgraph declares, so that it knows the value anyway."""
        return (type_name, name) in self._key_fields

    @cached_property
    def _key_fields(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            found
            for owner in self.subgraph.types.values()
            for use in owner.all_of("key")
            for name in (owner.name, *self.subgraph.runtime_types(owner.name))
            for found in self._fields(name, field_set(use.text("fields") or ""))
        )

    def _fields(self, name: str, selections: SelectionSetNode) -> Iterator[tuple[str, str]]:
        for item in selections.selections:
            if isinstance(item, FieldNode):
                yield name, item.name.value
                declared = self.subgraph.field(name, item.name.value)
                if item.selection_set and declared:
                    for inner in self.subgraph.runtime_types(declared.type.strip("[]!")):
                        yield from self._fields(inner, item.selection_set)
            elif isinstance(item, InlineFragmentNode):
                condition = item.type_condition.name.value if item.type_condition else name
                yield from self._fields(condition, item.selection_set)

    def _keys(self, declared: TypeDefinition) -> list[SelectionSetNode]:
        return [
            field_set(use.text("fields") or "")
            for use in declared.all_of("key")
            if use.flag("resolvable", default=True)
        ]


@dataclass
class SubgraphServer:
    """Answers as the subgraph over one world. `faults` says what was asked that it could not know."""

    declared: Declared
    world: World
    faults: list[str] = field(default_factory=list)
    asked: int = 0

    def serve(self, world: World) -> None:
        """Answer from this world from now on."""
        self.world = world
        self.faults.clear()
        self.asked = 0

    async def __call__(
        self,
        scope: Mapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """ASGI: one GraphQL request over POST."""
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        answer = json.dumps(self._answer(json.loads(body))).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _answer(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        self.asked += 1
        document = parse(request["query"])
        if invalid := validate(self.declared.schema, document):
            self.fault(f"{invalid[0].message} in {request['query']}")
            return {"data": None, "errors": [{"message": "invalid"}]}
        return execute_sync(
            self.declared.schema,
            document,
            variable_values=request.get("variables") or {},
            field_resolver=self._resolve,
            type_resolver=lambda seen, info, kind: self._type_of(seen, kind.name),
        ).formatted

    def fault(self, text: str) -> None:
        """Remember what a real subgraph could not have answered."""
        self.faults.append(f"{self.declared.subgraph.name}: {text}")

    def _type_of(self, seen: Seen, abstract: str) -> str | None:
        """The run-time type as this subgraph says it: an interface object's name where it does not know better."""
        ground, subgraph, name = self.declared.ground, self.declared.subgraph, seen.thing.type
        candidates = (
            [type_.name for type_ in subgraph.of_kind(Kind.OBJECT)]
            if abstract == "_Entity"
            else list(subgraph.runtime_types(abstract))
        )
        found = name if name in candidates else next((c for c in candidates if name in ground.possible(c)), None)
        if found is None:
            self.fault(f"a {name} cannot be a {abstract}")
        return found

    def _resolve(self, source: Seen | None, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._entity(item) for item in arguments["representations"]]
        owner = self.declared.type_of(info.parent_type.name)
        declared = owner.fields.get(info.field_name) if owner else None
        if owner is None or declared is None:
            self.fault(f"{info.parent_type.name}.{info.field_name} is not here")
            return None
        seen = source or Seen(Thing(owner.name, 0))
        below = self._provided(seen, info.field_name)
        self._check(seen, owner, declared, provided=bool(below))
        provides = [field_set(use.text("fields") or "") for use in declared.all_of("provides")]
        value = self.world.value(seen.thing, info.field_name, arguments)
        return _seen(value, (*provides, *(item for item in below if item is not None)))

    def _check(self, seen: Seen, owner: TypeDefinition, declared: Field, *, provided: bool) -> None:
        """Fields of others are asked only where provided or in a key; what is required is given, and true."""
        coordinate = f"{owner.name}.{declared.name}"
        foreign = (
            declared.has("external")
            or any(use.part == declared.part for use in owner.all_of("external"))
            or self.declared.ground.overridden(self.declared.subgraph.name, seen.thing.type, declared.name)
        )
        if foreign and not provided and not self.declared.is_own_key(owner.name, declared.name):
            self.fault(f"{coordinate} is resolved elsewhere and not provided")
        for use in declared.all_of("requires"):
            if not self.world.holds(seen.thing, field_set(use.text("fields") or ""), seen.given):
                self.fault(f"{coordinate} was asked without its true {use.text('fields')}, but with {seen.given}")

    def _provided(self, seen: Seen, name: str) -> list[SelectionSetNode | None]:
        """What is provided below a field that is provided here; empty when it is not."""
        found: list[SelectionSetNode | None] = []
        pending = list(seen.provided)
        while pending:
            for item in pending.pop().selections:
                if isinstance(item, FieldNode):
                    found += [item.selection_set] if item.name.value == name else []
                elif isinstance(item, InlineFragmentNode):
                    condition = item.type_condition.name.value if item.type_condition else seen.thing.type
                    pending += (
                        [item.selection_set] if seen.thing.type in self.declared.ground.possible(condition) else []
                    )
        return found

    def _entity(self, representation: Mapping[str, Any]) -> Seen | None:
        """Look a thing up by any key that this subgraph declares for the named type."""
        name = representation.get("__typename", "")
        keys = self.declared.keys(name)
        for thing in self.world.things(name):
            if any(self.world.holds(thing, key, representation) for key in keys):
                return Seen(thing, given=representation)
        self.fault(f"nothing is known by {json.dumps(representation)}")
        return None


def _seen(value: Any, provided: Selected) -> Any:
    if isinstance(value, list):
        return [_seen(item, provided) for item in value]
    return Seen(value, provided) if isinstance(value, Thing) else value
