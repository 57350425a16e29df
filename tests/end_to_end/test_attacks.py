"""What an adversary with a persona's token tries against the running demo, and what must come of it: nothing."""

import json
import socket
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from leds.issuer.tokens import DEMO_AUDIENCE, TokenSubject, access_token, principal_claims
from leds.keys import ensure_keys
from leds.personas import PERSONAS
from tests.end_to_end.demo import ROADSIDE, Demo
from tests.end_to_end.recorded import newest

PERSON = 'person(urn: "2004/9000001V")'
VEHICLE = 'vehicle(vrm: "AB12CDE")'
DRIVER = 'driver(number: "EXAMP803145RA9ZZ")'
# Values of the cast's main case that the insurer may be shown in no place of any answer.
PRIVATE = ("Robin", "Lantern Street", "EXAMP803145RA9ZZ", "2004/9000001V", "ca570001")
LOW = ("inspector", "supervisor", "dpo")

# name → (persona, query, variables, data): sealed data, of which the answer is exactly that there are none.
SILENT: dict[str, tuple[str, str, dict[str, Any], dict[str, Any]]] = {
    "under an alias of an allowed field": (
        "officer",
        f"{{ {VEHICLE} {{ vrm: intelReports {{ nodes {{ text }} }} keeper: vrm }} }}",
        {},
        {"vehicle": {"vrm": {"nodes": []}, "keeper": "AB12CDE"}},
    ),
    "in nested fragments": (
        "officer",
        f"{{ ...Q }} fragment Q on Query {{ {VEHICLE} {{ ... {{ ...V }} }} }}"
        " fragment V on Vehicle { ... on Vehicle { intelReports { totalCount } } }",
        {},
        {"vehicle": {"intelReports": {"totalCount": 0}}},
    ),
    "by everything of a connection": (
        "officer",
        f"{{ {VEHICLE} {{ intelReports(first: 1) {{ __typename n: totalCount pageInfo {{ __typename endCursor"
        " hasNextPage startCursor hasPreviousPage } edges { cursor node { __typename } } nodes { text } } } }",
        {},
        {
            "vehicle": {
                "intelReports": {
                    "__typename": "IntelReportConnection",
                    "n": 0,
                    "pageInfo": {
                        "__typename": "PageInfo",
                        "endCursor": None,
                        "hasNextPage": False,
                        "startCursor": None,
                        "hasPreviousPage": False,
                    },
                    "edges": [],
                    "nodes": [],
                }
            }
        },
    ),
    "at the root": ("insurer", '{ intelReport(id: "1") { text } }', {}, {"intelReport": None}),
    "as a flag of a record that may be read": (
        "officer",
        f"{{ {VEHICLE} {{ reports(first: 1) {{ nodes {{ blocked }} }} }} }}",
        {},
        {"vehicle": {"reports": {"nodes": [{"blocked": None}]}}},
    ),
    "included by a variable": (
        "officer",
        f"query($a: Boolean!, $b: Boolean!) {{ {VEHICLE} {{ vrm intelReports @include(if: $a) @skip(if: $b)"
        " { totalCount } } }",
        {"a": True, "b": False},
        {"vehicle": {"vrm": "AB12CDE", "intelReports": {"totalCount": 0}}},
    ),
    "beside introspection, in an operation named like it": (
        "officer",
        f"query __schema {{ __schema {{ queryType {{ name }} }} {VEHICLE} {{ intelReports {{ totalCount }} }} }}",
        {},
        {"__schema": {"queryType": {"name": "Query"}}, "vehicle": {"intelReports": {"totalCount": 0}}},
    ),
}

