"""What a value leaves out of its type."""

from typing import Any

import pytest
from graphql import GraphQLInputType, build_schema, parse_type, type_from_ast

from gateway.documents.unused import unused_parts

SCHEMA = build_schema("""
type Query { a(f: Filter, o: Order): Int }
input Filter { name: String nino: String inner: Filter order: Order = NAME many: [Filter!] }
enum Order { NAME NINO }
""")
UNUSED: dict[str, tuple[str, Any, set[str]]] = {
    "members": ("Filter!", {"name": "x", "order": "NAME", "many": []}, {"f.nino", "f.inner", "f.order=NINO"}),
    "members inside": (
        "Filter",
        {"inner": {"nino": "x"}},
        {"f.name", "f.nino", "f.many", "f.inner.name", "f.inner.inner", "f.inner.many"},
    ),
    "everything of null": ("Filter", None, {"f.name", "f.nino", "f.inner", "f.order", "f.many"}),
    "values": ("Order", "NINO", {"f=NAME"}),
    "all values of null": ("Order", None, {"f=NAME", "f=NINO"}),
    "nothing of a list": ("[Filter!]", [{"name": "x"}], set()),
    "nothing of one item that stands for a list": ("[Filter!]", {"name": "x"}, set()),
    "nothing of a scalar": ("String", "x", set()),
}


@pytest.mark.parametrize("case", UNUSED)
def test_leaves_out(case: str):
    written, value, unused = UNUSED[case]
    kind: GraphQLInputType = type_from_ast(SCHEMA, parse_type(written))  # type: ignore[assignment]
    assert set(unused_parts("f", kind, value)) == unused
