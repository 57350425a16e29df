"""What may be done with the ledger: nothing but to add to it."""

from subgraphs.audit.query import SUBJECT
from subgraphs.audit.reviewing import AuditReview, record_review
from subgraphs.audit.types import LOG
from subgraphs.audit.unblinding import Unblinding, approve_unblinding, request_unblinding
from subgraphs.records import governed_type, resolved


@governed_type()
class Mutation:
    """Reviews, and unblinding by two people."""

    record_review: AuditReview | None = resolved(record_review, tag=LOG)
    request_unblinding: Unblinding | None = resolved(request_unblinding, tag=LOG)
    approve_unblinding: Unblinding | None = resolved(approve_unblinding, tag=SUBJECT)
