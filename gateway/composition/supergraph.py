"""A supergraph document (join v0.1 to v0.5, any composer) in; a frozen `Supergraph` out. Does no I/O."""

import hashlib

from graphql import DocumentNode, GraphQLSyntaxError, parse

from gateway.composition.supergraph_api import api_schema_from_document, full_schema_from_document
from gateway.composition.supergraph_features import features_from_document
from gateway.composition.supergraph_join import (
    contexts_from_document,
    subgraphs_from_document,
    types_from_document,
)
from gateway.composition.supergraph_model import (
    ContextArgument,
    InvalidSupergraph,
    Key,
    Subgraph,
    SubgraphField,
    SubgraphType,
    Supergraph,
)

__all__ = [
    "ContextArgument",
    "InvalidSupergraph",
    "Key",
    "Subgraph",
    "SubgraphField",
    "SubgraphType",
    "Supergraph",
    "supergraph_from_sdl",
]


def supergraph_from_sdl(sdl: str) -> Supergraph:
    """The supergraph that `sdl` describes: API schema, subgraphs and the join metadata that planning reads.

    Raises:
        InvalidSupergraph: not GraphQL, no join machinery, or a feature that must be understood and is not
            (link specification, `for: SECURITY | EXECUTION`).
    """
    document = _parse(sdl)
    features = features_from_document(document)
    full = full_schema_from_document(document, features)
    subgraphs = subgraphs_from_document(document, features)
    return Supergraph(
        sdl=sdl,
        version=hashlib.sha256(sdl.encode()).hexdigest(),
        api_schema=api_schema_from_document(document, features),
        full_schema=full,
        subgraphs=subgraphs,
        types=types_from_document(document, features, subgraphs),
        contexts=contexts_from_document(document, features),
    )


def _parse(sdl: str) -> DocumentNode:
    try:
        return parse(sdl, no_location=True)
    except GraphQLSyntaxError as error:
        raise InvalidSupergraph(f"the supergraph is not a GraphQL document: {error.message}") from error
