"""The names under which a supergraph document has the directives that matter to access: linked, renamed, namespaced.

In: the parsed document. Out: `Names`. Every link counts, also a second one of the same specification.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    DocumentNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    value_from_ast_untyped,
)

Arguments = Mapping[str, Any]


class RuleKind(StrEnum):
    """The access directives of the Federation specification; the value is both directive and specification."""

    AUTHENTICATED = "authenticated"
    REQUIRES_SCOPES = "requiresScopes"
    POLICY = "policy"


@dataclass(frozen=True, slots=True)
class Link:
    """One linked specification: the prefix it has here, and its elements' own names by those they are imported as."""

    specification: str
    prefix: str
    imports: Mapping[str, str]

    def names_of(self, element: str) -> Iterator[str]:
        """Every name that its directive `element` can have here."""
        yield f"{self.prefix}__{element}"
        if element == self.specification:
            yield self.prefix
        yield from (local for local, own in self.imports.items() if own == element)


@dataclass(frozen=True, slots=True)
class Names:
    """Directive names of one document: access rules by kind, and the join and context machinery by element."""

    rules: Mapping[str, RuleKind]
    join: Mapping[str, str]
    context: frozenset[str]


def names_in(document: DocumentNode) -> Names:
    """The names that a supergraph document uses. An unlinked directive of a rule's own name is the rule."""
    links = tuple(_links(document))
    rules = {name: kind for kind in RuleKind for name in (kind.value, f"federation__{kind.value}")}
    for kind in RuleKind:
        own = (link for link in links if link.specification in ("federation", kind.value))
        rules |= dict.fromkeys((name for link in own for name in link.names_of(kind.value)), kind)
    return Names(
        rules=rules,
        join={name: element for element in JOINS for name in _named(links, "join", element)},
        context=frozenset(_named(links, "context", "context")),
    )


JOINS = ("field", "type", "directive")


def arguments_of(directive: ConstDirectiveNode | DirectiveNode) -> dict[str, Any]:
    """The arguments of one use of a directive, as plain values."""
    return {argument.name.value: value_from_ast_untyped(argument.value) for argument in directive.arguments or ()}


def _named(links: tuple[Link, ...], specification: str, element: str) -> Iterator[str]:
    return (name for link in links if link.specification == specification for name in link.names_of(element))


def _links(document: DocumentNode) -> Iterator[Link]:
    for definition in document.definitions:
        if isinstance(definition, SchemaDefinitionNode | SchemaExtensionNode):
            for directive in definition.directives or ():
                stated = arguments_of(directive)
                # `@join__directive(name: "link", args: …)` is a link of some subgraphs.
                carried = stated.get("args")
                yield from _link(carried if isinstance(carried, Mapping) else stated)


def _link(stated: Arguments) -> Iterator[Link]:
    url = stated.get("url") or stated.get("feature")
    if isinstance(url, str):
        parts = url.rstrip("/").split("/")
        versioned = len(parts) > 1 and parts[-1].startswith("v")
        specification = parts[-2] if versioned else parts[-1]
        yield Link(specification, str(stated.get("as") or specification), dict(_imports(stated.get("import") or ())))


def _imports(imports: Any) -> Iterator[tuple[str, str]]:
    for item in imports:
        own = item.get("name") if isinstance(item, Mapping) else item
        local = (item.get("as") or own) if isinstance(item, Mapping) else item
        yield str(local).removeprefix("@"), str(own).removeprefix("@")
