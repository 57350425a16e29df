"""Keys in, one `select()` out for each table of the Missing product; every statement reads one dataset. No I/O."""

from collections.abc import Sequence

import sqlalchemy as sa

from authz.row_rules import ROW_CONTACT, RowFact
from resolvers.controls.predicates import PERSON, fact_if, facts, hidden, other_area, shown, visible
from resolvers.missing import tables as t

REPORT = "MissingReport"


def reports(ids: Sequence[str]) -> sa.Select:
    """Missing episodes by id."""
    return _reports().where(t.missing_report.c.missing_id.in_(ids))


def reports_by_reference(references: Sequence[str]) -> sa.Select:
    """Missing episodes by national reference."""
    return _reports().where(t.missing_report.c.national_reference.in_(references))


def reports_of_people(person_ids: Sequence[str]) -> sa.Select:
    """R9: the missing episodes in which one of these people is the missing person."""
    return _reports().where(t.missing_report.c.person_id.in_(person_ids))


def risk_changes(ids: Sequence[str]) -> sa.Select:
    """Every risk level these episodes have had, the latest first."""
    change = t.missing_risk_change
    return sa.select(change).where(change.c.missing_id.in_(ids)).order_by(change.c.missing_id, change.c.seq.desc())


def unidentified_matches(ids: Sequence[str]) -> sa.Select:
    """R21: possible matches with unidentified cases, the likeliest first."""
    match = t.missing_match
    return (
        sa.select(match)
        .where(match.c.missing_id.in_(ids))
        .order_by(match.c.missing_id, match.c.score.desc(), match.c.seq)
    )


def child_protection(ids: Sequence[str]) -> sa.Select:
    """Whether a child-protection record is linked: PND.CP's own table and nothing of NRMP's."""
    return sa.select(t.missing_child_protection).where(t.missing_child_protection.c.missing_id.in_(ids))


def _reports() -> sa.Select:
    """Episodes that are shown; whom to ask stands beside each, and a person who is SILENT is not named."""
    report = t.missing_report
    elsewhere = other_area(REPORT, report.c.missing_id, report.c.reporting_force)
    unnamed = hidden(PERSON, report.c.person_id)
    columns = (visible(column, unnamed) if column.name == "person_id" else column for column in report.columns)
    row_facts = facts(REPORT, report.c.missing_id, fact_if(elsewhere, RowFact.OTHER_AREA))
    statement = sa.select(*columns, report.c.contact_value.label(ROW_CONTACT), row_facts)
    return statement.where(shown(REPORT, report.c.missing_id))
