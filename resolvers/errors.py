"""Coded errors of the resolvers: what the database or a page request can refuse. Texts never hold a governed value."""

from schema.errors import CodedError, InternalError


class DatabaseUnavailable(CodedError):
    """The product's database could not be reached, is locked, or is not there."""

    code = "UNAVAILABLE"
    status = 503
    advice = "Treat the answer as unknown, never as 'no record'; try again shortly."


class StatementSpansDatasets(InternalError):
    """One statement reads several datasets, so there is no role it may run as: nothing is read."""

    code = "STATEMENT_SPANS_DATASETS"


class InvalidPage(CodedError):
    """`first`, `last`, `after` and `before` do not make a page."""

    code = "INVALID_PAGE"
    advice = "Give `first` or `last`, not both, between 0 and 200."


class InvalidCursor(CodedError):
    """A cursor that this list did not hand out."""

    code = "INVALID_CURSOR"
    advice = "Use a cursor from `pageInfo` or `edges` of the same field, unchanged."


class NameNotSearchable(CodedError):
    """Nothing of the surname is left to look for once marks and spaces are taken away."""

    code = "NAME_NOT_SEARCHABLE"
    advice = "Give a surname with at least one letter of the Latin alphabet or digit; a single name goes into `last`."


class LinksTooWide(CodedError):
    """A walk of links was asked to go further than its budget (policy P14)."""

    code = "LINKS_TOO_WIDE"
    advice = "Ask for a depth of 1 or 2 and at most 200 links."


class IdentifierNotSearchable(CodedError):
    """Nothing of an identifier is left to look for once separators and leading zeros are taken away."""

    code = "IDENTIFIER_NOT_SEARCHABLE"
    advice = "Give the number as it is written on the item; spaces, dashes and leading zeros do not matter."
