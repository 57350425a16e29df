"""What a supergraph document says about access: each element's own requirement, and which fields read others.

In: the parsed document of any composer. Out: `Stated`, before anything is propagated. Raises rather than overlook.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    ConstDirectiveNode,
    DirectiveNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    FieldDefinitionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
    Visitor,
    visit,
)

from authz.errors import InvalidRules
from authz.standard.linked import Arguments, Names, RuleKind, arguments_of, names_in
from authz.standard.requirement import NOTHING, Requirement, alternatives, together

WITH_FIELDS = (
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
)
TYPES = (
    *WITH_FIELDS,
    ScalarTypeDefinitionNode,
    ScalarTypeExtensionNode,
    EnumTypeDefinitionNode,
    EnumTypeExtensionNode,
    UnionTypeDefinitionNode,
    UnionTypeExtensionNode,
)


@dataclass(frozen=True, slots=True, order=True)
class Reading:
    """The field `field` of type `owner` is computed from `selection`, which its subgraph is sent: on its own type
    (`@requires`), or on any type that sets `context` (`@fromContext`)."""

    owner: str
    field: str
    selection: str
    context: str | None = None


@dataclass(frozen=True, slots=True)
class Stated:
    """Requirements by type name and by `Type.field`, as written; `readings` of fields; the types that set each context;
    the coordinates of interfaces that interface objects answer."""

    types: Mapping[str, Requirement] = field(default_factory=dict)
    fields: Mapping[str, Requirement] = field(default_factory=dict)
    readings: frozenset[Reading] = frozenset()
    contexts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    interface_objects: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.types or self.fields)


def stated_in(document: DocumentNode) -> Stated:
    """All that the document says.

    Raises:
        InvalidRules: a rule whose arguments make no sense, or that stands where nothing could be held to it.
    """
    reader = _Reader(names_in(document))
    for node in document.definitions:
        if isinstance(node, TYPES):
            reader.read_type(node)
    reader.check_all_read(document)
    return Stated(
        types={name: found for name, found in reader.types.items() if found},
        fields={name: found for name, found in reader.fields.items() if found},
        readings=frozenset(reader.readings),
        contexts={name: frozenset(types) for name, types in reader.contexts.items()},
        interface_objects=frozenset(reader.interface_objects),
    )


@dataclass(slots=True)
class _Reader:
    names: Names
    types: dict[str, Requirement] = field(default_factory=dict)
    fields: dict[str, Requirement] = field(default_factory=dict)
    readings: set[Reading] = field(default_factory=set)
    contexts: dict[str, set[str]] = field(default_factory=dict)
    interface_objects: set[str] = field(default_factory=set)
    read: Counter[RuleKind] = field(default_factory=Counter)

    def read_type(self, node: Any) -> None:
        name = node.name.value
        self.types[name] = together([self.types.get(name, NOTHING), self.requirement(node, name)])
        for directive in node.directives or ():
            if directive.name.value in self.names.context:
                self.contexts.setdefault(str(arguments_of(directive).get("name")), set()).add(name)
        standing_in = {use.get("graph") for use in self.joins(node, "type") if use.get("isInterfaceObject")}
        for part in (node.fields or ()) if isinstance(node, WITH_FIELDS) else ():
            self.read_field(name, part, standing_in)

    def read_field(self, owner: str, node: FieldDefinitionNode, standing_in: set[Any]) -> None:
        name = node.name.value
        coordinate = f"{owner}.{name}"
        found = self.requirement(node, coordinate)
        self.fields[coordinate] = together([self.fields.get(coordinate, NOTHING), found])
        joins = list(self.joins(node, "field"))
        # Without @join__field the field is in every subgraph of its type.
        if standing_in and (not joins or any(use.get("graph") in standing_in for use in joins)):
            self.interface_objects.add(coordinate)
        for use in joins:
            if use.get("requires"):
                self.readings.add(Reading(owner, name, str(use["requires"])))
            for given in use.get("contextArguments") or ():
                self.readings.add(Reading(owner, name, str(given.get("selection")), str(given.get("context"))))

    def joins(self, node: Any, element: str) -> Iterator[Arguments]:
        for directive in node.directives or ():
            if self.names.join.get(directive.name.value) == element:
                yield arguments_of(directive)

    def requirement(self, node: Any, where: str) -> Requirement:
        return together(self.rule(name, stated, where) for name, stated in self.rules(node))

    def rules(self, node: Any) -> Iterator[tuple[str, Arguments]]:
        """The rules on an element, those that a join directive carries included."""
        for directive in node.directives or ():
            if name := _rule_name(self.names, directive):
                stated = arguments_of(directive)
                carried = stated.get("args") or {} if directive.name.value not in self.names.rules else stated
                yield name, carried

    def rule(self, name: str, stated: Arguments, where: str) -> Requirement:
        kind = self.names.rules[name]
        self.read[kind] += 1
        if kind is RuleKind.AUTHENTICATED:
            return Requirement(authenticated=True)
        if kind is RuleKind.REQUIRES_SCOPES:
            return Requirement(scopes=frozenset({alternatives(stated.get("scopes"), f"@{name} on {where}")}))
        return Requirement(policies=frozenset({alternatives(stated.get("policies"), f"@{name} on {where}")}))

    def check_all_read(self, document: DocumentNode) -> None:
        """Raise InvalidRules when a rule stands on something else than a type or an output field."""
        everywhere = _Applied(self.names)
        visit(document, everywhere)
        if missed := sorted(f"@{kind}" for kind in everywhere.found - self.read):
            raise InvalidRules(
                f"{', '.join(missed)} stands on an element that the Federation specification gives no access rules."
            )


def _rule_name(names: Names, directive: ConstDirectiveNode | DirectiveNode) -> str | None:
    """The name of the rule that a directive is or carries."""
    name = directive.name.value
    if names.join.get(name) == "directive":
        name = str(arguments_of(directive).get("name")).removeprefix("@")
    return name if name in names.rules else None


class _Applied(Visitor):
    """Counts every rule in a document, wherever it stands."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self._names = names
        self.found: Counter[RuleKind] = Counter()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        if name := _rule_name(self._names, node):
            self.found[self._names.rules[name]] += 1
