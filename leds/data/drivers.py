"""The DVLA driver records of a block: licence, entitlements, endorsements, bans, medical and image pointers."""

from leds.data import kinds
from leds.data.dice import Weighted
from leds.data.markers import COURTS
from leds.data.people import ADDRESS, RECORD, home_columns, names_json
from leds.data.population import Block, Human, Row, Rows, key
from leds.data.words import towns

DVLA = "94DD"
COLUMNS = {
    "driver": (
        *("driver_number", "title", "last_name", "first_names", "date_of_birth", *ADDRESS, "place_of_birth"),
        *("licence_type", "licence_status", "licence_status_qualifier", "previous_licences", "approved_instructor"),
        *("military", "driver_redirect", "token_issue", "token_from", "token_to", "match_name", "match_postcode"),
        *RECORD,
    ),
    "driver_former_number": ("former_number", "driver_number"),
    "driver_entitlement": (
        *("entitlement_id", "driver_number", "category", "from_date", "expiry_date", "restrictions"),
        *("automatic_only", "from_non_gb", *RECORD),
    ),
    "driver_endorsement": (
        *("endorsement_id", "driver_number", "offence_code", "offence_date", "conviction_date", "expires_on"),
        *("penalty_points", "fine_amount", "fine_currency", "intoxicant_type", "intoxicant_method"),
        *("intoxicant_level", "intoxicant_unit", "disqualification_months", "disqualification_for_life"),
        *("sentencing_court", "rehabilitation_course", *RECORD),
    ),
    "driver_disqualification": ("driver_number", "disqualified_until", "disqualified_for_life", *RECORD),
    "driver_medical": ("driver_number", "eyesight", "hearing", "medical_notes", *RECORD),
    "driver_image": ("driver_number", "location", "taken_on", "view_only"),
}

_STATUS = Weighted({"CUR": 0.95, "EXP": 0.03, "SUR": 0.01, "REV": 0.01})
_QUALIFIER = Weighted({None: 0.93, "PLI": 0.05, "DUP": 0.02})
# code, points, years until it no longer counts
_ENDORSEMENTS = Weighted(
    {
        ("SP30", 3, 4): 0.5,
        ("SP50", 3, 4): 0.18,
        ("CU80", 6, 4): 0.08,
        ("TS10", 3, 4): 0.08,
        ("IN10", 6, 4): 0.06,
        ("CD10", 5, 4): 0.05,
        ("MS90", 6, 4): 0.02,
        ("DR10", 0, 11): 0.03,
    }
)
_TOTTING_POINTS = 12


def add_drivers(block: Block, rows: Rows) -> None:
    """Add the block's driver records."""
    for place in range(block.drivers):
        _Licence(block, rows, place).add()


class _Licence:
    """One driver record being written."""

    def __init__(self, block: Block, rows: Rows, place: int) -> None:
        self.block, self.rows = block, rows
        self.calendar, self.dice = block.world.calendar, block.dice
        self.human: Human = block.humans[place]
        self.serial = block.first_driver + place
        self.since = min(self.human.born + 17 * 365 + 6 + self.dice.below(2_500), self.calendar.today - 1)
        self.provisional = self.dice.chance(0.08)
        self.record = block.world.record(DVLA, self.since, self.dice.between(self.since, self.calendar.today))

    def add(self) -> None:
        """Add the driver and everything that hangs from the number."""
        dice, number = self.dice, self.human.number
        redirected = dice.chance(0.02)
        disqualified_until = self._add_endorsements() if dice.chance(0.12) else None
        self.rows["driver"].append(self._driver(redirected, disqualified_until))
        if redirected:
            # The number before a change of name ends in the last tiebreak, which no current number has.
            self.rows["driver_former_number"].append((f"{number[:13]}A{number[14:]}", number))
        self._add_entitlements()
        if disqualified_until:
            self.rows["driver_disqualification"].append(
                (number, self.calendar.iso(disqualified_until), False, *self.record)
            )
        if dice.chance(0.01):
            self.rows["driver_medical"].append((number, "Ask DVLA", None, None, *self.record))
        if dice.chance(0.3):
            taken = self.calendar.iso(dice.between(self.since, self.calendar.today))
            self.rows["driver_image"].append((number, "DVLA", taken, True))

    def _driver(self, redirected: bool, disqualified_until: int | None) -> Row:
        dice, calendar, human = self.dice, self.calendar, self.human
        token = dice.between(self.since, calendar.today)
        banned = disqualified_until is not None and disqualified_until > calendar.today
        return (
            *(human.number, human.title, human.surname, names_json(human.first), calendar.iso(human.born)),
            *home_columns(human.home, calendar.iso(dice.between(self.since, calendar.today))),
            dice.pick(towns()).name if dice.chance(0.9) else None,
            "PROV" if self.provisional else "FULL" if dice.chance(0.6) else "FULLPROV",
            "DIS" if banned else dice.draw(_STATUS),
            dice.draw(_QUALIFIER),
            None,
            dice.chance(0.001),
            dice.chance(0.006),
            redirected,
            f"{dice.below(60):02d}",
            calendar.iso(token),
            calendar.iso(token + 3_652),
            human.match_name,
            human.match_postcode,
            *self.record,
        )

    def _categories(self) -> tuple[str, ...]:
        if self.provisional:
            return ("B",)
        dice = self.dice
        # Before 1997 a car licence brought C1 and D1; since then those are earned.
        categories = ("B", "BE", "C1", "D1") if self.since < 728_659 else ("B", "AM")
        if dice.chance(0.08):
            categories += ("A",)
        return (*categories, "C", "CE") if dice.chance(0.02) else categories

    def _add_entitlements(self) -> None:
        dice, calendar, human = self.dice, self.calendar, self.human
        automatic = dice.chance(0.12)
        expiry = calendar.iso(max(human.born + 70 * 365 + 17, calendar.today + dice.between(-300, 1_000)))
        restrictions = [code for code, held in (("01", dice.chance(0.3)), ("78", automatic)) if held]
        text = '["' + '", "'.join(restrictions) + '"]' if restrictions else None
        for place, category in enumerate(self._categories()):
            self.rows["driver_entitlement"].append(
                (
                    *(key(kinds.ENTITLEMENT, self.serial * 8 + place), human.number, category),
                    *(calendar.iso(self.since), expiry, text, automatic, dice.chance(0.02), *self.record),
                )
            )

    def _add_endorsements(self) -> int | None:
        """Add endorsements; answer the last day of a disqualification they led to."""
        dice, calendar, points, until = self.dice, self.calendar, 0, None
        for place in range(1 + dice.tail(0.35, 5)):
            code, given, years = dice.draw(_ENDORSEMENTS)
            day = dice.between(max(self.since, calendar.today - 3_900), calendar.today)
            expires = day + years * 365 + 3
            points += given if expires > calendar.today else 0
            drunk = code == "DR10"
            if drunk:
                until = max(until or 0, day + 540)
            self.rows["driver_endorsement"].append(
                (
                    *(key(kinds.ENDORSEMENT, self.serial * 8 + place), self.human.number, code, calendar.iso(day)),
                    *(calendar.iso(day + 60), calendar.iso(expires), given, f"{100 + 20 * dice.below(40)}.00", "GBP"),
                    *("ALC" if drunk else None, "A" if drunk else None, 60 if drunk else None),
                    *("ug/100ml" if drunk else None, 18 if drunk else None, False, dice.pick(COURTS), drunk),
                    *self.record,
                )
            )
        if points >= _TOTTING_POINTS:
            until = max(until or 0, calendar.today + 1 + dice.below(180))
        return until
