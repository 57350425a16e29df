"""What running a program is given and what it hands on: the request's own values in, data, errors and traces out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec

from authz.decision import Decision
from authz.disclosure import Disclosure

Sign = Callable[[str, bytes], Mapping[str, str]]


def unsigned(subgraph: str, body: bytes) -> Mapping[str, str]:
    """No headers of our own: for subgraphs that ask for none."""
    return {}


@dataclass(frozen=True, slots=True)
class ExecutionRequest:
    """One request's values. `variables` are the client's JSON values, already checked against the operation.

    `sign` gives the headers for a body sent to a subgraph; `denials` are decisions by concrete coordinate
    (`Type.field`); `deadline` is in seconds from now, None for no limit beyond each subgraph's own.
    """

    variables: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    sign: Sign = unsigned
    denials: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))
    deadline: float | None = None


@dataclass(frozen=True, slots=True)
class FetchTrace:
    """One request to a subgraph. `path` is the plan's first place of it; `duration` in seconds; `status` one word.

    `entities` counts representations sent, `statements` what the subgraph says it ran.
    """

    subgraph: str
    path: str
    status: str
    bytes: int
    duration: float
    entities: int
    statements: int


@dataclass(frozen=True, slots=True)
class ExecutionResult:
    """The answer before it is recorded and released.

    `denials` are those of the request that its selection, as its variables set it, really asks for.
    `disagreements` names subgraphs that refused by access what the gateway had allowed: an alarm, never normal.
    """

    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    fetches: tuple[FetchTrace, ...] = ()
    disagreements: tuple[str, ...] = ()
    denials: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def statements(self) -> int:
        """SQL statements that all subgraphs together say they ran."""
        return sum(fetch.statements for fetch in self.fetches)

    def body(self, extensions: Mapping[str, Any] | None = None) -> bytes:
        """The response as JSON; `errors` comes first when there are any (specification 7.1), `extensions` last."""
        response: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        response["data"] = self.data
        if extensions:
            response["extensions"] = extensions
        return msgspec.json.encode(response)
