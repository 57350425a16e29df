"""Cursors that say nothing: the order columns a page continues from in, sealed text out, and back.

A cursor holds columns of its row (dates, keys) whatever its caller may be shown of them, so it leaves encrypted. The
same place has the same cursor for everybody and for ever; one that was changed, or made elsewhere, is refused.
"""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from graphql import GraphQLField, GraphQLObjectType, GraphQLResolveInfo, GraphQLSchema, default_field_resolver

from resolvers.errors import InvalidCursor

PAGE_INFO = "PageInfo"
PLACES = frozenset({"startCursor", "endCursor"})
CONTINUED_FROM = ("after", "before")
# Lengths tell nothing either: the texts of order columns are padded.
BLOCK = 64

Resolve = Callable[..., Any]


@cache
def _cipher(secret: bytes) -> AESSIV:
    return AESSIV(hashlib.sha512(b"cursor\0" + secret).digest())


def sealed(secret: bytes, cursor: str) -> str:
    """The cursor as it leaves."""
    text = cursor.encode()
    padded = text + b"\0" * (-len(text) % BLOCK)
    return urlsafe_b64encode(_cipher(secret).encrypt(padded, None)).decode().rstrip("=")


def opened(secret: bytes, text: str) -> str:
    """The cursor that was sealed. Raises InvalidCursor."""
    try:
        data = urlsafe_b64decode(text.encode() + b"=" * (-len(text) % 4))
        return _cipher(secret).decrypt(data, None).rstrip(b"\0").decode()
    except (Base64Error, InvalidTag, ValueError) as error:
        raise InvalidCursor("The cursor cannot be read.") from error


def seal_cursors(schema: GraphQLSchema) -> None:
    """Let every cursor of a schema leave sealed, and every page continue from a sealed one."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                if (kind.name == PAGE_INFO and name in PLACES) or (kind.name.endswith("Edge") and name == "cursor"):
                    field.resolve = _sealing(field)
                elif not field.args.keys().isdisjoint(CONTINUED_FROM):
                    field.resolve = _opening(field)


def _sealing(field: GraphQLField) -> Resolve:
    resolve = field.resolve or default_field_resolver

    def seal(root: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        cursor = resolve(root, info, **arguments)
        return None if cursor is None else sealed(info.context.pseudonyms.secret, cursor)

    return seal


def _opening(field: GraphQLField) -> Resolve:
    resolve = field.resolve or default_field_resolver

    def open_given(root: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        for name in CONTINUED_FROM:
            if isinstance(given := arguments.get(name), str):
                arguments[name] = opened(info.context.pseudonyms.secret, given)
        return resolve(root, info, **arguments)

    return open_given
