"""What one request may load of the Intelligence product: a constant is a kind of load, one statement for all keys."""

from resolvers.connections import Order
from resolvers.intelligence import statements
from resolvers.loading import Children, Lookup, Pages

LATEST_REPORT = Order(("date_of_intelligence", "intel_report_id"), descending=True)

NOMINAL = Lookup(statements.nominals, "intel_nominal_id")
NAMES = Children(statements.names, "intel_nominal_id")
CONFIRMED_LINK = Lookup(statements.confirmed_links, "intel_nominal_id")
NOMINALS_OF_PEOPLE = Pages(statements.nominals_of_people, "linked_person_id", Order(("intel_nominal_id",)))

REPORT = Lookup(statements.reports, "intel_report_id")
REPORTS_OF_NOMINALS = Pages(statements.reports_of_nominals, "linked_key", LATEST_REPORT)
REPORTS_OF_VEHICLES = Pages(statements.reports_of_vehicles, "linked_key", LATEST_REPORT)
REPORTS_OF_MISSING = Pages(statements.reports_of_missing, "linked_key", LATEST_REPORT)
LINKS = Children(statements.links, "intel_report_id")
