"""Checks a subgraph's links and what it defines of linked specifications against the specifications themselves."""

from collections.abc import Iterator, Mapping, Sequence

from graphql.language import (
    DirectiveDefinitionNode,
    DocumentNode,
    EnumTypeDefinitionNode,
    InputValueDefinitionNode,
    Node,
    TypeDefinitionNode,
    TypeExtensionNode,
    print_ast,
)

from gateway.composition.complete import specification_definitions
from gateway.composition.link import APOLLO, CORE, FEDERATION, LINK, Feature, Links, Version, is_malformed
from gateway.composition.location import location_of
from gateway.composition.model import BUILT_IN_SCALARS, ROOTS
from gateway.composition.read_subgraph import root_types, type_text
from gateway.composition.report import Report
from gateway.composition.specifications import FEDERATION_TYPES, KNOWN, LATEST, available, federation_directives
from gateway.composition.type_references import is_list, is_non_null, list_item, nullable

_ONLY_THROUGH_FEDERATION = frozenset({f"{APOLLO}inaccessible", f"{APOLLO}tag"})
_LINK_VERSIONS: Mapping[str, Sequence[Version]] = {LINK: ((1, 0),), CORE: ((0, 1), (0, 2))}

Problem = tuple[str, str, Node | None]


def validate_links(name: str, document: DocumentNode, links: Links, report: Report) -> None:
    """Reports malformed links, federation definitions that contradict the specification, and misnamed root types."""
    problems = [*_links(links), *_definitions(document, links), *_roots(document)]
    for code, message, node in problems:
        report.error(code, f"[{name}] {message}", location_of(name, node))


def _links(links: Links) -> Iterator[Problem]:
    seen: set[str] = set()
    for feature in links.features:
        if feature.identity in seen:
            message = f"Duplicate inclusion of feature {feature.identity}"
            yield "INVALID_LINK_DIRECTIVE_USAGE", message, feature.node
        seen.add(feature.identity)
        if is_malformed(feature.url):
            yield "INVALID_LINK_IDENTIFIER", f'Invalid link url "{feature.url}": it has no valid version', feature.node
        yield from _link(feature)


def _link(feature: Feature) -> Iterator[Problem]:
    if feature.identity in _ONLY_THROUGH_FEDERATION:
        message = (
            f'Please import "@{feature.name}" from the feature "{FEDERATION}" instead of using '
            f'"{feature.identity}" to avoid '
            f"potential unexpected behavior in the future."
        )
        yield "INVALID_LINK_DIRECTIVE_USAGE", message, feature.node
    for item in feature.imports:
        if item.name.startswith("@") != item.alias.startswith("@"):
            message = (
                f'Invalid @link import renaming: directive "{item.name}" and "{item.alias}" are not both directives'
            )
            yield "INVALID_LINK_DIRECTIVE_USAGE", message, feature.node
    if feature.identity in _LINK_VERSIONS and feature.version not in _LINK_VERSIONS[feature.identity]:
        message = f"Schema uses unknown version {_shown(feature)} of the {feature.name} spec"
        yield "UNKNOWN_LINK_VERSION", message, feature.node
    if feature.identity not in KNOWN and feature.purpose in ("SECURITY", "EXECUTION"):
        message = f"feature {feature.url} is for: {feature.purpose} but is unsupported"
        yield "UNSUPPORTED_LINKED_FEATURE", message, feature.node
    if feature.identity == FEDERATION:
        yield from _federation_link(feature)


def _shown(feature: Feature) -> str:
    return f"v{feature.version[0]}.{feature.version[1]}" if feature.version else "no version"


def _federation_link(feature: Feature) -> Iterator[Problem]:
    version = feature.version
    if version is None or version[0] != LATEST[0] or version > LATEST:
        message = f"Invalid version {_shown(feature)} for the federation feature in @link directive on schema"
        yield "UNKNOWN_FEDERATION_LINK_VERSION", message, feature.node
        return
    types = {name for name, since in FEDERATION_TYPES.items() if since <= version}
    known = {f"@{name}" for name in available(feature)} | types
    for item in feature.imports:
        if item.name not in known:
            yield "INVALID_LINK_DIRECTIVE_USAGE", f'Cannot import unknown element "{item.name}".', feature.node


