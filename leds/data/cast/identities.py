"""The identifiers the cast is asked for by, in tests, documents and demonstrations (docs/cast.md). Constants only."""

from datetime import date

from schema.identifiers.device import imei
from schema.identifiers.driver import driver_number
from schema.identifiers.person import FIRST_SPECIMEN_ASN_SERIAL, asn, cro_number, person_urn
from schema.identifiers.vehicle import vin_check_digit


def cast_vin(name: str) -> str:
    """A specimen VIN with the right check digit, told apart by nine characters."""
    blank = f"XXXCAST00{name:0>8}"
    return blank[:8] + vin_check_digit(blank) + blank[9:]


def cast_key(kind: int, number: int) -> str:
    """The key of a cast record: it begins ca57, which no generated key does."""
    return f"ca57{kind:04x}-0000-8000-8000-{number:012x}"


# The roadside story: one plate, its keeper, driver, nominal, property, missing and intelligence links.
MAIN_VRM = "AB12CDE"
MAIN_VIN = cast_vin("AB12CDE")
MAIN_BORN = date(1985, 3, 14)
MAIN_DRIVER = driver_number("EXAMPLE", ("Robin", "Ash"), MAIN_BORN, "M")
MAIN_URN = person_urn(2004, 9_000_001)
MAIN_CRO = cro_number(900_001, 2004)
MAIN_ASN = asn(2024, "20R1", "01", FIRST_SPECIMEN_ASN_SERIAL + 1)
MAIN_IMEI = imei(999_000_000_001)
MAIN_PERSON_ID = cast_key(1, 1)

# Robin's partner: keeper of nothing, named driver by an initial, one step away in the link analysis.
PARTNER_BORN = date(1987, 6, 2)
PARTNER_DRIVER = driver_number("HARBOUR", ("Wren",), PARTNER_BORN, "F")
PARTNER_URN = person_urn(2009, 9_000_002)
PARTNER_PERSON_ID = cast_key(1, 2)

# Robin's co-defendant: the driver number PNC holds belongs to somebody else.
CONFLICT_BORN = date(1990, 11, 30)
CONFLICT_URN = person_urn(2011, 9_000_003)
CONFLICT_PERSON_ID = cast_key(1, 3)

# Wanted twice, one of them no power of arrest.
WANTED_BORN = date(1979, 1, 9)
WANTED_URN = person_urn(1998, 9_000_004)
WANTED_PERSON_ID = cast_key(1, 4)

# Disqualified on PNC, not yet at DVLA; entitled to B only, and keeper of a 4,000 kg trailer.
BANNED_BORN = date(1992, 8, 21)
BANNED_DRIVER = driver_number("QUAYSIDE", ("Ash",), BANNED_BORN, "M")
BANNED_URN = person_urn(2012, 9_000_005)
BANNED_PERSON_ID = cast_key(1, 5)

# Owner of the stolen plant: a victim.
VICTIM_BORN = date(1968, 4, 17)
VICTIM_URN = person_urn(2019, 9_000_006)
VICTIM_PERSON_ID = cast_key(1, 6)

# Accents, an apostrophe, a hyphen, a sound-alike and a year-only birth date: what name search has to find.
ACCENTED_URN = person_urn(2015, 9_000_007)
ACCENTED_PERSON_ID = cast_key(1, 7)
SOUNDALIKE_URN = person_urn(2016, 9_000_008)
SOUNDALIKE_PERSON_ID = cast_key(1, 8)

# One and two hundred of everything: the same statements and fetches for both.
ONE_VRM, MANY_VRM = "OO00ONE", "OO00MNY"
ONE_VIN, MANY_VIN = cast_vin("NE"), cast_vin("MNY")
ONE_BORN, MANY_BORN = date(1975, 5, 5), date(1976, 6, 6)
ONE_DRIVER = driver_number("KETTLE", ("Linden",), ONE_BORN, "F")
MANY_DRIVER = driver_number("KETTLE", ("Myrtle",), MANY_BORN, "F")
ONE_URN, MANY_URN = person_urn(2001, 9_000_011), person_urn(2002, 9_000_012)
ONE_PERSON_ID, MANY_PERSON_ID = cast_key(1, 11), cast_key(1, 12)
MANY = 200

# Vehicles for the checks.
LEASE_VRM = "OO00LSE"
TRAILER_VRM = "OO00TRL"
LOST_UNCONFIRMED_VRM = "OO00LOS"
LOST_CONFIRMED_VRM = "OO00CNF"
CLONE_VRM, CLONED_VRM = "OO00CLN", "OO01CLN"
BLOCKED_VRM, UNREPORTED_VRM, BLOCKED_TYPE_VRM = "OO00BLK", "OO01BLK", "OO00BLT"
EXPORTED_VRM = "OO00EXP"
FOREIGN_VRM, FOREIGN_PENDING_VRM = "PL+WX12345", "F+AB123CD"

PLANT_SERIAL = "JCB-3CX-0001"
MISSING_CHILD_REF = "MP-26-0001234"
MISSING_OTHER_AREA_REF = "MP-26-0001235"
MISSING_NOMINAL_REF = "MP-24-0001236"
INTEL_OPEN_ID, INTEL_CONDITIONAL_ID = cast_key(7, 1), cast_key(7, 2)
CERTIFICATE_ID = cast_key(5, 201)
MISSING_CHILD_ID, MISSING_OTHER_AREA_ID = cast_key(6, 1), cast_key(6, 2)

# Records under control (entities 3.4), one of each kind that is about people.
PROTECTED_URN, PROTECTED_PERSON_ID = person_urn(2018, 9_000_021), cast_key(1, 21)
RESTRICTED_URN, RESTRICTED_PERSON_ID = person_urn(2018, 9_000_022), cast_key(1, 22)
HIGH_PROFILE_URN, HIGH_PROFILE_PERSON_ID = person_urn(2018, 9_000_023), cast_key(1, 23)
TRAINING_URN, TRAINING_PERSON_ID = person_urn(2018, 9_000_024), cast_key(1, 24)
HOUSEHOLD_URN, HOUSEHOLD_PERSON_ID = person_urn(2018, 9_000_025), cast_key(1, 25)
RECOGNISED_URN, RECOGNISED_PERSON_ID = person_urn(2018, 9_000_026), cast_key(1, 26)
# Who lives with HOUSEHOLD_URN: the user of the persona `officer`.
OFFICER_USER = "u-20-4419"
