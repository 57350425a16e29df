"""The people a name search answers, ranked and capped as `resolvers.person.search` says; two statements in all."""

from enum import Enum

import strawberry
from strawberry import federation

from resolvers.connections import Order, Page, cursor
from resolvers.listing import slice_of
from resolvers.person.search import MOST_PEOPLE, NameQuestion, people_by_name
from schema.directives import Open
from subgraphs.people_counts import People, noted, require_somebody, told
from subgraphs.person.types import CORE, Person, people_with
from subgraphs.relay import PageInfo
from subgraphs.request import RequestInfo
from subgraphs.tags import value_type

FOUND_ORDER = Order(("person_id",))


@federation.enum
class NameMatch(Enum):
    """How a name must agree; folded accents, apostrophes and hyphens never matter."""

    EXACT = federation.enum_value("EXACT", directives=[Open()])
    PHONETIC = federation.enum_value("PHONETIC", directives=[Open()])


@value_type
class PersonEdge:
    """A person found, with the ranks that put the person in this place (1 and 0 are best)."""

    cursor: str
    node: Person | None
    name_rank: int | None
    date_rank: int | None


@value_type
class PersonConnection:
    """The best people for a name, best first; `capped` says that more than 200 were found and only 200 are here."""

    edges: list[PersonEdge] | None
    nodes: list[Person | None] | None
    page_info: PageInfo
    capped: bool | None
    count: strawberry.Private[int]
    people: strawberry.Private[People]

    @federation.field()
    def total_count(self, info: RequestInfo) -> int | None:
        """How many people were found, 200 at the most; fewer than five are counted only where all are listed."""
        return told(self.count, self.people, info)


async def people_found(question: NameQuestion, page: Page, info: RequestInfo) -> PersonConnection:
    """One page of the answer to `question`. Raises InvalidCursor, InvalidPage."""
    found = await info.context.loading.select(people_by_name(question))
    listed = found[:MOST_PEOPLE]
    shown = slice_of(listed, FOUND_ORDER, require_somebody(page))
    people = await people_with([row["person_id"] for row in shown.rows], info)
    edges = [
        PersonEdge(cursor=cursor(FOUND_ORDER, row), node=person, name_rank=row["name_rank"], date_rank=row["date_rank"])
        for row, person in zip(shown.rows, people, strict=True)
    ]
    return PersonConnection(
        edges=edges,
        nodes=people,
        page_info=PageInfo(
            has_next_page=shown.has_next,
            has_previous_page=shown.has_previous,
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        ),
        capped=len(found) > MOST_PEOPLE,
        count=len(listed),
        people=noted(people, CORE.id, info),
    )
