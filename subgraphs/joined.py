"""What stands where a joined record cannot be given: members of the answers' unions, each a statement of its own.

That there is no record, or that it is SILENT, is null as everywhere. `Restricted` and `Unavailable` are never made
here: a subgraph says beside its data what only exists, and of what it could not say it says nothing; the gateway puts
the member in their place that is marked to stand in (`schema.directives.StandIn`).
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar, dataclass_transform

from strawberry import federation

from schema.directives import Open, StandIn

T = TypeVar("T", bound=type)


@dataclass_transform(kw_only_default=True, field_specifiers=(federation.field,))
def _member(*marks: Any) -> Callable[[T], T]:
    """A shared value type whose description is its docstring: clients must be able to read what it states."""

    def decorate(cls: T) -> T:
        directives = [Open(inherit=True), *marks]
        return federation.type(shareable=True, description=cls.__doc__, directives=directives)(cls)

    return decorate


@_member(StandIn(for_="EXISTS"))
class Restricted:
    """There is a record here, or there are several: of this dataset, and whom to ask. Never more than that."""

    dataset: str | None = None
    contact: str | None = None


@_member()
class Pending:
    """The record was asked for and is not there yet: neither a record nor the answer that there is none."""

    since: datetime | None = None
    advice: str | None = None


@_member(StandIn(for_="UNAVAILABLE"))
class Unavailable:
    """What is asked for here could not be had, because this product did not answer: never the answer 'none'."""

    product: str | None = None
    advice: str | None = None
