"""The SELECTs of the drivers product: keys in, statements out, each over one dataset. Runs nothing."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa

from resolvers.controls.predicates import facts, not_refused, shown
from resolvers.database import TODAY
from resolvers.drivers.tables import (
    driver,
    driver_disqualification,
    driver_endorsement,
    driver_entitlement,
    driver_former_number,
    driver_image,
    driver_medical,
)

# The column that says under which number a driver was asked for: the present one or a former one.
ASKED = "asked_number"
DRIVER = "Driver"


def drivers_by_number(numbers: Sequence[str]) -> sa.Select:
    """Drivers by their number; a number that has changed leads to the record it became (Driver.driverRedirect)."""
    present, former = driver.c.driver_number, driver_former_number
    asked = sa.union_all(
        sa.select(present.label(ASKED), present).where(present.in_(numbers)),
        sa.select(former.c.former_number, former.c.driver_number).where(former.c.former_number.in_(numbers)),
    ).subquery("asked")
    found = sa.select(driver, asked.c[ASKED], _facts()).join(asked, asked.c.driver_number == present)
    return found.where(shown(DRIVER, present))


def drivers_by_name(match_name: str, date_of_birth: date) -> sa.Select:
    """Drivers of this folded name, or of a longer one that begins with it, born on this day."""
    longer = driver.c.match_name.like(f"{match_name} %")
    named = sa.or_(driver.c.match_name == match_name, longer)
    return _found().where(driver.c.date_of_birth == date_of_birth, named)


def drivers_by_postcode(postcodes: Sequence[str]) -> sa.Select:
    """Who lives at a postcode: the candidates of a match whose score then compares names (R1, R3)."""
    return _found().where(driver.c.match_postcode.in_(postcodes)).order_by(driver.c.driver_number)


def drivers_by_birth_date(days: Sequence[date]) -> sa.Select:
    """Who was born on a day: the candidates of a match without an address (R1)."""
    return _found().where(driver.c.date_of_birth.in_(days)).order_by(driver.c.driver_number)


def entitlements_of_drivers(numbers: Sequence[str]) -> sa.Select:
    """Category rights, by category and then by date."""
    right = driver_entitlement
    order = right.c.category, right.c.from_date, right.c.entitlement_id
    return sa.select(right).where(right.c.driver_number.in_(numbers)).order_by(*order)


def endorsements_of_drivers(numbers: Sequence[str]) -> sa.Select:
    """Endorsements of drivers."""
    return sa.select(driver_endorsement).where(driver_endorsement.c.driver_number.in_(numbers))


def points_of_drivers(numbers: Sequence[str]) -> sa.Select:
    """The sum of each driver's unexpired penalty points; no row for a driver without any."""
    points = driver_endorsement
    unexpired = sa.or_(points.c.expires_on.is_(None), points.c.expires_on >= TODAY)
    total = sa.func.sum(points.c.penalty_points).label("points")
    return (
        sa.select(points.c.driver_number, total)
        .where(points.c.driver_number.in_(numbers), unexpired)
        .group_by(points.c.driver_number)
    )


def disqualifications_of_drivers(numbers: Sequence[str]) -> sa.Select:
    """Until when a driver is disqualified, as DVLA has it."""
    return sa.select(driver_disqualification).where(driver_disqualification.c.driver_number.in_(numbers))


def medical_of_drivers(numbers: Sequence[str]) -> sa.Select:
    """Medical information; no policy lets anybody ask for it (DVLA.MED)."""
    return sa.select(driver_medical).where(driver_medical.c.driver_number.in_(numbers))


def images_of_drivers(numbers: Sequence[str]) -> sa.Select:
    """Where licence photographs are kept."""
    return sa.select(driver_image).where(driver_image.c.driver_number.in_(numbers))


def _facts() -> sa.Label[int]:
    return facts(DRIVER, driver.c.driver_number)


def _found() -> sa.Select:
    """Drivers found by what is on their records: none the caller would be refused."""
    row_facts = _facts()
    return sa.select(driver, row_facts).where(shown(DRIVER, driver.c.driver_number), not_refused(row_facts))
