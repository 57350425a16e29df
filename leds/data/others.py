"""The small products of a block: property and firearm certificates, missing episodes, intelligence."""

from leds.data import kinds
from leds.data.dice import Weighted
from leds.data.people import ADDRESS, RECORD, home_columns, names_json, person_key
from leds.data.population import STATIONS, Block, Row, Rows, key, new_home
from leds.data.vehicles import generated_vrm
from resolvers.property.keys import identifier_key
from schema.identifiers.device import imei

_NAME = ("title", "last_name", "first_names", "type", "from_date", "to_date")
COLUMNS = {
    "property_item": (
        *("property_id", "category", "make", "model", "colour", "description", "value_band", "owner_type", "owner_key"),
        *("owner_method", "owner_score", "owner_confirmed_by", *RECORD),
    ),
    "property_identifier": ("property_id", "seq", "type", "value", "value_key"),
    "property_report": (
        *("property_report_id", "property_id", "state", "reported_at", "crime_reference", "outcome", "weed_date"),
        *RECORD,
    ),
    "firearm_certificate": (
        *("certificate_id", "certificate_type", "state", "holder_type", "holder_key", "holder_method"),
        *("holder_score", "holder_confirmed_by", "match_name", *ADDRESS, "match_postcode", "weapons_held", *RECORD),
    ),
    "missing_report": (
        *("missing_id", "national_reference", "person_id", "episode_start", "risk_level", "factors"),
        *("last_seen_lines", "last_seen_postcode", "last_seen_country", "description", "child_under_18"),
        *("looked_after", "status", "outcome", "reporting_force", "contact_type", "contact_value", *RECORD),
    ),
    "missing_risk_change": ("missing_id", "seq", "risk_level", "changed_at"),
    "intel_nominal": ("intel_nominal_id", "date_of_birth", "report_count", *RECORD),
    "intel_nominal_name": ("intel_nominal_id", "seq", *_NAME),
    "intel_pnc_link": ("intel_nominal_id", "person_id", "method", "score", "confirmed_by", "confirmed_on"),
    "intel_report": (
        *("intel_report_id", "source_force", "source_evaluation", "information_assessment", "handling"),
        *("handling_action", "handling_sanitisation", "handling_text", "classification", "text", "source_text"),
        *("date_of_intelligence", *RECORD),
    ),
    "intel_link": ("intel_report_id", "seq", "object_type", "target_type", "target_key", "kind", "role"),
}

# category, make, model, type of identifier
_ITEMS = Weighted(
    {
        ("PHONE", "SPECIMEN", "S1", "IMEI"): 0.3,
        ("CYCLE", "SPECIMEN", "TOURER", "FRAME"): 0.25,
        ("COMPUTER", "SPECIMEN", "BOOK", "SERIAL"): 0.15,
        ("TOOL", "SPECIMEN", "DRILL", "SERIAL"): 0.1,
        ("PLANT", "JCB", "8018", "SERIAL"): 0.06,
        ("TRAILER", "IFOR WILLIAMS", "GD105", "CHASSIS"): 0.06,
        ("ENGINE", None, None, "ENGNO"): 0.05,
        ("FIREARM", "SPECIMEN", "12G", "SERIAL"): 0.03,
    }
)
_STATES = Weighted({"STOLEN": 0.55, "LOST": 0.2, "FOUND": 0.12, "SEIZED": 0.05, "RECOVERED": 0.05, "RETURNED": 0.03})
_RISK = Weighted({"M": 0.5, "H": 0.2, "L": 0.2, "VL": 0.1})
_FACTORS = ("REPEAT", "OOC", "MED", "WEATHER")
_CERTIFICATES = Weighted({"D": 0.75, "A": 0.22, "H": 0.03})


def add_others(block: Block, rows: Rows) -> None:
    """Add property to one nominal in fifty, certificates, missing episodes, and intelligence to one in twenty."""
    for place in range(block.people):
        dice = block.dice
        if dice.chance(0.02):
            _add_property(block, rows, place)
        if dice.chance(0.035):
            _add_certificate(block, rows, place)
        if dice.chance(0.02):
            _add_missing(block, rows, place)
        if dice.chance(0.05):
            _add_intelligence(block, rows, place)


def _serial(block: Block, place: int, kind: str) -> str:
    number = block.first_person + place
    if kind == "IMEI":
        return imei(number)
    if kind == "ENGNO":
        # The engine of a vehicle of this block, so that R19 has something to join.
        return f"E{block.first_vehicle + block.dice.below(block.vehicles):09d}"
    return f"SPEC-{kind[:2]}-{number:07d}"


def _link(block: Block, place: int, chance: float) -> Row:
    if not block.dice.chance(chance):
        return (None, None, None, None, None)
    confirmed = block.dice.chance(0.7)
    method = "MANUAL" if confirmed else "PROBABLE"
    return ("Person", person_key(block, place), method, 1.0 if confirmed else 0.7, "20R1" if confirmed else None)


