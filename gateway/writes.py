"""A mutation is refused whole or run whole: what was enforced in, what may be sent out.

A refusal in any part, the answer's fields included, refuses every root field before anything is sent (law: decided
before the write).
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode, SelectionSetNode

from authz.decision import Decision
from gateway.execution.collect import fragment_of
from gateway.stages import Enforced, Unrestricted

MUTATION = "Mutation"


def whole_or_nothing(enforced: Enforced, document: DocumentNode, operation: OperationDefinitionNode) -> Enforced:
    """The mutation as it was enforced when nothing of it is denied; otherwise nothing, every root field denied.

    A root field that is not denied itself carries the first denial of the others, so that each says why.
    """
    if not enforced.denials:
        return enforced
    first = next(iter(enforced.denials.values()))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    roots = {f"{MUTATION}.{name}": first for name in _root_fields(operation.selection_set, fragments)}
    denials: Mapping[str, Decision] = {**roots, **enforced.denials}
    return Unrestricted(None, MappingProxyType(dict(sorted(denials.items()))))


def _root_fields(node: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode]) -> Iterator[str]:
    for selection in node.selections:
        if isinstance(selection, FieldNode):
            if not selection.name.value.startswith("__"):
                yield selection.name.value
        else:
            yield from _root_fields(fragment_of(selection, fragments).selection_set, fragments)
