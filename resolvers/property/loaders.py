"""What one request may load of the Property product: a constant is a kind of load, one statement for all keys."""

from resolvers.connections import Order
from resolvers.loading import Children, Lookup, Pages
from resolvers.property import statements

BY_ID = Order(("property_id",))

ITEM = Lookup(statements.items, "property_id")
IDENTIFIERS = Children(statements.identifiers, "property_id")
ITEMS_BY_VEHICLE_NUMBER = Children(statements.items_by_vehicle_number, "found_by")
ITEMS_OF_PEOPLE = Pages(statements.items_of_people, "owner_key", BY_ID)
REPORTS = Pages(statements.reports, "property_id", Order(("reported_at", "property_report_id"), descending=True))

CERTIFICATE = Lookup(statements.certificates, "certificate_id")
CERTIFICATES_OF_PEOPLE = Children(statements.certificates_of_people, "holder_key")
CERTIFICATES_BY_ADDRESS = Children(statements.certificates_by_address, "match_postcode")
