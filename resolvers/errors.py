"""Coded errors of the resolvers: what the database or a page request can refuse. Texts never hold a governed value."""

from schema.errors import CodedError


class DatabaseUnavailable(CodedError):
    """The product's database could not be reached, is locked, or is not there."""

    code = "UNAVAILABLE"
    status = 503
    advice = "Treat the answer as unknown, never as 'no record'; try again shortly."


class InvalidPage(CodedError):
    """`first`, `last`, `after` and `before` do not make a page."""

    code = "INVALID_PAGE"
    advice = "Give `first` or `last`, not both, between 0 and 200."


class InvalidCursor(CodedError):
    """A cursor that this list did not hand out."""

    code = "INVALID_CURSOR"
    advice = "Use a cursor from `pageInfo` or `edges` of the same field, unchanged."
