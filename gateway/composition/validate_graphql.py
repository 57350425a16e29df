"""Checks one subgraph's document against the GraphQL specification, federation's definitions being known."""

from collections.abc import Iterator

from graphql import GraphQLError, build_ast_schema, validate_schema
from graphql.language import DocumentNode
from graphql.validation.specified_rules import specified_sdl_rules
from graphql.validation.validate import validate_sdl

from gateway.composition.complete import complete
from gateway.composition.link import Links
from gateway.composition.location import Location
from gateway.composition.report import Report

_CIRCULAR = "Invalid circular reference. The default value"
"""Federation never coerces defaults into each other, so such circles do no harm."""
_NO_QUERY = "Query root type must be provided."


def validate_graphql(name: str, document: DocumentNode, links: Links, report: Report) -> None:
    """Reports each violation as INVALID_GRAPHQL: first those of the document, then, if none, those of the schema."""
    completed = complete(document, links)
    errors = validate_sdl(completed, rules=specified_sdl_rules)
    for error in errors or schema_errors(completed):
        report.error("INVALID_GRAPHQL", f"[{name}] {error.message}", graphql_locations(name, error))


def graphql_locations(name: str, error: GraphQLError) -> tuple[Location, ...]:
    """The places a GraphQL error names, as places of a subgraph."""
    return tuple(Location(name, place.line, place.column) for place in error.locations or ())


def schema_errors(document: DocumentNode) -> Iterator[GraphQLError]:
    """The schema's errors; a subgraph without queries is fine, federation gives every subgraph some."""
    schema = build_ast_schema(document, assume_valid_sdl=True)
    query = schema.query_type
    allowed = {_NO_QUERY, f"Type {query.name} must define one or more fields." if query else _NO_QUERY}
    return (
        error for error in validate_schema(schema) if error.message not in allowed and _CIRCULAR not in error.message
    )
