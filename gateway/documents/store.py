"""The text of a document in; the known `Document`, or why it is refused, out. Each text is parsed and validated
once."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLSyntaxError,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    get_named_type,
    get_variable_values,
    is_input_type,
    is_scalar_type,
    parse,
    specified_rules,
    type_from_ast,
    validate,
)

from gateway.documents.document import Document, Operation
from gateway.documents.limits import DocumentLimits, check_limits
from gateway.documents.refusals import entry_of_variable, entry_of_violation, syntax_message
from gateway.documents.scan import check_text
from gateway.documents.values import check_pages, check_variable_sizes, paging_variables
from gateway.errors import DocumentTooLarge, GraphQLRequestError, SyntaxRefused, ValidationRefused, VariablesRefused

ParseValue = Callable[[Any], Any]
MOST_ERRORS = 20


class DocumentStore:
    """Known documents of one API schema. `scalars` parse the values of custom scalars by name and raise
    CodedError."""

    def __init__(
        self,
        api_schema: GraphQLSchema,
        scalars: Mapping[str, ParseValue] | None = None,
        limits: DocumentLimits | None = None,
    ) -> None:
        self._schema = api_schema
        self._limits = limits or DocumentLimits()
        self._known: OrderedDict[str, Document | GraphQLRequestError] = OrderedDict()
        for name, parse_value in (scalars or {}).items():
            _use_scalar(api_schema, name, parse_value)

    def find(self, query: str) -> Document:
        """The document with this text.

        Raises SyntaxRefused, DocumentTooLarge, ValidationRefused or PageRefused, the same each time.
        """
        digest = f"sha256:{hashlib.sha256(query.encode('utf-8', 'surrogatepass')).hexdigest()}"
        known = self._known.get(digest)
        if known is None:
            known = self._known[digest] = self._read(query, digest)
            if len(self._known) > self._limits.cached_documents:
                self._known.popitem(last=False)
        self._known.move_to_end(digest)
        if isinstance(known, GraphQLRequestError):
            raise type(known)(known.message, known.entries)
        return known

    def check_variables(self, operation: Operation, variables: Mapping[str, Any]) -> None:
        """Coerce the variables as the specification says (6.1.2).

        Raises VariablesTooLarge, VariablesRefused or PageRefused; texts never echo a value.
        """
        check_variable_sizes(variables, self._limits)
        definitions = operation.node.variable_definitions or ()
        outcome = get_variable_values(self._schema, definitions, dict(variables), MOST_ERRORS, hide_suggestions=True)
        if isinstance(outcome, list):
            raise VariablesRefused("The variables do not fit.", [entry_of_variable(error) for error in outcome])
        check_pages(operation.paging_variables, variables, self._limits.page)

    def _read(self, query: str, digest: str) -> Document | GraphQLRequestError:
        try:
            return self._document(query, digest)
        except GraphQLRequestError as refusal:
            return refusal
        except RecursionError:
            return DocumentTooLarge("The document is nested too deeply.")

    def _document(self, query: str, digest: str) -> Document:
        node = self._parsed(query)
        check_limits(node, self._limits)
        violations = validate(self._schema, node, specified_rules, MOST_ERRORS, hide_suggestions=True)
        if violations:
            raise ValidationRefused("The document is not valid.", [entry_of_violation(error) for error in violations])
        paging = paging_variables(node, self._schema, self._limits.page)
        operations = [
            self._operation(part, paging) for part in node.definitions if isinstance(part, OperationDefinitionNode)
        ]
        return Document(digest, {operation.name: operation for operation in operations}, node)

    def _parsed(self, query: str) -> DocumentNode:
        check_text(query, self._limits.tokens, self._limits.nesting)
        try:
            return parse(query, max_tokens=self._limits.tokens, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            if "more than" in error.message and "tokens" in error.message:
                raise DocumentTooLarge(f"The document has more than {self._limits.tokens} tokens.") from error
            if "nested too deeply" in error.message:
                raise DocumentTooLarge("The document is nested too deeply.") from error
            raise _syntax_refusal(error) from error

    def _operation(self, node: OperationDefinitionNode, paging: frozenset[str]) -> Operation:
        plain = frozenset(
            definition.variable.name.value
            for definition in node.variable_definitions or ()
            if self._is_plain(definition.type)
        )
        optional = frozenset(
            definition.variable.name.value
            for definition in node.variable_definitions or ()
            if definition.default_value is None and not isinstance(definition.type, NonNullTypeNode)
        )
        name, composed = node.name.value if node.name else None, dict(self._composed(node))
        return Operation(name, node.operation, plain, optional, node, paging, composed)

    def _composed(self, node: OperationDefinitionNode) -> Iterator[tuple[str, GraphQLInputType]]:
        for definition in node.variable_definitions or ():
            kind = type_from_ast(self._schema, definition.type)
            if is_input_type(kind) and not is_scalar_type(get_named_type(kind)):
                yield definition.variable.name.value, kind

    def _is_plain(self, node: Any) -> bool:
        while not isinstance(node, NamedTypeNode):
            node = node.type
        return node.name.value in ("Boolean", "Int") or isinstance(
            self._schema.get_type(node.name.value), GraphQLEnumType
        )


def _syntax_refusal(error: GraphQLError) -> SyntaxRefused:
    message = syntax_message(error)
    locations = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return SyntaxRefused(message, [SyntaxRefused(message).formatted() | {"locations": locations}])


def _use_scalar(schema: GraphQLSchema, name: str, parse_value: ParseValue) -> None:
    """An API schema built from SDL accepts anything for a custom scalar; here it learns what the scalar accepts."""
    scalar = schema.get_type(name)
    if isinstance(scalar, GraphQLScalarType):
        scalar.parse_value = parse_value  # type: ignore[method-assign]
        scalar.coerce_input_value = parse_value
