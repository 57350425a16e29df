"""Keys in, one `select()` out for each table of the Person product; every statement reads one dataset. No I/O.

Children come with their parent's key and in their shown order, which is part of the statement.
"""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from resolvers.controls.predicates import PERSON, former, shown, shown_unless, visible
from resolvers.database import BAR, FIRSTS, PAIRS
from resolvers.person import tables as t
from resolvers.person.controls import (
    FILED,
    arrested_as_child,
    case_of_child,
    findable,
    former_name,
    of_former_name,
    offended_as_child,
)
from resolvers.person.controls import people as shown_people

LONG_AGO = date(1, 1, 1)
AFTER_THE_LAST = 1000  # courtOffenceSequenceNumber is 0..999


def people(ids: Sequence[str]) -> sa.Select:
    """Nominals by id."""
    return shown_people().where(t.person.c.person_id.in_(ids))


def people_by_urn(urns: Sequence[str]) -> sa.Select:
    """Nominals by canonical PNCID."""
    return shown_people().where(t.person.c.person_urn.in_(urns))


def people_by_cro(numbers: Sequence[str]) -> sa.Select:
    """Nominals by canonical CRO number."""
    return shown_people().where(t.person.c.cro_number.in_(numbers))


def people_by_asn(numbers: Sequence[str]) -> sa.Select:
    """Whose arrest reports carry these canonical ASNs: asn and person_id, from the convictions dataset alone."""
    report = t.arrest_report
    held = report.c.asn.in_(numbers), shown(PERSON, report.c.person_id)
    return sa.select(report.c.asn, report.c.person_id).where(*held)


def names(ids: Sequence[str]) -> sa.Select:
    """Every name of these people, the filed one first; a former name is its owner's under a grc control (3.4)."""
    other = sa.case((t.person_name.c.type == FILED, 0), else_=1)
    return _children(t.person_name, ids, other, t.person_name.c.seq).where(shown_unless(former_name(t.person_name)))


def birth_dates(ids: Sequence[str]) -> sa.Select:
    """Other birth dates these people have used."""
    return _children(t.person_birth_date, ids, t.person_birth_date.c.seq)


def identifiers(ids: Sequence[str]) -> sa.Select:
    """Passports and every other number held for these people."""
    return _children(t.person_identifier, ids, t.person_identifier.c.seq)


def contacts(ids: Sequence[str]) -> sa.Select:
    """Phone numbers and e-mail addresses of these people."""
    return _children(t.person_contact, ids, t.person_contact.c.seq)


def current_postcodes(ids: Sequence[str]) -> sa.Select:
    """The postcode keys at which these people are recorded, the latest first: what matches between products compare."""
    address = t.person_address
    columns = sa.select(address.c.person_id, address.c.match_postcode, address.c.address_to)
    ended = address.c.address_to.is_not(None)
    return columns.where(address.c.person_id.in_(ids), address.c.match_postcode.is_not(None)).order_by(
        address.c.person_id, ended, address.c.address_to.desc(), address.c.seq
    )


def warnings(ids: Sequence[str]) -> sa.Select:
    """Warning signals, the newest first."""
    return _children(t.person_warning, ids, *_newest(t.person_warning.c.added_on), t.person_warning.c.seq)


def information_markers(ids: Sequence[str]) -> sa.Select:
    """Information markers, the newest first."""
    marker = t.person_information_marker
    return _children(marker, ids, *_newest(marker.c.added_on), marker.c.seq)


def biometrics(ids: Sequence[str]) -> sa.Select:
    """Fingerprint and DNA status and where photographs are kept."""
    return sa.select(t.person_biometric).where(t.person_biometric.c.person_id.in_(ids))


def orders(ids: Sequence[str]) -> sa.Select:
    """Court orders, the latest first."""
    return _children(t.court_order, ids, *_newest(t.court_order.c.from_date), t.court_order.c.seq)


def non_convictions(ids: Sequence[str]) -> sa.Select:
    """Acquittals, cases without further action and discontinued cases, the latest first."""
    return _children(t.non_conviction, ids, *_newest(t.non_conviction.c.date), t.non_conviction.c.seq)


def disqualifications(ids: Sequence[str]) -> sa.Select:
    """The police copy of driving disqualifications, the latest first."""
    period = t.pnc_disqualification
    return _children(period, ids, *_newest(period.c.from_date), period.c.seq)


def immigration_markers(ids: Sequence[str]) -> sa.Select:
    """Home Office immigration markers, the newest first."""
    marker = t.immigration_marker
    return _children(marker, ids, *_newest(marker.c.added_on), marker.c.seq)


def addresses(ids: Sequence[str]) -> sa.Select:
    """Addresses of these people; `since` is when each began, or long ago where nobody knows."""
    return _dated(t.person_address, t.person_address.c.address_from, ids)


def associations(ids: Sequence[str]) -> sa.Select:
    """Associations these people have with others who are shown; `since` is when each was last seen, or long ago."""
    link = t.person_association
    return _dated(link, link.c.last_seen, ids).where(shown(link.c.other_type, link.c.other_key))


def arrest_reports(ids: Sequence[str]) -> sa.Select:
    """Arrest reports of these people."""
    return _arrest_reports().where(t.arrest_report.c.person_id.in_(ids))


def arrest_reports_by_id(report_ids: Sequence[str]) -> sa.Select:
    """Arrest reports by id."""
    return _arrest_reports().where(t.arrest_report.c.report_id.in_(report_ids))


def court_cases(ids: Sequence[str]) -> sa.Select:
    """Court cases of these people; `since` is the conviction, or long ago where there is none."""
    case = t.court_case
    under_former_name = former(case.c.person_id, case.c.conviction_date)
    columns = _without(case, ("defendant",), under_former_name)
    return sa.select(*columns, _since(case.c.conviction_date), case_of_child(case.c.court_case_id)).where(
        case.c.person_id.in_(ids)
    )


