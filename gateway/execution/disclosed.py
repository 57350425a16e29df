"""What subgraphs say they read in, what of it the client was shown out: an input that a plan reads on the way (a key, a
`@requires`, what an answer is derived from) and the response has no place for was shown to nobody. Decides nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from authz.disclosure import Disclosure


def shown_of(disclosures: Iterable[Disclosure], shape: frozenset[str], schema: GraphQLSchema) -> Iterator[Disclosure]:
    """The disclosures without what the response, whose coordinates are `shape`, cannot show; empty ones are left out.

    Only a field that the API schema knows is left out: what is said in names unknown here is kept as it is.
    """
    for disclosure in disclosures:
        kept = tuple(name for name in disclosure.fields if _is_shown(disclosure, name, shape, schema))
        if len(kept) == len(disclosure.fields):
            yield disclosure
        elif kept:
            yield replace(disclosure, fields=kept)


def _is_shown(disclosure: Disclosure, name: str, shape: frozenset[str], schema: GraphQLSchema) -> bool:
    """A field of the subject's own type is said by its name, one of a record under it by its coordinate."""
    coordinate = name if "." in name else f"{disclosure.type}.{name}"
    if coordinate in shape:
        return True
    type_name, _, field_name = coordinate.partition(".")
    kind = schema.get_type(type_name)
    return not (isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and field_name in kind.fields)
