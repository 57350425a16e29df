"""A known document: parsed, within limits, valid over one API schema. Frozen and shared by every request that sends
its text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from graphql import DocumentNode, GraphQLInputType, OperationDefinitionNode, OperationType

from gateway.documents.unused import unused_parts
from gateway.errors import UnknownOperation


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document. `plain_variables` are those whose types hold no personal data (flags, enums,
    paging), `optional_variables` those that may be left out and then have no value, `paging_variables` those that say
    how many to a page, `composed_variables` the types of those that are enums or input objects."""

    name: str | None
    kind: OperationType
    plain_variables: frozenset[str]
    optional_variables: frozenset[str]
    node: OperationDefinitionNode = field(compare=False, repr=False)
    paging_variables: frozenset[str] = frozenset()
    composed_variables: Mapping[str, GraphQLInputType] = field(
        default_factory=lambda: MappingProxyType({}), compare=False, repr=False
    )

    def left_out(self, variables: Mapping[str, object]) -> frozenset[str]:
        """The variables that have no value in a request that states these."""
        return self.optional_variables.difference(variables)

    def unused_parts(self, variables: Mapping[str, object]) -> frozenset[str]:
        """The parts of variables' types that these values do not use (`documents/unused.py`)."""
        given = ((name, kind) for name, kind in self.composed_variables.items() if name in variables)
        return frozenset(part for name, kind in given for part in unused_parts(name, kind, variables[name]))


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
