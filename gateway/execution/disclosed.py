"""What subgraphs say they read in, what of it the client was shown out: an input that a plan reads on the way (a key, a
`@requires`, what an answer is derived from) and the response has no place for was shown to nobody. Decides nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from authz.disclosure import Disclosure


def shown_of(disclosures: Iterable[Disclosure], shape: frozenset[str], schema: GraphQLSchema) -> Iterator[Disclosure]:
    """The disclosures without the fields that the response, whose coordinates are `shape`, cannot show.

    Every subject stays named: one of which no field is shown stands in the answer as a record that is there
    (`__typename`). Only a field that the API schema knows is left out: names unknown here are kept.
    """
    bare: dict[tuple[str, str], Disclosure] = {}
    named: set[tuple[str, str]] = set()
    for disclosure in disclosures:
        subject = (disclosure.type, disclosure.key)
        kept = tuple(name for name in disclosure.fields if _is_shown(disclosure, name, shape, schema))
        if kept:
            named.add(subject)
            yield disclosure if len(kept) == len(disclosure.fields) else replace(disclosure, fields=kept)
        else:
            bare.setdefault(subject, replace(disclosure, fields=("__typename",)))
    yield from (disclosure for subject, disclosure in bare.items() if subject not in named)


def _is_shown(disclosure: Disclosure, name: str, shape: frozenset[str], schema: GraphQLSchema) -> bool:
    """A field of the subject's own type is said by its name, one of a record under it by its coordinate."""
    coordinate = name if "." in name else f"{disclosure.type}.{name}"
    if coordinate in shape:
        return True
    type_name, _, field_name = coordinate.partition(".")
    kind = schema.get_type(type_name)
    return not (isinstance(kind, GraphQLObjectType | GraphQLInterfaceType) and field_name in kind.fields)
