"""Checks one subgraph's document against the GraphQL specification, federation's definitions being known."""

from collections.abc import Iterator

from graphql import GraphQLError, GraphQLSchema, Undefined, build_ast_schema, validate_schema, value_from_ast
from graphql.language import DirectiveNode, DocumentNode, Visitor, visit
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl

from gateway.composition.complete import complete
from gateway.composition.link import Links
from gateway.composition.location import Location
from gateway.composition.report import Report
from gateway.composition.specifications import federation_name

_CIRCULAR = "Invalid circular reference. The default value"
"""Federation never coerces defaults into each other, so such circles do no harm."""
_DEPRECATED_IMPLEMENTATION = "so implementation field"
"""An interface's field need not be deprecated where one of an implementation is: the specification only advises it."""
_FIELD_SETS = ("key", "requires", "provides")
_NO_QUERY = "Query root type must be provided."


def validate_graphql(name: str, document: DocumentNode, links: Links, report: Report) -> None:
    """Reports each violation as INVALID_GRAPHQL: first those of the document, then, if none, those of the schema."""
    completed = complete(document, links)
    errors = validate_sdl(completed, rules=specified_sdl_rules)
    for error in errors or _value_errors(completed, links) or schema_errors(completed):
        report.error("INVALID_GRAPHQL", f"[{name}] {error.message}", graphql_locations(name, error))


def _value_errors(document: DocumentNode, links: Links) -> list[GraphQLError]:
    """The arguments of directive applications that have values of other types; field sets have codes of their own."""
    visitor = _Values(GraphQLSchema(), links)  # building a schema already takes the values of GraphQL's own directives
    visit(document, visitor)
    if not visitor.errors:
        visitor = _Values(build_ast_schema(document, assume_valid_sdl=True), links)
        visit(document, visitor)
    return visitor.errors


class _Values(Visitor):
    def __init__(self, schema: GraphQLSchema, links: Links) -> None:
        super().__init__()
        self.schema = schema
        self.links = links
        self.errors: list[GraphQLError] = []

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        name = node.name.value
        definition = self.schema.get_directive(name)
        if definition is None:
            return
        has_fields = federation_name(self.links, name) in _FIELD_SETS
        for given in node.arguments or ():
            argument = definition.args.get(given.name.value)
            if argument is None or (has_fields and given.name.value == "fields"):
                continue
            if value_from_ast(given.value, argument.type) is Undefined:
                message = f'Invalid value for "@{name}({given.name.value}:)" of type "{argument.type}".'
                self.errors.append(GraphQLError(message, given))


def graphql_locations(name: str, error: GraphQLError) -> tuple[Location, ...]:
    """The places a GraphQL error names, as places of a subgraph."""
    return tuple(Location(name, place.line, place.column) for place in error.locations or ())


def schema_errors(document: DocumentNode) -> Iterator[GraphQLError]:
    """The schema's errors; a subgraph without queries is fine, federation gives every subgraph some."""
    schema = build_ast_schema(document, assume_valid_sdl=True)
    query = schema.query_type
    allowed = {_NO_QUERY, f"Type {query.name} must define one or more fields." if query else _NO_QUERY}
    return (
        error
        for error in validate_schema(schema)
        if error.message not in allowed
        and not any(text in error.message for text in (_CIRCULAR, _DEPRECATED_IMPLEMENTATION))
    )
