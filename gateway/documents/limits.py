"""A parsed document in; nothing, or the limit it breaks, out. Runs before validation, which a hostile document could
stall."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from gateway.errors import DocumentTooLarge


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The most a document may have: tokens; depth of fields; fields and aliases, each with fragments spread out."""

    tokens: int = 15_000
    depth: int = 50
    fields: int = 10_000
    aliases: int = 1_000
    cached_documents: int = 1_000


@dataclass(frozen=True, slots=True)
class _Extent:
    depth: int = 0
    fields: int = 0
    aliases: int = 0

    def beside(self, other: "_Extent") -> "_Extent":
        return _Extent(max(self.depth, other.depth), self.fields + other.fields, self.aliases + other.aliases)


def check_limits(document: DocumentNode, limits: DocumentLimits) -> None:
    """Raise DocumentTooLarge naming the limit. Fragment cycles count once: validation refuses them."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    measure = _Measure(fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode | FragmentDefinitionNode):
            extent = measure.of(definition.selection_set)
            for name in ("depth", "fields", "aliases"):
                most = getattr(limits, name)
                if getattr(extent, name) > most:
                    raise DocumentTooLarge(f"The document has more than {most} {_WORDS[name]}.")


_WORDS = {"depth": "levels of fields", "fields": "fields", "aliases": "aliases"}


class _Measure:
    """Measures selection sets; each fragment once, however often it is spread."""

    def __init__(self, fragments: Mapping[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._known: dict[str, _Extent] = {}

    def of(self, selection_set: SelectionSetNode | None) -> _Extent:
        total = _Extent()
        for extent in self._extents(selection_set):
            total = total.beside(extent)
        return total

    def _extents(self, selection_set: SelectionSetNode | None) -> Iterator[_Extent]:
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                below = self.of(node.selection_set)
                yield _Extent(below.depth + 1, below.fields + 1, below.aliases + (node.alias is not None))
            elif isinstance(node, InlineFragmentNode):
                yield self.of(node.selection_set)
            elif isinstance(node, FragmentSpreadNode):
                yield self._fragment(node.name.value)

    def _fragment(self, name: str) -> _Extent:
        if name not in self._known and name in self._fragments:
            self._known[name] = _Extent()
            self._known[name] = self.of(self._fragments[name].selection_set)
        return self._known.get(name, _Extent())
