"""Masks on GraphQL's values: what stands in the data, what beside it, by mask_types.csv; and nothing else is left."""

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authz.masks import Pseudonyms
from schema.reference_lists import reference_catalogue
from schema.scalars import Amount, FsCode
from subgraphs.coded import CodedValue, coded_value
from subgraphs.drivers.values import TokenValidity
from subgraphs.entries import NOTHING
from subgraphs.masking import Kind, Masked, Masking, Total
from subgraphs.person.crime_values import Defendant, OffenceLocation
from subgraphs.person.values import CourtOrder, PersonAddress
from subgraphs.property.types import PropertyIdentifier
from subgraphs.records import Record
from subgraphs.relay import Connection, Edge, PageInfo
from subgraphs.values import Address, ContactPoint, Identifier, Money, OrgName, PersonName

CATALOGUE = reference_catalogue()
PSEUDONYMS = Pseudonyms(b"secret", "ORG-20", "CO1")
MASKING = Masking(CATALOGUE, PSEUDONYMS, date(2026, 11, 1))
TEXT = Kind("String", "S2")
OFFENCE = CATALOGUE.value("offence_codes_sample", "SX03001")
BLUE = coded_value(CATALOGUE, "vehicle_colour", "BLU")
REPORT = coded_value(CATALOGUE, "vehicle_report_state", "UNCONFIRMED")
NAME = PersonName(title=BLUE, last="EXAMPLE", first=["Robin", "Ash"], type=BLUE, from_=date(2020, 1, 1))
PASSPORT = Identifier(type=BLUE, value="123456789", valid=True, source="a")
CHASSIS = PropertyIdentifier(type=BLUE, value="X99")
HOME = {"lines": ["12 Lantern Street", "Anytown"], "postcode": "XA1 1AA", "uprn": "100"}


async def nothing() -> int:
    return 1


def page(*nodes: Any) -> Connection[Any]:
    edges = [Edge(cursor=f"c{number}", node=node) for number, node in enumerate(nodes)]
    return Connection(edges=edges, page_info=PageInfo(has_next_page=False, has_previous_page=False), count=nothing)


@dataclass
class Case:
    """One value under one mask."""

    mask: str | None
    value: Any
    kind: Kind
    data: Any = None
    said: Any = NOTHING


IN_DATA = [
    Case("YEAR", "1985-03-14", Kind("PartialDate", "S1"), "1985"),
    Case("YEAR", ["1985-03", "1986"], Kind("PartialDate", "S1"), ["1985", "1986"]),
    Case("OUTCODE", Address(**HOME), Kind("Address", "S1"), Address(postcode="XA1")),
    Case(
        "OUTCODE",
        PersonAddress(**HOME, fs_code=FsCode("20")),
        Kind("PersonAddress", "S1"),
        PersonAddress(postcode="XA1"),
    ),
    Case("OUTCODE", OffenceLocation(lines=["1 Low Road"]), Kind("OffenceLocation", "S2"), OffenceLocation()),
    Case("TOWN", "Anytown", TEXT, "Anytown"),
    Case("TOWN", Address(**HOME), Kind("Address", "S1"), Address(lines=["Anytown"])),
    Case("INITIAL", NAME, Kind("PersonName", "S1"), PersonName(last="EXAMPLE", first=["R", "A"])),
    Case("INITIAL", [NAME], Kind("PersonName", "S1"), [PersonName(last="EXAMPLE", first=["R", "A"])]),
    Case(
        "INITIAL",
        Defendant(kind="individual", last="EXAMPLE", first=["Robin"], name="EXAMPLE, Robin"),
        Kind("Defendant", "S2"),
        Defendant(last="EXAMPLE", first=["R"]),
    ),
    Case("LAST4", "07700900123", TEXT, "****0123"),
    Case(
        "LAST4",
        [Identifier(type=BLUE, value="123456789", valid=True, source="a")],
        Kind("Identifier", "S1"),
        [Identifier(type=BLUE, value="****6789")],
    ),
    Case("LAST4", [ContactPoint(type=BLUE, value="1234")], Kind("ContactPoint", "S1"), [ContactPoint(type=BLUE)]),
    Case(
        "LAST4",
        [PropertyIdentifier(type=BLUE, value="X99")],
        Kind("PropertyIdentifier", "S1"),
        [PropertyIdentifier(type=BLUE)],
    ),
]
BESIDE = [
    Case("YEAR", date(1985, 3, 14), Kind("Date", "S1"), said="1985"),
    Case("AGE_BAND", "1985-03-14", Kind("PartialDate", "S1"), said="25-64"),
    Case("OUTCODE", "XA1 1AA", TEXT, said="XA1"),
    Case("INITIAL", OrgName(name="Compass Leasing Ltd"), Kind("KeeperName", "S1"), said="short"),
    Case("LAST4", "2004/9000001V", Kind("PersonUrn", "S1"), said="****001V"),
    Case("LAST4", "AB1", TEXT, said="short"),
    Case("LAST4", TokenValidity(issue="123456", from_=None, to=None), Kind("TokenValidity", "S1"), said="****3456"),
    Case("HASH", "secret", TEXT, said=PSEUDONYMS.of("secret")),
    Case("HASH", ["a", "b"], TEXT, said=[PSEUDONYMS.of("a"), PSEUDONYMS.of("b")]),
    Case("BOOL", BLUE, Kind("CodedValue", "S3"), said=True),
    Case("BOOL", None, Kind("CodedValue", "S3"), said=False),
    Case("BOOL", [], Kind("ImageRef", "S3"), said=False),
    Case("BOOL", Total(0), Kind("HotlistEntryConnection", "S2"), said=False),
    Case("COUNT", [1, 2], TEXT, said=2),
    Case("COUNT", Total(200), Kind("ArrestReportConnection", "S2"), said=200),
    Case("BAND", 9, Kind("Int", "S2"), said="5-9"),
    Case("BAND", Money(amount=Amount(Decimal("250.00")), currency="GBP"), Kind("Money", "S2"), said="250-499"),
    Case(
        "GROUP", "SX03001", Kind("OffenceCodeCjs", "S2"), said=CATALOGUE.value("offence_codes_sample", "SX03001").group
    ),
    Case("REDACT", "Some free text", TEXT, said="short"),
    Case("REDACT", None, TEXT),
    Case("REDACT", "Health text", Kind("String", "S3")),
    Case("REDACT", True, Kind("Boolean", "S2")),
    Case("REDACT", None, Kind("Boolean", "S2")),
    Case("REDACT", BLUE, Kind("CodedValue", "S3")),
    Case("INITIAL", 5, Kind("Int", "S1")),
    Case("TOWN", 5, Kind("Int", "S1")),
    Case(None, "text", TEXT, said="short"),
    Case(None, BLUE, Kind("CodedValue", "S1")),
]


