"""A type is sealed where everything of it is silent; enforcement says which of those an operation could meet."""

from types import MappingProxyType

import pytest
from graphql import GraphQLObjectType, build_schema, parse

from authz.decision import Clearance, Decision, Form
from authz.enforce import enforce
from authz.rules import Rules
from authz.sealed import sealing

SCHEMA = build_schema("""
type Query { hits: [Hit] open: Open }
union Hit = Open | Sealed
type Open { id: ID }
type Sealed { id: ID text: String }
""")
NOTHING = MappingProxyType({})
RULES = Rules("", NOTHING, NOTHING, NOTHING, frozenset(), (), ())


def clearance(**sealed: Form) -> Clearance:
    names = ("Query.hits", "Query.open", "Open.id")
    return Clearance(
        "", {name: Decision(Form.FULL) for name in names} | {f"Sealed.{n}": Decision(f) for n, f in sealed.items()}
    )


@pytest.mark.parametrize(
    ("forms", "is_sealed"),
    [
        ((Form.SILENT, Form.SILENT), True),
        ((Form.SILENT, Form.DENY), False),
        ((Form.EXISTS, Form.SILENT), False),
        ((Form.FULL, Form.SILENT), False),
    ],
)
def test_a_type_is_sealed_where_every_field_is_silent(forms: tuple[Form, Form], is_sealed: bool):
    kind = SCHEMA.type_map["Sealed"]
    assert isinstance(kind, GraphQLObjectType)
    found = clearance(id=forms[0], text=forms[1])
    assert (sealing(kind, found) is not None) is is_sealed
    denials = enforce(parse("{ hits { __typename } }"), None, SCHEMA, found, RULES).denials
    assert ("Sealed.__typename" in denials) is is_sealed


def test_what_an_operation_cannot_meet_is_not_spoken_of():
    found = clearance(id=Form.SILENT, text=Form.SILENT)
    assert enforce(parse("{ open { __typename id } }"), None, SCHEMA, found, RULES).denials == {}
