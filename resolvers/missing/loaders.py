"""What one request may load of the Missing product: a constant is a kind of load, one statement for all keys."""

from resolvers.connections import Order
from resolvers.loading import Children, Lookup, Pages
from resolvers.missing import statements

REPORT = Lookup(statements.reports, "missing_id")
REPORT_BY_REFERENCE = Lookup(statements.reports_by_reference, "national_reference")
REPORTS_OF_PEOPLE = Pages(
    statements.reports_of_people, "person_id", Order(("episode_start", "missing_id"), descending=True)
)
RISK_CHANGES = Children(statements.risk_changes, "missing_id")
UNIDENTIFIED_MATCHES = Children(statements.unidentified_matches, "missing_id")
CHILD_PROTECTION = Lookup(statements.child_protection, "missing_id")
