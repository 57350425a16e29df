"""The loads of the drivers product: which statement answers which key, and how lists are ordered."""

from resolvers.connections import Order
from resolvers.drivers import statements
from resolvers.loading import Children, Lookup, Pages

DRIVER = Lookup(statements.drivers_by_number, statements.ASKED)
POINTS = Lookup(statements.points_of_drivers, "driver_number")
DISQUALIFICATION = Lookup(statements.disqualifications_of_drivers, "driver_number")
MEDICAL = Lookup(statements.medical_of_drivers, "driver_number")
IMAGE = Lookup(statements.images_of_drivers, "driver_number")

AT_POSTCODE = Children(statements.drivers_by_postcode, "match_postcode")
BORN_ON = Children(statements.drivers_by_birth_date, "date_of_birth")
ENTITLEMENTS = Children(statements.entitlements_of_drivers, "driver_number")

ENDORSEMENTS = Pages(
    statements.endorsements_of_drivers, "driver_number", Order(("offence_date", "endorsement_id"), descending=True)
)
BY_NAME = Order(("match_name", "driver_number"))
