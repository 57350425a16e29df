"""The nominals of a block: identity, names, addresses, contacts, descriptors and associations (PNC.NAMES.CORE)."""

import json
from functools import lru_cache

from leds.data import kinds
from leds.data.dice import Dice, Weighted
from leds.data.population import STATIONS, Block, Home, Human, Row, Rows, key, new_home
from leds.data.words import forenames, surnames, towns
from resolvers.names import contact_key, name_search_columns, place_words, postcode_key, premises_key, surname_words
from schema.identifiers.person import cro_number, person_urn

RECORD = ("owner_fs", "version", "created_at", "updated_at", "as_of", "lag_seconds", "review_date")
ADDRESS = (
    "address_lines",
    "address_postcode",
    "address_country",
    "address_from",
    "address_to",
    "address_usage",
    "address_status",
)
COLUMNS = {
    "person": (
        *("person_id", "person_urn", "cro_number", "sex", "date_of_birth", "place_of_birth", "place_of_birth_folded"),
        *("nationalities", "ethnicity_observed", "ethnicity_self_defined", "deceased", "date_of_death", "height_cm"),
        *("build", "eye_colour", "hair_colour", "facial_hair", "hair_type", "complexion", "accent", "glasses"),
        *("handedness", "marks", "occupations", "skills", "places_frequented", "driver_number_recorded"),
        *("police_references", "other_details", *RECORD),
    ),
    "person_birth_date": ("person_id", "seq", "value"),
    "person_name": (
        *("person_id", "seq", "title", "last_name", "first_names", "type", "from_date", "to_date"),
        *("last_key", "match_name", "first_words", "first_codes"),
    ),
    "person_name_word": ("person_id", "seq", "word", "code", "whole"),
    "person_address": (*("person_id", "seq", *ADDRESS, "fs_code", "place_words", "match_postcode", "premises_key"),),
    "person_contact": ("person_id", "seq", "type", "value", "value_key", "from_date", "to_date"),
    "person_identifier": ("person_id", "seq", "type", "value", "valid", "source"),
    "person_association": (
        *("person_id", "seq", "other_type", "other_key", "type", "from_date", "last_seen", "confidence"),
    ),
}

FIRST_URN_SERIAL, URN_SERIALS = 9_100_000, 900_000
FIRST_CRO_SERIAL = 910_000
_NATIONALITIES = Weighted(
    {'["GBR"]': 0.86, '["POL"]': 0.03, '["IRL"]': 0.03, '["ROU"]': 0.03, '["LTU"]': 0.02, '["GBR", "IRL"]': 0.03}
)
_OBSERVED = Weighted({"1": 0.7, "2": 0.05, "3": 0.09, "4": 0.08, "5": 0.02, "6": 0.03, "9": 0.03})
_SELF_DEFINED = Weighted(
    {
        **{"W1": 0.66, "W2": 0.02, "W9": 0.07, "M1": 0.02, "M9": 0.02, "A1": 0.03, "A2": 0.03, "A9": 0.02},
        **{"B1": 0.03, "B2": 0.03, "O9": 0.02, "NS": 0.05},
    }
)
_BUILD = Weighted({"SLI": 0.2, "MED": 0.4, "LAR": 0.12, "MUS": 0.08, "STO": 0.1, "THI": 0.05, "HEA": 0.05})
_EYES = Weighted({"BRN": 0.4, "BLU": 0.35, "GRN": 0.1, "HAZ": 0.1, "GRY": 0.04, "OTH": 0.01})
_HAIR = Weighted({"BRN": 0.3, "BLK": 0.25, "DBR": 0.15, "LBR": 0.1, "BLD": 0.05, "FAI": 0.05, "GIN": 0.03, "GRY": 0.07})
_FACIAL = Weighted({"CS": 0.6, "BE": 0.15, "SB": 0.1, "MO": 0.05, "GO": 0.05, "FB": 0.05})
_HAIR_TYPE = Weighted({"STR": 0.5, "WAV": 0.15, "CUR": 0.1, "CRO": 0.15, "REC": 0.05, "SHA": 0.05})
_COMPLEXION = Weighted({"FRE": 0.4, "PAL": 0.3, "TAN": 0.15, "RUD": 0.1, "FRK": 0.05})
_ACCENT = Weighted(
    {"LON": 0.2, "BIR": 0.15, "MAN": 0.12, "YOR": 0.12, "LIV": 0.1, "SCO": 0.1, "WEL": 0.08, "WES": 0.13}
)
_OCCUPATION = Weighted(
    {"UNEMP": 0.3, "LAB": 0.15, "DRIV": 0.1, "HOSP": 0.1, "TRADE": 0.1, "STUD": 0.1, "OFFI": 0.1, "SELF": 0.05}
)
_MARK_PLACES = ("LARM", "RARM", "NECK", "CHEST", "BACK", "LHAND", "RHAND", "LLEG", "RLEG", "FACE")
_MARK_TEXTS = ("swallow", "anchor", "star", "two stars", "small compass", "lighthouse", "feather", "ship", "leaf")
_SKILLS = ("LOCK", "ELEC", "MECH", "COMP", "LANG")
_DETAILS = (
    "Synthetic record. Usually travels by bicycle.",
    "Synthetic record. Keeps pigeons.",
    "Synthetic record. Often seen at the market with a red rucksack.",
    "Synthetic record. Answers to a nickname.",
)
_ASSOCIATIONS = Weighted({"ASSOC": 0.4, "FAM": 0.2, "PARTNER": 0.12, "CODEF": 0.2, "SAMEADDR": 0.05, "GANG": 0.03})
_PREVIOUS_USAGE = Weighted({"HOME": 0.5, "A01C": 0.2, "A01D": 0.15, "A03": 0.05, "OTHER": 0.05, "A07B": 0.05})
_ALIAS_TYPES = Weighted({"ALIAS": 0.6, "NICK": 0.25, "ARREST": 0.15})


