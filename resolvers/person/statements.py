"""Keys in, one `select()` out for each table of the Person product; every statement reads one dataset. No I/O.

Children come with their parent's key and in their shown order, which is part of the statement.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from resolvers.person import tables as t
from resolvers.person.search import FILED


def people(ids: Sequence[str]) -> sa.Select:
    """Nominals by id."""
    return sa.select(t.person).where(t.person.c.person_id.in_(ids))


def people_by_urn(urns: Sequence[str]) -> sa.Select:
    """Nominals by canonical PNCID."""
    return sa.select(t.person).where(t.person.c.person_urn.in_(urns))


def people_by_cro(numbers: Sequence[str]) -> sa.Select:
    """Nominals by canonical CRO number."""
    return sa.select(t.person).where(t.person.c.cro_number.in_(numbers))


def people_by_asn(numbers: Sequence[str]) -> sa.Select:
    """Whose arrest reports carry these canonical ASNs: asn and person_id, from the convictions dataset alone."""
    return sa.select(t.arrest_report.c.asn, t.arrest_report.c.person_id).where(t.arrest_report.c.asn.in_(numbers))


def names(ids: Sequence[str]) -> sa.Select:
    """Every name of these people, the filed one first."""
    other = sa.case((t.person_name.c.type == FILED, 0), else_=1)
    return _children(t.person_name, ids, other, t.person_name.c.seq)


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
        sa.select(result)
        .where(result.c.offence_id.in_(offence_ids))
        .order_by(result.c.offence_id, result.c.effective_date, result.c.disposal_id)
    )


def people_by_recorded_driver(numbers: Sequence[str]) -> sa.Select:
    """Who is recorded as holding one of these driver numbers (R1): the number, the person and the birth date."""
    person = t.person
    return sa.select(person.c.driver_number_recorded, person.c.person_id, person.c.date_of_birth).where(
        person.c.driver_number_recorded.in_(numbers)
    )


def people_by_name_and_date(pairs: Sequence[tuple[str, str]]) -> sa.Select:
    """Candidates for R1: people with one of these (match name, birth date) pairs' first surname word and birth date.

    A birth date is whole; people of whom only its year or month is known are candidates too.
    """
    word, person = t.person_name_word, t.person
    wanted = [(match_name.split()[0], known) for match_name, birth in pairs for known in (birth, birth[:7], birth[:4])]
    first_words = sorted({first for first, _known in wanted})
    return (
        sa.select(word.c.word, person.c.person_id, person.c.date_of_birth)
        .join(person, person.c.person_id == word.c.person_id)
        .where(word.c.word.in_(first_words), sa.tuple_(word.c.word, person.c.date_of_birth).in_(sorted(set(wanted))))
        .distinct()
        .order_by(person.c.person_id, word.c.word)
    )


def people_by_name_and_postcode(pairs: Sequence[tuple[str, str]]) -> sa.Select:
    """Candidates for R2: people with one of these (match name, postcode key) pairs' first surname word and postcode."""
    word, address = t.person_name_word, t.person_address
    wanted = sorted({(match_name.split()[0], postcode) for match_name, postcode in pairs})
    return (
        sa.select(word.c.word, address.c.match_postcode, address.c.person_id)
        .join(address, address.c.person_id == word.c.person_id)
        .where(
            address.c.match_postcode.in_(sorted({postcode for _word, postcode in wanted})),
            sa.tuple_(word.c.word, address.c.match_postcode).in_(wanted),
        )
        .distinct()
        .order_by(address.c.person_id, word.c.word)
    )


def _children(table: sa.Table, ids: Sequence[str], *order: sa.ColumnElement) -> sa.Select:
    return sa.select(table).where(table.c.person_id.in_(ids)).order_by(table.c.person_id, *order)


def _newest(when: sa.ColumnElement) -> tuple[sa.ColumnElement, sa.ColumnElement]:
    """Latest first with the undated last, said so that SQLite and PostgreSQL agree."""
    return when.is_(None), when.desc()
