"""Keys in, one `select()` out for each table of the Intelligence product; every statement reads one dataset. No I/O."""

from collections.abc import Sequence

import sqlalchemy as sa

from authz.row_rules import ROW_CONTACT, RowFact
from resolvers.controls.predicates import PERSON, fact_if, facts, shown
from resolvers.intelligence import tables as t

NOMINAL, VEHICLE, MISSING, REPORT = "IntelNominal", "Vehicle", "MissingReport", "IntelReport"
CONDITIONAL = "C"


def nominals(ids: Sequence[str]) -> sa.Select:
    """PND nominals by id."""
    key = t.intel_nominal.c.intel_nominal_id
    return sa.select(t.intel_nominal).where(key.in_(ids), shown(NOMINAL, key))


def names(ids: Sequence[str]) -> sa.Select:
    """Every name of these PND nominals."""
    name = t.intel_nominal_name
    return sa.select(name).where(name.c.intel_nominal_id.in_(ids)).order_by(name.c.intel_nominal_id, name.c.seq)


def confirmed_links(ids: Sequence[str]) -> sa.Select:
    """R15: the PNC nominal each of these PND nominals was confirmed to be, the surest first; proposals are left out."""
    link = t.intel_pnc_link
    return (
        sa.select(link)
        .where(link.c.intel_nominal_id.in_(ids), link.c.confirmed_by.is_not(None), shown(PERSON, link.c.person_id))
        .order_by(link.c.intel_nominal_id, link.c.score.desc(), link.c.person_id)
    )


def nominals_of_people(person_ids: Sequence[str]) -> sa.Select:
    """R15 the other way: PND nominals confirmed to be one of these people; `linked_person_id` is that person."""
    nominal, link = t.intel_nominal, t.intel_pnc_link
    return (
        sa.select(nominal, link.c.person_id.label("linked_person_id"))
        .join(link, link.c.intel_nominal_id == nominal.c.intel_nominal_id)
        .where(
            link.c.person_id.in_(person_ids),
            link.c.confirmed_by.is_not(None),
            shown(NOMINAL, nominal.c.intel_nominal_id),
        )
    )


def reports(ids: Sequence[str]) -> sa.Select:
    """Intelligence reports by id."""
    return _shown_reports().where(t.intel_report.c.intel_report_id.in_(ids))


def reports_of_nominals(ids: Sequence[str]) -> sa.Select:
    """Reports with a link to one of these PND nominals; `linked_key` is the nominal."""
    return _reports_linked(NOMINAL, ids)


def reports_of_vehicles(vrms: Sequence[str]) -> sa.Select:
    """R16: reports with a vehicle object of one of these VRMs; `linked_key` is the VRM."""
    return _reports_linked(VEHICLE, vrms)


def reports_of_missing(ids: Sequence[str]) -> sa.Select:
    """R10: reports somebody linked to one of these missing episodes; `linked_key` is the episode."""
    return _reports_linked(MISSING, ids)


def links(report_ids: Sequence[str]) -> sa.Select:
    """The objects these reports are about."""
    link = t.intel_link
    return (
        sa.select(link)
        .where(link.c.intel_report_id.in_(report_ids), shown(link.c.target_type, link.c.target_key))
        .order_by(link.c.intel_report_id, link.c.seq)
    )


def _reports_linked(target_type: str, keys: Sequence[str]) -> sa.Select:
    """Reports with a link to these targets, each report once for each target however many links say so."""
    report, link = t.intel_report, t.intel_link
    wanted = (
        sa.select(link.c.intel_report_id, link.c.target_key)
        .where(link.c.target_type == target_type, link.c.target_key.in_(keys))
        .distinct()
        .subquery("wanted")
    )
    return _shown_reports(wanted.c.target_key.label("linked_key")).join(
        wanted, wanted.c.intel_report_id == report.c.intel_report_id
    )


def _shown_reports(*more: sa.ColumnElement) -> sa.Select:
    """Reports that are shown; whom to ask stands beside each: the force it came from (P13)."""
    report = t.intel_report
    conditional = fact_if(report.c.handling == CONDITIONAL, RowFact.CONDITION)
    row_facts = facts(REPORT, report.c.intel_report_id, conditional)
    statement = sa.select(report, report.c.source_force.label(ROW_CONTACT), row_facts, *more)
    return statement.where(shown(REPORT, report.c.intel_report_id))
