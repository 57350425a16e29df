"""Arrests, offences, disposals, court cases and remands of a block's nominals (PNC.NAMES.CRIM)."""

import json

from leds.data import kinds
from leds.data.dice import Weighted
from leds.data.markers import COURTS
from leds.data.people import RECORD, names_json, person_key
from leds.data.population import STATIONS, Block, Human, Rows, key
from schema.identifiers.check_letter import check_letter
from schema.identifiers.person import FIRST_SPECIMEN_ASN_SERIAL, asn

COLUMNS = {
    "arrest_report": (
        *("report_id", "person_id", "asn", "process_stage", "process_stage_at", "arrest_title", "arrest_last"),
        *("arrest_first", "arrest_date_of_birth", "arresting_officer", "prosecuting_agent", "case_detail", *RECORD),
    ),
    "offence": (
        *("offence_id", "report_id", "person_id", "court_offence_sequence_number", "cjs_offence_code"),
        *("npcc_offence_code", "role_qualifiers", "description", "start_date", "start_time", "committed_on_bail"),
        *("crime_reference", "location_lines", "location_postcode", "location_fs_code", "plea", "adjudications"),
        *("offences_taken_into_consideration", *RECORD),
    ),
    "disposal": (
        *("disposal_id", "offence_id", "person_id", "disposal_code", "qualifiers", "duration_unit"),
        *("duration_count", "fine_amount", "fine_currency", "effective_date", *RECORD),
    ),
    "court_case": (
        *("court_case_id", "person_id", "court_case_reference", "case_status_marker", "court_code"),
        *("conviction_date", "defendant", *RECORD),
    ),
    "court_case_offence": ("court_case_id", "offence_id"),
    "remand": (
        *("remand_id", "report_id", "person_id", "appearance_result", "appearance_date", "court_code"),
        *("next_date", "next_court_code", "bail_conditions", "bail_condition_types", *RECORD),
    ),
}

# Below are the serials of the cast.
_FIRST_ASN_SERIAL = FIRST_SPECIMEN_ASN_SERIAL + 1_000_000_000
_MOST_ARRESTS, _MOST_OFFENCES_EACH = 66, 3
_OFFENCES = Weighted(
    {
        ("CJ88001", None, "Common assault"): 0.2,
        ("RT88007", None, "Driving with excess alcohol"): 0.14,
        ("RT88003", None, "Driving without due care"): 0.1,
        ("PU86003", None, "Affray"): 0.09,
        ("PU86011", None, "Disorderly behaviour"): 0.14,
        ("PC53001", None, "Offensive weapon in a public place"): 0.08,
        ("PL96003", None, "Resisting a constable"): 0.1,
        ("BA76A01", None, "Failing to surrender to bail"): 0.1,
        ("CD71012", None, "Destroying property"): 0.05,
    }
)
# code, duration unit and most, most pounds of a fine
_DISPOSALS = Weighted(
    {
        ("1015", None, 0, 900): 0.42,
        ("1018", "M", 24, 0): 0.2,
        ("1002", "W", 40, 0): 0.12,
        ("1017", None, 0, 0): 0.06,
        ("1057", None, 0, 0): 0.08,
        ("1052", "D", 90, 0): 0.06,
        ("1016", "M", 12, 0): 0.06,
    }
)
_STAGES = Weighted({"A": 0.45, "C": 0.3, "S": 0.1, "Q": 0.08, "R": 0.04, "V": 0.03})
_PLEAS = Weighted({"GUILTY": 0.7, "NOT GUILTY": 0.25, "NO PLEA TAKEN": 0.05})
_RESULTS = Weighted({"B": 0.45, "P": 0.2, "U": 0.2, "C": 0.1, "A": 0.05})
_BAIL_CONDITIONS = (
    ("RES", "Live and sleep each night at the address given"),
    ("CUR", "Remain indoors between 19:00 and 07:00"),
    ("NCO", "Not to contact the witness directly or otherwise"),
    ("REP", "Report to the police station each Saturday"),
)


def add_cases(block: Block, rows: Rows) -> None:
    """Add arrests: 60 % of the nominals have one, the rest none or a long tail of up to about 200 offences."""
    for place in range(block.people):
        draw = block.dice.roll()
        if draw < 0.6:
            arrests = 1
        elif draw < 0.66:
            arrests = 0
        else:
            arrests = 2 + block.dice.tail(0.55, _MOST_ARRESTS)
        if draw > 0.9995:
            arrests = _MOST_ARRESTS
        for number in range(arrests):
            _Arrest(block, rows, place, number).add()


