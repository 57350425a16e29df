"""Entity resolution: representations in, one call for each of their types, objects out in order. Mutates nothing."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from strawberry.federation.schema import FederationAny

from subgraphs.errors import TooManyEntities, UnknownEntityType
from subgraphs.records import Record
from subgraphs.request import RequestInfo

EntityTypes = Mapping[str, type[Record]]
Representation = Mapping[str, Any]

# Every entity is a parameter of its statement; SQLite takes 32766 of them, PostgreSQL 32767.
MOST_ENTITIES = 10_000


async def resolve_entities(
    types: EntityTypes, representations: Sequence[Representation], info: RequestInfo
) -> list[object]:
    """One object, None or exception for each representation, in order.

    An unknown type, or a type whose resolution fails, costs only its own entities: the exception stands in their places
    and the executor turns it into an error at each of them. Raises TooManyEntities.
    """
    if len(representations) > MOST_ENTITIES:
        raise TooManyEntities(f"{len(representations)} entities were asked for.")
    places: dict[str, list[int]] = {}
    for place, representation in enumerate(representations):
        places.setdefault(str(representation.get("__typename")), []).append(place)
    batches = [[representations[place] for place in group] for group in places.values()]
    answers = await asyncio.gather(
        *(_resolve_type(types.get(name), batch, info) for name, batch in zip(places, batches, strict=True))
    )
    entities: list[object] = [None] * len(representations)
    for group, answer in zip(places.values(), answers, strict=True):
        for place, entity in zip(group, answer, strict=True):
            entities[place] = entity
    return entities


async def _resolve_type(
    kind: type[Record] | None, batch: Sequence[Representation], info: RequestInfo
) -> Sequence[object]:
    if kind is None:
        return [UnknownEntityType("This subgraph has no entity of that type.")] * len(batch)
    try:
        found = await kind.resolve_references(batch, info)
        if len(found) != len(batch):
            raise ValueError(f"{kind.__name__}.resolve_references answered {len(found)} of {len(batch)} entities")
    except Exception as error:
        return [error] * len(batch)
    return found


def entities_field(types: Callable[[], EntityTypes]) -> Callable[..., Any]:
    """The resolver of `_entities`; `types` is asked per request, since it is known only once the schema is built."""

    async def entities(info: RequestInfo, representations: list[FederationAny]) -> list[Any]:
        return await resolve_entities(types(), cast(list[Representation], representations), info)

    return entities
