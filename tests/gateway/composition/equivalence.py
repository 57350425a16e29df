"""Two supergraph SDLs are equivalent when they say the same, whatever the order and the join version."""

import re
from typing import Any

from graphql import parse
from graphql.language import DirectiveDefinitionNode, Node, SchemaDefinitionNode, TypeDefinitionNode, print_ast
from graphql.utilities import ast_to_dict


def facts(sdl: str) -> dict[str, Any]:
    """Everything a supergraph says, by coordinate, in a form that compares without order."""
    found: dict[str, Any] = {}
    for node in parse(sdl, no_location=True).definitions:
        if isinstance(node, SchemaDefinitionNode):
            found["schema"] = _plain(_without_join_link(node))
            continue
        assert isinstance(node, DirectiveDefinitionNode | TypeDefinitionNode)
        name = node.name.value
        if (name.startswith(("join__", "link__")) and name != "join__Graph") or name == "link":
            continue
        key = f"@{name}" if isinstance(node, DirectiveDefinitionNode) else name
        found[key] = _plain(ast_to_dict(node))
    return found


def differences(ours: str, theirs: str) -> list[str]:
    """Where two supergraphs disagree, one line a definition."""
    left, right = facts(ours), facts(theirs)
    return [
        f"{name}: {left.get(name)!r} != {right.get(name)!r}"
        for name in sorted({*left, *right})
        if left.get(name) != right.get(name)
    ]


def _without_join_link(node: SchemaDefinitionNode) -> Any:
    plain = ast_to_dict(node)
    plain["directives"] = [d for d in plain["directives"] if "specs.apollo.dev/join/" not in str(d)]
    return plain


def _plain(item: Any, key: str = "") -> Any:
    """Dictionaries without empty values, lists sorted, field sets and selections without spacing."""
    if isinstance(item, dict) and item.get("kind") == "string_value" and item["value"].isdigit():
        item = item | {"kind": "int_value"}  # an ID's default may be written either way
    if isinstance(item, dict):
        return {
            k: _plain(v, k) for k, v in sorted(item.items()) if v not in (None, [], False) and k not in ("loc", "block")
        }
    if isinstance(item, list | tuple):
        return sorted((_plain(v) for v in item), key=repr)
    if isinstance(item, Node):
        return print_ast(item)
    if isinstance(item, str):
        return re.sub(r"[\s,{}]+", " ", item).strip() if key == "value" else item
    return item
