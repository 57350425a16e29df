"""The entry points to people: by identifier, by name, and as the start of a link analysis."""

from typing import Annotated

import strawberry

from resolvers.connections import page_from
from resolvers.errors import NameNotSearchable
from resolvers.person import loaders
from resolvers.person.search import NameQuestion
from schema.scalars import Asn, CroNumber, PartialDate, PersonUrn
from subgraphs.errors import AmbiguousLookup
from subgraphs.person.changes import CRIM, DisposalChange, disposal_change
from subgraphs.person.nominal import Nominal
from subgraphs.person.search import NameMatch, PersonConnection, people_found
from subgraphs.person.types import CORE, Person
from subgraphs.records import governed_type, resolved
from subgraphs.relay import given
from subgraphs.request import RequestInfo
from subgraphs.tags import OPEN, Cursor, First, reads
from subgraphs.values import NameInput

NAMES_READ = reads("Person.filedName", "Person.names")


async def _person(
    info: RequestInfo,
    id: Annotated[strawberry.ID | None, reads("Person.personId")] = strawberry.UNSET,
    urn: Annotated[PersonUrn | None, reads("Person.personUrn")] = strawberry.UNSET,
    cro: Annotated[CroNumber | None, reads("Person.croNumber")] = strawberry.UNSET,
    asn: Annotated[Asn | None, reads("ArrestReport.asn")] = strawberry.UNSET,
) -> Person | None:
    keys = {loaders.PERSON: id, loaders.PERSON_BY_URN: urn, loaders.PERSON_BY_CRO: cro, loaders.PERSON_ID_BY_ASN: asn}
    named = [(lookup, given(key)) for lookup, key in keys.items() if given(key) is not None]
    if len(named) != 1:
        raise AmbiguousLookup("A person is looked up by exactly one of `id`, `urn`, `cro` and `asn`.")
    loading = info.context.loading
    row = await loading.row(*named[0])
    if row is not None and given(asn) is not None:
        row = await loading.row(loaders.PERSON, row["person_id"])
    return None if row is None else Person(row=row)


async def _persons(  # noqa: PLR0913 - one parameter for each argument of the field
    info: RequestInfo,
    name: Annotated[NameInput, NAMES_READ],
    date_of_birth: Annotated[
        PartialDate | None, reads("Person.dateOfBirth", "Person.alsoKnownBirthDates")
    ] = strawberry.UNSET,
    sex: Annotated[str | None, reads("Person.sex")] = strawberry.UNSET,
    place: Annotated[str | None, reads("Person.placeOfBirth", "Person.addresses")] = strawberry.UNSET,
    match: Annotated[NameMatch, OPEN] = NameMatch.PHONETIC,
    first: First = strawberry.UNSET,
    after: Cursor = strawberry.UNSET,
    last: First = strawberry.UNSET,
    before: Cursor = strawberry.UNSET,
) -> PersonConnection:
    question = NameQuestion(
        last=name.last,
        first=tuple(name.first or ()),
        date_of_birth=given(date_of_birth),
        sex=given(sex),
        place=given(place),
        phonetic=match is NameMatch.PHONETIC,
    )
    if not question.searchable:
        raise NameNotSearchable("The surname has no letter or digit to search for.")
    page = page_from(given(first), given(after), given(last), given(before))
    return await people_found(question, page, info)


async def _nominal(info: RequestInfo, id: Annotated[strawberry.ID, reads("Person.personId")]) -> Nominal | None:
    row = await info.context.loading.row(loaders.PERSON, id)
    return None if row is None else Nominal(row=row)


@governed_type()
class Query:
    """Where questions about people begin."""

    person: Person | None = resolved(_person, tag=CORE)
    persons: PersonConnection | None = resolved(_persons, tag=CORE)
    nominal: Nominal | None = resolved(_nominal, tag=CORE)
    disposal_change: DisposalChange | None = resolved(disposal_change, tag=CRIM)
