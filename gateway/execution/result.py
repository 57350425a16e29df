"""What running a program is given and what it hands on: the request's own values in, data, errors and traces out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import msgspec
from graphql import GraphQLSchema

from authz.decision import Decision
from authz.disclosure import Disclosure
from gateway.execution.reduced import Decide

Sign = Callable[[str, bytes], Mapping[str, str]]


def unsigned(subgraph: str, body: bytes) -> Mapping[str, str]:
    """No headers of our own: for subgraphs that ask for none."""
    return {}


@dataclass(frozen=True, slots=True)
class ExecutionRequest:
    """One request's values. `variables` are the client's JSON values, already checked against the operation.

    `sign` gives the headers for a body sent to a subgraph; `denials` are the decisions for what is not shown in full,
    by concrete coordinate (`Type.field`), `decide` those for every coordinate (None: nothing is governed); `deadline`
    is in seconds from now, None for no limit beyond each subgraph's own. `event` is a subscription's event as its
    subgraph sent it: it stands for the reply to the first request. `shown` is the schema that introspection reads, None
    for the API schema. `facts` numbers the access facts that were decided by: a subgraph may know newer ones. `unasked`
    says why, where the plan leaves out on purpose what the client selected.
    """

    variables: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    sign: Sign = unsigned
    denials: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))
    deadline: float | None = None
    decide: Decide | None = None
    event: bytes | None = None
    shown: GraphQLSchema | None = None
    facts: int = 0
    unasked: Decision | None = None


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
    `access` says of each place that is shown in a lower form which form it is (`extensions.access`).
    `disagreements` names subgraphs that refused by access what the gateway had allowed: an alarm, never normal.
    """

    data: dict[str, Any] | None
    errors: tuple[dict[str, Any], ...] = ()
    disclosures: tuple[Disclosure, ...] = ()
    fetches: tuple[FetchTrace, ...] = ()
    disagreements: tuple[str, ...] = ()
    denials: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))
    access: tuple[dict[str, Any], ...] = ()

    @property
    def statements(self) -> int:
        """SQL statements that all subgraphs together say they ran."""
        return sum(fetch.statements for fetch in self.fetches)

    def body(self, extensions: Mapping[str, Any] | None = None) -> bytes:
        """The response as JSON; `errors` comes first when there are any (specification 7.1), `extensions` last."""
        response: dict[str, Any] = {"errors": self.errors} if self.errors else {}
        response["data"] = self.data
        beside = dict(extensions or {}) | ({"access": self.access} if self.access else {})
        if beside:
            response["extensions"] = beside
        return msgspec.json.encode(response)
