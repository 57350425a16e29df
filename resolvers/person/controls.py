"""Row rules of the Person product as SQL: what stands beside a nominal, and who is found by what. Runs nothing."""

import sqlalchemy as sa

from authz.row_rules import RowFact
from resolvers.controls.predicates import (
    PERSON,
    at_own_household,
    fact_if,
    facts,
    finds,
    former,
    not_refused,
    shown,
    under_recognition,
)
from resolvers.person.tables import person, person_address, person_name

FILED = "FILED"

Condition = sa.ColumnElement[bool]


def person_facts(person_id: sa.ColumnElement[str]) -> sa.Label[int]:
    """The row facts of the nominal with this key."""
    return facts(PERSON, person_id, fact_if(at_own_household(person_address, person_id), RowFact.OWN))


def people() -> sa.Select:
    """The nominals that are shown, each with its row facts."""
    return sa.select(person, person_facts(person.c.person_id)).where(shown(PERSON, person.c.person_id))


def findable(person_id: sa.ColumnElement[str]) -> tuple[Condition, Condition]:
    """The nominals that may be found by what is on their records: shown, and not refused to the caller."""
    return shown(PERSON, person_id), not_refused(person_facts(person_id))


def former_name(name: sa.FromClause) -> Condition:
    """Whether a name is a former one under a gender recognition control (3.4): any but the filed name that has ended
    or is not known to have begun since."""
    ended = name.c.to_date.is_not(None)
    return sa.and_(name.c.type != FILED, former(name.c.person_id, name.c.from_date, always=ended))


def of_former_name(word: sa.FromClause) -> Condition:
    """Whether a search word belongs to a former name."""
    name = person_name.alias("former")
    same = name.c.person_id == word.c.person_id, name.c.seq == word.c.seq
    former_ones = finds(sa.select(name.c.seq).where(*same, former_name(name)).correlate(word))
    return sa.and_(under_recognition(word.c.person_id), former_ones)
