"""Changes of access facts: what each does to the tables, which of them open something, and that they follow each
other."""

from dataclasses import replace
from datetime import date

import msgspec
import pytest

from authz.errors import FactsRewritten, InvalidFactChange
from authz.fact_changes import (
    KEYS,
    STANDINGS,
    FactChange,
    FactState,
    change_from,
    changed_row,
    require_sensible,
    state_after,
    widens,
)
from authz.facts import packaged_facts, packaged_tables
from authz.grounds import caller_of
from tests.authz.callers import INVESTIGATION, NOON, OFFICER

COMMERCIAL = ("agreements", "AGR-COM-01")
NAMED = ("entitlements", "partner_vehicle", "PNC.PROP", "PropertyItem.identifiers")
WHOLE = ("entitlements", "direct_user", "PNC.NAMES.CORE", "")


def change(place: tuple[str, ...], cells: dict[str, str] | None, after: FactState, signature: str = "") -> FactChange:
    table, *key = place
    said = ("2026-02-02T12:00:00+00:00", "somebody", "a reason")
    return FactChange(after.number + 1, *said, table, tuple(key), cells, after.head, signature)


def everything_signed(_data: bytes, signature: str) -> bool:
    return signature == "good"


def base() -> FactState:
    return FactState(packaged_tables())


def made(*changes: tuple[tuple[str, ...], dict[str, str] | None], signature: str = "good") -> FactState:
    state = base()
    for place, cells in changes:
        state = state.after(change(place, cells, state, signature), everything_signed)
    return state


def test_without_a_change_the_facts_are_the_packaged_ones():
    assert base().facts() == packaged_facts()


def test_a_suspended_agreement_is_not_in_force_and_another_version():
    facts = made((COMMERCIAL, {"state": "SUSPENDED"})).facts()
    assert not facts.agreements["AGR-COM-01"].in_force(date(2026, 2, 2))
    assert facts.agreements["AGR-COM-02"].in_force(date(2026, 2, 2))
    assert facts.version != packaged_facts().version
    assert facts.number == 1


def test_what_is_again_as_it_was_has_the_packaged_version():
    facts = made((COMMERCIAL, {"state": "SUSPENDED"}), (COMMERCIAL, {"state": "IN_FORCE"})).facts()
    assert (facts.version, facts.number) == (packaged_facts().version, 2)


def test_an_organisation_that_was_taken_out_comes_back_as_it_was():
    out = made((("organisations", "ORG-20"), None))
    assert "ORG-20" not in out.facts().organisations
    assert made((("organisations", "ORG-20"), None), (("organisations", "ORG-20"), {})).facts().organisations["ORG-20"]


def test_an_entitlement_can_be_added_and_taken_out():
    place = ("entitlements", "partner_vehicle", "DVLA.KEEPER", "KeeperRecord.name")
    key = ("partner_vehicle", "DVLA.KEEPER")
    before = packaged_facts().entitlements.get(key, ())
    added = made((place, {"form": "EXISTS", "needs_training": "COP"}))
    assert len(added.facts().entitlements[key]) == len(before) + 1
    assert made((place, {"form": "EXISTS"}), (place, None)).facts().entitlements.get(key, ()) == before


@pytest.mark.parametrize(
    ("claimed", "cells", "standing"),
    [
        ("ACTIVE", {"state": "SUSPENDED"}, "SUSPENDED"),
        ("SUSPENDED", {"state": "ACTIVE"}, "SUSPENDED"),
        ("LEFT", {"state": "SUSPENDED"}, "LEFT"),
        ("ACTIVE", {"lapsed": "COP"}, "ACTIVE"),
    ],
)
def test_a_standing_lowers_what_the_token_says_and_never_raises_it(claimed: str, cells: dict[str, str], standing: str):
    facts = made(((STANDINGS, OFFICER.subject), cells)).facts()
    found = caller_of(replace(OFFICER, standing=claimed), INVESTIGATION, facts, NOON)
    assert found.standing == standing
    assert ("COP" in found.training) is ("lapsed" not in cells)
    assert facts.version == packaged_facts().version


OPENING = {
    "an agreement taken up again": (COMMERCIAL, {"state": "SUSPENDED"}, {"state": "IN_FORCE"}, True),
    "an agreement suspended": (COMMERCIAL, {}, {"state": "SUSPENDED"}, False),
    "an agreement ended": (COMMERCIAL, {}, {"state": "TERMINATED"}, False),
    "an agreement that ends earlier": (COMMERCIAL, {}, {"end": "2026-03-01"}, False),
    "an agreement that ends later": (COMMERCIAL, {}, {"end": "2030-03-01"}, True),
    "an agreement without an end": (COMMERCIAL, {}, {"end": ""}, True),
    "an agreement that gets an end": (("agreements", "AGR-JC-01"), {}, {"end": "2026-03-01"}, False),
    "an organisation taken out": (("organisations", "ORG-20"), {}, None, False),
    "an organisation moved to another agreement": (("organisations", "ORG-20"), {}, {"agreement": "AGR-PN-01"}, True),
    "a system withdrawn": (("systems", "PartnerConnect"), {}, {"state": "WITHDRAWN"}, False),
    "a system approved": (("systems", "LegacyBatch"), {}, {"state": "APPROVED"}, True),
    "a lower form": (WHOLE, {}, {"form": "EXISTS"}, False),
    "a higher form": (NAMED, {}, {"form": "FULL"}, True),
    "another mask": (NAMED, {}, {"form": "MASK(LAST4)"}, True),
    "more training": (WHOLE, {}, {"needs_training": "COP;NM-ENQ;QUEST"}, False),
    "less training": (WHOLE, {}, {"needs_training": "COP"}, True),
    "a dataset's row taken out": (WHOLE, {}, None, False),
    "a row for named fields taken out": (NAMED, {}, None, True),
    "a new row": (
        ("entitlements", "partner_vehicle", "DVLA.KEEPER", "KeeperRecord.name"),
        {},
        {"form": "EXISTS"},
        True,
    ),
    "a user suspended": ((STANDINGS, "u"), {}, {"state": "SUSPENDED"}, False),
    "a user restored": ((STANDINGS, "u"), {"state": "SUSPENDED"}, {"state": "ACTIVE"}, True),
    "training that lapses": ((STANDINGS, "u"), {}, {"lapsed": "COP"}, False),
    "training that counts again": ((STANDINGS, "u"), {"lapsed": "COP;NM-ENQ"}, {"lapsed": "COP"}, True),
}