# name → (persona, query, variables, the coordinates refused and nothing else)
DENIED: dict[str, tuple[str, str, dict[str, Any], set[str]]] = {
    "by the name of the type below": (
        "insurer",
        f"{{ {VEHICLE} {{ keeper {{ __typename name {{ __typename }} }} verdicts {{ __typename }} }} }}",
        {},
        {"Vehicle.keeper", "Vehicle.verdicts"},
    ),
    "through a union": (
        "insurer",
        f"{{ {VEHICLE} {{ keeper {{ name {{ ... on PersonName {{ last }} ... on OrgName {{ name }} }} }} }} }}",
        {},
        {"Vehicle.keeper"},
    ),
    "at the root": (
        "insurer",
        f"{{ {PERSON} {{ __typename }} {DRIVER} {{ __typename }}"
        ' persons(name: {last: "EXAMPLE"}, dateOfBirth: "1985") { totalCount } missing(ref: "M") { __typename }'
        ' property(identifier: "x") { totalCount } nominal(id: "ca570001-0000-8000-8000-000000000001") { __typename }'
        " }",
        {},
        {f"Query.{name}" for name in ("person", "driver", "persons", "missing", "property", "nominal")},
    ),
    "by an argument that reads it": ("inspector", f"{{ {PERSON} {{ sex {{ code }} }} }}", {}, {"Query.person"}),
    "by a variable that reads it": (
        "inspector",
        f"query($d: DriverNumber) {{ {VEHICLE} {{ verdicts(driverNumber: $d) {{ isLicensed }} }} }}",
        {"d": "EXAMP803145RA9ZZ"},
        {"Vehicle.verdicts"},
    ),
    "by an answer derived from it": (
        "insurer",
        f"{{ {VEHICLE} {{ v: verdicts {{ isKeeper isLicensed isInsured evidence {{ text }} }} }} }}",
        {},
        {"Vehicle.verdicts"},
    ),
    "under a name that scripts trip over": (
        "insurer",
        f"{{ __proto__: {VEHICLE} {{ constructor: keeper {{ sinceDate }} }} }}",
        {},
        {"Vehicle.keeper"},
    ),
}


def refused(answer: dict[str, Any]) -> set[str]:
    for error in answer.get("errors", ()):
        assert error["extensions"]["code"] == "ACCESS_DENIED", error
        value: Any = answer["data"]
        for step in error["path"]:
            value = value[step]
        assert value is None
    return {error["extensions"]["coordinate"] for error in answer.get("errors", ())}


@pytest.mark.parametrize("how", DENIED)
def test_what_is_denied_is_denied_however_it_is_asked_for(demo: Demo, headers, how: str):
    persona, query, variables, coordinates = DENIED[how]
    answer = demo.ask(query, headers[persona], **variables)
    assert refused(answer) == coordinates
    by_get = httpx.get(
        f"{demo.origin}/graphql",
        params={"query": query, "variables": json.dumps(variables)},
        headers=headers[persona],
    ).json()
    assert (by_get["data"], by_get["errors"]) == (answer["data"], answer["errors"])


@pytest.mark.parametrize("how", SILENT)
def test_what_is_sealed_is_as_if_there_were_none_however_it_is_asked_for(demo: Demo, headers, how: str):
    persona, query, variables, data = SILENT[how]
    before = demo.work()
    answer = demo.ask(query, headers[persona], **variables)
    assert answer["data"] == data
    assert answer.keys() == {"data", "extensions"}
    assert answer["extensions"].keys() == {"world", "audit"}
    assert {name for name, done in demo.work().items() if done != before.get(name)} <= {
        "vehicle fetches",
        "vehicle statements",
    }
    (entry,) = newest(demo, 1)
    assert entry["eventType"] == "CONSULT"
    assert ({refusal["form"] for refusal in entry["silent"]}, entry["refusals"]) == ({"SILENT"}, [])


@pytest.mark.parametrize("how", [how for how, (persona, *_) in DENIED.items() if persona == "insurer"])
def test_what_is_denied_is_asked_of_nobody_and_stands_nowhere(demo: Demo, headers, how: str):
    _, query, variables, _ = DENIED[how]
    work = demo.work_of(query, headers["insurer"], **variables)
    assert {name for name in work if not name.startswith("vehicle")} == set()
    text = json.dumps(demo.ask(query, headers["insurer"], **variables))
    assert [value for value in PRIVATE if value in text] == []


