"""What the supergraph's schema links, and the definitions those specifications bring along."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from graphql.language import DefinitionNode, parse

from gateway.composition.complete import feature_definitions
from gateway.composition.compose_directive import ComposedDirectives, used_directives
from gateway.composition.join import Plain, applied, enum
from gateway.composition.link import APOLLO, CACHE_TAG, CONNECT, Feature, Import, feature_from_url
from gateway.composition.model import Application, Subgraph
from gateway.composition.specifications import COMPOSED, ComposedSpecification

_NAME = re.compile(r"^[_A-Za-z]\w*$", re.ASCII)
_NOT_IN_NAMES = re.compile(r"\W", re.ASCII)

JOIN_SDL = """
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true, isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean, override: String, usedOverridden: Boolean, overrideLabel: String, contextArguments: [join__ContextArgument!]) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__directive(graphs: [join__Graph!], name: String!, args: join__DirectiveArguments) repeatable on SCHEMA | OBJECT | INTERFACE | FIELD_DEFINITION
input join__ContextArgument { name: String! type: String! context: String! selection: join__FieldValue! }
scalar join__DirectiveArguments
scalar join__FieldSet
scalar join__FieldValue
scalar link__Import
enum link__Purpose {
  "`SECURITY` features provide metadata necessary to securely resolve fields."
  SECURITY
  "`EXECUTION` features provide metadata necessary for operation execution."
  EXECUTION
}
"""  # noqa: E501  (one definition a line, as the specifications write them)


@dataclass(frozen=True, slots=True)
class SupergraphFeature:
    """A specification the supergraph links, with its purpose and whether its directives are defined there."""

    feature: Feature
    purpose: str | None
    definitions: tuple[DefinitionNode, ...] = ()

    def link(self) -> Application:
        """The `@link` of the supergraph's schema."""
        feature = self.feature
        return applied(
            "link",
            {
                "url": feature.url,
                "as": None if feature.alias == feature.name else feature.alias,
                "for": enum(self.purpose) if self.purpose else None,
                "import": [_import(i) for i in feature.imports] or None,
            },
        )


def supergraph_features(subgraphs: Sequence[Subgraph], composed: ComposedDirectives) -> list[SupergraphFeature]:
    """Every feature the supergraph links, link and join first."""
    aliases = _Aliases(composed)
    features = [
        SupergraphFeature(feature_from_url(f"{APOLLO}link/v1.0"), None),
        SupergraphFeature(feature_from_url(f"{APOLLO}join/v0.5"), "EXECUTION", _join_definitions()),
    ]
    specifications = dict.fromkeys(COMPOSED[name] for name in sorted(composed.federation))
    features += [_federation_feature(s, composed, aliases) for s in specifications]
    features += list(_custom_features(composed, aliases))
    features += [SupergraphFeature(feature_from_url(url), "EXECUTION") for url in _carried(subgraphs)]
    return features


def _import(item: Import) -> Plain:
    return item.name if item.name == item.alias else {"name": item.name, "as": item.alias}


@cache
def _join_definitions() -> tuple[DefinitionNode, ...]:
    return parse(JOIN_SDL, no_location=True).definitions


class _Aliases:
    """Gives a feature another namespace when its own is no name or belongs to another feature's directive."""

    def __init__(self, composed: ComposedDirectives) -> None:
        self.owners = {name: COMPOSED[canonical].identity for canonical, name in composed.federation.items()}
        self.owners |= {local: directive.feature.identity for local, directive in composed.custom.items()}
        self.count = 0

    def alias(self, identity: str, name: str) -> str:
        owner = self.owners.get(name, identity)
        if _NAME.match(name) and owner == identity:
            return name
        self.count += 1
        return f"_{self.count - 1}{_NOT_IN_NAMES.sub('', name)}"


def _federation_feature(
    specification: ComposedSpecification, composed: ComposedDirectives, aliases: _Aliases
) -> SupergraphFeature:
    major, minor = specification.version
    alias = aliases.alias(specification.identity, specification.feature)
    imports = []
    for canonical, name in sorted(composed.federation.items()):
        is_default = name == canonical == specification.feature
        if COMPOSED[canonical] == specification and not is_default:
            qualified = f"{specification.feature}__{canonical}"
            imports += [Import(f"@{canonical}", f"@{name}")] if name != qualified else []
    feature = feature_from_url(f"{specification.identity}/v{major}.{minor}", alias, imports)
    return SupergraphFeature(feature, specification.purpose, tuple(feature_definitions(feature)))


def _custom_features(composed: ComposedDirectives, aliases: _Aliases) -> Iterator[SupergraphFeature]:
    by_identity: dict[str, list[str]] = {}
    for local, directive in composed.custom.items():
        by_identity.setdefault(directive.feature.identity, []).append(local)
    for identity, locals_ in by_identity.items():
        directives = [composed.custom[local] for local in locals_]
        newest = max((d.feature for d in directives), key=lambda feature: feature.version or (0, 0))
        imports = [Import(f"@{d.name}", f"@{d.local}") for d in directives]
        feature = feature_from_url(newest.url, aliases.alias(identity, newest.name), imports)
        yield SupergraphFeature(feature, newest.purpose, tuple(d.definition for d in directives))


def _carried(subgraphs: Iterable[Subgraph]) -> Iterator[str]:
    """The specifications whose applications are carried by `@join__directive`."""
    connected = [f.version or (0, 1) for s in subgraphs for f in s.links.features if f.identity == CONNECT]
    if connected:
        major, minor = max((0, 3), *connected)
        yield f"{CONNECT}/v{major}.{minor}"
    if any(a.federation == "cacheTag" for s in subgraphs for a in used_directives(s)):
        yield f"{CACHE_TAG}/v0.1"
