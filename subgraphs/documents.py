"""Operations as text in, parsed and validated documents out, kept by their text so that each is checked once."""

import re
from collections import OrderedDict

from graphql import DocumentNode, GraphQLError, GraphQLSchema, parse, validate

from subgraphs.errors import InvalidDocument

LARGEST_DOCUMENT_TOKENS = 20_000
DOCUMENTS_KEPT = 512
# Names stand in single quotes, values of the operation in double ones.
_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"')


class Documents:
    """The latest valid documents of one schema, at most `DOCUMENTS_KEPT`."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._kept: OrderedDict[str, DocumentNode] = OrderedDict()

    def document(self, text: str) -> DocumentNode:
        """The document of an operation's text. Raises InvalidDocument."""
        found = self._kept.get(text)
        if found is not None:
            self._kept.move_to_end(text)
            return found
        document = self._checked(text)
        self._kept[text] = document
        if len(self._kept) > DOCUMENTS_KEPT:
            self._kept.popitem(last=False)
        return document

    def _checked(self, text: str) -> DocumentNode:
        try:
            document = parse(text, max_tokens=LARGEST_DOCUMENT_TOKENS, no_location=True)
        except GraphQLError as error:
            raise InvalidDocument(_without_values(error.message)) from error
        if errors := validate(self._schema, document, hide_suggestions=True):
            told = [_without_values(error.message) for error in errors]
            raise InvalidDocument(told[0], details={"errors": told})
        return document


def _without_values(message: str) -> str:
    return _VALUE.sub('"…"', message)
