"""The laws that need the whole service: what leaves is recorded and nothing else is, and parallel callers never mix."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from authz.audit.pseudonym import SubjectKey
from leds.keys import ensure_keys
from leds.personas import PERSONAS
from tests.end_to_end.demo import ROADSIDE, Demo
from tests.end_to_end.recorded import newest

URN, PERSON_ID, DRIVER = "2004/9000001V", "ca570001-0000-8000-8000-000000000001", "EXAMP803145RA9ZZ"
PERSON = f'person(urn: "{URN}")'
VEHICLE = 'vehicle(vrm: "AB12CDE")'
ROBIN = ("Person", PERSON_ID)

# name → (persona, query, {subject type: the fields its entry names}); the whole entry names nobody else.
SHOWN: dict[str, tuple[str, str, dict[str, set[str]]]] = {
    "fields": ("officer", f"{{ {PERSON} {{ u: personUrn ...F }} }} fragment F on Person {{ sex {{ code }} }}", {
        "Person": {"personUrn", "sex"},
    }),
    "only that somebody is there": ("officer", f"{{ {PERSON} {{ __typename }} }}", {"Person": {"Query.person"}}),
    "only that somebody is there, what was asked being sealed": (
        "officer", f"{{ {PERSON} {{ intelNominals {{ totalCount }} }} }}", {"Person": {"Query.person"}},
    ),
    "that there is something, of which no more may be read": (
        "officer", f"{{ {PERSON} {{ nonConvictions {{ kind }} }} }}", {"Person": {"nonConvictions"}},
    ),
    "nobody": ("officer", '{ vehicle(vrm: "ZZ99ZZZ") { vrm } }', {}),
    "nothing that is skipped": (
        "officer", f"{{ {PERSON} {{ personUrn }} {VEHICLE} @skip(if: true) {{ vrm }} }}", {"Person": {"personUrn"}},
    ),
    "nothing that is refused": (
        "insurer", f"{{ {PERSON} {{ personUrn }} {VEHICLE} {{ vrm keeper {{ sinceDate }} }} }}", {"Vehicle": {"vrm"}},
    ),
    "no input of a match": (
        "officer", f"{{ {PERSON} {{ matchedDrivers {{ score }} }} }}", {"Person": {"matchedDrivers"}},
    ),
    "who was matched, and no input of it": (
        "officer",
        f"{{ {PERSON} {{ matchedDrivers {{ driver {{ ... on Driver {{ licenceStatus {{ code }} }} }} }} }} }}",
        {"Person": {"matchedDrivers"}, "Driver": {"licenceStatus"}},
    ),
    "no input of a verdict": (
        "officer", f"{{ {VEHICLE} {{ verdicts {{ isKeeper }} }} }}", {"Vehicle": {"Query.vehicle", "verdicts"}},
    ),
    "intelligence, and no key to it": (
        "analyst", f"{{ {VEHICLE} {{ intelReports(first: 1) {{ nodes {{ text }} }} }} }}",
        {"Vehicle": {"intelReports"}, "IntelReport": {"text"}},
    ),
    "records under a subject by their own names": (
        "officer", f"{{ {VEHICLE} {{ reports {{ nodes {{ state {{ code }} }} }} }} }}",
        {"Vehicle": {"reports", "VehicleReport.state"}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SHOWN)
def test_the_ledger_names_what_was_shown_and_nothing_else(demo: Demo, headers, what: str):
    persona, query, expected = SHOWN[what]
    demo.ask(query, headers[persona])
    (entry,) = newest(demo, 1)
    assert fields_by_type(entry) == expected
    assert entry["resultCount"] == len(entry["subjects"])


def test_every_subject_in_an_answer_is_in_its_entry_under_its_own_hash_and_nobody_else_is(demo: Demo, headers):
    query = f"""{{
      {PERSON} {{ personId personUrn }}
      driver(number: "{DRIVER}") {{ driverNumber }}
      persons(name: {{last: "EXAMPLE"}}, first: 20) {{ nodes {{ personId }} }}
    }}"""
    data = demo.ask(query, headers["detective"])["data"]
    key = ensure_keys(demo.home / "keys").subject
    expected = {hashed(key, "Person", found["personId"]) for found in (data["person"], *data["persons"]["nodes"])}
    expected.add(hashed(key, "Driver", DRIVER))
    assert len(expected) > 2
    (entry,) = newest(demo, 1)
    assert {(subject["type"], subject["keyHash"]) for subject in entry["subjects"]} == expected


def hashed(key: SubjectKey, kind: str, value: str) -> tuple[str, str]:
    return kind, key.subject(kind, value)


async def test_two_hundred_requests_of_seven_personas_at_once_are_each_answered_and_recorded_as_alone(
    demo: Demo, headers
):
    names = sorted(PERSONAS)
    asked = [(names[number % 7], ("AB12CDE", "OO00ONE", "OO01BLK")[number % 3]) for number in range(200)]
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=32)) as client:

        async def answer(persona: str, vrm: str, number: int) -> dict[str, Any]:
            flow = f"00000000-0000-4000-8000-{number:012d}"
            body = {"query": ROADSIDE, "variables": {"vrm": vrm}}
            sent = headers[persona] | {"X-Leds-Activity-Flow-Id": flow}
            return (await client.post(f"{demo.origin}/graphql", json=body, headers=sent)).json()

        alone = {pair: await answer(*pair, 900 + place) for place, pair in enumerate(sorted(set(asked)))}
        together = await asyncio.gather(*(answer(*pair, number) for number, pair in enumerate(asked)))
    kept = {entry["auditId"]: entry for entry in newest(demo, 200 + len(alone))}
    for number, (pair, given) in enumerate(zip(asked, together, strict=True)):
        entry, before = (kept[each["extensions"]["audit"]["entry"]] for each in (given, alone[pair]))
        assert without_receipt(given) == without_receipt(alone[pair])
        assert entry["request"]["activityFlowId"] == f"00000000-0000-4000-8000-{number:012d}"
        assert entry["request"]["user"]["id"] == PERSONAS[pair[0]].principal.subject
        assert [entry[part] for part in PARTS] == [before[part] for part in PARTS]
        assert entry["request"]["operation"] == before["request"]["operation"]
    assert len(kept) == 200 + len(alone)


PARTS = ("subjects", "refusals", "silent")


def without_receipt(answer: dict[str, Any]) -> str:
    kept = {name: value for name, value in answer.items() if name != "extensions"}
    return json.dumps(kept)


def fields_by_type(entry: dict[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for subject in entry["subjects"]:
        for form in subject["forms"]:
            found.setdefault(subject["type"], set()).update(form["fields"])
    return found