def test_what_is_skipped_is_not_refused_and_not_recorded_as_refused(demo: Demo, headers):
    _, query, _, _ = SILENT["included by a variable"]
    answer = demo.ask(query, headers["officer"], a=False, b=False)
    assert (answer["data"], refused(answer)) == ({"vehicle": {"vrm": "AB12CDE"}}, set())
    (entry,) = newest(demo)
    assert (entry["outcome"], entry["refusals"]) == ("OK", [])


def test_a_filter_left_out_reads_nothing_and_one_given_does(demo: Demo, headers):
    query = "query($urn: PersonUrn, $asn: Asn) { person(urn: $urn, asn: $asn) { personUrn } }"
    found = {"person": {"personUrn": "2004/9000001V"}}
    for _ in range(2):
        left_out = demo.ask(query, headers["officer"], urn="2004/9000001V")
        assert (left_out["data"], refused(left_out)) == (found, set())
        given = demo.ask(query, headers["officer"], urn="2004/9000001V", asn=None)
        assert refused(given) == {"Query.person"}


def test_the_operation_that_is_run_is_the_one_that_is_judged(demo: Demo, headers):
    query = f"query A {{ {VEHICLE} {{ vrm }} }} query B {{ {VEHICLE} {{ keeper {{ sinceDate }} }} }}"
    for name, coordinates in {"A": set(), "B": {"Vehicle.keeper"}}.items():
        response = demo.post({"query": query, "operationName": name}, headers["insurer"])
        assert refused(response.json()) == coordinates
    assert demo.post({"query": query}, headers["insurer"]).json()["errors"][0]["extensions"]["code"] == (
        "UNKNOWN_OPERATION"
    )


def test_of_two_members_of_one_name_the_one_that_is_run_is_judged(demo: Demo, headers):
    body = '{"query": "{ __typename }", "query": "{ vehicle(vrm: \\"AB12CDE\\") { keeper { sinceDate } } }"}'
    sent = headers["insurer"] | {"content-type": "application/json"}
    assert refused(httpx.post(f"{demo.origin}/graphql", content=body, headers=sent).json()) == {"Vehicle.keeper"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ('{ _entities(representations: [{__typename: "Person"}]) { __typename } }', "GRAPHQL_VALIDATION_FAILED"),
        ("{ _service { sdl } }", "GRAPHQL_VALIDATION_FAILED"),
        (f"{{ {VEHICLE} {{ vehicleId }} }}", "GRAPHQL_VALIDATION_FAILED"),
        (f"{{ {VEHICLE} {{ verdictInputs {{ matchName }} }} }}", "GRAPHQL_VALIDATION_FAILED"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ " + "person { arrestReports { nodes { " * 30 + "__typename" + " } } }" * 30 + " }", "DOCUMENT_TOO_LARGE"),
        ("{ " + " ".join(f"a{i}: {VEHICLE} {{ vrm }}" for i in range(5_000)) + " }", "DOCUMENT_TOO_LARGE"),
    ],
    ids=["entities", "service", "an internal key", "an internal input", "a fragment cycle", "too deep", "too many"],
)
def test_what_is_no_part_of_the_graph_or_beyond_its_limits_is_refused(demo: Demo, headers, query: str, code: str):
    error = demo.post({"query": query}, headers["analyst"]).json()["errors"][0]
    assert error["extensions"]["code"] == code


def test_introspection_names_nothing_internal(demo: Demo, headers):
    answer = demo.ask(
        '{ __schema { types { name fields { name } } } __type(name: "VerdictInputs") { name } }', headers["insurer"]
    )
    names = {field["name"] for kind in answer["data"]["__schema"]["types"] for field in kind["fields"] or ()}
    assert names & {"vehicleId", "matchName", "verdictInputs", "_entities", "_service"} == set()
    assert answer["data"]["__type"] is None


