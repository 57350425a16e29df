"""What each shape's `must` comes to over the world of shapes: the answer, and the coordinate denied at each path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
SOURCES: Mapping[Path, str] = {("records", 1, "id"): "SourceRecord.id"}


@dataclass(frozen=True)
class Must:
    """An answer's data and denials. `unasked`: coordinates behind those denied that no subgraph may have been asked for
    either; `untouched`: no subgraph may have been asked for anything."""

    data: Any
    denied: Mapping[Path, str] = field(default_factory=dict)
    unasked: tuple[str, ...] = ()
    untouched: bool = False


NINO = ("Person.nino",)
QUERIES: dict[str, Must] = {
    "AZ01": Must({"person": None}, {("person", "nino"): "Person.nino"}),
    "AZ02": Must({"person": None}, {("person", "name"): "Person.nino"}),
    "AZ02b": Must({"x": None}, {("x",): "Query.me"}, untouched=True),
    "AZ03": Must({"moi": None}, {("moi",): "Query.me"}, untouched=True),
    "AZ04": Must({"__schema": None}, {("__schema",): "Query.me"}, untouched=True),
    "AZ05": Must({"node": {"__typename": "1", "name": "Ann", "records": [{"id": "p1"}]}}),
    "AZ06": Must({"person": {"constructor": "Ann", "__class": "1", "items": "Ann", "keys": "Ann"}}),
    "AZ10": Must(None, SOURCES),
    "AZ11": Must(
        {"reports": [{"id": "c1", "summary": None}, {"id": "i1", "summary": None}]},
        {("reports", 0, "summary"): "CrimeReport.summary", ("reports", 1, "summary"): "IntelReport.summary"},
    ),
    "AZ12": Must(None, SOURCES),
    "AZ13": Must(None, SOURCES),
    "AZ14": Must(None, SOURCES),
    "AZ16": Must({"node": None}, {("node", "id"): "SourceRecord.id"}, unasked=("SourceRecord.title",)),
    "AZ17": Must(
        {"search": [{"name": "Ann", "dob": "1990"}, {"name": "car"}, {"title": None}]},
        {("search", 2, "title"): "SourceRecord.title"},
    ),
    # The choice for a graph without sealed data: a protected type is not told, and what holds it says so.
    "AZ18": Must(None, {("search", 2, "__typename"): "SourceRecord.__typename"}),
    "AZ19": Must({"search": [{"v": "1990"}, {"v": "AB12CDE"}, {}]}),
    "AZ20": Must(
        {"records": [{}, {"handler": None}]},
        {("records", 1, "handler"): "SourceRecord.handler"},
        unasked=("Officer.collar",),
    ),
    "AZ21": Must(
        {"a": {"id": "1", "dob": None}, "s": [{"id": "1", "dob": None}, {}, {}]},
        {("a", "dob"): "Person.dob", ("s", 0, "dob"): "Person.dob"},
    ),
    "AZ22": Must({"person": {"id": "1"}}),
    "AZ23": Must(
        {"person": {"grading": None, "sealedNote": None, "name": "Ann"}},
        {("person", "grading"): "Person.grading", ("person", "sealedNote"): "Person.sealedNote"},
    ),
    "AZ24": Must(None, {("sources",): "Query.sources"}, untouched=True),
    "AZ31": Must({"search": [{}, {"vrm": "AB12CDE"}, {}]}),
    "AZ32": Must({"people": {"nodes": [{"name": "Ann", "dob": None}]}}, {("people", "nodes", 0, "dob"): "Person.dob"}),
    "AZ33": Must(
        {"addNote": None, "sealRecord": None},
        {("addNote",): "Mutation.addNote", ("sealRecord",): "Mutation.sealRecord"},
        untouched=True,
    ),
    "AZ34": Must({"sealRecord": None}, {("sealRecord",): "Mutation.sealRecord"}, untouched=True),
    "AZ37": Must({"person": {"id": "1"}}),
    "AZ40": Must(None, {("people",): "Query.people"}, NINO, untouched=True),
    "AZ41": Must(None, {("people",): "Query.people"}, ("Person.dob",), untouched=True),
    "AZ42": Must(None, {("people", "nodes", 0, "nino"): "Person.nino"}),
    "AZ43": Must({"node": {}}, unasked=("SourceRecord.title",)),
    "AZ45": Must(None, {("people", "nodes", 0, "nino"): "Person.nino"}),
    "AZ46": Must({"person": {"riskScore": None}}, {("person", "riskScore"): "Person.riskScore"}, NINO),
    "AZ47": Must({"person": {"band": None}}, {("person", "band"): "Person.band"}, (*NINO, "Person.riskScore")),
    "AZ48": Must({"person": {"name": "Ann", "riskScore": None}}, {("person", "riskScore"): "Person.riskScore"}, NINO),
}
MUTATIONS = frozenset({"AZ33", "AZ34"})
