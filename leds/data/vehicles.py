"""The DVLA vehicles of a block with their MOT history (DVSA). VRMs have age identifier 00 or 01, VINs the code XXX."""

from dataclasses import dataclass

from leds.data import kinds
from leds.data.dice import Dice, Weighted
from leds.data.drivers import DVLA
from leds.data.people import RECORD
from leds.data.population import Block, Row, Rows, key
from schema.identifiers.vehicle import SPECIMEN_AGE_IDENTIFIERS, SPECIMEN_MANUFACTURER, vin_check_digit

COLUMNS = {
    "vehicle": (
        *("vehicle_id", "vrm", "vin", "make", "model", "colour", "body_type", "wheelplan", "fuel_type"),
        *("engine_capacity", "engine_number", "year_of_manufacture", "month_of_first_registration", "co2_emissions"),
        *("euro_status", "type_approval", "revenue_weight", "tax_status", "tax_due_date", "mot_status"),
        *("date_of_last_v5c_issued", "marked_for_export", "dvla_markers", *RECORD),
    ),
    "vehicle_vrm_history": ("vehicle_id", "vrm", "from_date", "to_date"),
    "vehicle_mot": ("vehicle_id", "mot_expiry_date", *RECORD),
    "vehicle_mot_test": ("mot_test_id", "vehicle_id", "test_date", "result", "mileage", "items"),
}

# Without I, Q and O: marks with an O are the cast's.
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_VRM_SPACE = len(_LETTERS) ** 5 * len(SPECIMEN_AGE_IDENTIFIERS)
_VRM_STEP = 7_368_787  # has no divisor in common with the space, so that steps meet no mark twice
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Model:
    """A model as DVLA's closed source list names it, with what goes with it."""

    make: str
    model: str
    body: str
    approval: str = "M1"
    wheelplan: str = "2AR"
    fuel: str = "PET"
    capacity: int = 1_598
    weight: int | None = None


_MODELS = Weighted(
    {
        Model("FORD", "FOCUS", "HAT5", capacity=1_596): 0.12,
        Model("FORD", "FIESTA", "HAT3", capacity=1_242): 0.11,
        Model("VAUXHALL", "CORSA", "HAT5", capacity=1_398): 0.1,
        Model("VAUXHALL", "ASTRA", "HAT5"): 0.07,
        Model("VOLKSWAGEN", "GOLF", "HAT5", fuel="DIE", capacity=1_968): 0.09,
        Model("BMW", "3 SERIES", "SAL4", fuel="DIE", capacity=1_995): 0.06,
        Model("MERCEDES", "C CLASS", "SAL4", fuel="DIE", capacity=2_143): 0.04,
        Model("AUDI", "A3", "HAT5"): 0.05,
        Model("TOYOTA", "YARIS", "HAT5", fuel="HYB", capacity=1_490): 0.05,
        Model("NISSAN", "LEAF", "HAT5", fuel="ELE", capacity=0): 0.04,
        Model("KIA", "SPORTAGE", "SUV"): 0.04,
        Model("HYUNDAI", "I10", "HAT5", capacity=998): 0.03,
        Model("PEUGEOT", "208", "HAT5", capacity=1_199): 0.03,
        Model("RENAULT", "CLIO", "HAT5", capacity=1_149): 0.03,
        Model("LAND ROVER", "DISCOVERY", "SUV", fuel="DIE", capacity=2_993): 0.02,
        Model("SKODA", "OCTAVIA", "EST", fuel="DIE", capacity=1_968): 0.03,
        Model("FORD", "TRANSIT", "PVAN", "N1", fuel="DIE", capacity=1_995, weight=3_500): 0.06,
        Model("HONDA", "CB500", "MOTO", "L3", "2W", capacity=471): 0.015,
        Model("YAMAHA", "YBR125", "MOTO", "L3", "2W", capacity=124): 0.01,
        Model("SCANIA", "R450", "CURT", "N3", "3AR", "DIE", 12_742, 26_000): 0.008,
        Model("DAF", "LF", "FLAT", "N2", "2AR", "DIE", 6_700, 7_500): 0.007,
    }
)
_COLOURS = Weighted(
    {
        **{"BLA": 0.2, "WHI": 0.17, "GRY": 0.18, "SIL": 0.13, "BLU": 0.16, "RED": 0.09, "GRN": 0.03, "ORA": 0.01},
        **{"BEI": 0.01, "BLU/WHI": 0.01, "YEL": 0.01},
    }
)
_TAX = Weighted({"TAXED": 0.88, "UNTAXED": 0.04, "SORN": 0.075, "NTRU": 0.005})
_TEST_RESULTS = Weighted({"PASS": 0.72, "PRS": 0.06, "FAIL": 0.21, "ABAND": 0.01})
_ITEMS = ("Tyre worn close to the legal limit", "Headlamp aim too high", "Brake disc worn", "Wiper blade defective")