@pytest.mark.parametrize("persona", sorted(PERSONAS))
def test_medical_data_are_served_to_nobody(demo: Demo, headers, persona: str):
    answer = demo.ask(f"{{ {DRIVER} {{ eyesight hearing m: medicalNotes }} }}", headers[persona])
    fields = {"Driver.eyesight", "Driver.hearing", "Driver.medicalNotes"}
    assert refused(answer) in (fields, {"Query.driver"})


@pytest.mark.parametrize("persona", LOW)
def test_who_watches_is_not_shown_what_is_watched(demo: Demo, headers, persona: str):
    query = f"""{{
      {VEHICLE} {{ keeper {{ name {{ ... on PersonName {{ last first }} }} address {{ lines postcode }} }}
        intelReports {{ totalCount }} verdicts {{ isKeeper }} }}
      {PERSON} {{ filedName {{ last }} warningSignals {{ text }} wantedMissing {{ totalCount }} }}
      {DRIVER} {{ licenceStatus {{ code }} points }}
    }}"""
    answer = demo.ask(query, headers[persona])
    if persona == "dpo":  # access.md 3.2: the data protection officer reads names, and neither vehicle nor driver
        assert refused(answer) == {"Query.vehicle", "Query.driver"}
        return
    assert refused(answer) == {"Vehicle.verdicts", "Query.person", "Query.driver"}
    keeper = answer["data"]["vehicle"]["keeper"]
    assert keeper == {"name": {"last": "EXAMPLE", "first": ["R", "A"]}, "address": {"lines": None, "postcode": "XA1"}}
    assert answer["data"]["vehicle"]["intelReports"] == {"totalCount": 0}
    masks = {(entry["path"][-1], entry["mask"]) for entry in answer["extensions"]["access"]}
    assert masks == {("name", "INITIAL"), ("address", "OUTCODE")}


def test_a_masked_value_stands_nowhere_in_the_answer(demo: Demo, headers):
    """The inspector is shown keeper, driver and nominal masked: none of their values is in data, errors, entries or
    cursors."""
    query = f"""{{ {VEHICLE} {{ keeper {{
      name {{ ... on PersonName {{ last first title {{ code }} from }} }} address {{ lines postcode uprn }} sinceDate
      matchedDrivers {{ score driver {{ ... on Driver {{
        driverNumber dateOfBirth names {{ first from to }} address {{ lines postcode }} points disqualifiedUntil
        endorsements(first: 2) {{ edges {{ cursor }} pageInfo {{ endCursor }} totalCount }}
        matchedPersons {{ person {{ ... on Person {{
          personId personUrn croNumber filedName {{ last first }} dateOfBirth placeOfBirth driverNumberRecorded
          addresses(first: 2) {{ edges {{ cursor node {{ postcode lines }} }} pageInfo {{ endCursor }} }}
          arrestReports(first: 2) {{ edges {{ cursor node {{ asn }} }} }}
        }} }} }}
      }} }} }}
    }} }} }}"""
    text = json.dumps(demo.ask(query, headers["inspector"]))
    for private in (*PRIVATE, "Ash", "1985-03-14", "XA1 1AA", "900001/04M", "24/20R1/01"):
        assert private not in text
    full = json.dumps(demo.ask(query, headers["detective"]))
    for private in (*PRIVATE, "Ash", "1985-03-14", "XA1 1AA", "900001/04M", "24/20R1/01"):
        assert private in full, "shown to who may see it"


