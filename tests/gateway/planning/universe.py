"""An invented world over any supergraph: a value follows from its object and arguments, so all subgraphs agree.

The world answers an operation as one server would, and plays every subgraph: each answers only what it declares, sees
that representations hold true keys and true `@requires` values, and refuses external fields it does not provide.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    execute_sync,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    parse,
    validate,
)
from graphql.execution.values import get_argument_values

from gateway.composition.supergraph import Supergraph
from gateway.execution.transport import SubgraphReply
from gateway.planning.graph import Graph, Resolver, Target
from gateway.planning.reach import applying
from gateway.planning.selections import Field, Selections
from tests.gateway.planning.subgraph_schemas import subgraph_schema


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the world."""

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An object as one subgraph sees it: what a field above provides, what its representation gave."""

    thing: Thing
    provided: Selections = ()
    given: Any = None


@dataclass(slots=True)
class Universe:
    """The world of one supergraph; `faults` are what a real subgraph could not have answered."""

    graph: Graph
    things: dict[str, dict[str, Thing]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def value(self, thing: Thing, name: str, arguments: Mapping[str, Any]) -> Any:
        """The value of a field; objects are remembered so that they can be looked up."""
        definition: GraphQLField = self.graph.supergraph.full_schema.type_map[thing.type].fields[name]  # type: ignore[attr-defined]
        return self._of_type(
            definition.type, f"{thing.id}.{name}{json.dumps(arguments, sort_keys=True)}", thing.type, name
        )

    def _of_type(self, type_: Any, seed: str, parent: str, name: str) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return self._of_type(type_.of_type, seed, parent, name)
        number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4])
        if isinstance(type_, GraphQLList):
            return [self._of_type(type_.of_type, f"{seed}[{index}]", parent, name) for index in range(1 + number % 2)]
        if isinstance(type_, GraphQLEnumType):
            return sorted(self._enum_values(type_))[number % len(self._enum_values(type_))]
        if is_leaf_type(type_):
            scalars = {"Int": number % 1_000_000, "Float": number / 8, "Boolean": number % 2 == 0}
            return scalars.get(type_.name, f"{name}-{number}")
        names = sorted(self._possible(type_, parent, name))
        if names[0] in self.graph.root_types:
            return Thing(names[0], "root")
        thing = Thing(names[number % len(names)], f"{number:x}")
        return self.things.setdefault(thing.type, {}).setdefault(thing.id, thing)

    def _enum_values(self, type_: GraphQLEnumType) -> list[str]:
        """The values that clients may see and every subgraph knows."""
        supergraph = self.graph.supergraph
        shown = supergraph.api_schema.type_map.get(type_.name, type_)
        values = set(shown.values)  # type: ignore[attr-defined]
        for declared in supergraph.types[type_.name].values():
            values = values & set(declared.values) or values
        return list(values)

    def _possible(self, type_: Any, parent: str, name: str) -> frozenset[str]:
        """The types a field's object may have wherever the field is answered, visible ones if there are any."""
        if not is_abstract_type(type_):
            return frozenset((type_.name,))
        possible = self.graph.possible_anywhere[type_.name]
        for (subgraph, declared), fields in self.graph.fields.items():
            resolver = fields.get(name)
            if resolver and not resolver.external and self.graph.overlaps(parent, declared):
                here = self._expanded(self.graph.possible.get((subgraph, resolver.named_type), frozenset()))
                possible = possible & here or possible
        return possible & self.graph.accessible or possible

    def _expanded(self, names: frozenset[str]) -> frozenset[str]:
        """Names of types, interface objects replaced by what they may be."""
        return frozenset(other for name in names for other in self.graph.possible_anywhere.get(name, ()))

    def answer(self, query: str, variables: Mapping[str, Any]) -> Any:
        """The data of an operation, as one server that knows everything would answer it."""
        return execute_sync(
            self.graph.supergraph.full_schema,
            parse(query),
            root_value=None,
            variable_values=dict(variables),
            field_resolver=lambda source, info, **arguments: self.value(
                source or Thing(info.parent_type.name, "root"), info.field_name, arguments
            ),
            type_resolver=lambda thing, info, kind: thing.type,
        ).data


