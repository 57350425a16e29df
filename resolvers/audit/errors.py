"""Coded errors of looking into the ledger. Texts never hold a governed value."""

from schema.errors import CodedError


class PeriodTooLong(CodedError):
    """Statistics or a sample were asked of more than a year, or of a period that ends before it begins."""

    code = "AUDIT_PERIOD_INVALID"
    advice = "Ask for a period of at most 366 days that begins before it ends; without one it is the last 31 days."


class SampleTooLarge(CodedError):
    """A sample of nobody, or of more requests than a reviewer reads."""

    code = "AUDIT_SAMPLE_SIZE"
    advice = "Ask for a sample of 1 to 50 requests."


class ReviewIncomplete(CodedError):
    """A review without an outcome, a note that is too long to be read, or a request to unblind without a reason."""

    code = "AUDIT_REVIEW_INCOMPLETE"
    advice = "Give what the message names; codes are those of the list review_outcomes but for NOT_REVIEWED."


class NotUnblinded(CodedError):
    """A record was asked about that nobody else has approved to unblind for this caller."""

    code = "AUDIT_NOT_UNBLINDED"
    status = 403
    advice = "Ask with Mutation.requestUnblinding, and a data protection officer of that organisation to approve it."


class DeskUnavailable(CodedError):
    """This service lacks the key or the log that is needed: it was started to read what needs neither."""

    code = "AUDIT_DESK_UNAVAILABLE"
    status = 503
    advice = "Ask the operator to run the audit subgraph with the ledger's keys, in a process that may write a log."
