"""People by name: a question in, one `select()` over PNC.NAMES.CORE out, with the rank each person is answered in.

Found are people one of whose surnames, filed or alias, agrees with the asked one and whose first forename agrees when
one is asked; birth date, sex and place then only narrow. Two-part surnames are found whole (SMITH-JONES, SMITHJONES)
and by each part. Order, always the same for the same data:

1. the rank of the best name: 1 filed name and 2 alias, spelled as asked; 3 and 4 the same by part of a two-part
   surname, by an initial, or without a further forename; 5 and 6 by sound
2. the birth date: 0 as asked (or none asked), 1 the record knows more of it, 2 the record knows less of it, 3 another
   date the person has used
3. the PNCID
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from resolvers.names import fold, padded, phonetic_code, surname_key, surname_words
from resolvers.person.controls import FILED, findable, former_name
from resolvers.person.tables import person, person_address, person_birth_date, person_name, person_name_word

MOST_PEOPLE = 200
SHORTEST_PART = 4  # particles (VAN, DE, MC) sound like too much to be looked for alone


@dataclass(frozen=True, slots=True)
class NameQuestion:
    """What is asked; `phonetic` also finds names that sound alike. Dates are `YYYY`, `YYYY-MM` or `YYYY-MM-DD`."""

    last: str
    first: tuple[str, ...] = ()
    date_of_birth: str | None = None
    sex: str | None = None
    place: str | None = None
    phonetic: bool = True

    @property
    def searchable(self) -> bool:
        """Whether anything of the surname is left after folding: without it nothing is looked for."""
        return bool(surname_key(self.last))


def people_by_name(question: NameQuestion, most: int = MOST_PEOPLE) -> sa.Select:
    """The best `most + 1` people in order: person_id, name_rank, date_rank; one too many, to show more exist."""
    name_rank = sa.func.min(_name_rank(question)).label("name_rank")
    date_rank = sa.func.min(_date_rank(question.date_of_birth)).label("date_rank")
    same_name = sa.and_(
        person_name.c.person_id == person_name_word.c.person_id, person_name.c.seq == person_name_word.c.seq
    )
    return (
        sa.select(person.c.person_id, name_rank, date_rank)
        .select_from(person_name_word)
        .join(person_name, same_name)
        .join(person, person.c.person_id == person_name_word.c.person_id)
        .where(*_conditions(question))
        .group_by(person.c.person_id, person.c.person_urn)
        .order_by(name_rank, date_rank, person.c.person_urn)
        .limit(most + 1)
    )


def _conditions(question: NameQuestion) -> list[sa.ColumnElement[bool]]:
    conditions = [_surname_agrees(question), ~former_name(person_name), *findable(person.c.person_id)]
    forenames = _words(question.first)
    if forenames:
        conditions.append(_forename_agrees(forenames[0], phonetic=question.phonetic))
    if question.date_of_birth:
        conditions.append(sa.or_(_date_agrees(question.date_of_birth), _other_date_agrees(question.date_of_birth)))
    if question.sex:
        conditions.append(person.c.sex == question.sex)
    if question.place and fold(question.place):
        conditions.append(_place_agrees(question.place))
    return conditions


def _words(texts: Sequence[str]) -> list[str]:
    return [word for text in texts for word in fold(text).split()]


def _surname_agrees(question: NameQuestion) -> sa.ColumnElement[bool]:
    if not question.phonetic:
        return person_name_word.c.word == surname_key(question.last)
    codes = [word.code for word in surname_words(question.last) if word.whole or len(word.word) >= SHORTEST_PART]
    return person_name_word.c.code.in_(list(dict.fromkeys(codes)))


def _spelled(forename: str) -> sa.ColumnElement[bool]:
    return person_name.c.first_words.like(f"% {forename} %")


def _by_initial(forename: str) -> sa.ColumnElement[bool]:
    pattern = f"% {forename}%" if len(forename) == 1 else f"% {forename[0]} %"
    return person_name.c.first_words.like(pattern)


def _forename_agrees(forename: str, *, phonetic: bool) -> sa.ColumnElement[bool]:
    ways = [_spelled(forename), _by_initial(forename)]
    if phonetic and len(forename) > 1:
        ways.append(person_name.c.first_codes.like(f"% {phonetic_code(forename)} %"))
    return sa.or_(*ways)


def _name_rank(question: NameQuestion) -> sa.ColumnElement[int]:
    """1 to 6; see the module's first paragraph."""
    forenames = _words(question.first)
    same_word = person_name_word.c.word == surname_key(question.last)
    as_asked = sa.and_(same_word, person_name_word.c.whole, *map(_spelled, forenames))
    nearly = sa.and_(same_word, *(sa.or_(_spelled(name), _by_initial(name)) for name in forenames[:1]))
    agreement = sa.case((as_asked, 1), (nearly, 3), else_=5)
    return agreement + sa.case((person_name.c.type == FILED, 0), else_=1)


def _less_precise(partial: str) -> list[str]:
    """The year and the month a fuller date lies in, which a record may hold alone."""
    return [partial[:length] for length in (4, 7) if length < len(partial)]


def _date_within(column: sa.ColumnElement[str], asked: str) -> sa.ColumnElement[bool]:
    return sa.or_(column == asked, column.like(f"{asked}-%"), column.in_(_less_precise(asked)))


def _date_agrees(asked: str) -> sa.ColumnElement[bool]:
    return _date_within(person.c.date_of_birth, asked)


def _other_date_agrees(asked: str) -> sa.ColumnElement[bool]:
    other = person_birth_date
    return sa.exists().where(other.c.person_id == person.c.person_id, _date_within(other.c.value, asked))


def _date_rank(asked: str | None) -> sa.ColumnElement[int]:
    if not asked:
        return sa.literal(0)
    recorded = person.c.date_of_birth
    knows_less = recorded.in_(_less_precise(asked))
    return sa.case((recorded == asked, 0), (recorded.like(f"{asked}-%"), 1), (knows_less, 2), else_=3)


def _place_agrees(place: str) -> sa.ColumnElement[bool]:
    pattern = f"%{padded([place])}%"
    at_address = sa.exists().where(
        person_address.c.person_id == person.c.person_id, person_address.c.place_words.like(pattern)
    )
    return sa.or_(person.c.place_of_birth_folded.like(pattern), at_address)
