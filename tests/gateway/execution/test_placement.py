"""Merging what fetches brought: objects by key, lists by position, types that stay, and gaps that are filled."""

import pytest
from graphql import parse

from gateway.execution.failures import lost, unavailable
from gateway.execution.fetch_operation import read_fetch_operation
from gateway.execution.placement import Placement, objects_at
from gateway.execution.program import Segment
from gateway.execution.schema_index import index_from_document
from gateway.planning.plan import Fetch

INDEX = index_from_document(
    parse("interface I { id: ID! } type A implements I { id: ID! } type B implements I { id: ID! }")
)
GONE = lost(unavailable("s", "is down"))
PLACEMENT = Placement(INDEX, GONE)


def selection(text: str):
    return read_fetch_operation(Fetch("s", text)).selection


@pytest.mark.parametrize(
    ("present", "brought", "merged"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1}}, {"a": {"c": 2}}, {"a": {"b": 1, "c": 2}}),
        ({"a": [{"b": 1}, None]}, {"a": [{"c": 2}, {"c": 3}]}, {"a": [{"b": 1, "c": 2}, {"c": 3}]}),
        ({"a": [[{"b": 1}]]}, {"a": [[{"c": 2}]]}, {"a": [[{"b": 1, "c": 2}]]}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": GONE}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"a": {"b": 1}}, {"a": None}, {"a": {"b": 1, "c": None}}),
        ({"a": [{"b": 1}]}, {"a": [None]}, {"a": [{"b": 1, "c": None}]}),
        ({"a": [{"b": 1}]}, {"a": []}, {"a": [{"b": 1, "c": GONE}]}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": {"b": 1, "c": GONE}}),
        ({"__typename": "A"}, {"__typename": "I"}, {"__typename": "A"}),
        ({"__typename": "I"}, {"__typename": "A"}, {"__typename": "A"}),
    ],
)
def test_merges(present, brought, merged):
    PLACEMENT.merge(present, brought, selection("{a{c}}"))
    assert present == merged


def test_fills_only_what_was_asked_of_the_type():
    value = {"__typename": "A", "kept": 1}
    PLACEMENT.fill(value, selection("{...on A{kept x}...on B{y}...on I{z}}"), None)
    assert value == {"__typename": "A", "kept": 1, "x": None, "z": None}


def test_an_interface_objects_name_may_stand_for_any_type_behind_it():
    value = {"__typename": "I"}
    PLACEMENT.fill(value, selection("{...on A{x}}"), GONE)
    assert value["x"] is GONE


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ((Segment("list"), Segment(None)), [{"__typename": "A"}, {"__typename": "B"}]),
        ((Segment("list"), Segment(None, frozenset({"A"}))), [{"__typename": "A"}]),
        ((Segment("list"), Segment(None, frozenset({"I"}))), [{"__typename": "A"}, {"__typename": "B"}]),
        ((Segment("one", frozenset({"B"})),), []),
        ((Segment("one"), Segment(None)), []),
        ((Segment("list"),), []),
        ((Segment("absent"), Segment("more")), []),
        ((), [{"list": [{"__typename": "A"}, None, "lie", GONE, {"__typename": "B"}], "one": {"id": 1}}]),
    ],
)
def test_finds_the_objects_at_a_path_and_steps_over_lies(path, found):
    data = {"list": [{"__typename": "A"}, None, "lie", GONE, {"__typename": "B"}], "one": {"id": 1}}
    assert objects_at(data, path, INDEX) == found
