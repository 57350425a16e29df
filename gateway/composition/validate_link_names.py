"""Names that links bring: each feature needs a namespace of its own, and no import may be taken for anything else.

The rules are those of the link specification (v1.0): an element of a feature is called `namespace__element`, its
directive of the feature's own name just `namespace`, and imports give further names.
"""

import re
from collections.abc import Iterator

from graphql.language import ConstDirectiveNode, ListValueNode, ObjectValueNode, StringValueNode, ValueNode, print_ast

from gateway.composition.link import APOLLO, LINK, Feature, Import, Links, argument, feature_from_url, text_argument

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

Found = tuple[str, ConstDirectiveNode | None]


def link_name_problems(links: Links) -> Iterator[Found]:
    """Every namespace and import that is malformed, taken, or could be confused, with the link that brings it."""
    features = list(links.features)
    if all(feature.identity != LINK for feature in features):
        features.append(feature_from_url(f"{APOLLO}link/v1.0"))
    yield from _namespaces(features)
    for feature in features:
        for problem in _malformed_imports(feature):
            yield problem, feature.node
        for item in feature.imports:
            for other in features:
                if _is_confusable(item, feature, other):
                    yield _confusable(item, feature, other), feature.node
    yield from _repeated(features)


def _namespaces(features: list[Feature]) -> Iterator[Found]:
    taken: dict[str, Feature] = {}
    for feature in features:
        given = text_argument(feature.node, "as") if feature.node else None
        name = feature.alias if given is None else given
        if given is None and not _NAME.fullmatch(name):
            continue  # such a feature has no namespace
        problem = _name_problem(name)
        if problem is not None:
            yield (
                f'Cannot link feature "{feature.identity}" as "{name}" since it {problem}. Please rename to a '
                'compliant name via "as".',
                feature.node,
            )
        other = taken.setdefault(name, feature)
        if other.identity != feature.identity:
            yield (
                f'Cannot link feature {feature.identity} as "{name}" since another feature "{other.identity}" already '
                'uses that alias. Please rename the feature to avoid conflicts via "as".',
                feature.node,
            )


def _name_problem(name: str) -> str | None:
    if not _NAME.fullmatch(name):
        return "is not a valid GraphQL name"
    if "__" in name:
        return 'contains "__"'
    return 'ends in "_"' if name.endswith("_") else None


def _malformed_imports(feature: Feature) -> Iterator[str]:
    value = argument(feature.node, "import") if feature.node else None
    for item in value.values if isinstance(value, ListValueNode) else ():
        if not isinstance(item, StringValueNode):
            problem = _object_problem(item)
            if problem is not None:
                yield problem


def _object_problem(item: ValueNode) -> str | None:
    """What is wrong with an import that is not just a name."""
    if not isinstance(item, ObjectValueNode):
        return (
            f"Invalid sub-value {print_ast(item)} for @link(import:) argument: values should be either strings or "
            'input object values of the form { name: "<importedElement>", as: "<alias>" }.'
        )
    shown = f"sub-value {print_ast(item)} of @link(import:) argument"
    fields = {field.name.value: field.value for field in item.fields}
    unknown = next((name for name in fields if name not in ("name", "as")), None)
    if unknown is not None:
        return f'Unknown field "{unknown}" for {shown}.'
    if "name" not in fields:
        return f'Invalid {shown}: missing mandatory "name" field.'
    wrong = next((name for name, value in fields.items() if not isinstance(value, StringValueNode)), None)
    if wrong is not None:
        return f'Invalid value for the "{wrong}" field for {shown}: must be a string.'
    alias = fields.get("as")
    if isinstance(alias, StringValueNode) and not _NAME.fullmatch(alias.value.removeprefix("@")):
        return f'Invalid value for the "as" field for {shown}: must use a GraphQL name.'
    return None


def _is_confusable(item: Import, feature: Feature, other: Feature) -> bool:
    """Whether an import's name is one that the namespace of a feature already gives to another element."""
    is_directive = item.alias.startswith("@")
    local = item.alias.removeprefix("@")
    if is_directive and local == other.alias:
        element = f"@{other.name}"
    elif local.startswith(f"{other.alias}__"):
        element = ("@" if is_directive else "") + local.removeprefix(f"{other.alias}__")
    else:
        return False
    return other.identity != feature.identity or element != item.name


def _confusable(item: Import, feature: Feature, other: Feature) -> str:
    whose = "" if other.identity == feature.identity else f' from another linked feature "{other.identity}"'
    return (
        f'Cannot import {_shown(item)} from feature "{feature.identity}" since it can be confused with a namespaced '
        f'name{whose}. Please rename the import to avoid conflicts via "as".'
    )


def _repeated(features: list[Feature]) -> Iterator[Found]:
    """A name stands for one element, and an element has one name."""
    by_alias: dict[str, tuple[str, str]] = {}
    by_element: dict[tuple[str, str], str] = {}
    for feature in features:
        for item in feature.imports:
            element = (feature.identity, item.name)
            if by_alias.setdefault(item.alias, element) != element:
                before = by_alias[item.alias]
                yield (
                    f'Cannot import {_shown(item)} from feature "{feature.identity}" since it was previously imported '
                    f'for "{before[1]}" from feature "{before[0]}". Please rename the import to avoid conflicts via '
                    '"as".',
                    feature.node,
                )
            elif by_element.setdefault(element, item.alias) != item.alias:
                yield (
                    f'Cannot import {_shown(item)} from feature "{feature.identity}" since it was previously imported '
                    f'as "{by_element[element]}". Please remove one of these imports.',
                    feature.node,
                )


def _shown(item: Import) -> str:
    return f'"{item.name}"' if item.name == item.alias else f'"{item.name}" as "{item.alias}"'
