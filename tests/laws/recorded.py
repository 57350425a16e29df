"""The products' subgraphs, each of which keeps the bodies it has answered with: what the gateway came to know."""

from starlette.types import Message, Receive, Scope, Send

from leds.products import subgraph_named
from subgraphs.service import Subgraph, SubgraphSettings


class Recorded:
    """A subgraph as `leds.federation` starts it; `replies` are its bodies since they were last taken."""

    def __init__(self, subgraph: Subgraph) -> None:
        self._subgraph = subgraph
        self._replies: list[bytes] = []

    @property
    def sdl(self) -> str:
        """The subgraph's schema."""
        return self._subgraph.sdl

    async def start(self, settings: SubgraphSettings) -> None:
        """Start the subgraph."""
        await self._subgraph.start(settings)

    async def stop(self) -> None:
        """Stop the subgraph."""
        await self._subgraph.stop()

    def taken(self) -> list[bytes]:
        """The replies so far, which are then forgotten."""
        taken, self._replies = self._replies, []
        return taken

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI: hand everything on, and keep what is sent."""

        async def kept(message: Message) -> None:
            self._replies.append(message.get("body", b""))
            await send(message)

        await self._subgraph(scope, receive, kept)


person = Recorded(subgraph_named("person"))
vehicle = Recorded(subgraph_named("vehicle"))
drivers = Recorded(subgraph_named("drivers"))
property = Recorded(subgraph_named("property"))
missing = Recorded(subgraph_named("missing"))
intelligence = Recorded(subgraph_named("intelligence"))
reference = Recorded(subgraph_named("reference"))

BY_NAME = {
    "person": person,
    "vehicle": vehicle,
    "drivers": drivers,
    "property": property,
    "missing": missing,
    "intelligence": intelligence,
    "reference": reference,
}