@pytest.mark.parametrize(("place", "first", "cells", "opens"), OPENING.values(), ids=OPENING)
def test_what_opens_something_counts_only_signed(place, first, cells, opens):
    before = made((place, first)) if first else base()
    row = before.row(place[0], place[1:])
    assert widens(place[0], row, changed_row(before, change(place, cells, before))) is opens
    for signature in ("", "bad"):
        after = before.after(change(place, cells, before, signature), everything_signed)
        assert (after.row(place[0], place[1:]) == row, after.passed_over) == (opens, (after.number,) if opens else ())
    after = before.after(change(place, cells, before, "good"), everything_signed)
    assert after.row(place[0], place[1:]) != row


def test_what_comes_after_a_change_that_does_not_count_still_counts():
    state = made((COMMERCIAL, {"end": "2099-01-01"}), (COMMERCIAL, {"state": "SUSPENDED"}), signature="")
    assert state.passed_over == (1,)
    assert state.facts().agreements["AGR-COM-01"].state == "SUSPENDED"


NONSENSE = {
    "an unknown agreement": (("agreements", "AGR-NONE"), {"state": "SUSPENDED"}),
    "an unknown state": (COMMERCIAL, {"state": "PERHAPS"}),
    "a date that is none": (COMMERCIAL, {"end": "soon"}),
    "a cell that may not be changed": (COMMERCIAL, {"datasets": "*"}),
    "an agreement taken out": (COMMERCIAL, None),
    "an unknown organisation": (("organisations", "ORG-NONE"), {}),
    "an organisation under no agreement": (("organisations", "ORG-20"), {"agreement": "AGR-NONE"}),
    "an unknown system": (("systems", "Nobody"), {"state": "WITHDRAWN"}),
    "an unknown form": (WHOLE, {"form": "SOME"}),
    "an unknown role": (("entitlements", "nobody", "PNC.PROP", ""), {"form": "FULL"}),
    "an unknown dataset": (("entitlements", "detective", "NONE", ""), {"form": "FULL"}),
    "unknown training": (WHOLE, {"needs_training": "COP;NM-ENQ;SWIMMING"}),
    "an unknown table": (("masks", "YEAR"), {"form": "FULL"}),
    "a row that is not there taken out": (("entitlements", "detective", "NONE", ""), None),
}


@pytest.mark.parametrize(("place", "cells"), NONSENSE.values(), ids=NONSENSE)
def test_what_makes_no_sense_is_refused(place, cells):
    with pytest.raises(InvalidFactChange):
        require_sensible(made((place, cells)))


def test_a_change_must_follow_the_one_before():
    first = change(COMMERCIAL, {"state": "SUSPENDED"}, base())
    state = base().after(first, everything_signed)
    second = change(COMMERCIAL, {"state": "TERMINATED"}, state)
    assert state_after(packaged_tables(), [first, second], everything_signed).number == 2
    other = msgspec.structs.replace(first, because="another reason")
    for wrong in ([second], [first, first], [other, second], [first, msgspec.structs.replace(second, number=3)]):
        with pytest.raises(FactsRewritten):
            state_after(packaged_tables(), wrong, everything_signed)


def test_a_kept_line_is_read_as_it_was_written_and_no_other():
    kept = change(COMMERCIAL, {"state": "SUSPENDED"}, base()).line
    assert change_from(kept).line == kept
    for wrong in (b"", b"{}", kept + b" ", kept.replace(b'"by"', b'"By"'), kept.replace(b"change/1", b"change/2")):
        with pytest.raises(FactsRewritten):
            change_from(wrong)


def test_a_signature_is_of_everything_but_itself():
    unsigned = change(COMMERCIAL, {"state": "SUSPENDED"}, base())
    assert unsigned.signed == msgspec.structs.replace(unsigned, signature="x").signed
    for name, value in (("by", "x"), ("because", "x"), ("previous", "x"), ("number", 7), ("cells", None), ("at", "x")):
        assert msgspec.structs.replace(unsigned, **{name: value}).signed != unsigned.signed


def test_every_changeable_table_has_packaged_rows_or_none_at_all():
    assert KEYS.keys() - {STANDINGS} <= packaged_tables().rows.keys()