@lru_cache(maxsize=65_536)
def names_json(first: tuple[str, ...]) -> str:
    """Forenames as the JSON the tables hold."""
    return json.dumps(first, ensure_ascii=False)


def person_key(block: Block, place: int) -> str:
    """The key of the block's nominal number `place`."""
    return key(kinds.PERSON, block.first_person + place)


def add_people(block: Block, rows: Rows) -> None:
    """Add the block's nominals with everything the core names dataset holds."""
    for place in range(block.people):
        person_id, human = person_key(block, place), block.nominal(place)
        rows["person"].append((person_id, *_identity(block, place, human), *_descriptors(block, human)))
        _add_names(block, rows, person_id, human)
        _add_addresses(block, rows, person_id, human)
        _add_contacts(block, rows, place, human)
        _add_associations(block, rows, person_id)


def _urn_year(block: Block, place: int, human: Human) -> int:
    calendar, number = block.world.calendar, block.first_person + place
    first = max(int(calendar.iso(human.born)[:4]) + 10, 1990)
    rounds = -(-block.world.people // URN_SERIALS)
    # Serials repeat every 900,000 people, so the year tells the rounds apart.
    first += (number // URN_SERIALS - first) % rounds
    return first + rounds * block.dice.below((calendar.year - first) // rounds + 1)


def _identity(block: Block, place: int, human: Human) -> Row:
    dice, number = block.dice, block.first_person + place
    urn = person_urn(_urn_year(block, place, human), FIRST_URN_SERIAL + number % URN_SERIALS)
    born = block.world.calendar.iso(human.born)
    year, serial = 1990 + number % 36, FIRST_CRO_SERIAL + number // 36
    has_cro = year >= int(born[:4]) + 10 and serial < 1_000_000 and dice.chance(0.8)
    precision = dice.roll()
    town = dice.pick(towns()).name
    return (
        urn,
        cro_number(serial, year) if has_cro else None,
        human.sex,
        born if precision < 0.94 else born[:7] if precision < 0.96 else born[:4],
        town,
        f" {town.upper()} ",
        dice.draw(_NATIONALITIES),
        dice.draw(_OBSERVED),
        dice.draw(_SELF_DEFINED),
    )


def _descriptors(block: Block, human: Human) -> Row:
    dice, world = block.dice, block.world
    calendar = world.calendar
    died = calendar.today - dice.below(3_000) if dice.chance(0.015) else None
    created = max(human.born + 3_660, calendar.today - dice.below(9_000))
    updated = dice.between(created, calendar.today)
    return (
        died is not None,
        calendar.iso(died) if died else None,
        (150 if human.sex == "F" else 160) + dice.below(35),
        dice.draw(_BUILD),
        dice.draw(_EYES),
        dice.draw(_HAIR),
        dice.draw(_FACIAL) if human.sex == "M" else None,
        dice.draw(_HAIR_TYPE),
        dice.draw(_COMPLEXION),
        dice.draw(_ACCENT) if dice.chance(0.4) else None,
        "Y" if dice.chance(0.25) else "N",
        "L" if dice.chance(0.11) else "R",
        _marks(dice),
        f'["{dice.draw(_OCCUPATION)}"]' if dice.chance(0.8) else None,
        f'["{dice.pick(_SKILLS)}"]' if dice.chance(0.05) else None,
        f'["{dice.pick(towns()).name} market"]' if dice.chance(0.1) else None,
        _recorded_number(block, human),
        f'[{{"force": "20", "type": "LOCAL", "reference": "N{dice.below(900_000)}"}}]' if dice.chance(0.2) else None,
        dice.pick(_DETAILS) if dice.chance(0.1) else None,
        *world.record(dice.draw(STATIONS), created, updated, human.born + 36_525),
    )


def _recorded_number(block: Block, human: Human) -> str | None:
    """What PNC holds as the driver number: mostly right or absent, now and then somebody else's (R1)."""
    draw = block.dice.roll()
    if draw < 0.03:
        return block.dice.pick(block.humans).number
    return human.number if draw < 0.6 else None


def _marks(dice: Dice) -> str | None:
    if not dice.chance(0.3):
        return None
    marks = [
        {
            "type": "TAT" if dice.chance(0.7) else "SCA",
            "location": dice.pick(_MARK_PLACES),
            "text": dice.pick(_MARK_TEXTS),
        }
        for _ in range(1 + dice.tail(0.3, 4))
    ]
    return json.dumps(marks)


def _add_names(block: Block, rows: Rows, person_id: str, human: Human) -> None:
    dice = block.dice
    names = [(human.title, human.surname, human.first, "FILED")]
    for _ in range(dice.tail(0.28, 6)):
        kind = dice.draw(_ALIAS_TYPES)
        surname = dice.pick(surnames()) if kind == "ALIAS" else human.surname
        first = (dice.pick(forenames()),) if kind != "ALIAS" or dice.chance(0.3) else human.first
        names.append((human.title, surname, first, kind))
    for seq, (title, surname, first, kind) in enumerate(names):
        search = name_search_columns(surname, first)
        words = surname_words(surname)
        rows["person_name"].append(
            (person_id, seq, title, surname, names_json(first), kind, None, None, *search.values())
        )
        rows["person_name_word"].extend((person_id, seq, word.word, word.code, word.whole) for word in words)
    if dice.chance(0.06):
        year = block.world.calendar.iso(human.born + dice.between(-700, 700))[:4]
        rows["person_birth_date"].append((person_id, 0, year))


def _add_addresses(block: Block, rows: Rows, person_id: str, human: Human) -> None:
    dice, calendar = block.dice, block.world.calendar
    count = 1 + dice.below(4) + dice.tail(0.45, 60)
    if dice.chance(0.0005):
        count = 200 + dice.below(800)
    until, home = None, human.home
    for seq in range(count):
        since = (until or calendar.today) - 60 - dice.below(1_400)
        usage, status = ("HOME", "M") if seq == 0 else (dice.draw(_PREVIOUS_USAGE), "P")
        lines = home.line_texts
        rows["person_address"].append(
            (
                *(person_id, seq, home.lines, home.postcode, "GB"),
                *(calendar.iso(since) if since > 694_000 else None, calendar.iso(until) if until else None),
                *(usage, status, dice.draw(STATIONS) if seq == 0 else None),
                *(place_words(lines, home.postcode), postcode_key(home.postcode), premises_key(lines, home.postcode)),
            )
        )
        until, home = max(since, 694_000), new_home(dice)


def _add_contacts(block: Block, rows: Rows, place: int, human: Human) -> None:
    dice, person_id = block.dice, person_key(block, place)
    contacts = []
    if dice.chance(0.45):
        local = human.match_name.lower().replace(" ", ".")
        contacts.append(("EMAIL", f"{local}.{block.first_person + place}@example.org"))
    # Only 1,000 mobile numbers are reserved for drama; more holders would link strangers.
    if dice.chance(0.02):
        contacts.append(("MOBILE", f"07700900{dice.below(1_000):03d}"))
    for seq, (kind, value) in enumerate(contacts):
        rows["person_contact"].append((person_id, seq, kind, value, contact_key(value), None, None))
    identifiers = []
    if dice.chance(0.3) and block.first_person + place < 1_000_000:
        identifiers.append(("NINO", f"QQ{block.first_person + place:06d}{'ABCD'[place % 4]}", True, "DWP"))
    if dice.chance(0.12):
        identifiers.append(("PASSPORT", f"X{dice.below(90_000_000):08d}", True, "HMPO"))
    if dice.chance(0.02):
        # A number with a wrong check letter is kept and flagged (entities 3.1).
        identifiers.append(("PNCID", "1950/1581C", False, "LEGACY"))
    for seq, identifier in enumerate(identifiers):
        rows["person_identifier"].append((person_id, seq, *identifier))


def _add_associations(block: Block, rows: Rows, person_id: str) -> None:
    dice, calendar = block.dice, block.world.calendar
    for seq in range(dice.tail(0.3, 12)):
        if dice.chance(0.15):
            other, kind, name = key(kinds.VEHICLE, block.first_vehicle + dice.below(block.vehicles)), "ASSOC", "Vehicle"
        else:
            other, kind, name = person_key(block, dice.below(block.people)), dice.draw(_ASSOCIATIONS), "Person"
        if other == person_id:
            continue
        seen = calendar.today - dice.below(3_000)
        since, last_seen = calendar.iso(seen - dice.below(2_000)), calendar.iso(seen)
        rows["person_association"].append(
            (person_id, seq, name, other, kind, since, last_seen, (3 + dice.below(7)) / 10)
        )


def home_columns(home: Home, since: str | None, usage: str | None = None) -> Row:
    """The `ADDRESS` columns of a current British address."""
    return (home.lines, home.postcode, "GB", since, None, usage, None)
