"""Who keeps, insures and is reported about the vehicles of a block: DVLA keepers, MID policies, PNC reports, checks."""

from leds.data import kinds
from leds.data.dice import Weighted
from leds.data.drivers import DVLA
from leds.data.people import ADDRESS, RECORD, home_columns, names_json
from leds.data.population import STATIONS, Block, Human, Row, Rows, key, new_home
from leds.data.vehicles import vehicle_key
from leds.data.words import surnames

COLUMNS = {
    "keeper_record": (
        *("keeper_record_id", "vehicle_id", "keeper_type", "status", "title", "last_name", "first_names"),
        *("organisation_name", *ADDRESS, "fleet_number", "since_date", "previous_keeper_count", "match_name"),
        *("match_postcode", *RECORD),
    ),
    "insurance_policy": (
        *("mid_policy_id", "vehicle_id", "insurer", "policy_number", "from_date", "to_date", "cover"),
        *("permitted_drivers", "state", *RECORD),
    ),
    "vehicle_report": (
        *("vehicle_report_id", "vehicle_id", "type", "state", "weed_date", "crime_reference", "circumstances"),
        *("warning", "dvla_notified", *RECORD),
    ),
    "vehicle_report_block": ("vehicle_report_id", "owner_fs", "from_date", "to_date"),
    "foreign_vehicle_check": (
        *("check_id", "vehicle_id", "plate", "country", "state", "source", "contact_type", "contact_value", *RECORD),
    ),
    "anpr_hotlist_entry": ("hotlist_entry_id", "vehicle_id", "category", "source", "since"),
}

_KEEPERS = Weighted(
    {"INDIVIDUAL": 0.79, "COMPANY": 0.08, "LEASE": 0.07, "FLEET": 0.02, "TRADE": 0.02, "CROWN": 0.005, "UNKN": 0.015}
)
_SUFFIX = {"LEASE": "Leasing Ltd", "FLEET": "Fleet Ltd", "TRADE": "Motors Ltd", "CROWN": "Department"}
_COVER = Weighted({"COMP": 0.75, "TPFT": 0.1, "TPO": 0.05, "NAMED": 0.05, "ANY": 0.05})
_POLICY_STATES = Weighted({"ACTIVE": 0.88, "LAPSED": 0.07, "CANCELLED": 0.03, "FUTURE": 0.02})
_INSURERS = ("Umbrella Specimen Insurance", "Parasol Specimen Mutual", "Kettle Specimen Cover")
_REPORTS = Weighted({"LOS": 0.6, "INT": 0.14, "ACT": 0.1, "SUS": 0.06, "SEE": 0.05, "FOU": 0.03, "OBD": 0.02})
_LOST_STATES = Weighted({"UNCONFIRMED": 0.2, "REMINDED": 0.06, "WEED_DUE": 0.03, "CONFIRMED": 0.41, "RECOVERED": 0.3})
_WARNINGS = ("Do not alert the occupants.", "Occupants may be armed.", "Stop only with a second unit.")
UNCONFIRMED_DAYS = 42
CONFIRMED_DAYS = 6 * 365 + 2


