"""`__schema` and `__type` of a client's operation in; their answer from a schema out. Asks no subgraph."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLFormattedError,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    execute_sync,
    visit,
)

from gateway.execution.projection import ProjectionSource


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.names.add(node.name.value)


def introspect(
    source: ProjectionSource, variables: Mapping[str, Any], shown: GraphQLSchema | None = None
) -> tuple[dict[str, Any], list[GraphQLFormattedError]]:
    """Execute only the operation's introspection fields against the schema that the caller is `shown` (None: the API
    schema): their data by response key, and errors."""
    fields = source.variant(variables).introspected
    if not fields:
        return {}, []
    fragments = [node for node in source.document.definitions if isinstance(node, FragmentDefinitionNode)]
    used = _Variables()
    for node in (*fields, *fragments):
        visit(node, used)
    operation = OperationDefinitionNode(
        operation=source.operation.operation,
        variable_definitions=tuple(
            node for node in source.operation.variable_definitions or () if node.variable.name.value in used.names
        ),
        selection_set=SelectionSetNode(selections=fields),
    )
    document = DocumentNode(definitions=(operation, *fragments))
    result = execute_sync(shown or source.schema, document, variable_values=dict(variables))
    return result.data or {}, [error.formatted for error in result.errors or ()]
