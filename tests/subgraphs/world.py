"""A small world for subgraph tests: rows as short as a test needs, a served subgraph, a gateway's signed requests."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import httpx
import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from authz.audit.pseudonym import SubjectKey
from authz.context import RequestContext
from authz.grant import Grant, GrantKeys, request_signer
from authz.principal import Principal
from authz.rings import GrantKey, KeyRing
from resolvers.drivers import tables as drivers
from resolvers.metadata import metadata
from resolvers.names import match_name, postcode_key
from resolvers.reference import tables as reference
from resolvers.vehicle import tables as vehicles
from subgraphs.federated import GovernedSchema
from subgraphs.service import Subgraph, SubgraphSettings
from tests.authz.callers import NOON, OFFICER, ROADSIDE

PRODUCTS = ("vehicle", "drivers", "reference", "controls")
STORED_AT = datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
RECORD = {"owner_fs": "20R1", "version": 1, "created_at": STORED_AT, "updated_at": STORED_AT, "as_of": STORED_AT}
GATEWAY_KEY = GrantKey("gateway-1", b"a shared secret of the tests only")
RING = KeyRing((GATEWAY_KEY,))
SUBJECT_KEY = SubjectKey("s1", b"another secret of the tests only")

Rows = Iterable[tuple[sa.Table, Mapping[str, Any]]]
Row = tuple[sa.Table, dict[str, Any]]


def key_of(number: int, kind: str = "0000") -> str:
    """A record key that is easy to read in a failing test."""
    return f"00000000-0000-4000-{kind}-{number:012d}"


def a_vehicle(number: int = 1, **columns: Any) -> Row:
    """A small car."""
    row = {"vehicle_id": key_of(number), "vrm": f"QX{number:02d}AAA", "type_approval": "M1", "make": "FORD"}
    return vehicles.vehicle, {**RECORD, **row, **columns}


def a_keeper(number: int, last: str, *first: str, postcode: str = "QX1 1AA", **columns: Any) -> Row:
    """The person who keeps vehicle `number`."""
    row = {
        "keeper_record_id": key_of(number, "1111"),
        "vehicle_id": key_of(number),
        "keeper_type": "INDIVIDUAL",
        "status": "CURRENT",
        "last_name": last,
        "first_names": list(first),
        "match_name": match_name(last, first),
        **_address(postcode),
    }
    return vehicles.keeper_record, {**RECORD, **row, **columns}


def an_organisation_keeper(number: int, name: str, keeper_type: str = "LEASE") -> Row:
    """A body that keeps vehicle `number`."""
    row = {"last_name": None, "first_names": None, "match_name": None, "organisation_name": name}
    table, person = a_keeper(number, "NOBODY")
    return table, {**person, **row, "keeper_type": keeper_type}


def a_report(number: int, vehicle: int = 1, **columns: Any) -> Row:
    """A confirmed theft report on a vehicle; report 2 was entered after report 1."""
    row = {
        "vehicle_report_id": key_of(number, "2222"),
        "vehicle_id": key_of(vehicle),
        "type": "LOS",
        "state": "CONFIRMED",
        "weed_date": date(2032, 2, 1),
        "dvla_notified": True,
    }
    entered = datetime(2026, 1, 1 + number % 28, number // 28 % 24, tzinfo=UTC)
    return vehicles.vehicle_report, {**RECORD, **row, "created_at": entered, **columns}


def a_block(report: int, **columns: Any) -> Row:
    """A control that takes a report out of every answer."""
    row = {"vehicle_report_id": key_of(report, "2222"), "owner_fs": "20R1", "from_date": date(2025, 6, 1)}
    return vehicles.vehicle_report_block, {**row, **columns}


def a_policy(number: int, vehicle: int = 1, *drivers_named: str, **columns: Any) -> Row:
    """An active comprehensive policy naming these drivers."""
    row = {
        "mid_policy_id": key_of(number, "3333"),
        "vehicle_id": key_of(vehicle),
        "from_date": date(2025, 6, 1),
        "to_date": date(2026, 5, 31),
        "cover": "COMP",
        "state": "ACTIVE",
        "permitted_drivers": [{"value": name, "from": "2025-06-01", "to": None} for name in drivers_named],
    }
    return vehicles.insurance_policy, {**RECORD, **row, **columns}


def driver_number(number: int) -> str:
    """A driver number of the shape DVLA issues, different for each number below 1000."""
    letters = "ABCDEFGHJK"
    tens, ones = divmod(number, 10)
    hundreds, tens = divmod(tens, 10)
    return f"EXAMP80314{hundreds % 10}{letters[tens]}{letters[ones]}9ZZ"


def a_driver(number: int, last: str, *first: str, postcode: str = "QX1 1AA", **columns: Any) -> Row:
    """Someone fully licensed since long ago."""
    row = {
        "driver_number": driver_number(number),
        "last_name": last,
        "first_names": list(first),
        "match_name": match_name(last, first),
        "date_of_birth": date(1985, 3, 14),
        "licence_type": "FULL",
        "licence_status": "CUR",
        **_address(postcode),
    }
    return drivers.driver, {**RECORD, **row, **columns}


def an_entitlement(number: int, driver: int, category: str = "B", **columns: Any) -> Row:
    """A category right in force."""
    row = {
        "entitlement_id": key_of(number, "4444"),
        "driver_number": driver_number(driver),
        "category": category,
        "from_date": date(2004, 5, 1),
        "expiry_date": date(2035, 5, 1),
        "automatic_only": False,
        "from_non_gb": False,
    }
    return drivers.driver_entitlement, {**RECORD, **row, **columns}


def an_endorsement(number: int, driver: int, **columns: Any) -> Row:
    """Three unexpired points for speeding."""
    row = {
        "endorsement_id": key_of(number, "5555"),
        "driver_number": driver_number(driver),
        "offence_code": "SP30",
        "offence_date": date(2024, 1, 1),
        "expires_on": date(2028, 1, 1),
        "penalty_points": 3,
    }
    return drivers.driver_endorsement, {**RECORD, **row, **columns}


def _address(postcode: str | None) -> dict[str, Any]:
    lines = {"address_lines": ["1 Lantern Way", "Harbour"], "address_country": "GB"}
    return {**lines, "address_postcode": postcode, "match_postcode": postcode_key(postcode)}


def a_list(list_id: str, key: str, *codes: str) -> list[Row]:
    """A reference list with values in this order."""
    header = dict.fromkeys(reference.reference_list.columns.keys(), "-") | {
        "list_id": list_id,
        "key": key,
        "used_by": [],
    }
    return [
        (reference.reference_list, header),
        *(a_value(list_id, position, code) for position, code in enumerate(codes)),
    ]


def a_value(list_id: str, position: int, code: str, **columns: Any) -> Row:
    """A value of a list, valid always."""
    row = {"list_id": list_id, "code": code, "position": position, "label": code.title(), "version": "1"}
    return reference.reference_value, {**row, "notes": "", "basis": "D", "source": "", **columns}


async def written(url: str, rows: Rows) -> str:
    """Make the products' tables in the database at `url` and write the rows, parents first."""
    by_table: dict[sa.Table, list[dict[str, Any]]] = {}
    for table, row in rows:
        defaults = {"lag_seconds": 0} if "lag_seconds" in table.columns else {}
        by_table.setdefault(table, []).append({**dict.fromkeys(table.columns.keys()), **defaults, **row})
    tables = [table for table in metadata.sorted_tables if table.info.get("product") in PRODUCTS]
    engine = create_async_engine(url, poolclass=sa.NullPool)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all, tables)
        for table in metadata.sorted_tables:
            if table in by_table:
                await connection.execute(table.insert(), by_table[table])
    await engine.dispose()
    return url


