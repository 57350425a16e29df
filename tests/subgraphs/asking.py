"""Ask one subgraph's schema over a real database, as its service does, for a caller who may read everything."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from inspect import isawaitable
from types import MappingProxyType
from typing import Any, cast

from graphql import ExecutionResult, MiddlewareManager, execute

from authz.audit.pseudonym import SubjectKey
from authz.decision import Clearance, Decision, Form
from authz.disclosure import Disclosure
from authz.row_rules import OUTSIDER, RowCaller
from resolvers.database import Database
from resolvers.loading import Loading
from schema.reference_lists import reference_catalogue
from subgraphs.answers import formatted
from subgraphs.disclosure import Shown
from subgraphs.documents import Documents
from subgraphs.governance import governor
from subgraphs.request import SubgraphRequest
from subgraphs.service import Subgraph
from tests.resolvers.products import NOW, TODAY

ENTITIES = "query ($of: [_Any!]!) {{ _entities(representations: $of) {{ {selection} }} }}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, in how many SQL statements, and what would be disclosed."""

    data: Any
    errors: Sequence[Mapping[str, Any]]
    statements: int
    disclosures: tuple[Disclosure, ...]

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]


class Asking:
    """One subgraph and one database; what is `lower` is decided so, everything else in full."""

    def __init__(self, subgraph: Subgraph, database: Database, lower: Mapping[str, Decision]) -> None:
        self._subgraph = subgraph
        self._database = database
        self._documents = Documents(subgraph.schema.core)
        rules = subgraph.schema.field_rules
        coordinates = [rule.coordinate for fields in rules.values() for rule in fields.values()]
        full = {coordinate: Decision(Form.FULL) for coordinate in coordinates}
        self._clearance = Clearance("everything", full | dict(lower))
        self._middleware = MiddlewareManager(governor(rules))

    async def ask(self, query: str, caller: RowCaller = OUTSIDER, **variables: Any) -> Answer:
        """Run one operation; row rules are decided for `caller`."""
        shown = Shown()
        async with self._database.reading(TODAY, caller) as reading:
            request = SubgraphRequest(Loading(reading), reference_catalogue(), self._clearance, NOW, shown)
            found = execute(
                self._subgraph.schema.core,
                self._documents.document(query),
                variable_values=variables,
                context_value=request,
                middleware=self._middleware,
            )
            result = cast(ExecutionResult, await found if isawaitable(found) else found)
            errors = [formatted(error, self._subgraph.name) for error in result.errors or ()]
            return Answer(result.data, errors, reading.statements, shown.disclosures(SubjectKey("test", b"secret")))

    async def entities(self, selection: str, representations: Sequence[Mapping[str, Any]]) -> Answer:
        """Resolve entities as the gateway does; `data` is the list of entities."""
        answer = await self.ask(ENTITIES.format(selection=selection), of=list(representations))
        found = answer.data["_entities"] if answer.data else None
        return Answer(found, answer.errors, answer.statements, answer.disclosures)


@asynccontextmanager
async def asking(
    subgraph: Subgraph, url: str, lower: Mapping[str, Decision] = MappingProxyType({})
) -> AsyncIterator[Asking]:
    """The subgraph over the database at `url`, which is closed afterwards."""
    database = Database(url)
    try:
        yield Asking(subgraph, database, lower)
    finally:
        await database.close()
