"""Warnings, information markers, biometrics, wanted reports and the other flags of a block's nominals."""

from dataclasses import dataclass

from leds.data import kinds
from leds.data.dice import Dice, Weighted
from leds.data.people import RECORD, person_key
from leds.data.population import STATIONS, Block, Row, Rows, key

COLUMNS = {
    "person_warning": ("person_id", "seq", "code", "text", "source", "added_by", "added_on"),
    "person_information_marker": ("person_id", "seq", "code", "added_by", "added_on", "until"),
    "person_biometric": ("person_id", "fingerprint_status", "dna_status", "photos"),
    "non_conviction": ("person_id", "seq", "kind", "date", "reason"),
    "pnc_disqualification": ("person_id", "seq", "type", "from_date", "to_date", "court_code", "court_name"),
    "wanted_missing_report": (
        *("report_id", "person_id", "category", "power", "offence_or_reason", "owner_contact", "circulated_from"),
        *("review_due", "action_text", *RECORD),
    ),
    "immigration_marker": ("person_id", "seq", "marker", "owner_fs", "reason", "added_on"),
    "court_order": ("person_id", "seq", "type", "conditions", "from_date", "to_date", "court_code", "court_name"),
}

# CO is never generated; health codes carry a text that says what to do and never a diagnosis (entities 3.1).
_WARNINGS = Weighted(
    {
        **{"VI": 0.28, "WE": 0.12, "DR": 0.14, "AL": 0.08, "MN": 0.07, "SH": 0.06, "SU": 0.04, "ES": 0.05},
        **{"FI": 0.04, "CC": 0.05, "AT": 0.03, "AG": 0.02, "OC": 0.01, "OV": 0.01},
    }
)
_HEALTH_TEXTS = ("Ask for the custody nurse before interview.", "Use the care plan held by custody.")
_HEALTH = frozenset({"AL", "AT", "DR", "MN", "SH", "SU"})
_WANTED = Weighted(
    {
        **{"LOCATE": 0.4, "FTA": 0.28, "WANTED": 0.24, "SUSPECT": 0.04, "REC-PRIS": 0.02, "DESERTER": 0.01},
        **{"ABS-PRIS": 0.01},
    }
)
_POWERS = {
    "LOCATE": ("NOPOWER", "Report whereabouts; no power of arrest."),
    "SUSPECT": ("NOPOWER", "Locate only."),
    "FTA": ("WARRANT_NB", "Arrest on warrant and take before the next court."),
    "WANTED": ("ARREST", "Arrest and inform the owner."),
    "REC-PRIS": ("RECALL", "Return to custody."),
    "DESERTER": ("ARREST", "Arrest and hand to service police."),
    "ABS-PRIS": ("ARREST", "Arrest and return to custody."),
}
_REASONS = ("Theft", "Failing to appear", "Burglary", "Assault", "Witness enquiry", "Breach of licence")
_IMMIGRATION = (("ABSCONDER", "69GA"), ("DEPORTATION", "69LD"), ("EXCLUSION", "69EX"))
_NON_CONVICTIONS = Weighted({"NFA": 0.55, "ACQUITTAL": 0.25, "DISCONTINUED": 0.2})
_DISQUALIFICATIONS = Weighted({"OBL": 0.4, "DIS": 0.2, "TOT": 0.35, "INT": 0.05})
_ORDERS = Weighted({"RO": 0.4, "CBO": 0.25, "NMO": 0.2, "FBO": 0.05, "KCPO": 0.05, "SHPO": 0.05})
_CONDITIONS = ("Not to contact the named person.", "Not to enter the town centre.", "Not to carry a bladed article.")
COURTS = ("0401", "0402", "0403", "0404")


@dataclass(frozen=True, slots=True)
class Flags:
    """What the markers of one nominal are to agree with."""

    wanted: bool
    disqualified: bool
    order: bool
    fingerprints: bool
    profile: bool


def add_markers(block: Block, rows: Rows) -> None:
    """Add warnings to 35 % of the nominals, wanted reports to 5 %, and what goes with them."""
    for place in range(block.people):
        person_id = person_key(block, place)
        flags = _flags(block.dice)
        rows["person_biometric"].append((person_id, *_biometrics(block, flags)))
        if block.dice.chance(0.35):
            _add_warnings(block, rows, person_id)
        _add_information_markers(block, rows, person_id, flags)
        _add_flagged(block, rows, place, flags)
        _add_rare(block, rows, person_id)


