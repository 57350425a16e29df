"""Row rules as SQL: the same text for every caller, the caller's own facts bound when a statement runs. Runs nothing.

`shown` leaves out rows that are SILENT for the caller, `facts` stands beside a row and says which row rules hold of it
(`authz.row_rules.RowFact`), `not_refused` leaves rows that would be refused out of whatever finds rows by their values.
"""

from functools import cache
from typing import Any

import sqlalchemy as sa

from authz.row_rules import ROW_FACTS, RowFact
from resolvers.controls.parameters import HIDDEN_ONLY, OF_AN_OUTSIDER
from resolvers.controls.tables import hr_household, record_control
from resolvers.database import KEYS, TODAY

PERSON = "Person"
SILENT_KINDS = ("protected", "blocked", "sealed")
SUBJECT_TYPES = (
    *("Person", "Vehicle", "VehicleReport", "KeeperRecord", "Driver", "PropertyItem", "FirearmCertificate"),
    *("MissingReport", "IntelReport", "IntelNominal"),
)
GENDER_RECOGNITION, RESTRICTED, OWN_AREA = "grc", "s47", "own_area"


def _parameter(name: str, kind: type[sa.types.TypeEngine[Any]], *, expanding: bool = False) -> sa.BindParameter[Any]:
    """A parameter that is an outsider's where nobody says otherwise."""
    return sa.bindparam(name, OF_AN_OUTSIDER[name], type_=kind, expanding=expanding)


_USER = _parameter("caller_user", sa.String)
_OWNERS = [_parameter(name, sa.String) for name in ("caller_organisation", "caller_force", "caller_unit")]
_AREAS = _parameter("caller_areas", sa.String, expanding=True)
_REFUSED = _parameter("caller_denied", sa.Integer)
# 0 answers the rows a caller may have, 1 exactly the others: what an owner is alerted of is found by the same text.
_HIDDEN_ONLY = _parameter(HIDDEN_ONLY, sa.Integer)

_BY_KIND = {"high_profile": RowFact.HIGH_PROFILE, "victim_witness": RowFact.VICTIM}

Condition = sa.ColumnElement[bool]


def _text(value: str) -> sa.ColumnElement[str]:
    """A constant of ours in the statement's text: every parameter less is less to bind each time."""
    return sa.literal_column(f"'{value}'", sa.String)


def _bit(fact: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(int(fact)), sa.Integer)


_NOTHING, _ONE, _ENDLESS = _bit(0), _bit(1), sa.literal_column("'9999-12-31'", sa.Date)


def finds(statement: sa.Select) -> Condition:
    """Whether a statement about a row of the enclosing one finds anything, looked up by its index for each row.

    Counted, because PostgreSQL may read the whole table instead to answer an EXISTS from a hash.
    """
    return statement.with_only_columns(sa.func.count()).scalar_subquery() > _NOTHING


def owned_by_others(owner: sa.ColumnElement[str]) -> Condition:
    """Whether an owner (an organisation, a force or a unit) is none of the caller's."""
    return owner.not_in(_OWNERS)


def hidden(subject_type: str | sa.ColumnElement[str], key: sa.ColumnElement[str]) -> Condition:
    """Whether a control of another owner makes this record SILENT (P10)."""
    control = record_control
    silent = control.c.kind.in_([_text(kind) for kind in SILENT_KINDS]), owned_by_others(control.c.owner)
    return finds(_controls(subject_type, key).where(*silent))


def shown(subject_type: str | sa.ColumnElement[str], key: sa.ColumnElement[str]) -> Condition:
    """The rows that are not SILENT for the caller; the others when only hidden ones are asked for."""
    return shown_unless(hidden(subject_type, key))


def shown_unless(silent: Condition) -> Condition:
    """`shown` for a condition of one's own."""
    return sa.case((silent, _ONE), else_=_NOTHING) == _HIDDEN_ONLY


def visible(column: sa.ColumnElement[Any], silent: Condition) -> sa.ColumnElement[Any]:
    """A column of a row that is shown, empty where what it says is SILENT."""
    return sa.case((~silent, column)).label(column.name)