@pytest.mark.parametrize("case", IN_DATA, ids=lambda case: str(case.mask))
def test_a_mask_that_fits_its_type_stands_in_the_data(case: Case):
    assert MASKING.masked(case.mask, case.value, case.kind) == Masked(case.data)


@pytest.mark.parametrize("case", BESIDE, ids=lambda case: f"{case.mask} {case.kind.type_name}")
def test_a_mask_that_does_not_leaves_null_and_is_said_beside_the_data(case: Case):
    assert MASKING.masked(case.mask, case.value, case.kind) == Masked(None, case.said)


def test_a_code_is_masked_by_its_group_and_an_object_by_the_groups_of_its_codes():
    assert isinstance(REPORT, CodedValue)
    assert REPORT.group == "CHECK_PENDING"
    masked = MASKING.masked("GROUP", REPORT, Kind("CodedValue", "S2")).data
    assert (masked.code, masked.label, masked.group) == (None, None, "CHECK_PENDING")
    order = MASKING.masked("GROUP", CourtOrder(type=REPORT, conditions=["none"]), Kind("CourtOrder", "S2")).data
    assert (order.type.group, order.type.code, order.conditions) == ("CHECK_PENDING", None, None)


def test_a_page_is_masked_entry_by_entry():
    masked = MASKING.masked("OUTCODE", page(Address(**HOME)), Kind("Address", "S1")).data
    assert [edge.node for edge in masked.edges] == [Address(postcode="XA1")]


def test_records_are_left_to_the_masks_of_their_own_fields():
    record = Record(row={"name": "EXAMPLE"})
    for mask in ("GROUP", "INITIAL", None):
        assert MASKING.masked(mask, [record], Kind("Record", "S2")).data == [record]
        assert MASKING.masked(mask, page(record), Kind("Record", "S2")).data.edges[0].node is record


TEXTS = st.text(min_size=5)


@given(st.builds(PersonName, last=TEXTS, first=st.lists(TEXTS)), st.builds(Address, lines=st.lists(TEXTS), uprn=TEXTS))
def test_of_a_masked_object_no_attribute_is_left_but_what_its_mask_shows(name: PersonName, address: Address):
    initial = MASKING.masked("INITIAL", name, Kind("PersonName", "S1")).data
    assert {each.name for each in fields(initial) if getattr(initial, each.name)} <= {"last", "first"}
    assert all(len(letter) <= 3 for letter in initial.first)  # one letter, which may be written with three (ß: SS)
    outcode = MASKING.masked("OUTCODE", address, Kind("Address", "S1")).data
    assert {each.name for each in fields(outcode) if getattr(outcode, each.name)} <= {"postcode"}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=4))
def test_every_mask_is_total_over_whatever_a_resolver_answers(value: Any):
    masks = (
        "YEAR",
        "OUTCODE",
        "TOWN",
        "INITIAL",
        "LAST4",
        "GROUP",
        "AGE_BAND",
        "HASH",
        "BOOL",
        "COUNT",
        "BAND",
        "REDACT",
    )
    for mask in (*masks, None):
        for kind in (TEXT, Kind("Int", "S3"), Kind("PartialDate", "S1")):
            assert isinstance(MASKING.masked(mask, value, kind), Masked)
