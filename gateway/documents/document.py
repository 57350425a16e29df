"""A known document: parsed, within limits, valid over one API schema. Frozen and shared by every request that sends
its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graphql import DocumentNode, OperationDefinitionNode, OperationType

from gateway.errors import UnknownOperation


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document. `plain_variables` are those whose types hold no personal data (flags, enums,
    paging), `optional_variables` those that may be left out and then have no value, `paging_variables` those that say
    how many to a page."""

    name: str | None
    kind: OperationType
    plain_variables: frozenset[str]
    optional_variables: frozenset[str]
    node: OperationDefinitionNode = field(compare=False, repr=False)
    paging_variables: frozenset[str] = frozenset()

    def left_out(self, variables: Mapping[str, object]) -> frozenset[str]:
        """The variables that have no value in a request that states these."""
        return self.optional_variables.difference(variables)


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document. `hash` is `sha256:` and the hexadecimal digest of its text; equal hashes are equal
    documents."""

    hash: str
    operations: Mapping[str | None, Operation] = field(compare=False)
    node: DocumentNode = field(compare=False, repr=False)

    def operation(self, name: str | None) -> Operation:
        """The operation to run (specification 6.1, GetOperation). Raises UnknownOperation."""
        if name is None and len(self.operations) > 1:
            raise UnknownOperation("The document has several operations and no `operationName` was sent.")
        found = next(iter(self.operations.values()), None) if name is None else self.operations.get(name)
        if found is None:
            raise UnknownOperation("The document has no operation of that name.")
        return found
