"""The first stage: parses every subgraph, checks each by itself, and hands on what can be merged."""

from collections.abc import Sequence

from graphql import GraphQLSyntaxError, parse
from graphql.language import DocumentNode

from gateway.composition.definition import SubgraphDefinition
from gateway.composition.link import links_of
from gateway.composition.model import Subgraph
from gateway.composition.read_subgraph import read_subgraph
from gateway.composition.report import Report
from gateway.composition.usage import usage_of
from gateway.composition.validate_field_sets import validate_field_sets
from gateway.composition.validate_graphql import graphql_locations, validate_graphql
from gateway.composition.validate_links import validate_links
from gateway.composition.validate_rules import validate_rules


def valid_subgraphs(definitions: Sequence[SubgraphDefinition], report: Report) -> list[Subgraph]:
    """Every subgraph that is valid by itself; why others are not goes to the report."""
    found = (_read(definition, report) for definition in definitions)
    return [subgraph for subgraph in found if subgraph is not None]


def _read(definition: SubgraphDefinition, report: Report) -> Subgraph | None:
    document = _parse(definition, report)
    if document is None:
        return None
    before = len(report.errors)
    links = links_of(document)
    validate_links(definition.name, document, links, report)
    if len(report.errors) == before:
        validate_graphql(definition.name, document, links, report)
    if len(report.errors) > before:
        return None
    subgraph = read_subgraph(definition, document)
    usage = usage_of(subgraph)
    validate_field_sets(subgraph, usage, report)
    validate_rules(subgraph, usage, report)
    return subgraph if len(report.errors) == before else None


def _parse(definition: SubgraphDefinition, report: Report) -> DocumentNode | None:
    try:
        return parse(definition.sdl)
    except GraphQLSyntaxError as error:
        locations = graphql_locations(definition.name, error)
        report.error("INVALID_GRAPHQL", f"[{definition.name}] {error.message}", locations)
        return None
