"""The schemas that classes of callers are shown: what each may use of one API schema in; text and introspection out.

Kept by class of callers. Operations are never validated over what is made here.
"""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from graphql import DocumentNode, GraphQLSchema, build_ast_schema, parse, print_ast, print_schema

from gateway.introspection_filter import Usable, filtered
from gateway.lru import Lru

KEPT_SCHEMAS = 64


@dataclass(frozen=True, slots=True)
class ShownSchema:
    """The schema one class of callers is shown, as text and as introspection reads it."""

    sdl: str
    schema: GraphQLSchema


class ShownSchemas:
    """The schemas made of one API schema."""

    def __init__(self, api_schema: GraphQLSchema) -> None:
        self._document = parse(print_schema(api_schema), no_location=True)
        self._kept: Lru[asyncio.Future[ShownSchema]] = Lru(KEPT_SCHEMAS)

    async def of(self, callers: Hashable, usable: Callable[[], Usable]) -> ShownSchema:
        """What this class of callers is shown: the part that is `usable` by them."""
        # One that goes away while it is made leaves it to be made for the next.
        return await asyncio.shield(self._kept.get_or(callers, lambda: self._making(usable())))

    def _making(self, usable: Usable) -> asyncio.Future[ShownSchema]:
        return asyncio.ensure_future(asyncio.to_thread(shown_schema, self._document, usable))


def shown_schema(document: DocumentNode, usable: Usable) -> ShownSchema:
    """The usable part of a schema document, built. It is valid by construction, so that is not checked again."""
    left = filtered(document, usable)
    return ShownSchema(print_ast(left) + "\n", build_ast_schema(left, assume_valid=True, assume_valid_sdl=True))
