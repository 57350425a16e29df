"""What one request may load of the ledger: a constant is a kind of load, one statement for all keys."""

from resolvers.audit import statements
from resolvers.connections import Order
from resolvers.loading import Children, Lookup, Pages

NEWEST_FIRST = Order(("at", "audit_id"), descending=True)

EVENT = Lookup(statements.events_by_id, "audit_id")
STATEMENTS = Lookup(statements.statements_of, "audit_id")
SUBJECTS = Pages(statements.subjects, "audit_id", Order(("part", "slot")))
SUBJECTS_WHOLE = Children(statements.subjects, "audit_id")
SEALED = Children(statements.sealed_parts, "audit_id")
REVIEW = Lookup(statements.reviews, "key_hash")
APPROVAL = Lookup(statements.approvals, "key_hash")
