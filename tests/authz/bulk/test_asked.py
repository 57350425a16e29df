"""What an operation asks in bulk: who is looked up, written in whatever way, and how many records at once."""

from pathlib import Path

import pytest
from graphql import parse

from authz.bulk.asked import AskedInBulk, Lookup, asked_in_bulk
from authz.rules import rules_from_sdl
from gateway.composition.supergraph import supergraph_from_sdl

SCHEMA = Path(__file__).parents[3] / "schema"
API = supergraph_from_sdl((SCHEMA / "supergraph.graphql").read_text("utf-8")).api_schema
RULES = rules_from_sdl({file.stem: file.read_text("utf-8") for file in (SCHEMA / "subgraphs").glob("*.graphql")})
ONE = {Lookup("Vehicle.vrm", "AB12CDE")}
TWO = ONE | {Lookup("Vehicle.vrm", "AB12CDF")}


def asked(text: str) -> AskedInBulk:
    return asked_in_bulk(parse(text), None, API, RULES)


WAYS = {
    "a literal": ('{ vehicle(vrm: "AB12CDE") { vrm } }', {}, ONE),
    "a variable": ("query($v: Vrm!) { vehicle(vrm: $v) { vrm } }", {"v": "AB12CDE"}, ONE),
    "a variable's default": ('query($v: Vrm = "AB12CDE") { vehicle(vrm: $v) { vrm } }', {}, ONE),
    "another spelling": ('{ vehicle(vrm: "ab12 cde") { vrm } }', {}, ONE),
    "aliases": ('{ a: vehicle(vrm: "AB12CDE") { vrm } b: vehicle(vrm: "AB12CDF") { vrm } }', {}, TWO),
    "fragments": (
        '{ ...A ... on Query { vehicle(vrm: "AB12CDE") { vrm } } }'
        ' fragment A on Query { b: vehicle(vrm: "AB12CDF") { vrm } }',
        {},
        TWO,
    ),
    "another entry point": ('{ vehicleFraudCheck(vrm: "AB12CDE") { asOf } }', {}, ONE),
    "a subscription": ('subscription { vehicleReportChanged(vrm: "AB12CDE") { change } }', {}, ONE),
    "an id": ('{ nominal(id: "CA 1") { person { personUrn } } }', {}, {Lookup("Person.personId", "CA1")}),
    "text that identifies": (
        '{ missing(ref: "mp-26-1") { riskLevel { code } } }',
        {},
        {Lookup("MissingReport.status", "MP-26-1")},
    ),
    "nobody": ("query($v: Vrm) { vehicle(vrm: $v) { vrm } }", {}, set()),
    "no record": ('{ referenceList(id: "sex") { name } }', {}, set()),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_who_is_looked_up_is_seen_however_it_is_written(way: str):
    text, variables, lookups = WAYS[way]
    assert asked(text).lookups(variables) == lookups


def test_a_search_is_one_question_that_has_no_neighbours():
    text = 'query($d: PartialDate) { persons(name: {last: "Smith"}, dateOfBirth: $d) { totalCount } }'
    one, other = asked(text).lookups({"d": "1980"}), asked(text).lookups({"d": "1981"})
    assert len(one) == len(other) == 1
    assert one != other
    assert not next(iter(one)).sequential


SIZES = {
    "first": ('{ persons(name: {last: "A"}, first: 5000) { totalCount } }', {}, {"Query.persons": 5000}),
    "last": ('{ persons(name: {last: "A"}, last: 300) { totalCount } }', {}, {"Query.persons": 300}),
    "limit": ('{ nominal(id: "1") { links(limit: 5000) { kind } } }', {}, {"Nominal.links": 5000}),
    "a variable": (
        'query($n: Int) { persons(name: {last: "A"}, first: $n) { totalCount } }',
        {"n": 201},
        {"Query.persons": 201},
    ),
    "a variable's default": (
        'query($n: Int = 900) { persons(name: {last: "A"}, first: $n) { totalCount } }',
        {},
        {"Query.persons": 900},
    ),
    "a variable left out": ('query($n: Int) { persons(name: {last: "A"}, first: $n) { totalCount } }', {}, {}),
    "the most of several": (
        '{ persons(name: {last: "A"}, first: 9) { totalCount } b: persons(name: {last: "B"}, first: 99) { capped } }',
        {},
        {"Query.persons": 99},
    ),
    "of reference lists": ("{ referenceLists(first: 5000) { totalCount } }", {}, {}),
}


@pytest.mark.parametrize("way", SIZES)
def test_how_many_records_are_asked_for_is_seen(way: str):
    text, variables, rows = SIZES[way]
    assert asked(text).rows(variables) == rows


def test_every_identifier_that_records_are_entered_by_is_watched():
    """An entry point added without being watched fails here."""
    entries = {
        f"{name}({argument}:)"
        for root in (API.query_type, API.subscription_type)
        if root is not None
        for name, field in root.fields.items()
        for argument in field.args
        if RULES.inputs.get(f"{root.name}.{name}({argument}:)") and RULES.inputs[f"{root.name}.{name}({argument}:)"]
    }
    narrowing = {
        "persons(name:)", "persons(dateOfBirth:)", "persons(sex:)", "persons(place:)", "drivers(name:)",
        "drivers(dateOfBirth:)", "auditEvents(organisation:)", "auditEvents(reason:)", "auditEvents(from:)",
        "auditEvents(to:)", "auditSample(organisation:)", "auditSample(reason:)", "auditSample(from:)",
        "auditSample(to:)",
        "auditStatistics(organisation:)", "auditStatistics(reason:)", "auditStatistics(from:)", "auditStatistics(to:)",
        "myLookups(from:)", "myLookups(to:)", "subjectAccesses(from:)", "subjectAccesses(to:)",
    }  # fmt: skip
    assert entries - narrowing == {
        "disposalChange(requestId:)", "driver(number:)", "firearmCertificate(id:)",
        "foreignVehicleCheck(plate:)", "intelReport(id:)", "missing(ref:)", "nominal(id:)",
        "person(asn:)", "person(cro:)", "person(id:)", "person(urn:)", "property(identifier:)", "rrdReview(reviewId:)",
        "vehicle(vin:)", "vehicle(vrm:)", "vehicleFraudCheck(vin:)", "vehicleFraudCheck(vrm:)",
        "vehicleReportChanged(vrm:)", "auditEvent(auditId:)", "subjectAccesses(type:)", "subjectAccesses(key:)",
        "unblindedSubject(unblindingId:)", "unblindedSubject(key:)",
    }  # fmt: skip