@pytest.mark.parametrize("persona", sorted(PERSONAS))
def test_a_blocked_vehicle_answers_as_its_twin_without_a_report(demo: Demo, headers, persona: str):
    everything = """query($vrm: Vrm!) {
      vehicle(vrm: $vrm) { make { code } reports { totalCount pageInfo { endCursor hasNextPage }
        edges { cursor node { blocked } } nodes { type { code } state { code } blocked } } }
      vehicleFraudCheck(vrm: $vrm) { stolenCheck { code } vinMatchesVrm }
    }"""
    for query in (ROADSIDE, everything):
        bodies, work = [], []
        for vrm in ("OO00BLK", "OO01BLK"):
            before = demo.work()
            answer = demo.ask(query, headers[persona], vrm=vrm)
            work.append({name: count - before.get(name, 0) for name, count in demo.work().items()})
            del answer["extensions"]["audit"]
            for identifier in ("vrm", "vin"):
                (answer["data"]["vehicle"] or {}).pop(identifier, None)
            bodies.append(json.dumps(answer))
        assert bodies[0] == bodies[1]
        assert work[0] == work[1]
        one, other = map(as_said, newest(demo, 2))
        assert one == other


def test_without_intelligence_an_answer_is_the_same_with_and_without_any(demo: Demo, headers):
    query = "query($vrm: Vrm!) { vehicle(vrm: $vrm) { make { code } intelReports { totalCount nodes { text } } } }"
    held, none = (demo.ask(query, headers["detective"], vrm=vrm) for vrm in ("AB12CDE", "OO01BLK"))
    for answer in (held, none):
        assert "errors" not in answer
        assert answer["extensions"].keys() == {"world", "audit"}
    assert held["data"]["vehicle"]["intelReports"] == none["data"]["vehicle"]["intelReports"]
    assert demo.ask(query, headers["analyst"], vrm="AB12CDE")["data"]["vehicle"]["intelReports"]["totalCount"] > 0
    asked = [demo.work_of(query, headers["detective"], vrm=vrm) for vrm in ("AB12CDE", "OO01BLK")]
    assert asked == [{"vehicle fetches": 1, "vehicle statements": 1}] * 2


def signed(demo: Demo, **changed: Any) -> str:
    """A token of the officer, signed by the demo's own issuer, changed."""
    persona = PERSONAS["officer"]
    settings = {
        "issuer": f"{demo.origin}/oidc",
        "audience": DEMO_AUDIENCE,
        "now": int(time.time()),
        "seconds": 600,
    } | changed
    claims = principal_claims(replace(persona.principal, **settings.pop("principal", {})))
    key = ensure_keys(demo.home / "keys").issuer
    now, seconds = settings.pop("now"), settings.pop("seconds")
    return access_token(TokenSubject("test", "leds", claims, "t-1"), key, now, seconds, **settings)


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({}, 200, None),
        ({"seconds": -60}, 401, "TOKEN_EXPIRED"),
        ({"audience": "another-service"}, 401, "TOKEN_UNTRUSTED"),
        ({"issuer": "http://evil.example"}, 401, "TOKEN_UNTRUSTED"),
        ({"now": int(time.time()) + 3_600}, 401, "TOKEN_NOT_YET_VALID"),
        ({"principal": {"agreement": "AGR-COM-01"}}, 403, None),
        ({"principal": {"organisation": "ORG-INS-A"}}, 403, None),
    ],
    ids=["none", "expired", "another audience", "another issuer", "the future", "an agreement", "an organisation"],
)
def test_a_token_is_taken_for_what_it_is(demo: Demo, headers, changed: dict[str, Any], status: int, code: str | None):
    sent = headers["officer"] | {"Authorization": f"Bearer {signed(demo, **changed)}"}
    response = demo.post({"query": f"{{ {VEHICLE} {{ vrm }} }}"}, sent)
    assert response.status_code == status, response.text
    if code:
        assert response.json()["errors"][0]["extensions"]["code"] == code