def _flags(dice: Dice) -> Flags:
    fingerprints = dice.chance(0.85)
    return Flags(
        wanted=dice.chance(0.05),
        disqualified=dice.chance(0.04),
        order=dice.chance(0.04),
        fingerprints=fingerprints,
        profile=fingerprints and dice.chance(0.75),
    )


def _biometrics(block: Block, flags: Flags) -> Row:
    photos = None
    if flags.fingerprints:
        taken = block.world.calendar.iso(block.world.calendar.today - block.dice.below(5_000))
        photos = f'[{{"location": "20R1", "takenOn": "{taken}", "viewOnly": true}}]'
    return ("H" if flags.fingerprints else "N", "P" if flags.profile else "N", photos)


def _add_warnings(block: Block, rows: Rows, person_id: str) -> None:
    dice, calendar = block.dice, block.world.calendar
    codes = dict.fromkeys(dice.draw(_WARNINGS) for _ in range(1 + dice.tail(0.35, 6)))
    for seq, code in enumerate(codes):
        text = dice.pick(_HEALTH_TEXTS) if code in _HEALTH else None
        added = calendar.iso(calendar.today - dice.below(4_000))
        rows["person_warning"].append((person_id, seq, code, text, "CUSTODY", dice.draw(STATIONS), added))


def _add_information_markers(block: Block, rows: Rows, person_id: str, flags: Flags) -> None:
    dice, calendar = block.dice, block.world.calendar
    wanted = (
        ("WM", flags.wanted),
        ("DD", flags.disqualified),
        ("ORDER", flags.order),
        ("FP", flags.fingerprints and dice.chance(0.5)),
        ("DNA", flags.profile and dice.chance(0.5)),
    )
    codes = [code for code, present in wanted if present]
    for seq, code in enumerate(codes):
        added = calendar.iso(calendar.today - dice.below(3_000))
        rows["person_information_marker"].append((person_id, seq, code, "20R1", added, None))


def _add_flagged(block: Block, rows: Rows, place: int, flags: Flags) -> None:
    dice, calendar, person_id = block.dice, block.world.calendar, person_key(block, place)
    for number in range(1 + dice.tail(0.1, 2) if flags.wanted else 0):
        rows["wanted_missing_report"].append(_wanted(block, place, number))
    if flags.disqualified:
        since = calendar.today - dice.below(500)
        until = calendar.iso(since + 180 + dice.below(700))
        kind = dice.draw(_DISQUALIFICATIONS)
        rows["pnc_disqualification"].append((person_id, 0, kind, calendar.iso(since), until, dice.pick(COURTS), None))
    if flags.order:
        since = calendar.today - dice.below(700)
        conditions = f'["{dice.pick(_CONDITIONS)}"]'
        until = calendar.iso(since + 730)
        rows["court_order"].append(
            (person_id, 0, dice.draw(_ORDERS), conditions, calendar.iso(since), until, dice.pick(COURTS), None)
        )


def _wanted(block: Block, place: int, number: int) -> Row:
    dice, calendar = block.dice, block.world.calendar
    category = dice.draw(_WANTED)
    power, action = _POWERS[category]
    since = calendar.today - dice.below(360)
    return (
        key(kinds.WANTED, (block.first_person + place) * 4 + number),
        person_key(block, place),
        category,
        power,
        dice.pick(_REASONS),
        f"01632 960{dice.below(1_000):03d}",
        calendar.instant(since, dice.below(1_440)),
        calendar.iso(since + 365),
        action,
        *block.world.record(dice.draw(STATIONS), since, since, since + 365),
    )


def _add_rare(block: Block, rows: Rows, person_id: str) -> None:
    dice, calendar = block.dice, block.world.calendar
    for seq in range(dice.tail(0.2, 4)):
        on = calendar.iso(calendar.today - dice.below(5_000))
        kind = dice.draw(_NON_CONVICTIONS)
        rows["non_conviction"].append((person_id, seq, kind, on, "Insufficient evidence"))
    if dice.chance(0.006):
        marker, owner = dice.pick(_IMMIGRATION)
        added = calendar.iso(calendar.today - dice.below(2_000))
        rows["immigration_marker"].append((person_id, 0, marker, owner, "Refer to Home Office", added))
