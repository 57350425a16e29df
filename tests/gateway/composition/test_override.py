"""@override: each row is what two subgraphs say of one field, with the codes composition answers with."""

import pytest

from gateway.composition.compose import compose
from gateway.composition.errors import CompositionFailed
from tests.gateway.composition.subgraphs import subgraphs

A = 'type Query {{ t: T }} type T @key(fields: "id") {{ id: ID! {field} }}'
B = 'type T @key(fields: "id") {{ id: ID! {field} }}'

CASES = {
    "a field taken over": ("a: Int", 'a: Int @override(from: "A")', {"OVERRIDDEN_FIELD_CAN_BE_REMOVED"}),
    "a field that is not there": ("b: Int", 'a: Int @override(from: "A")', {"OVERRIDE_DIRECTIVE_CAN_BE_REMOVED"}),
    "a subgraph that is not there": ("b: Int", 'a: Int @override(from: "C")', {"FROM_SUBGRAPH_DOES_NOT_EXIST"}),
    **{
        name: ("a: Int", f'a: Int @override(from: "A", label: "{label}")', {code})
        for name, label, code in (
            ("a field moving", "percent(5)", "OVERRIDE_MIGRATION_IN_PROGRESS"),
            ("a label of one's own", "x:1/b", "OVERRIDE_MIGRATION_IN_PROGRESS"),
            ("all of them", "percent(100)", "OVERRIDE_MIGRATION_IN_PROGRESS"),
            ("more than all", "percent(101)", "OVERRIDE_LABEL_INVALID"),
            ("nine decimals", "percent(1.123456789)", "OVERRIDE_LABEL_INVALID"),
            ("a label that begins with a digit", "1x", "OVERRIDE_LABEL_INVALID"),
            ("a label that ends its line", "x\\n", "OVERRIDE_LABEL_INVALID"),
        )
    },
    "a malformed label of an external field": (
        'a: Int @external r: Int @requires(fields: "a")',
        'a: Int @override(from: "A", label: "1x")',
        {"OVERRIDE_LABEL_INVALID"},
    ),
    "a field that requires from now on": (
        "a: Int b: Int",
        'b: Int @external a: Int @requires(fields: "b") @override(from: "A")',
        {"OVERRIDDEN_FIELD_CAN_BE_REMOVED"},
    ),
    "a field that required": (
        'a: Int @requires(fields: "b") b: Int @external',
        'b: Int a: Int @override(from: "A") @shareable',
        {"OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE", "INVALID_FIELD_SHARING"},
    ),
    "a field that stays external": (
        "a: Int",
        'a: Int @external @override(from: "A") r: Int @requires(fields: "a")',
        {"OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_overriding(case: str) -> None:
    old, new, expected = CASES[case]
    try:
        found = {hint.code for hint in compose(subgraphs(A.format(field=old), B.format(field=new))).hints}
    except CompositionFailed as failure:
        found = {error.code for error in failure.errors}
    assert found - {"INCONSISTENT_ENTITY"} == expected


def test_a_field_external_where_it_moves_from_is_still_migrating() -> None:
    old = 'a: Int @external r: Int @requires(fields: "a")'
    new = 'a: Int @override(from: "A", label: "percent(5)")'
    with pytest.raises(CompositionFailed) as caught:
        compose(subgraphs(A.format(field=old), B.format(field=new)))
    assert {hint.code for hint in caught.value.hints} >= {
        "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED",
        "OVERRIDE_MIGRATION_IN_PROGRESS",
    }