def facts(subject_type: str, key: sa.ColumnElement[str], *more: sa.ColumnElement[int]) -> sa.Label[int]:
    """The column `row_facts` of a record with controls; `more` are facts of its own."""
    kind, owner = record_control.c.kind, record_control.c.owner
    trained = sa.func.coalesce(sa.func.max(sa.case((kind == _text("training"), _ONE), else_=_NOTHING)), _NOTHING)
    bits = [(kind == _text(name), _bit(fact)) for name, fact in _BY_KIND.items()]
    restricted = sa.and_(kind == _text(RESTRICTED), owned_by_others(owner))
    found = sa.case(*bits, (restricted, _bit(RowFact.RESTRICTED)), else_=_NOTHING)
    held = sa.func.coalesce(sa.func.sum(found), _NOTHING)
    world = sa.case((trained == _ONE, _bit(RowFact.TRAINING)), else_=_bit(RowFact.LIVE))
    controlled: sa.ColumnElement[Any] = _controls(subject_type, key, held + world).scalar_subquery()
    for fact in more:
        controlled = controlled + fact
    return controlled.label(ROW_FACTS)


def fact_if(condition: Condition, fact: RowFact) -> sa.ColumnElement[int]:
    """A fact of one's own, for `facts`."""
    return sa.case((condition, _bit(fact)), else_=_NOTHING)


def not_refused(row_facts: sa.Label[int]) -> Condition:
    """The rows that this caller is not refused: a search must not find others, for finding is reading (P15-P18)."""
    return row_facts.element.op("&")(_REFUSED) == _NOTHING


def at_own_household(premises: sa.Table, person_id: sa.ColumnElement[str]) -> Condition:
    """Whether a person is recorded at premises where the caller lives (P15)."""
    homes = sa.select(hr_household.c.premises_key).where(hr_household.c.user_id == _USER)
    there = sa.select(_ONE).where(premises.c.person_id == person_id, premises.c.premises_key.in_(homes))
    return finds(there.select_from(premises).correlate(_table_of(person_id)))


def former(
    person_id: sa.ColumnElement[str], since: sa.ColumnElement[Any], *, always: Condition | None = None
) -> Condition:
    """Whether something dated `since` is from before a gender recognition control of another owner.

    What has no date counts as before, and so does what `always` says.
    """
    control = record_control
    before = sa.or_(since.is_(None), since < control.c.from_date, *(() if always is None else (always,)))
    kind = control.c.kind == _text(GENDER_RECOGNITION)
    return finds(_controls(PERSON, person_id).where(kind, owned_by_others(control.c.owner), before))


def under_recognition(person_id: sa.ColumnElement[str]) -> Condition:
    """Whether a person is under a gender recognition control of another owner."""
    kind = record_control.c.kind == _text(GENDER_RECOGNITION)
    return finds(_controls(PERSON, person_id).where(kind, owned_by_others(record_control.c.owner)))


def other_area(subject_type: str, key: sa.ColumnElement[str], force: sa.ColumnElement[str]) -> Condition:
    """Whether a record belongs to none of the caller's areas: by its control, else by the force that reported it."""
    control = record_control
    own = _controls(subject_type, key).where(control.c.kind == _text(OWN_AREA))
    mine = finds(own.where(sa.or_(control.c.area.in_(_AREAS), control.c.owner.in_(_AREAS))))
    return sa.case((finds(own), ~mine), else_=sa.func.substr(force, 1, 2).not_in(_AREAS))


@cache
def controls_on() -> sa.Select:
    """The controls in force on the keys of a load that make something SILENT: whom to tell of a look at them."""
    control = record_control
    kinds = [_text(kind) for kind in (*SILENT_KINDS, GENDER_RECOGNITION)]
    types = control.c.subject_type.in_([_text(name) for name in SUBJECT_TYPES])
    return (
        sa.select(control.c.subject_type, control.c.subject_key, control.c.kind, control.c.owner)
        .where(types, control.c.subject_key.in_(KEYS), control.c.kind.in_(kinds), _in_force())
        .order_by(control.c.subject_type, control.c.subject_key, control.c.kind)
    )


def _in_force() -> Condition:
    return TODAY.between(record_control.c.from_date, sa.func.coalesce(record_control.c.to_date, _ENDLESS))


def _controls(
    subject_type: str | sa.ColumnElement[str], key: sa.ColumnElement[str], *columns: sa.ColumnElement[Any]
) -> sa.Select:
    """The controls in force on a record of the enclosing statement."""
    control = record_control
    of_type = _text(subject_type) if isinstance(subject_type, str) else subject_type
    statement = sa.select(*(columns or (_ONE,))).where(
        control.c.subject_type == of_type, control.c.subject_key == key, _in_force()
    )
    return statement.correlate(_table_of(key))


def _table_of(column: sa.ColumnElement[Any]) -> sa.FromClause:
    """The table or alias of the enclosing statement that a condition is about."""
    assert isinstance(column, sa.ColumnClause)
    assert column.table is not None
    return column.table
