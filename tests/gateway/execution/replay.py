"""Replays a corpus row: subgraphs answer from the recorded calls, whatever way the gateway groups its requests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    parse,
    print_ast,
    strip_ignored_characters,
    validate,
)

from gateway.execution.executor import Executor, Limits
from gateway.execution.reply import ReplyRules
from gateway.execution.result import ExecutionRequest, ExecutionResult
from gateway.execution.transport import SubgraphReply, TransportError
from gateway.planning.plan import plan_from_json

HIDDEN = {
    # The plan asks for `... on Bar`, an @inaccessible interface of the supergraph, of which the row keeps only the
    # API schema: DoesFragmentTypeApply (specification 6.3.2) needs to know who implements it.
    "x0054": ("type Data implements Foo {", "interface Bar { bar: String! } type Data implements Foo & Bar {"),
}
EXPOSED = Limits(rules=ReplyRules(expose_errors=True))


@dataclass(frozen=True)
class ApiOnly:
    """A supergraph of which only the API schema was recorded."""

    sdl: str
    api_schema: GraphQLSchema


@dataclass
class Recorded:
    """One subgraph that knows the recorded answers: by query for root fetches, by representation for entities."""

    calls: list[dict[str, Any]]
    unknown: list[str] = field(default_factory=list)

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        request = json.loads(body)
        document = parse(request["query"], no_location=True)
        operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        fields = operation.selection_set.selections
        entities = [node for node in fields if isinstance(node, FieldNode) and node.name.value == "_entities"]
        reply = self._entities(entities, request) if entities else self._root(document)
        return SubgraphReply(200, json.dumps(reply).encode())

    async def close(self) -> None:
        """Nothing is held."""

    def _root(self, document: DocumentNode) -> dict[str, Any]:
        wanted = strip_ignored_characters(print_ast(document))
        for call in self.calls:
            if strip_ignored_characters(print_ast(parse(call["query"]))) == wanted:
                return call["response"]
        self.unknown.append(wanted)
        raise TransportError("unreachable", "has no recording for this request")

    def _entities(self, fields: list[FieldNode], request: dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        errors: list[dict[str, Any]] = []
        for node in fields:
            key = (node.alias or node.name).value
            variable = node.arguments[0].value.name.value  # type: ignore[union-attr, attr-defined]
            body = strip_ignored_characters(print_ast(node.selection_set or SelectionSetNode()))
            data[key] = []
            for position, representation in enumerate(request["variables"][variable]):
                entity, problems = self._entity(body, representation)
                data[key].append(entity)
                errors += [problem | {"path": [key, position, *problem["path"][2:]]} for problem in problems]
        return {"data": data} | ({"errors": errors} if errors else {})

    def _entity(self, body: str, representation: Any) -> tuple[Any, list[dict[str, Any]]]:
        for call in self.calls:
            asked = call["variables"].get("representations")
            if asked is None or body not in strip_ignored_characters(print_ast(parse(call["query"]))):
                continue
            if representation in asked:
                position = asked.index(representation)
                response = call["response"]
                problems = [
                    error
                    for error in response.get("errors", ())
                    if error.get("path", [])[:2] == ["_entities", position]
                ]
                return response["data"]["_entities"][position], problems
        self.unknown.append(f"{body} for {representation}")
        return None, []


async def replay(row: dict[str, Any]) -> tuple[ExecutionResult | None, list[str]]:
    """Execute a row's plan. The result is None when the operation is not valid over the API schema."""
    schema = build_schema(row["api_schema_sdl"], assume_valid_sdl=True)
    document = parse(row["operation"], no_location=True)
    if validate(schema, document):
        return None, []
    by_service: dict[str, Recorded] = {}
    for call in row["subgraph_calls"]:
        by_service.setdefault(call["service"], Recorded([])).calls.append(call)
    supergraph = ApiOnly(row["api_schema_sdl"].replace(*HIDDEN.get(row["id"], ("", ""))), schema)
    executor = Executor(supergraph, by_service, EXPOSED)
    program = executor.compile(plan_from_json(row["plan"]), document, row.get("operation_name"))
    result = await executor.execute(program, ExecutionRequest(variables=row["variables"] or {}))
    return result, [note for recorded in by_service.values() for note in recorded.unknown]
