"""Every decision of `policy_vectors.csv` that the decision function can take; the others are listed with the reason."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from authz.context import context_from_headers
from authz.decide import Decider
from authz.decision import Form
from authz.errors import ContextIncomplete
from authz.facts import packaged_facts
from authz.principal import Principal
from authz.row_rules import ROW_RULES
from tests.authz.callers import NOON, SYSTEMS, caller, context, organisation_of_kind

VECTORS = list(csv.DictReader((Path(__file__).parent / "policy_vectors.csv").read_text("utf-8").splitlines()))

# Rows whose condition is about the row read, not about the caller: decided in the owning subgraph's SQL.
ROW = "row rule"
DEFERRED = {
    "V17": f"{ROW}: handling code C (P13)",
    "V26": f"{ROW}: blocked vehicle (P10)",
    "V29": f"{ROW}: area of the missing person (P11)",
    "V32": f"{ROW}: blocked vehicle (P10)",
    "V33": f"{ROW}: protected person (P10)",
    "V43": f"{ROW}: own surname and address (P15)",
    "V53": f"{ROW}: live record in the training world (P18)",
    "V62": f"{ROW}: blocked vehicle (P10)",
    "V74": f"{ROW}: former name under a grc control (P10)",
    "V75": f"{ROW}: s47 control (P16)",
    "V34": "mutation: check name (P02)",
    "V35": "mutation: pending change (P17)",
    "V39": f"{ROW}: another force's ledger (P06)",
    "V50": "search: cap on rows (P14)",
    "V51": "retention: Mutation.decideReview",
    "V52": "retention: Mutation.retireVehicleReport",
}
ORGANISATIONS = {"V48": "ORG-HO-IMM", "V78": "ORG-AUCT"}
STATEMENTS = {"V46": {"on_behalf_of": None}, "V77": {"justification": "", "geolocation": None}}

# Rows of FULL whose policy is met by refusing nothing: an agreement, a system, a context or a notice permits by itself
# nothing that could be named.
NOT_REFUSED = {"V09", "V19", "V44", "V45", "V48", "V56", "V66", "V76", "V79", "V81"}

BY_ROW = [row for row in VECTORS if DEFERRED.get(row["id"], "").startswith(ROW)]
JUDGED = [row for row in VECTORS if row["id"] not in DEFERRED]


def principal_of(row: Mapping[str, str]) -> Principal:
    organisation = ORGANISATIONS.get(row["id"]) or organisation_of_kind(row["org_kind"]).id
    training = tuple(filter(None, row["training"].split(";")))
    found = caller(row["role"], organisation, row["route"], row["vetting"] or None, (*training, "COP"))
    return replace(found, system="LegacyBatch") if row["id"] == "V67" else found


def test_the_table_is_whole():
    assert [row["id"] for row in VECTORS] == [f"V{number:02}" for number in range(1, len(VECTORS) + 1)]
    assert len(VECTORS) >= 82
    assert DEFERRED.keys() <= {row["id"] for row in VECTORS}


@pytest.mark.parametrize("row", JUDGED, ids=lambda row: f"{row['id']} {row['coordinate']} {row['decision']}")
def test_a_vector_is_decided_as_the_table_says(row: Mapping[str, str], decider: Decider):
    stated = context(row["reason"], row["purpose"], SYSTEMS[row["route"]], **STATEMENTS.get(row["id"], {}))
    assert row["coordinate"] in decider.rules.fields

    decision = decider.clearance(principal_of(row), stated, NOON).decision(row["coordinate"])

    assert (decision.form, decision.mask or "") == (Form(row["decision"]), row["mask"])
    if row["id"] not in NOT_REFUSED:
        assert set(row["policies"].split(";")) <= set(decision.policies)
    if decision.form is not Form.FULL:
        assert decision.missing
        assert decision.contact


@pytest.mark.parametrize(
    "row", [row for row in VECTORS if DEFERRED.get(row["id"], "").startswith(ROW)], ids=lambda row: row["id"]
)
def test_a_vector_about_a_row_is_left_to_a_row_rule(row: Mapping[str, str], decider: Decider):
    """The form before any row is looked at is higher than the row's; the policy that lowers it is named beside it."""
    stated = context(row["reason"], row["purpose"], SYSTEMS[row["route"]])
    decision = decider.clearance(principal_of(row), stated, NOON).decision(row["coordinate"])
    if row["id"] == "V26":  # what a partner may not read of any report, it may not read of a blocked one
        decision = decider.clearance(principal_of(row), stated, NOON).decision("VehicleReport.state")
        assert decision.form is Form.MASK
    else:
        assert decision.form is Form.FULL
    assert row["policies"] in {ROW_RULES[name].policy for name in decision.rows}


@pytest.mark.parametrize(
    ("vector", "headers", "missing"),
    [
        ("V46", {"X-Leds-On-Behalf-Of": ""}, ["X-Leds-On-Behalf-Of"]),
        (
            "V77",
            {"X-Leds-Justification": "", "X-Leds-Geolocation": ""},
            ["X-Leds-Justification", "X-Leds-Geolocation"],
        ),
    ],
)
def test_what_is_missing_is_named_in_one_error(vector, headers, missing):
    row = next(row for row in VECTORS if row["id"] == vector)
    principal = principal_of(row)

    with pytest.raises(ContextIncomplete) as refused:
        context_from_headers(complete_headers(row, principal) | headers, principal, packaged_facts())

    assert refused.value.details["missing"] == missing


def complete_headers(row: Mapping[str, str], principal: Principal) -> dict[str, str]:
    uuid = "5c6ab813-35b6-44de-817c-f41de14c9526"
    return {
        "X-Leds-Session-Id": uuid,
        "X-Leds-Correlation-Id": uuid,
        "X-Leds-System-Name": principal.system,
        "X-Leds-Application-Datetime": "2026-02-02T21:14:06Z",
        "X-Leds-Reason": f"{row['reason']} - Vehicle and/or person stopped",
        "X-Leds-Purpose": row["purpose"],
        "X-Leds-Justification": "Traffic stop",
        "X-Leds-Activity-Code": "Person Enquiry",
        "X-Leds-Action-Code": "Stop",
        "X-Leds-Activity-Flow-Id": uuid,
        "X-Leds-Reference-Id": "STOP-1",
        "X-Leds-On-Behalf-Of": "4419B",
        "X-Leds-Geolocation": "QB6",
    }
