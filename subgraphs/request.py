"""What one request carries to its resolvers: loads, reference lists, the decision, the clock and what was shown."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from strawberry.types import Info

from authz.audit.desk import Desk
from authz.context import RequestContext
from authz.decision import Clearance
from authz.masks import NO_PSEUDONYMS, Pseudonyms
from authz.principal import Principal
from resolvers.changes.writing import Writer
from resolvers.loading import Loading
from schema.reference_lists import ReferenceCatalogue
from subgraphs.disclosure import Shown
from subgraphs.entries import Entry


@dataclass(frozen=True, slots=True)
class SubgraphRequest:
    """The context value of one execution; `now` is fixed when the request arrives. Changes are written with `writer`
    for `caller`, under ids of `new_id`; without them nothing can be written. `entries` collects what is said
    beside the data; `pseudonyms` are those of the caller's organisation and purpose. `desk` is what the ledger is
    looked after with, where it is, in the caller's `context`."""

    loading: Loading
    catalogue: ReferenceCatalogue
    clearance: Clearance
    now: datetime
    shown: Shown
    caller: Principal | None = None
    writer: Writer | None = None
    new_id: Callable[[], str] = lambda: str(uuid.uuid4())
    pseudonyms: Pseudonyms = NO_PSEUDONYMS
    entries: list[Entry] = field(default_factory=list)
    context: RequestContext | None = None
    desk: Desk | None = None

    @property
    def today(self) -> date:
        """The day the answer is for."""
        return self.now.date()


RequestInfo: TypeAlias = Info[SubgraphRequest, None]
