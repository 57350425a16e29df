"""Which specifications a schema links (link v1.0): schema directives in, features and their local names out."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graphql.language import (
    ConstDirectiveNode,
    DirectiveDefinitionNode,
    DocumentNode,
    EnumValueNode,
    ListValueNode,
    ObjectValueNode,
    SchemaDefinitionNode,
    SchemaExtensionNode,
    StringValueNode,
    ValueNode,
)

APOLLO = "https://specs.apollo.dev/"
LINK = APOLLO + "link"
CORE = APOLLO + "core"
FEDERATION = APOLLO + "federation"
CONNECT = APOLLO + "connect"
CACHE_TAG = APOLLO + "cacheTag"

_VERSIONED = re.compile(r"^(?P<identity>[^?#]*?/(?P<name>[^/?#]+))/v(?P<major>\d+)\.(?P<minor>\d+)/?(?:[?#].*)?$")
_IDENTIFIER = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]+/(?:[^/?#]+/)+v\d+\.\d+(?:[?#].*)?$", re.IGNORECASE)

Version = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Import:
    """One imported element; directives keep their leading `@` in both names."""

    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class Feature:
    """A linked specification: `identity` is its URL without the version, `alias` its namespace in the schema."""

    url: str
    identity: str
    name: str
    version: Version | None
    alias: str
    imports: tuple[Import, ...]
    purpose: str | None
    node: ConstDirectiveNode | None = None

    def local_directive(self, name: str) -> str:
        """What the feature's directive is called in the schema, without `@`."""
        return next((i.alias[1:] for i in self.imports if i.name == f"@{name}"), self._qualified(name))

    def local_type(self, name: str) -> str:
        """What the feature's type is called in the schema."""
        return next((i.alias for i in self.imports if i.name == name), f"{self.alias}__{name}")

    def directive_named(self, local: str) -> str | None:
        """Which of the feature's directives the schema calls `local`, or None when it is none of them."""
        imported = next((i.name[1:] for i in self.imports if i.alias == f"@{local}"), None)
        if imported is not None:
            return imported
        return self._named_by_namespace(local)

    def _named_by_namespace(self, local: str) -> str | None:
        prefix, _, rest = local.partition("__")
        if prefix == self.alias and rest:
            return rest
        name = self.name if local == self.alias else None
        shadowed = name is not None and any(i.name == f"@{name}" and i.alias != f"@{local}" for i in self.imports)
        return None if shadowed else name

    def owns_type(self, local: str) -> bool:
        """Whether the schema's type `local` belongs to the feature."""
        return local.startswith(f"{self.alias}__") or any(i.alias == local for i in self.imports)

    def _qualified(self, name: str) -> str:
        return self.alias if name == self.name else f"{self.alias}__{name}"


@dataclass(frozen=True, slots=True)
class Links:
    """Every feature a schema links, in order, the name its `@link` goes by, and the directives it defines itself."""

    features: tuple[Feature, ...] = ()
    directive: str = "link"
    defined: frozenset[str] = frozenset()

    @property
    def federation(self) -> Feature | None:
        """The link to the federation specification, absent in a Federation 1 schema."""
        return self.feature(FEDERATION)

    def feature(self, identity: str) -> Feature | None:
        """The feature of that identity, if linked."""
        return next((feature for feature in self.features if feature.identity == identity), None)

    def source_of(self, local: str) -> tuple[Feature, str] | None:
        """The feature a directive comes from and its name there; imports win over namespaces."""
        imported = [f for f in self.features if any(i.alias == f"@{local}" for i in f.imports)]
        for feature in (*imported, *self.features):
            name = feature.directive_named(local)
            if name is not None:
                return feature, name
        return None


def is_malformed(url: str) -> bool:
    """Whether a link's URL does not end in a name and a version (`…/name/v1.2`)."""
    return _IDENTIFIER.match(url) is None


def feature_from_url(url: str, alias: str | None = None, imports: Iterable[Import] = ()) -> Feature:
    """The feature a `@link(url:)` names; a URL without a version has none."""
    match = _VERSIONED.match(url)
    if match is None:
        name = url.rstrip("/").rsplit("/", 1)[-1]
        return Feature(url, url, name, None, alias or name, tuple(imports), None)
    version = (int(match["major"]), int(match["minor"]))
    return Feature(url, match["identity"], match["name"], version, alias or match["name"], tuple(imports), None)


def schema_directives(document: DocumentNode) -> tuple[ConstDirectiveNode, ...]:
    """The directives of the schema definition and its extensions, in order."""
    schemas = (n for n in document.definitions if isinstance(n, SchemaDefinitionNode | SchemaExtensionNode))
    return tuple(directive for node in schemas for directive in node.directives or ())


def links_of(document: DocumentNode) -> Links:
    """Reads the links of a document's schema, finding out first what `@link` itself is called."""
    listed = schema_directives(document)
    defined = frozenset(n.name.value for n in document.definitions if isinstance(n, DirectiveDefinitionNode))
    bootstrapped = next(filter(None, map(_bootstrap_name, listed)), None)
    name = bootstrapped or "link"
    found = (_feature_from(directive) for directive in listed if directive.name.value == name)
    features = tuple(feature for feature in found if feature is not None)
    if bootstrapped is None and not any(f.url.startswith(f"{FEDERATION}/") for f in features):
        features = ()  # nothing says that @link is the link specification's
    return Links(features, name, defined)


def argument(directive: ConstDirectiveNode, name: str) -> ValueNode | None:
    """The value of an argument as it is written, or None when it is not given."""
    return next((a.value for a in directive.arguments or () if a.name.value == name), None)


def text_argument(directive: ConstDirectiveNode, name: str) -> str | None:
    """The text of a string or enum argument, or None."""
    value = argument(directive, name)
    return value.value if isinstance(value, StringValueNode | EnumValueNode) else None


def _bootstrap_name(directive: ConstDirectiveNode) -> str | None:
    """The directive's own name when it links the link specification and calls itself so."""
    url = text_argument(directive, "url") or text_argument(directive, "feature") or ""
    feature = feature_from_url(url, text_argument(directive, "as"), _imports_of(directive))
    if feature.identity not in (LINK, CORE):
        return None
    name = directive.name.value
    return name if name == feature.local_directive(feature.name) else None


def _feature_from(directive: ConstDirectiveNode) -> Feature | None:
    url = text_argument(directive, "url") or text_argument(directive, "feature")
    if not url:
        return None
    feature = feature_from_url(url, text_argument(directive, "as"), _imports_of(directive))
    purpose = text_argument(directive, "for")
    fields = (feature.url, feature.identity, feature.name, feature.version, feature.alias, feature.imports)
    return Feature(*fields, purpose, directive)


def _imports_of(directive: ConstDirectiveNode) -> tuple[Import, ...]:
    value = argument(directive, "import")
    items = value.values if isinstance(value, ListValueNode) else ()
    return tuple(found for found in map(_import_from, items) if found is not None)


def _import_from(item: ValueNode) -> Import | None:
    if isinstance(item, StringValueNode):
        return Import(item.value, item.value)
    if not isinstance(item, ObjectValueNode):
        return None
    texts = {f.name.value: f.value.value for f in item.fields if isinstance(f.value, StringValueNode)}
    return Import(texts["name"], texts.get("as", texts["name"])) if "name" in texts else None
