"""Row rules of the Person product as SQL: what stands beside a nominal, and who is found by what. Runs nothing."""

import sqlalchemy as sa

from authz.row_rules import ROW_FACTS, RowFact
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
from resolvers.person.tables import arrest_report, court_case_offence, offence, person, person_address, person_name

FILED = "FILED"
ADULT = 18
_CRIME = offence.alias("crime")

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


def arrested_as_child() -> sa.Label[int]:
    """The row facts of an arrest report: the birth date given at the arrest tells who may have been under 18 (P11)."""
    return _child(_under_18(arrest_report.c.process_stage_at, arrest_report.c.arrest_date_of_birth))


def offended_as_child(offence_id: sa.ColumnElement[str]) -> sa.Label[int]:
    """The row facts of an offence or its result, by the same birth date."""
    return _child(finds(_childs_offences().where(_CRIME.c.offence_id == offence_id)))


def case_of_child(case_id: sa.ColumnElement[str]) -> sa.Label[int]:
    """The row facts of a court case that gathers an offence of somebody who may have been under 18."""
    link = court_case_offence
    gathered = _childs_offences().join(link, link.c.offence_id == _CRIME.c.offence_id)
    return _child(finds(gathered.where(link.c.court_case_id == case_id)))


def _child(condition: Condition) -> sa.Label[int]:
    return fact_if(condition, RowFact.CHILD).label(ROW_FACTS)


def _under_18(when: sa.ColumnElement, birth_date: sa.ColumnElement[str]) -> Condition:
    """Whether somebody may have been under 18: until the year in which they turned 18 is over."""
    born = sa.cast(sa.func.substr(birth_date, 1, 4), sa.Integer)
    return sa.extract("year", when) - born <= ADULT


def _childs_offences() -> sa.Select:
    arrest = arrest_report.alias("arrest")
    joined = _CRIME.join(arrest, arrest.c.report_id == _CRIME.c.report_id)
    committed = _under_18(_CRIME.c.start_date, arrest.c.arrest_date_of_birth)
    return sa.select(_CRIME.c.offence_id).select_from(joined).where(committed)