@dataclass(frozen=True, slots=True)
class Answer:
    """What a subgraph replied."""

    status: int
    body: dict[str, Any]

    @property
    def data(self) -> Any:
        """The data of an answer without errors."""
        assert "errors" not in self.body, self.body["errors"]
        return self.body["data"]

    @property
    def codes(self) -> list[tuple[str, list[Any] | None]]:
        """Each error's code and path."""
        return [(error["extensions"]["code"], error.get("path")) for error in self.body.get("errors", ())]

    @property
    def statements(self) -> int:
        """How many SQL statements the answer took."""
        return self.body["extensions"]["statements"]

    @property
    def disclosures(self) -> list[dict[str, Any]]:
        """What the answer says it showed."""
        return self.body["extensions"]["disclosures"]


class Gateway:
    """Asks one subgraph as the gateway does: signed, for a caller in a context."""

    def __init__(self, app: Subgraph) -> None:
        self._app = app
        self._nonces = (f"nonce-{number}" for number in count())

    async def ask(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        caller: Principal = OFFICER,
        context: RequestContext = ROADSIDE,
    ) -> Answer:
        """Send an operation and read the reply."""
        body = msgspec.json.encode({"query": query, "variables": variables})
        sign = request_signer(lambda _name: RING, Grant(caller, context), NOON.timestamp, lambda: next(self._nonces))
        return await self.send(body, sign(self._app.name, body))

    async def entities(self, selection: str, representations: list[Mapping[str, Any]]) -> Answer:
        """Ask for entities; `selection` is what stands inside `_entities`."""
        query = f"query ($of: [_Any!]!) {{ _entities(representations: $of) {{ __typename {selection} }} }}"
        return await self.ask(query, {"of": representations})

    async def send(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send bytes as they are."""
        complete = {"content-type": "application/json", **headers}
        async with self._client() as client:
            reply = await client.post("/graphql", content=body, headers=complete)
        return Answer(reply.status_code, msgspec.json.decode(reply.content))

    async def status(self, method: str) -> int:
        """The status of a request by another method."""
        async with self._client() as client:
            return (await client.request(method, "/graphql")).status_code

    def _client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(app=self._app), base_url="http://subgraph.test")


def settings(url: str) -> SubgraphSettings:
    """How the tests serve a subgraph: at noon of one day, with keys of their own."""
    keys = GrantKeys(RING)
    return SubgraphSettings(database=url, grant_keys=keys, subject_key=SUBJECT_KEY, clock=lambda: NOON)


@asynccontextmanager
async def serving(name: str, schema: GovernedSchema, url: str, **changes: Any) -> AsyncIterator[Gateway]:
    """A subgraph of this schema over the database at `url`, and the gateway that asks it."""
    app = Subgraph(name, schema)
    await app.start(replace(settings(url), **changes))
    try:
        yield Gateway(app)
    finally:
        await app.stop()