class _Arrest:
    """One arrest being written: its nominal, its day and what happened after."""

    def __init__(self, block: Block, rows: Rows, place: int, number: int) -> None:
        dice, calendar = block.dice, block.world.calendar
        self.block, self.rows = block, rows
        self.person_id = person_key(block, place)
        self.human: Human = block.nominal(place)
        self.serial = (block.first_person + place) * 100 + number
        self.report_id = key(kinds.ARREST, self.serial)
        earliest = max(self.human.born + 3_660, calendar.today - 9_000)
        self.day = dice.between(earliest, calendar.today - 1)
        self.owner = dice.draw(STATIONS)
        self.record = block.world.record(self.owner, self.day, min(self.day + 200, calendar.today))
        self.resulted = self.day < calendar.today - 250 and dice.chance(0.85)

    def add(self) -> None:
        """Add the report, its offences and what the court made of them."""
        self._add_report()
        offences = [
            self._add_offence(number) for number in range(1 + self.block.dice.tail(0.3, _MOST_OFFENCES_EACH - 1))
        ]
        if self.resulted:
            self._add_court_case(offences)
        elif self.block.dice.chance(0.7):
            self._add_remand()

    def _add_report(self) -> None:
        dice, calendar, human = self.block.dice, self.block.world.calendar, self.human
        number = asn(int(calendar.iso(self.day)[:4]), self.owner, "01", _FIRST_ASN_SERIAL + self.serial)
        officer = f'{{"division": "D{dice.below(9)}", "rank": "PC", "number": "{dice.below(9_000)}", "surname": null}}'
        self.rows["arrest_report"].append(
            (
                *(self.report_id, self.person_id, number, dice.draw(_STAGES)),
                *(calendar.instant(self.day, dice.below(1_440)), human.title, human.surname, names_json(human.first)),
                *(calendar.iso(human.born), officer, "CPS" if dice.chance(0.9) else "POL"),
                *('["Synthetic case."]' if dice.chance(0.2) else None, *self.record),
            )
        )

    def _add_offence(self, number: int) -> str:
        dice, calendar = self.block.dice, self.block.world.calendar
        offence_id = key(kinds.OFFENCE, self.serial * 10 + number)
        code, npcc, description = dice.draw(_OFFENCES)
        plea = adjudications = None
        if self.resulted:
            plea = dice.draw(_PLEAS)
            on = calendar.iso(self.day + 120)
            adjudications = f'[{{"appearanceNumber": 1, "date": "{on}", "adjudication": "GUILTY"}}]'
        home = self.human.home
        self.rows["offence"].append(
            (
                *(offence_id, self.report_id, self.person_id, number + 1, code, npcc),
                *('["AT"]' if dice.chance(0.03) else None, f'["{description}"]'),
                *(calendar.iso(self.day), f"{dice.below(24):02d}:{dice.below(60):02d}", dice.chance(0.04)),
                *(f"20/{dice.below(90_000)}/{calendar.iso(self.day)[2:4]}", f'["{home.town}"]', home.postcode),
                *(self.owner, plea, adjudications, dice.below(3) if dice.chance(0.05) else None, *self.record),
            )
        )
        return offence_id

    def _add_court_case(self, offences: list[str]) -> None:
        dice, calendar, human = self.block.dice, self.block.world.calendar, self.human
        case_id = key(kinds.COURT_CASE, self.serial)
        year, court = calendar.iso(self.day)[2:4], dice.pick(COURTS)
        serial = f"{self.serial % 1_000_000:06d}"
        defendant = {"kind": "individual", "name": None, "last": human.surname, "first": list(human.first)}
        self.rows["court_case"].append(
            (
                *(
                    case_id,
                    self.person_id,
                    f"{year}/{court}/{serial}{check_letter(year + serial)}",
                    "court-case",
                    court,
                ),
                *(calendar.iso(self.day + 120), json.dumps(defendant, ensure_ascii=False), *self.record),
            )
        )
        for number, offence_id in enumerate(offences):
            self.rows["court_case_offence"].append((case_id, offence_id))
            self._add_disposal(offence_id, number)

    def _add_disposal(self, offence_id: str, number: int) -> None:
        dice, calendar = self.block.dice, self.block.world.calendar
        code, unit, most, pounds = dice.draw(_DISPOSALS)
        self.rows["disposal"].append(
            (
                *(key(kinds.DISPOSAL, self.serial * 10 + number), offence_id, self.person_id, code, None),
                *(unit, 1 + dice.below(most) if unit else None),
                *(f"{40 + 10 * dice.below(pounds // 10)}.00" if pounds else None, "GBP" if pounds else None),
                *(calendar.iso(self.day + 120), *self.record),
            )
        )

    def _add_remand(self) -> None:
        dice, calendar = self.block.dice, self.block.world.calendar
        result, court = dice.draw(_RESULTS), dice.pick(COURTS)
        kind, condition = dice.pick(_BAIL_CONDITIONS)
        conditional = result in ("B", "P") and dice.chance(0.6)
        self.rows["remand"].append(
            (
                *(key(kinds.REMAND, self.serial), self.report_id, self.person_id, result, calendar.iso(self.day)),
                *(court if result == "B" else None, calendar.iso(calendar.today + 1 + dice.below(90))),
                *(court, f'["{condition}"]' if conditional else None, f'["{kind}"]' if conditional else None),
                *self.record,
            )
        )
