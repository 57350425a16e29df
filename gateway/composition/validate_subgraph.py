"""The first stage: parses every subgraph, checks each by itself, and hands on what can be merged."""

from collections.abc import Sequence

from graphql import GraphQLSyntaxError, parse
from graphql.language import DocumentNode

from gateway.composition.definition import SubgraphDefinition
from gateway.composition.link import links_of, schema_directives
from gateway.composition.model import Subgraph
from gateway.composition.read_subgraph import read_subgraph
from gateway.composition.report import Report
from gateway.composition.validate_graphql import graphql_locations, validate_graphql


def valid_subgraphs(definitions: Sequence[SubgraphDefinition], report: Report) -> list[Subgraph]:
    """Every subgraph that is valid by itself; why others are not goes to the report."""
    found = (_read(definition, report) for definition in definitions)
    return [subgraph for subgraph in found if subgraph is not None]


def _read(definition: SubgraphDefinition, report: Report) -> Subgraph | None:
    document = _parse(definition, report)
    if document is None:
        return None
    before = len(report.errors)
    validate_graphql(definition.name, document, links_of(schema_directives(document)), report)
    if len(report.errors) > before:
        return None
    return read_subgraph(definition, document)


def _parse(definition: SubgraphDefinition, report: Report) -> DocumentNode | None:
    try:
        return parse(definition.sdl)
    except GraphQLSyntaxError as error:
        locations = graphql_locations(definition.name, error)
        report.error("INVALID_GRAPHQL", f"[{definition.name}] {error.message}", locations)
        return None