class WorldTransport:
    """A subgraph played by the world."""

    def __init__(self, universe: Universe, supergraph: Supergraph, subgraph: str) -> None:
        self._universe = universe
        self._supergraph = supergraph
        self._subgraph = subgraph
        self._schema = subgraph_schema(supergraph, subgraph)

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        """Answer one request."""
        request = json.loads(body)
        document = parse(request["query"])
        faults = [error.message for error in validate(self._schema, document)]
        self._universe.faults += [f"{self._subgraph}: {fault} in {request['query']}" for fault in faults]
        if faults:
            return SubgraphReply(200, json.dumps({"data": None, "errors": [{"message": "invalid"}]}).encode())
        result = execute_sync(
            self._schema,
            document,
            variable_values=request.get("variables") or {},
            field_resolver=self._resolve,
            type_resolver=lambda seen, info, kind: self._type_of(seen, kind.name),
        )
        return SubgraphReply(200, json.dumps(result.formatted).encode())

    async def close(self) -> None:
        """Nothing to close."""

    def _type_of(self, seen: Seen, abstract: str) -> str:
        """The run-time type as this subgraph says it: an interface object's name where it does not know better."""
        graph = self._universe.graph
        if abstract == "_Entity":
            return self._declared_name(seen.thing.type)
        for name in sorted(graph.possible[self._subgraph, abstract]):
            if seen.thing.type in graph.possible_anywhere[name]:
                return name
        return self._fault(f"a {seen.thing.type} cannot be a {abstract}")

    def _declared_name(self, type_name: str) -> str:
        if self._subgraph in self._supergraph.types[type_name]:
            return type_name
        for subgraph, name in sorted(self._universe.graph.interface_objects):
            if subgraph == self._subgraph and type_name in self._universe.graph.possible_anywhere[name]:
                return name
        return self._fault(f"no {type_name} is known here")

    def _resolve(self, source: Seen | None, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        if info.field_name == "_entities":
            return [self._entity(item) for item in arguments["representations"]]
        seen = source or Seen(Thing(info.parent_type.name, "root"))
        graph = self._universe.graph
        resolver = graph.resolver(self._subgraph, info.parent_type.name, info.field_name)
        if resolver is None:
            return self._fault(f"{info.parent_type.name}.{info.field_name} is not resolved here")
        provided = [
            item for item in applying(graph, info.parent_type.name, seen.provided) if item.name == info.field_name
        ]
        if resolver.external and not provided:
            self._fault(f"{info.parent_type.name}.{info.field_name} is external and not provided")
        self._check_given(seen, resolver, info)
        below = resolver.provides + tuple(child for item in provided for child in item.selections)
        return _seen(self._universe.value(seen.thing, info.field_name, arguments), below)

    def _check_given(self, seen: Seen, resolver: Resolver, info: GraphQLResolveInfo) -> None:
        for item in applying(self._universe.graph, seen.thing.type, resolver.requires):
            if not self._holds(seen.thing, item, seen.given or {}):
                self._fault(f"{info.parent_type.name}.{info.field_name} was asked without a true {item.name}")

    def _holds(self, thing: Thing, wanted: Field, data: Any) -> bool:
        """Whether `data` has the wanted field of the object, with its true value."""
        if not isinstance(data, Mapping) or wanted.name not in data:
            return False
        definition = self._supergraph.full_schema.type_map[thing.type].fields[wanted.name]  # type: ignore[attr-defined]
        node = parse(f"{{{wanted.name}{wanted.arguments}}}").definitions[0]
        assert isinstance(node, OperationDefinitionNode)
        [selection] = node.selection_set.selections
        assert isinstance(selection, FieldNode)
        value = self._universe.value(thing, wanted.name, get_argument_values(definition, selection))
        return self._same(value, data[wanted.name], wanted.selections)

    def _same(self, value: Any, data: Any, wanted: Selections) -> bool:
        if isinstance(value, list):
            same = isinstance(data, list) and len(data) == len(value)
            return same and all(self._same(one, other, wanted) for one, other in zip(value, data, strict=True))
        if isinstance(value, Thing):
            fields = applying(self._universe.graph, value.type, wanted)
            return data is not None and all(self._holds(value, item, data) for item in fields)
        return value == data

    def _entity(self, representation: Mapping[str, Any]) -> Seen | None:
        """Look an object up by any of the keys that this subgraph has for the named type."""
        graph, name = self._universe.graph, representation.get("__typename", "")
        keys = [target for target in graph.targets.get(name, ()) if self._can_look_up(target, name)]
        for type_name in sorted(graph.possible_anywhere.get(name, ())):
            for thing in list(self._universe.things.get(type_name, {}).values()):
                if any(self._matches(thing, target, representation) for target in keys):
                    return Seen(thing, given=representation)
        self._fault(f"nothing is known by {json.dumps(representation)}")
        return None

    def _can_look_up(self, target: Target, name: str) -> bool:
        return target.subgraph == self._subgraph and target.type == name

    def _matches(self, thing: Thing, target: Target, representation: Mapping[str, Any]) -> bool:
        return all(
            self._holds(thing, item, representation) for item in applying(self._universe.graph, thing.type, target.key)
        )

    def _fault(self, text: str) -> Any:
        self._universe.faults.append(f"{self._subgraph}: {text}")
        return None


def _seen(value: Any, provided: Selections) -> Any:
    if isinstance(value, list):
        return [_seen(item, provided) for item in value]
    return Seen(value, provided) if isinstance(value, Thing) else value


def sample_variables(supergraph: Supergraph, query: str, flag: bool) -> dict[str, Any]:
    """Values for the variables an operation must be given; Booleans are all `flag`."""
    values: dict[str, Any] = {}
    for definition in parse(query).definitions:
        if isinstance(definition, OperationDefinitionNode):
            for variable in definition.variable_definitions or ():
                reference = variable.type.to_dict()
                values[variable.variable.name.value] = _sample(supergraph, reference, flag)
    return values


def _sample(supergraph: Supergraph, reference: Mapping[str, Any], flag: bool) -> Any:
    if reference["kind"] == "non_null_type":
        return _sample(supergraph, reference["type"], flag)
    if reference["kind"] == "list_type":
        return [_sample(supergraph, reference["type"], flag)]
    name = reference["name"]["value"]
    scalars = {"Int": 3, "Float": 2.5, "Boolean": flag}
    type_ = supergraph.api_schema.type_map.get(name)
    if isinstance(type_, GraphQLEnumType):
        return sorted(type_.values)[0]
    if type_ is None or is_leaf_type(get_named_type(type_)):
        return scalars.get(name, f"a {name}")
    return {
        key: _sample(
            supergraph,
            parse(f"query(${key}: {item.type}) {{ x }}").definitions[0].variable_definitions[0].type.to_dict(),
            flag,
        )  # type: ignore[attr-defined]
        for key, item in type_.fields.items()  # type: ignore[attr-defined]
        if isinstance(item.type, GraphQLNonNull)
    }
