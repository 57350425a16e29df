"""A parsed document in; nothing, or the limit it breaks, out. Runs before validation, which a hostile document could
stall: it reads each fragment once, and counts what spreading them out would come to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from gateway.errors import DocumentTooLarge

MOST = 2**31 - 1
"""Counts stop here: whatever doubles without end stays one machine number."""
INTROSPECTION = frozenset({"__schema", "__type"})


@dataclass(frozen=True, slots=True)
class DocumentLimits:
    """The most a document may have. Of its text: tokens (comments too) and levels of brackets. With fragments spread
    out: depth of fields, fields, aliases, directives, fields of an operation's root, questions about the schema.
    Fragments; items of one list in the variables, and levels of these; the page `first` or `last` may ask for."""

    tokens: int = 15_000
    nesting: int = 100
    depth: int = 50
    fields: int = 10_000
    aliases: int = 1_000
    directives: int = 500
    root_fields: int = 200
    introspections: int = 5
    fragments: int = 200
    list_items: int = 1_000
    variable_nesting: int = 50
    page: int = 10_000
    cached_documents: int = 1_000


@dataclass(frozen=True, slots=True)
class Extent:
    """What selections come to with fragments spread out."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    root_fields: int = 0
    introspections: int = 0

    def beside(self, other: "Extent") -> "Extent":
        """Both, one beside the other."""
        return Extent(
            max(self.depth, other.depth),
            min(self.fields + other.fields, MOST),
            min(self.aliases + other.aliases, MOST),
            min(self.directives + other.directives, MOST),
            min(self.root_fields + other.root_fields, MOST),
            min(self.introspections + other.introspections, MOST),
        )


_WORDS = {
    "depth": "levels of fields",
    "fields": "fields",
    "aliases": "aliases",
    "directives": "directives",
    "root_fields": "fields at its root",
    "introspections": "questions about the schema",
}
assert set(_WORDS) == {each.name for each in fields(Extent)}


def check_limits(document: DocumentNode, limits: DocumentLimits) -> None:
    """Raise DocumentTooLarge naming the limit. Fragment cycles count once: validation refuses them."""
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    if len(document.definitions) > limits.fragments:
        raise DocumentTooLarge(f"The document has more than {limits.fragments} definitions.")
    known: dict[str, Extent] = {}
    for name in _inside_out(fragments):
        known[name] = extent_of(fragments[name].selection_set, known)
        # Also one that nothing spreads: validation would read it. Where it is spread says whether that is a root.
        _check(known[name], limits, {"root_fields"})
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            _check(extent_of(definition.selection_set, known), limits, set())


def _check(extent: Extent, limits: DocumentLimits, but: set[str]) -> None:
    for name, word in _WORDS.items():
        most = getattr(limits, name)
        if name not in but and getattr(extent, name) > most:
            raise DocumentTooLarge(f"The document has more than {most} {word}.")


def extent_of(selection_set: SelectionSetNode | None, fragments: Mapping[str, Extent]) -> Extent:
    """What a selection set comes to, given what these fragments do."""
    total = Extent()
    for node in selection_set.selections if selection_set else ():
        total = total.beside(_extent(node, fragments))
    return total


def _extent(node: SelectionNode, fragments: Mapping[str, Extent]) -> Extent:
    own = Extent(directives=len(node.directives or ()))
    if isinstance(node, FragmentSpreadNode):
        return own.beside(fragments.get(node.name.value, Extent()))
    if isinstance(node, InlineFragmentNode):
        return own.beside(extent_of(node.selection_set, fragments))
    assert isinstance(node, FieldNode)
    below = extent_of(node.selection_set, fragments)
    return Extent(
        depth=below.depth + 1,
        fields=min(below.fields + 1, MOST),
        aliases=min(below.aliases + (node.alias is not None), MOST),
        directives=min(below.directives + own.directives, MOST),
        root_fields=1,
        introspections=min(below.introspections + (node.name.value in INTROSPECTION), MOST),
    )


def _inside_out(fragments: Mapping[str, FragmentDefinitionNode]) -> Iterator[str]:
    """Every fragment after those it spreads, however long the chain; one of a cycle before those that close it."""
    entered: set[str] = set()
    left: set[str] = set()
    for first in fragments:
        pending = [first]
        while pending:
            name = pending[-1]
            if name not in entered:
                entered.add(name)
                spread = _spread(fragments[name].selection_set)
                pending += [each for each in spread if each in fragments and each not in entered]
                continue
            pending.pop()
            if name not in left:
                left.add(name)
                yield name


def _spread(selection_set: SelectionSetNode) -> Iterator[str]:
    pending = [selection_set]
    while pending:
        for node in pending.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                yield node.name.value
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                pending.append(node.selection_set)
