"""The governed service over the shared table's schema, beside its twin without the record of a source, in each mode."""

import json
import os
import shutil
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from authz.facts import packaged_facts
from authz.live_facts import FixedFacts
from authz.nonces import NonceWindow
from leds.access_approval import approve_configured
from leds.config import Configuration, SubgraphSection, load_configuration
from leds.demo import embedded
from leds.federation import Trust, settings_for_subgraphs
from leds.issuer.app import MOUNT, demo_issuer
from leds.issuer.tokens import DEMO_AUDIENCE
from leds.keys import Keys, ensure_keys
from leds.personas import headers_for, token_for
from leds.rings import ensure_ring, rings_in
from tests.end_to_end.gateway import running_gateway
from tests.gateway.kit import served
from tests.gateway.streams.kit import listening
from tests.laws.recorded import Recorded
from tests.shapes import governed_people
from tests.shapes.governed_people import NAME, SOURCE, recorded
from tests.shapes.transports import TRANSPORTS, Told


@dataclass(frozen=True, slots=True)
class Governed:
    """A running governed service: where, over which subgraph, and whose tokens it takes."""

    client: httpx.AsyncClient
    people: Recorded
    keys: Keys
    issuer: str
    replies: list[bytes] = field(default_factory=list)

    async def ask(self, transport: str, persona: str, row: Mapping[str, Any]) -> Told:
        """What a persona is told of a shape's operation over this transport; what the subgraph replies is kept."""
        token = token_for(persona, self.keys, int(time.time()), issuer=self.issuer, audience=DEMO_AUDIENCE)
        headers = {name.lower(): value for name, value in headers_for(persona, token).items()}
        request = {name: row[name] for name in ("query", "variables", "operationName") if row.get(name) is not None}
        self.people.taken()
        told = await TRANSPORTS[transport](self.client, request, headers)
        self.replies[:] = self.people.taken()
        return told


@dataclass(frozen=True, slots=True)
class Twins:
    """One service over a world that holds a source's record, and one over the same world without."""

    mode: str
    holding: Governed
    without: Governed


@asynccontextmanager
async def embedded_service(home: Path, held: Sequence[Any]) -> AsyncIterator[Governed]:
    """Gateway and subgraph in this process; clients come over a socket."""
    attribute = "app" if held else "twin"
    configuration = _configuration(attribute)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LEDS_HOME", str(home))
        async with AsyncExitStack() as stack:
            service = await stack.enter_async_context(embedded(configuration))
            address = await stack.enter_async_context(listening(service.governed.app))
            client = await stack.enter_async_context(_client(f"http://{address}"))
            yield Governed(client, getattr(governed_people, attribute), service.keys, service.running.issuer)


@asynccontextmanager
async def deployed_service(home: Path, held: Sequence[Any]) -> AsyncIterator[Governed]:
    """`leds serve gateway` as a process of its own; the subgraph and the issuer behind sockets."""
    people, keys = recorded(*held), ensure_keys(home / "keys")
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("LEDS_HOME", str(home))
            trust = Trust(rings_in(home / "keys"), NonceWindow())
            settings = settings_for_subgraphs(
                load_configuration(None, {}), keys.subject, FixedFacts(packaged_facts()), trust
            )
            await people.start(settings(NAME))
        stack.push_async_callback(people.stop)
        subgraph = await stack.enter_async_context(served(people))
        issuing = Starlette()
        issuer = await stack.enter_async_context(served(issuing))
        origin = str(issuer.base_url).rstrip("/")
        issuing.router.routes.append(Mount(MOUNT, demo_issuer(origin, keys, lambda: int(time.time()), os.urandom)))
        (home / "people.graphql").write_text(people.sdl)
        (home / "leds.toml").write_text(
            f'[identity]\nissuer = "{origin}{MOUNT}"\naudience = "{DEMO_AUDIENCE}"\n'
            f'[subgraphs.{NAME}]\nurl = "{subgraph.base_url}/graphql"\nsdl = "{home / "people.graphql"}"\n'
        )
        serving = ("serve", "gateway", "--config", str(home / "leds.toml"))
        gateway = await stack.enter_async_context(running_gateway(home, command=serving))
        yield Governed(gateway.client, people, keys, f"{origin}{MOUNT}")


SERVICES = {"embedded": embedded_service, "deployed": deployed_service}


@asynccontextmanager
async def twins(mode: str, home: Path) -> AsyncIterator[Twins]:
    """Both services of one mode, with the same keys: a subject has the same pseudonym in both."""
    serve = SERVICES[mode]
    ensure_keys(home / "holding" / "keys")
    ensure_ring(home / "holding" / "keys", NAME)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("LEDS_HOME", str(home / "holding"))
        said = ("design authority", "the shared table's schema opens what the products' do not")
        approve_configured(_configuration("app"), said, datetime.now(UTC), lambda _done, _total: None)
    shutil.copytree(home / "holding", home / "without")
    async with serve(home / "holding", (SOURCE,)) as holding, serve(home / "without", ()) as without:
        yield Twins(mode, holding, without)


def _configuration(attribute: str) -> Configuration:
    sections = {NAME: SubgraphSection(app=f"{governed_people.__name__}:{attribute}")}
    return msgspec.structs.replace(load_configuration(None, {}), subgraphs=sections)


def _client(address: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, trust_env=False, timeout=20)


def but_for_the_receipt(told: Told) -> str:
    """The bytes of an answer without its receipt, which is another for each request."""
    answers = []
    for response in told.responses:
        extensions = {name: said for name, said in response.get("extensions", {}).items() if name != "audit"}
        answers.append({**response, "extensions": extensions})
    return json.dumps([told.status, answers])