def wanted_missing(ids: Sequence[str]) -> sa.Select:
    """Circulations of these people, whatever their category; `since` is the circulation, or when it was recorded."""
    report = t.wanted_missing_report
    since = sa.func.coalesce(report.c.circulated_from, report.c.created_at).label("since")
    return sa.select(report, since).where(report.c.person_id.in_(ids))


def offences(report_ids: Sequence[str]) -> sa.Select:
    """Offences on arrest reports; `place` is the court's sequence number, those without one last."""
    return _offences().where(t.offence.c.report_id.in_(report_ids))


def offences_of_cases(case_ids: Sequence[str]) -> sa.Select:
    """R13: offences gathered in court cases, from whatever arrests; `in_case` is the case."""
    link = t.court_case_offence
    return (
        _offences(link.c.court_case_id.label("in_case"))
        .join(link, link.c.offence_id == t.offence.c.offence_id)
        .where(link.c.court_case_id.in_(case_ids))
    )


def _offences(*more: sa.ColumnElement) -> sa.Select:
    return sa.select(t.offence, _place_in_court(), offended_as_child(t.offence.c.offence_id), *more)


def _place_in_court() -> sa.ColumnElement[int]:
    return sa.func.coalesce(t.offence.c.court_offence_sequence_number, AFTER_THE_LAST).label("place")


def remands(report_ids: Sequence[str]) -> sa.Select:
    """Remands of arrest reports, the latest appearance first."""
    remand = t.remand
    return (
        sa.select(remand)
        .where(remand.c.report_id.in_(report_ids))
        .order_by(remand.c.report_id, *_newest(remand.c.appearance_date), remand.c.remand_id)
    )


def disposals(offence_ids: Sequence[str]) -> sa.Select:
    """Results of offences, in the order they took effect."""
    result = t.disposal
    return (
        sa.select(result, offended_as_child(result.c.offence_id))
        .where(result.c.offence_id.in_(offence_ids))
        .order_by(result.c.offence_id, result.c.effective_date, result.c.disposal_id)
    )


def people_by_recorded_driver(numbers: Sequence[str]) -> sa.Select:
    """Who is recorded as holding one of these driver numbers (R1): the number, the person and the birth date."""
    person = t.person
    return sa.select(person.c.driver_number_recorded, person.c.person_id, person.c.date_of_birth).where(
        person.c.driver_number_recorded.in_(numbers), *findable(person.c.person_id)
    )


def people_by_name_and_date(_keys: Sequence[str]) -> sa.Select:
    """R1 candidates: people with a surname word and a birth date written `WORD|DATE`, as precisely as recorded."""
    word, person = t.person_name_word, t.person
    named = (
        _named(word.c.word, person.c.date_of_birth, word.c.person_id, person.c.date_of_birth)
        .join(person, person.c.person_id == word.c.person_id)
        .where(word.c.word.in_(FIRSTS), sa.tuple_(word.c.word, person.c.date_of_birth).in_(PAIRS))
    )
    return _candidates(named)


def people_by_name_and_postcode(_keys: Sequence[str]) -> sa.Select:
    """R2 candidates: people with a surname word and an address's postcode key written `WORD|POSTCODE`."""
    word, address = t.person_name_word, t.person_address
    named = (
        _named(word.c.word, address.c.match_postcode, word.c.person_id)
        .join(address, address.c.person_id == word.c.person_id)
        .where(word.c.word.in_(FIRSTS), sa.tuple_(word.c.word, address.c.match_postcode).in_(PAIRS))
    )
    return _candidates(named)


def _named(word: sa.Column, other: sa.Column, *columns: sa.Column) -> sa.Select:
    """Each person once for each key by which a name of theirs is found, former names aside."""
    words = word.table
    return sa.select((word + BAR + other).label("candidate"), *columns).where(~of_former_name(words)).distinct()


def _candidates(named: sa.Select) -> sa.Select:
    """Those who may be found: asked once for each person, not for each of their names."""
    found = named.subquery("named")
    person_id = found.c.person_id
    return sa.select(found).where(*findable(person_id)).order_by(found.c.candidate, person_id)


def _children(table: sa.Table, ids: Sequence[str], *order: sa.ColumnElement) -> sa.Select:
    return sa.select(table).where(table.c.person_id.in_(ids)).order_by(table.c.person_id, *order)


def _dated(table: sa.Table, when: sa.ColumnElement, ids: Sequence[str]) -> sa.Select:
    """The rows with `since` beside them: a date that is never null, as the order of pages needs."""
    return sa.select(table, _since(when)).where(table.c.person_id.in_(ids))


def _since(when: sa.ColumnElement) -> sa.Label:
    return sa.func.coalesce(when, sa.literal(LONG_AGO, sa.Date)).label("since")


def _arrest_reports() -> sa.Select:
    """Arrest reports; the name given at an arrest before a gender recognition control is its owner's (3.4)."""
    report = t.arrest_report
    name = ("arrest_title", "arrest_last", "arrest_first")
    under_former_name = former(report.c.person_id, report.c.process_stage_at)
    return sa.select(*_without(report, name, under_former_name), arrested_as_child())


def _without(table: sa.Table, names: Sequence[str], silent: sa.ColumnElement[bool]) -> list[sa.ColumnElement]:
    """The columns of a table, those with these names empty where they are SILENT."""
    return [visible(column, silent) if column.name in names else column for column in table.columns]


def _newest(when: sa.ColumnElement) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    """Latest first with the undated last, said so that SQLite and PostgreSQL agree."""
    return when.is_(None), when.desc()
