"""@context and @fromContext: where contexts are set in a subgraph, and what contextual arguments select from them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from graphql import GraphQLSyntaxError
from graphql.language import SelectionSetNode, StringValueNode

from gateway.composition.field_set import Selected, parse_field_set, walk
from gateway.composition.model import Field, InputValue, Kind, Subgraph, TypeDefinition

_IGNORED = r"(?:[\s,]|#[^\n\r]*)*"
_FIELD_VALUE = re.compile(rf"^{_IGNORED}\${_IGNORED}(?P<context>[A-Za-z_]\w*)(?P<selection>.*)$", re.DOTALL | re.ASCII)


@dataclass(frozen=True, slots=True)
class ContextualArgument:
    """An argument filled by the gateway; `context` and `selection` are None when `field` is malformed."""

    owner: TypeDefinition
    field: Field
    argument: InputValue
    context: str | None
    selection: str | None

    @property
    def coordinate(self) -> str:
        """`Type.field(argument:)`."""
        return f"{self.owner.name}.{self.field.name}({self.argument.name}:)"


def contexts_of(subgraph: Subgraph) -> dict[str, list[TypeDefinition]]:
    """The types each context of the subgraph is set on."""
    found: dict[str, list[TypeDefinition]] = {}
    for owner in subgraph.of_kind(Kind.OBJECT, Kind.INTERFACE, Kind.UNION):
        for use in owner.all_of("context"):
            found.setdefault(use.text("name") or "", []).append(owner)
    return found


def contexts_by_type(subgraphs: Iterable[Subgraph]) -> dict[str, frozenset[str]]:
    """For each object type the contexts its objects set; a context is one subgraph's own: `subgraph__name`."""
    found: dict[str, frozenset[str]] = {}
    for subgraph in subgraphs:
        for name, owners in contexts_of(subgraph).items():
            for possible in (possible for owner in owners for possible in subgraph.runtime_types(owner.name)):
                found[possible] = found.get(possible, frozenset()) | {f"{subgraph.name}__{name}"}
    return found


def contexts_read(subgraph: Subgraph, field: Field) -> frozenset[str]:
    """The contexts that a field's arguments are filled from."""
    filled = (argument for argument in field.arguments.values() if argument.has("fromContext"))
    return frozenset(f"{subgraph.name}__{split_field_value(argument)[0]}" for argument in filled)


def contextual_arguments(subgraph: Subgraph) -> Iterator[ContextualArgument]:
    """Every argument with @fromContext."""
    for owner in subgraph.of_kind(Kind.OBJECT, Kind.INTERFACE):
        for field in owner.fields.values():
            for argument in field.arguments.values():
                if argument.has("fromContext"):
                    yield ContextualArgument(owner, field, argument, *split_field_value(argument))


def split_field_value(argument: InputValue) -> tuple[str | None, str | None]:
    """The context's name and the selection's text of a @fromContext(field:)."""
    value = argument.all_of("fromContext")[0].arguments.get("field")
    match = _FIELD_VALUE.match(value.value) if isinstance(value, StringValueNode) else None
    return (match["context"], match["selection"]) if match else (None, None)


def parse_selection(text: str) -> SelectionSetNode | None:
    """The selections of a context selection, or None when it is malformed."""
    try:
        return parse_field_set(text) if text.strip() else None
    except (GraphQLSyntaxError, ValueError):
        return None


def context_selections(subgraph: Subgraph) -> Iterator[list[Selected]]:
    """What each contextual argument selects on each type its context is set on."""
    contexts = contexts_of(subgraph)
    for use in contextual_arguments(subgraph):
        selections = parse_selection(use.selection or "")
        if selections is not None:
            for owner in contexts.get(use.context or "", ()):
                yield list(walk(subgraph, owner.name, selections))