def _add_property(block: Block, rows: Rows, place: int) -> None:
    dice, calendar, number = block.dice, block.world.calendar, block.first_person + place
    category, make, model, kind = dice.draw(_ITEMS)
    property_id, since = key(kinds.PROPERTY, number), calendar.today - 1 - dice.below(2_000)
    record = block.world.record(dice.draw(STATIONS), since, since)
    colour = dice.pick(("YEL", "RED", "BLA", "BLU")) if dice.chance(0.6) else None
    rows["property_item"].append(
        (
            property_id,
            category,
            make,
            model,
            colour,
            None,
            dice.pick(("A", "B", "C")),
            *_link(block, place, 0.6),
            *record,
        )
    )
    serial = _serial(block, place, kind)
    rows["property_identifier"].append((property_id, 0, kind, serial, identifier_key(serial)))
    rows["property_report"].append(
        (
            *(key(kinds.PROPERTY_REPORT, number), property_id, dice.draw(_STATES), calendar.instant(since, 600)),
            *(f"20/{dice.below(90_000)}/{calendar.iso(since)[2:4]}", None, calendar.iso(since + 2_192), *record),
        )
    )


def _add_certificate(block: Block, rows: Rows, place: int) -> None:
    dice, calendar, human = block.dice, block.world.calendar, block.nominal(place)
    issued = calendar.today - dice.below(1_800)
    rows["firearm_certificate"].append(
        (
            *(key(kinds.CERTIFICATE, block.first_person + place), dice.draw(_CERTIFICATES)),
            *("L" if dice.chance(0.9) else "E", *_link(block, place, 0.5), human.match_name),
            *home_columns(human.home, calendar.iso(issued)),
            *(human.match_postcode, 1 + dice.tail(0.5, 12), *block.world.record("20R1", issued, issued)),
        )
    )


def _add_missing(block: Block, rows: Rows, place: int) -> None:
    dice, calendar, number = block.dice, block.world.calendar, block.first_person + place
    missing_id, since = key(kinds.MISSING, number), calendar.today - dice.below(700)
    year, risk, home = calendar.iso(since)[2:4], dice.draw(_RISK), new_home(dice)
    # Half of the missing are no nominals (R9); a child among them is always one of those.
    nominal = dice.chance(0.5)
    child = not nominal and dice.chance(0.6)
    is_open = since > calendar.today - 20
    factor = dice.pick(_FACTORS)
    description = (
        f'{{"heightCm": {140 + dice.below(50)}, "build": "SLI", "hairColour": "BRN", "clothing": "dark coat"}}'
    )
    minute = dice.below(1_440)
    rows["missing_report"].append(
        (
            *(missing_id, f"MP-{year}-{1_000_000 + number:07d}", person_key(block, place) if nominal else None),
            *(calendar.instant(since, minute), risk, f'["CHILD", "{factor}"]' if child else f'["{factor}"]'),
            *(home.lines, home.postcode, "GB", description, child, child and dice.chance(0.3)),
            *("open" if is_open else "located", None if is_open else dice.pick(("RET", "LOCP", "LOCF"))),
            *("20R1", "BUS", f"01632 960{dice.below(1_000):03d}", *block.world.record("20R1", since, since)),
        )
    )
    rows["missing_risk_change"].append((missing_id, 0, risk, calendar.instant(since, minute)))


def _add_intelligence(block: Block, rows: Rows, place: int) -> None:
    dice, calendar, human = block.dice, block.world.calendar, block.nominal(place)
    number = block.first_person + place
    nominal_id, day = key(kinds.INTEL_NOMINAL, number), calendar.today - dice.below(1_500)
    reports = 1 + dice.tail(0.4, 6)
    born = calendar.iso(human.born)
    record = block.world.record("20R1", day, day, day + 2_192)
    rows["intel_nominal"].append((nominal_id, born if dice.chance(0.7) else born[:4], reports, *record))
    rows["intel_nominal_name"].append(
        (nominal_id, 0, human.title, human.surname, names_json(human.first), "FILED", None, None)
    )
    if dice.chance(0.8):
        # Only a link a human confirmed joins (R15); the rest are proposals and stay unlinked.
        confirmed = dice.chance(0.75)
        by, on = ("20R1", calendar.iso(day)) if confirmed else (None, None)
        rows["intel_pnc_link"].append(
            (nominal_id, person_key(block, place), "MANUAL" if confirmed else "PROBABLE", 0.7 + 0.3 * confirmed, by, on)
        )
    for seq in range(reports):
        _add_intel_report(block, rows, nominal_id, number * 8 + seq)


def _add_intel_report(block: Block, rows: Rows, nominal_id: str, number: int) -> None:
    dice, calendar = block.dice, block.world.calendar
    report_id, day = key(kinds.INTEL_REPORT, number), calendar.today - dice.below(1_500)
    conditional = dice.chance(0.3)
    rows["intel_report"].append(
        (
            *(report_id, "20R1", dice.pick("123"), dice.pick("ABCDE"), "C" if conditional else "P"),
            *("A1" if conditional else None, "S1" if conditional else None),
            *("Ask the originator before use." if conditional else None, "OS"),
            *("Synthetic sanitised text.", "Synthetic source text.", calendar.iso(day)),
            *block.world.record("20R1", day, day, day + 2_192),
        )
    )
    rows["intel_link"].append((report_id, 0, "PERSON", "IntelNominal", nominal_id, "ASSOCIATE", "SUBJ"))
    if dice.chance(0.4):
        vrm = generated_vrm(block.first_vehicle + dice.below(block.vehicles))
        rows["intel_link"].append((report_id, 1, "VEHICLE", "Vehicle", vrm, "USES", "KEEPER"))
