"""`leds gateway` over a graph with access rules, as an operator runs it: real process, real subgraphs, real tokens."""

import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.authz.issuing import AUDIENCE, ISSUER, jwks, token
from tests.end_to_end.demo import ROOT, environment
from tests.end_to_end.gateway import RunningGateway, put_in_place, running_gateway
from tests.gateway.archive import FEDERATION, SDLS, guarded, subgraph
from tests.gateway.kit import served

RULES = {"Member.name": "@authenticated", "Member.born": '@policy(policies: [["see births"]])'}
QUERY = "{members{id name born}}"
POLICY = '@id("births") permit(principal, action == Action::"see births", resource) when {{ {} }};'
OF_DETECTIVES = 'principal.hasTag("roles") && principal.getTag("roles").contains("detective")'


@asynccontextmanager
async def archive_of(rules: dict[str, str]) -> AsyncIterator[str]:
    """The archive's supergraph with these rules, over subgraphs that are running."""
    sdl = guarded(rules)
    async with AsyncExitStack() as stack:
        for name in SDLS:
            client = await stack.enter_async_context(served(subgraph(name)))
            sdl = sdl.replace(f"http://127.0.0.1:1/{name}", f"{client.base_url}/graphql")
        yield sdl


def lasting(**claims: Any) -> dict[str, str]:
    """The headers of a caller whose token is valid now."""
    now = int(time.time())
    stated: dict[str, Any] = {"iat": now, "nbf": now, "exp": now + 900} | claims
    return {"authorization": f"Bearer {token(**stated)}"}


async def ask(gateway: RunningGateway, headers: dict[str, str] | None = None) -> Any:
    response = await gateway.client.post("/graphql", json={"query": QUERY}, headers=headers or {})
    return response.json()["data"]["members"][0]


def options(home: Path) -> tuple[str, ...]:
    """Authentication by keys in a file, policies in a directory, both written here."""
    (home / "keys.json").write_text(json.dumps(jwks()))
    (home / "policies").mkdir()
    (home / "policies" / "births.cedar").write_text(POLICY.format(OF_DETECTIVES))
    authentication = ("--issuer", ISSUER, "--audience", AUDIENCE, "--jwks", str(home / "keys.json"))
    return (*authentication, "--policies", str(home / "policies"), "--watch", "0.02")


async def test_rules_hold_and_policies_can_change_under_way(tmp_path: Path):
    file = tmp_path / "supergraph.graphql"
    async with archive_of(RULES) as sdl:
        file.write_text(sdl)
        async with running_gateway(tmp_path, "--supergraph", str(file), *options(tmp_path)) as gateway:
            first = await gateway.health()
            assert await ask(gateway) == {"id": "m1", "name": None, "born": None}
            assert await ask(gateway, lasting()) == {"id": "m1", "name": "Ada", "born": "1990"}
            assert await ask(gateway, lasting(roles=["clerk"])) == {"id": "m1", "name": "Ada", "born": None}
            expired = await gateway.client.post("/graphql", json={"query": QUERY}, headers=lasting(exp=1))
            assert expired.status_code == 401

            put_in_place(tmp_path / "policies" / "births.cedar", POLICY.format('principal.scopes.contains("births")'))
            second = await gateway.until(lambda said: said["version"] != first["version"])
            assert await ask(gateway, lasting()) == {"id": "m1", "name": "Ada", "born": None}
            assert await ask(gateway, lasting(scope="births")) == {"id": "m1", "name": "Ada", "born": "1990"}

            put_in_place(tmp_path / "policies" / "births.cedar", "permit(")
            refused = await gateway.until(lambda said: said["refused"] is not None)
            assert refused == {"version": second["version"], "refused": "INVALID_ACCESS_POLICIES"}
            assert await ask(gateway, lasting()) == {"id": "m1", "name": "Ada", "born": None}
        listed = [line for line in gateway.errors() if line["event"] == "access_rules"]
    assert listed[0]["count"] == 4
    assert listed[0]["coordinates"] == ["Member.band", "Member.born", "Member.name", "Member.risk"]


async def test_rules_that_come_later_without_an_issuer_are_refused_and_the_last_graph_stays(tmp_path: Path):
    file = tmp_path / "supergraph.graphql"
    async with archive_of({}) as sdl, archive_of(RULES) as with_rules:
        file.write_text(sdl)
        async with running_gateway(tmp_path, "--supergraph", str(file), "--watch", "0.02") as gateway:
            before = await gateway.health()
            put_in_place(file, with_rules)
            refused = await gateway.until(lambda said: said["refused"] is not None)
            assert refused == {"version": before["version"], "refused": "AUTHENTICATION_UNCONFIGURED"}
            assert await ask(gateway) == {"id": "m1", "name": "Ada", "born": "1990"}


def with_renamed_rule(name: str) -> str:
    """A subgraph's schema; the archive's states `@authenticated` under another name."""
    if name != "archive":
        return FEDERATION + SDLS[name]
    link = FEDERATION.replace('"@key"', '"@key", {name: "@authenticated", as: "@mustLogin"}')
    return link + SDLS[name].replace("name: String email", "name: String @mustLogin email")


async def test_subgraph_schemas_with_a_renamed_rule_and_keys_from_the_issuer(tmp_path: Path):
    async with AsyncExitStack() as stack:
        issuer = await stack.enter_async_context(publishing())
        rows = []
        for name in SDLS:
            client = await stack.enter_async_context(served(subgraph(name)))
            rows.append({"name": name, "url": f"{client.base_url}/graphql", "sdl": with_renamed_rule(name)})
        (tmp_path / "subgraphs.json").write_text(json.dumps(rows))
        known = ("--issuer", issuer, "--audience", AUDIENCE)
        gateway = await stack.enter_async_context(
            running_gateway(tmp_path, "--subgraphs", str(tmp_path / "subgraphs.json"), *known)
        )
        assert await ask(gateway) == {"id": "m1", "name": None, "born": "1990"}
        assert await ask(gateway, lasting(iss=issuer)) == {"id": "m1", "name": "Ada", "born": "1990"}


@asynccontextmanager
async def publishing() -> AsyncIterator[str]:
    """An issuer that publishes the tests' keys: its address."""
    documents: dict[str, Any] = {"/keys": jwks()}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        body = json.dumps(documents[scope["path"]]).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async with served(app) as client:
        address = str(client.base_url).rstrip("/")
        documents["/.well-known/openid-configuration"] = {"issuer": address, "jwks_uri": f"{address}/keys"}
        yield address


REFUSED = {
    "rules and no issuer": ((), "AUTHENTICATION_UNCONFIGURED", "--issuer"),
    "a policy and no policies": (
        ("--issuer", ISSUER, "--audience", AUDIENCE, "--jwks", "keys.json"),
        "POLICIES_UNCONFIGURED",
        "--policies",
    ),
}


@pytest.mark.parametrize(("arguments", "code", "named"), REFUSED.values(), ids=REFUSED)
def test_refuses_to_start_and_says_what_to_pass(tmp_path: Path, arguments, code, named):
    (tmp_path / "supergraph.graphql").write_text(guarded(RULES))
    (tmp_path / "keys.json").write_text(json.dumps(jwks()))
    refused = subprocess.run(
        [sys.executable, "-m", "leds", "gateway", "--supergraph", "supergraph.graphql", "--port", "0", *arguments],
        cwd=tmp_path,
        env=environment(tmp_path, PYTHONPATH=str(ROOT)),
        check=False,
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 2
    assert f"leds: {code}:" in refused.stderr
    assert named in refused.stderr