def raw(demo: Demo, sent: list[tuple[str, bytes]]) -> tuple[int, str]:
    """The status and body of a request whose header lines are exactly these."""
    place = urlsplit(demo.origin)
    body = json.dumps({"query": f"{{ {VEHICLE} {{ vrm }} }}"}).encode()
    lines = [("Host", b"x"), ("Connection", b"close"), ("Content-Type", b"application/json"), *sent]
    head = b"".join(name.encode() + b": " + value + b"\r\n" for name, value in lines)
    with socket.create_connection((place.hostname or "", place.port or 0), timeout=10) as connection:
        connection.sendall(b"POST /graphql HTTP/1.1\r\nContent-Length: %d\r\n" % len(body) + head + b"\r\n" + body)
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    return int(answer.split(b" ", 2)[1]), answer.partition(b"\r\n\r\n")[2].decode()


SMUGGLED: dict[str, tuple[str, bytes, bool, int]] = {
    "a second purpose": ("X-Leds-Purpose", b"LE2", False, 400),
    "a second reason": ("X-Leds-Reason", b"5 - Subject of process or investigation", False, 400),
    "a second token": ("Authorization", b"Bearer abc", False, 401),
    "a second system": ("X-Leds-System-Name", b"PartnerConnect", False, 403),
    "an oversize statement": ("X-Leds-Justification", b"a" * 300, True, 400),
    "a line within a line": ("X-Leds-Justification", b"stopped\rX-Leds-Purpose: LE2", True, 400),
    "a control character": ("X-Leds-Justification", b"stopped\x01here", True, 400),
    "an invalid text": ("X-Leds-Justification", b"stopped \xc2\x80 here", True, 400),
    "a text of another alphabet": ("X-Leds-Justification", "Zoë stopped".encode(), True, 200),
    "a route of its own": ("X-Leds-Route", b"DIRECT", False, 200),
    "a grant of its own": ("Leds-Grant", b"e30=", False, 200),
}


@pytest.mark.parametrize("what", SMUGGLED)
def test_headers_say_one_thing_or_are_refused(demo: Demo, headers, what: str):
    name, value, instead, status = SMUGGLED[what]
    sent = [(key, text.encode()) for key, text in headers["officer"].items() if not (instead and key == name)]
    answered, body = raw(demo, [*sent, (name, value)])
    assert answered == status, body
    assert "PartnerConnect" not in body


def test_no_error_log_or_ledger_holds_what_a_caller_wrote(demo: Demo, headers):
    secrets = ("SECRETPLATE", "2004/9000002W", "EXAMP803145RA9ZZ", "AB12CDE", "ca570001")
    wrong = "query($v: Vrm!) { vehicle(vrm: $v) { vrm } }"
    assert "SECRETPLATE" not in demo.post({"query": wrong, "variables": {"v": "SECRETPLATE"}}, headers["officer"]).text
    text = demo.post({"query": wrong.replace("vrm }", "SECRETPLATE }")}, headers["officer"]).text
    assert "Cannot query field" in text  # the caller's own words may come back, to the caller alone
    demo.ask(
        f"{{ {DRIVER} {{ driverNumber }} {PERSON} {{ personId personUrn }} {VEHICLE} {{ vrm }} }}", headers["officer"]
    )
    demo.ask("query($v: String!) { property(identifier: $v) { totalCount } }", headers["officer"], v="SECRETPLATE")
    files = [path for path in demo.home.glob("ledger*") if path.suffix != ".new"]  # that one is renamed at any moment
    kept = b"".join(path.read_bytes() for path in files) + logged(demo)
    kept += httpx.get(f"{demo.origin}/metrics").content
    assert [secret for secret in secrets if secret.encode() in kept] == []


def logged(demo: Demo) -> bytes:
    """What the demo has printed since it was ready: before, it prints the queries to try."""
    return demo.output.read_bytes().partition(b"Ready.")[2]


def as_said(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry without what differs from request to request, and without whose hashes they are."""
    subjects = [{name: part for name, part in subject.items() if name != "keyHash"} for subject in entry["subjects"]]
    return {name: entry[name] for name in ("eventType", "outcome", "refusals", "silent", "resultCount")} | {
        "subjects": subjects
    }
