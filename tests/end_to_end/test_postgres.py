"""The demo on PostgreSQL: filled at its first start, and every persona's answer is the one of the SQLite demo."""

from pathlib import Path

import pytest

from tests.end_to_end.demo import ROADSIDE, running_demo
from tests.servers import PostgresServer


@pytest.mark.postgres
async def test_the_main_query_is_answered_alike_on_both_databases(postgres: PostgresServer, tmp_path: Path):
    url = await postgres.new_database()
    with running_demo(tmp_path / "one") as one, running_demo(tmp_path / "other", LEDS_DATABASE_URL=url) as other:
        for persona in ("officer", "analyst", "insurer"):
            for plate in ("AB12CDE", "OO00MNY"):
                expected = one.ask(ROADSIDE, one.headers(persona), vrm=plate)
                answer = other.ask(ROADSIDE, other.headers(persona), vrm=plate)
                assert (answer["data"], answer.get("errors")) == (expected["data"], expected.get("errors"))