def generated_vrm(number: int) -> str:
    """The mark of vehicle `number`: current style, age identifier 00 or 01, each number another mark."""
    place = number * _VRM_STEP % _VRM_SPACE
    place, age = divmod(place, len(SPECIMEN_AGE_IDENTIFIERS))
    letters = []
    for _ in range(5):
        place, letter = divmod(place, len(_LETTERS))
        letters.append(_LETTERS[letter])
    return f"{letters[0]}{letters[1]}{SPECIMEN_AGE_IDENTIFIERS[age]}{letters[2]}{letters[3]}{letters[4]}"


def generated_vin(number: int) -> str:
    """The VIN of vehicle `number`: manufacturer code XXX and the right check digit."""
    blank = f"{SPECIMEN_MANUFACTURER}{_VIN_LETTERS[number % 23]}{number // 10**8:04d}0{number % 10**8:08d}"
    return blank[:8] + vin_check_digit(blank) + blank[9:]


def vehicle_key(block: Block, place: int) -> str:
    """The key of the block's vehicle `place`."""
    return key(kinds.VEHICLE, block.first_vehicle + place)


def add_vehicles(block: Block, rows: Rows) -> tuple[int, ...]:
    """Add the block's vehicles and MOT histories; answer the day each was first registered."""
    return tuple(_add_vehicle(block, rows, place) for place in range(block.vehicles))


def _add_vehicle(block: Block, rows: Rows, place: int) -> int:
    dice, calendar, number = block.dice, block.world.calendar, block.first_vehicle + place
    vehicle_id, model = vehicle_key(block, place), dice.draw(_MODELS)
    registered = calendar.today - 20 - dice.below(6_900)
    record = block.world.record(DVLA, registered, dice.between(registered, calendar.today))
    # One in 2,000 carries the VIN of the vehicle before it: a clone, and a weak join by VIN (R7).
    cloned = place > 0 and number % 2_000 == 777
    tax = dice.draw(_TAX)
    expiry = _add_mot(block, rows, vehicle_id, registered)
    rows["vehicle"].append(
        (
            *(vehicle_id, generated_vrm(number), generated_vin(number - cloned)),
            *(model.make, model.model, dice.draw(_COLOURS), model.body, model.wheelplan, model.fuel, model.capacity),
            *(f"E{number:09d}", *_registration(block, registered), model.approval, model.weight, tax),
            calendar.iso(calendar.today + dice.between(1, 360)) if tax == "TAXED" else None,
            "NODETAIL" if expiry is None else "VALID" if expiry >= calendar.today else "NOTVALID",
            *(calendar.iso(dice.between(registered, calendar.today)), dice.chance(0.004), _markers(dice, tax)),
            *record,
        )
    )
    if dice.chance(0.03):
        former, until = generated_vrm(_VRM_SPACE - 1 - number), calendar.iso(dice.between(registered, calendar.today))
        rows["vehicle_vrm_history"].append((vehicle_id, former, calendar.iso(registered), until))
    return registered


def _registration(block: Block, registered: int) -> Row:
    month = block.world.calendar.iso(registered)[:7]
    return (int(month[:4]), month, 90 + block.dice.below(80), "EURO 6" if month >= "2015-09" else "EURO 5")


def _markers(dice: Dice, tax: str) -> str | None:
    if tax == "SORN":
        return '["SORN"]'
    return dice.pick(('["CATS"]', '["CATN"]', '["RECALL"]', '["VIC"]')) if dice.chance(0.015) else None


def _add_mot(block: Block, rows: Rows, vehicle_id: str, registered: int) -> int | None:
    """Add the last tests; answer the expiry day, None for a vehicle too young to be tested."""
    dice, calendar = block.dice, block.world.calendar
    first_due = registered + 3 * 365
    if first_due > calendar.today:
        return None
    number, tested = int(vehicle_id[-12:], 16), calendar.today - dice.below(400)
    for place in range(min(1 + dice.below(3), 1 + (tested - first_due) // 365 if tested > first_due else 1)):
        day = max(tested - place * 365, registered)
        result = "PASS" if place == 0 else dice.draw(_TEST_RESULTS)
        items = f'["{dice.pick(_ITEMS)}"]' if result != "PASS" or dice.chance(0.3) else None
        mileage = 6_000 + (day - registered) * 22 + dice.below(900)
        rows["vehicle_mot_test"].append(
            (key(kinds.MOT_TEST, number * 8 + place), vehicle_id, calendar.iso(day), result, mileage, items)
        )
    expiry = tested + 365
    rows["vehicle_mot"].append((vehicle_id, calendar.iso(expiry), *block.world.record("DVSA", tested, tested)))
    return expiry