def _definitions(document: DocumentNode, links: Links) -> Iterator[Problem]:
    """The subgraph's own copies of specified definitions that differ from the specification."""
    directives: dict[str, DirectiveDefinitionNode] = {}
    enums: dict[str, EnumTypeDefinitionNode] = {}
    scalars: set[str] = set()
    for node in specification_definitions(links):
        if isinstance(node, DirectiveDefinitionNode):
            directives.setdefault(node.name.value, node)
        elif isinstance(node, EnumTypeDefinitionNode):
            enums[node.name.value] = node
        elif isinstance(node, TypeDefinitionNode):
            scalars.add(node.name.value)
    for node in document.definitions:
        if isinstance(node, DirectiveDefinitionNode) and node.name.value in directives:
            name = node.name.value
            is_federation = name in federation_directives() or links.source_of(name) is not None
            for problem in _directive(node, directives[name], scalars) if is_federation else ():
                yield "DIRECTIVE_DEFINITION_INVALID", f'Invalid definition for directive "@{name}": {problem}', node
        if isinstance(node, EnumTypeDefinitionNode) and node.name.value in enums:
            yield from _enum(node, enums[node.name.value])


def _enum(node: EnumTypeDefinitionNode, expected: EnumTypeDefinitionNode) -> Iterator[Problem]:
    found, wanted = (sorted(v.name.value for v in e.values or ()) for e in (node, expected))
    if found != wanted:
        short = node.name.value.rpartition("__")[2]
        message = (
            f'Invalid definition for type "{short}": expected values [{", ".join(wanted)}] but found '
            f"[{', '.join(found)}]."
        )
        yield "TYPE_DEFINITION_INVALID", message, node


def _directive(node: DirectiveDefinitionNode, expected: DirectiveDefinitionNode, scalars: set[str]) -> Iterator[str]:
    name = node.name.value
    arguments = {a.name.value: a for a in node.arguments or ()}
    specified = {a.name.value: a for a in expected.arguments or ()}
    for argument in arguments:
        if argument not in specified:
            yield f'unknown/unsupported argument "{argument}"'
    for argument, wanted in specified.items():
        if argument in arguments:
            yield from _argument(arguments[argument], wanted, scalars)
        elif type_text(wanted.type, {}).endswith("!") and wanted.default_value is None:
            yield f'missing required argument "{argument}"'
    if node.repeatable and not expected.repeatable:
        yield f'"@{name}" should not be repeatable'
    locations = _locations(node)
    if not set(locations) <= set(_locations(expected)):
        wanted_text = ", ".join(_locations(expected))
        yield f'"@{name}" should have locations {wanted_text}, but found (non-subset) {", ".join(locations)}'


def _argument(node: InputValueDefinitionNode, expected: InputValueDefinitionNode, scalars: set[str]) -> Iterator[str]:
    name, found, wanted = node.name.value, type_text(node.type, {}), type_text(expected.type, {})
    comparable = nullable(found) if is_non_null(found) and not is_non_null(wanted) else found
    if not _is_acceptable(comparable, wanted, scalars):
        yield f'argument "{name}" should have type "{wanted}" but found type "{found}"'
    default = node.default_value and print_ast(node.default_value)
    specified = expected.default_value and print_ast(expected.default_value)
    if default != specified and default is not None:
        yield f'argument "{name}" should have default value {specified} but found default value {default}'


def _is_acceptable(found: str, wanted: str, scalars: set[str]) -> bool:
    """Same type, except that a built-in scalar may stand for a specification's own scalar."""
    if is_non_null(wanted):
        return is_non_null(found) and _is_acceptable(nullable(found), nullable(wanted), scalars)
    if is_list(wanted):
        return (
            is_list(found) and not is_non_null(found) and _is_acceptable(list_item(found), list_item(wanted), scalars)
        )
    same = found.lstrip("_").rpartition("__")[2] == wanted.lstrip("_").rpartition("__")[2]
    return same or (wanted in scalars and found in BUILT_IN_SCALARS)


def _locations(node: DirectiveDefinitionNode) -> Sequence[str]:
    return [location.value for location in node.locations]


def _roots(document: DocumentNode) -> Iterator[Problem]:
    """A type that has a root's default name has to be that root."""
    roots = root_types(document)
    declared = {n.name.value: n for n in document.definitions if isinstance(n, TypeDefinitionNode | TypeExtensionNode)}
    for operation, default in ROOTS.items():
        if operation in roots and roots[operation] != default and default in declared:
            message = (
                f'The schema has a type named "{default}" but it is not set as the {operation} root type '
                f'("{roots[operation]}" is instead): this is not supported by federation. If a root type does '
                "not use its "
                f"default name, there should be no other type with that default name."
            )
            yield f"ROOT_{operation.upper()}_USED", message, declared[default]
