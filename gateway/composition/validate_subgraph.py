"""The first stage: parses every subgraph, checks each by itself, and hands on what can be merged."""

from collections.abc import Sequence

from graphql import GraphQLSyntaxError, parse
from graphql.language import DocumentNode

from gateway.composition.definition import SubgraphDefinition
from gateway.composition.link import CONNECT, links_of
from gateway.composition.model import Subgraph
from gateway.composition.read_subgraph import read_subgraph
from gateway.composition.report import Report
from gateway.composition.specifications import CONNECT_NEEDS, LATEST
from gateway.composition.usage import usage_of
from gateway.composition.validate_context import validate_contexts
from gateway.composition.validate_field_sets import validate_field_sets, validate_provides
from gateway.composition.validate_graphql import graphql_locations, validate_graphql
from gateway.composition.validate_links import validate_links
from gateway.composition.validate_rules import validate_rules


def valid_subgraphs(definitions: Sequence[SubgraphDefinition], report: Report) -> list[Subgraph]:
    """Every subgraph that is valid by itself; why others are not goes to the report."""
    _validate_names(definitions, report)
    found = (_read(definition, report) for definition in definitions)
    subgraphs = [subgraph for subgraph in found if subgraph is not None]
    _hint_implicit_upgrade(subgraphs, report)
    return subgraphs


def _validate_names(definitions: Sequence[SubgraphDefinition], report: Report) -> None:
    """A name is there, is not the reserved `_`, and is given once."""
    names = [definition.name for definition in definitions]
    for name in dict.fromkeys(names):
        if not name or name == "_":
            message = f"[{name}] Invalid name {name} for a subgraph: this name is reserved"
            report.error("INVALID_SUBGRAPH_NAME", message)
        elif names.count(name) > 1:
            report.error("INVALID_SUBGRAPH_NAME", f"[{name}] A subgraph named {name} already exists")


def _hint_implicit_upgrade(subgraphs: Sequence[Subgraph], report: Report) -> None:
    """A connect version may need a newer federation version than any subgraph links."""
    newest = max((subgraph.version for subgraph in subgraphs), default=LATEST)
    for subgraph in subgraphs:
        connect = subgraph.links.feature(CONNECT)
        needed = CONNECT_NEEDS.get(connect.version or (0, 1)) if connect else None
        if needed is not None and newest < needed:
            old, new = (f"v{major}.{minor}" for major, minor in (subgraph.version, needed))
            message = f"Subgraph {subgraph.name} has been implicitly upgraded from federation {old} to {new}"
            report.hint("IMPLICITLY_UPGRADED_FEDERATION_VERSION", message, "@link")


def _read(definition: SubgraphDefinition, report: Report) -> Subgraph | None:
    document = _parse(definition, report)
    if document is None:
        return None
    before = len(report.errors)
    links = links_of(document)
    validate_links(definition.name, document, links, report)
    if all(error.code == "UNKNOWN_FEDERATION_LINK_VERSION" for error in report.errors[before:]):
        validate_graphql(definition.name, document, links, report)
    if len(report.errors) > before:
        return None
    subgraph = read_subgraph(definition, document)
    if not subgraph.is_federation_1:
        validate_federation(subgraph, report)
    return subgraph if len(report.errors) == before else None


def validate_federation(subgraph: Subgraph, report: Report) -> None:
    """Reports what its federation directives do wrong; a Federation 1 subgraph has to be upgraded before."""
    usage = usage_of(subgraph)
    if validate_provides(subgraph, usage, report):
        validate_field_sets(subgraph, usage, report)
        validate_rules(subgraph, usage, report)
        validate_contexts(subgraph, report)


def _parse(definition: SubgraphDefinition, report: Report) -> DocumentNode | None:
    try:
        return parse(definition.sdl)
    except GraphQLSyntaxError as error:
        locations = graphql_locations(definition.name, error)
        report.error("INVALID_GRAPHQL", f"[{definition.name}] {error.message}", locations)
        return None