def add_keepers(block: Block, rows: Rows, registered: tuple[int, ...]) -> None:
    """Add keepers, policies and reports; `registered` is the first registration of each vehicle."""
    for place, since in enumerate(registered):
        human = block.humans[place * block.drivers // block.vehicles]
        _add_current_keeper(block, rows, place, human, since)
        _add_policies(block, rows, place, human)
        if block.dice.chance(0.012):
            _add_report(block, rows, place)
        _add_rare(block, rows, place)


def _organisation(block: Block, kind: str) -> str:
    dice = block.dice
    names = f"{dice.pick(surnames()).title()} {dice.pick(surnames()).title()}"
    return f"{names} {_SUFFIX.get(kind, 'Trading Ltd')}"


def _keeper_columns(block: Block, human: Human, kind: str, since: str) -> tuple[Row, Row]:
    """Name and address columns, and the match columns: matches are for individuals only."""
    if kind == "INDIVIDUAL":
        # The keeper file often has an initial where the licence has a name (story 2).
        first = tuple(name[:1] for name in human.first) if block.dice.chance(0.06) else human.first
        match = human.match_name if first is human.first else " ".join((human.match_name.split()[0], *first)).upper()
        name = (human.title, human.surname, names_json(first), None)
        return (*name, *home_columns(human.home, since), None), (match, human.match_postcode)
    organisation = None if kind == "UNKN" else _organisation(block, kind)
    fleet = f"{block.dice.below(1_000_000):06d}" if kind == "FLEET" else None
    return (None, None, None, organisation, *home_columns(new_home(block.dice), since), fleet), (None, None)


def _add_current_keeper(block: Block, rows: Rows, place: int, human: Human, registered: int) -> None:
    dice, calendar = block.dice, block.world.calendar
    number, vehicle_id = (block.first_vehicle + place) * 8, vehicle_key(block, place)
    since = dice.between(registered, calendar.today)
    previous = dice.tail(0.35, 6)
    for seq in range(previous + 1):
        kind = dice.draw(_KEEPERS)
        who = human if seq == 0 else dice.pick(block.humans)
        # Historic keepers are kept by date; the oldest ones are only a count.
        if seq > 2:
            break
        described, match = _keeper_columns(block, who, kind, calendar.iso(since))
        rows["keeper_record"].append(
            (
                *(key(kinds.KEEPER, number + seq), vehicle_id, kind, "CURRENT" if seq == 0 else "PREVIOUS", *described),
                *(calendar.iso(since), previous - seq, *match, *block.world.record(DVLA, since, since)),
            )
        )
        since = max(since - 200 - dice.below(900), 700_000)


def _add_policies(block: Block, rows: Rows, place: int, human: Human) -> None:
    dice, calendar = block.dice, block.world.calendar
    if not dice.chance(0.93):
        return
    number, vehicle_id = (block.first_vehicle + place) * 4, vehicle_key(block, place)
    for seq in range(1 + dice.chance(0.12)):
        state = dice.draw(_POLICY_STATES) if seq == 0 else "LAPSED"
        start = calendar.today - dice.below(360)
        if state == "FUTURE":
            start = calendar.today + 1 + dice.below(20)
        elif state == "LAPSED":
            start -= 370
        drivers = [_permitted(block, human)]
        if dice.chance(0.4):
            drivers.append(_permitted(block, dice.pick(block.humans)))
        until = start + (200 if state == "CANCELLED" else 364)
        rows["insurance_policy"].append(
            (
                *(key(kinds.POLICY, number + seq), vehicle_id, dice.pick(_INSURERS), f"SPEC{number + seq:010d}"),
                *(calendar.iso(start), calendar.iso(until), dice.draw(_COVER), f"[{', '.join(drivers)}]", state),
                *block.world.record("MIB0", start, start),
            )
        )


def _permitted(block: Block, human: Human) -> str:
    """A permitted driver as the policy names them, now and then by initials (story 2)."""
    first = " ".join(human.first if block.dice.chance(0.9) else (name[:1] for name in human.first))
    return f'{{"value": "{human.surname}, {first}", "from": null, "to": null}}'


def _add_report(block: Block, rows: Rows, place: int) -> None:
    dice, calendar = block.dice, block.world.calendar
    number = block.first_vehicle + place
    report_id, owner, kind = key(kinds.VEHICLE_REPORT, number), dice.draw(STATIONS), dice.draw(_REPORTS)
    state, entered = "CONFIRMED", calendar.today - dice.below(1_500)
    weeds = entered + CONFIRMED_DAYS
    if kind in ("LOS", "OBD"):
        state = dice.draw(_LOST_STATES)
        if state in ("UNCONFIRMED", "REMINDED", "WEED_DUE"):
            age = {"UNCONFIRMED": (0, 13), "REMINDED": (14, 34), "WEED_DUE": (35, 41)}[state]
            entered = calendar.today - dice.between(*age)
            weeds = entered + UNCONFIRMED_DAYS
    rows["vehicle_report"].append(
        (
            *(report_id, vehicle_key(block, place), kind, state, calendar.iso(weeds)),
            *(f"20/{dice.below(90_000)}/{calendar.iso(entered)[2:4]}", "Synthetic report."),
            *(dice.pick(_WARNINGS) if dice.chance(0.2) else None, kind == "LOS" and state == "CONFIRMED"),
            *block.world.record(owner, entered, entered, entered + 365),
        )
    )
    if dice.chance(0.02):
        rows["vehicle_report_block"].append((report_id, owner, calendar.iso(entered), None))


def _add_rare(block: Block, rows: Rows, place: int) -> None:
    dice, calendar, vehicle_id = block.dice, block.world.calendar, vehicle_key(block, place)
    number = block.first_vehicle + place
    if number % 2_000 == 777:
        entered = calendar.today - dice.below(400)
        rows["vehicle_report"].append(
            (
                *(key(kinds.VEHICLE_REPORT, (1 << 40) + number), vehicle_id, "CLO", "CONFIRMED"),
                *(calendar.iso(entered + CONFIRMED_DAYS), None, "Seen with another vehicle's VIN.", None, False),
                *block.world.record("20R1", entered, entered, entered + 365),
            )
        )
    if dice.chance(0.004):
        category = dice.pick(("LOS", "ACT", "UNINS", "NOKEEPER", "FORCE"))
        since = calendar.iso(calendar.today - dice.below(200))
        rows["anpr_hotlist_entry"].append((key(kinds.HOTLIST, number), vehicle_id, category, "PNC", since))
