"""Joined records over HTTP: what stands where a record cannot be given, and what is counted and recorded of it."""

import json

import httpx

from leds.data.cast import identities as cast
from tests.end_to_end.demo import Demo
from tests.end_to_end.recorded import newest

CERTIFICATE = """certificate { __typename ... on Restricted { dataset contact }
  ... on FirearmCertificate { holder { key } weaponsHeld address { postcode } } }"""
CERTIFICATES = f'{{ person(urn: "{cast.MAIN_URN}") {{ firearmCertificates {{ score {CERTIFICATE} }} }} }}'
CHECK = """query($vrm: Vrm!) { vehicle(vrm: $vrm) { foreignCheck { __typename
  ... on ForeignVehicleCheck { state { code } } ... on Pending { since advice } } } }"""
EXPLAIN = "query($o: String!) { explain(operation: $o) { fields { path coordinate outcome contact under } } }"


def test_an_officer_is_told_of_a_firearm_certificate_and_whom_to_ask_and_nothing_more(demo: Demo, headers):
    answer = demo.ask(CERTIFICATES, headers["officer"])
    (match,) = answer["data"]["person"]["firearmCertificates"]
    assert match["score"] is None
    assert (match["certificate"]["__typename"], match["certificate"]["dataset"]) == ("Restricted", "NFLMS")
    assert match["certificate"].keys() == {"__typename", "dataset", "contact"}
    (entry,) = answer["extensions"]["access"]
    assert (entry["path"], entry["form"]) == (["person", "firearmCertificates"], "EXISTS")
    assert entry["contact"] == match["certificate"]["contact"]
    assert "errors" not in answer


def test_a_certificate_that_only_exists_costs_one_probe_and_is_recorded_as_existing(demo: Demo, headers):
    work = demo.work_of(CERTIFICATES, headers["officer"])
    assert (work["property fetches"], work["property statements"]) == (1, 1)
    (entry,) = newest(demo)
    (subject,) = entry["subjects"]
    (form,) = subject["forms"]
    assert (subject["type"], form["dataset"], form["form"]) == ("Person", "NFLMS", "EXISTS")
    assert form["fields"] == ["firearmCertificates"]


def test_what_stands_is_explained_and_stands_in_the_schema_of_the_caller(demo: Demo, headers):
    fields = demo.ask(EXPLAIN, headers["officer"], o=CERTIFICATES)["data"]["explain"]["fields"]
    found = {(each["path"].removeprefix("person.firearmCertificates"), each["coordinate"]): each for each in fields}
    assert found["", "Person.firearmCertificates"]["outcome"] == "EXISTS"
    assert found[".certificate", "CertificateMatch.certificate"]["outcome"] == "EXISTS"
    assert found[".certificate.contact", "Restricted.contact"]["outcome"] == "FULL"
    assert found[".certificate.weaponsHeld", "FirearmCertificate.weaponsHeld"]["outcome"] == "DENY"
    shown = httpx.get(f"{demo.origin}/schema.graphql", headers=headers["officer"], timeout=60).text
    assert "union FirearmCertificateAnswer = FirearmCertificate | Restricted | Unavailable" in shown
    assert "There is a record here, or there are several" in shown
    assert "Restricted" not in httpx.get(f"{demo.origin}/schema.graphql", headers=headers["insurer"], timeout=60).text


def test_a_check_of_a_foreign_plate_is_the_record_or_pending_or_not_there(demo: Demo, headers):
    found = {
        vrm: demo.ask(CHECK, headers["officer"], vrm=vrm)["data"]["vehicle"]["foreignCheck"]
        for vrm in (cast.FOREIGN_VRM, cast.FOREIGN_PENDING_VRM, "AB12CDE")
    }
    pending = found[cast.FOREIGN_PENDING_VRM]
    assert found[cast.FOREIGN_VRM] == {"__typename": "ForeignVehicleCheck", "state": {"code": "NO_HIT"}}
    assert (pending["__typename"], bool(pending["since"]), bool(pending["advice"])) == ("Pending", True, True)
    assert found["AB12CDE"] is None


def test_what_is_refused_is_null_with_an_error_and_never_restricted(demo: Demo, headers):
    answer = demo.ask(CERTIFICATES, headers["insurer"])
    assert answer["data"] == {"person": None}
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"ACCESS_DENIED"}
    assert "Restricted" not in json.dumps(answer)
