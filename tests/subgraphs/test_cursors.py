"""Sealed cursors: they say nothing, lead back to their place, and cannot be made or changed."""

from base64 import urlsafe_b64decode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.errors import InvalidCursor
from subgraphs.cursors import opened, sealed
from subgraphs.missing import app as missing
from tests.resolvers.products import a_missing_report, key_of, written_file
from tests.subgraphs.world import serving

SECRET = b"a secret of the tests only"
PERSON = {"__typename": "Person", "personId": key_of(1)}
PAGE = """missingReports(first: 1, after: $after) {
  pageInfo { startCursor endCursor } edges { cursor node { status { code } } }
}"""
QUERY = f"query ($of: [_Any!]!, $after: String) {{ _entities(representations: $of) {{ ... on Person {{ {PAGE} }} }} }}"


@given(st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"])))
def test_a_cursor_leads_back_to_its_place(cursor: str):
    assert opened(SECRET, sealed(SECRET, cursor)) == cursor
    assert sealed(SECRET, cursor) == sealed(SECRET, cursor) != sealed(b"another", cursor)


def test_its_length_does_not_tell_what_is_in_it():
    assert len({len(sealed(SECRET, "x" * length)) for length in range(1, 65)}) == 1


@pytest.mark.parametrize("text", ["", "x", "é", "AAAA", "[]", sealed(b"another", "c"), sealed(SECRET, "c")[:-2] + "AA"])
def test_what_was_not_sealed_here_is_refused(text: str):
    with pytest.raises(InvalidCursor):
        opened(SECRET, text)


async def test_a_page_tells_nothing_of_its_order_columns_and_can_be_continued(tmp_path):
    """An officer may not be shown when a missing episode began, by which they are ordered."""
    file = written_file(tmp_path, [a_missing_report(number, person_id=key_of(1)) for number in (1, 2)])
    async with serving("missing", missing.schema, file) as gateway:
        first = (await gateway.ask(QUERY, {"of": [PERSON]})).data["_entities"][0]["missingReports"]
        cursor = first["edges"][0]["cursor"]
        then = (await gateway.ask(QUERY, {"of": [PERSON], "after": cursor})).data["_entities"][0]["missingReports"]
        forged = await gateway.ask(QUERY, {"of": [PERSON], "after": "WyIyMDI2Il0"})
    assert first["pageInfo"] == {"startCursor": cursor, "endCursor": cursor}
    assert b"20" not in urlsafe_b64decode(cursor + "==") or b"-" not in urlsafe_b64decode(cursor + "==")
    assert key_of(1).encode() not in urlsafe_b64decode(cursor + "==")
    assert [edge["cursor"] for edge in then["edges"]] != [cursor]
    assert len(then["edges"]) == 1
    assert [code for code, _ in forged.codes] == ["INVALID_CURSOR"]
