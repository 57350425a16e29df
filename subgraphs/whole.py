"""A mutation is refused whole where any field of its answer may not be shown: nothing is written and then hidden.

In: a document and a clearance. Out: nothing, or the refusal of the first field. The gateway has refused it already.
"""

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    OperationType,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_operation_ast,
    visit,
)

from authz.decision import Clearance
from subgraphs.governance import FieldRules, refusal


def require_whole(
    schema: GraphQLSchema, rules: FieldRules, document: DocumentNode, operation_name: str | None, clearance: Clearance
) -> None:
    """Raise AccessDenied for a mutation that selects what the caller may not be shown in any form."""
    operation = get_operation_ast(document, operation_name)
    if operation is not None and operation.operation is OperationType.MUTATION:
        info = TypeInfo(schema)
        visit(document, TypeInfoVisitor(info, _Selected(info, rules, clearance)))


class _Selected(Visitor):
    def __init__(self, info: TypeInfo, rules: FieldRules, clearance: Clearance) -> None:
        super().__init__()
        self._info, self._rules, self._clearance = info, rules, clearance

    def enter_field(self, node: FieldNode, *_: object) -> None:
        parent = self._info.get_parent_type()
        rule = self._rules.get(parent.name, {}).get(node.name.value) if parent is not None else None
        if rule is not None and not (decision := self._clearance.decision(rule.coordinate)).allowed:
            raise refusal(rule, decision)
