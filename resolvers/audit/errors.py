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


class UnknownCode(CodedError):
    """A code that its reference list does not hold."""

    code = "AUDIT_UNKNOWN_CODE"
    advice = "Ask Query.referenceList for the codes of the list the message names."


class ReviewIncomplete(CodedError):
    """A review without an outcome, or with a note that is too long to be read."""

    code = "AUDIT_REVIEW_INCOMPLETE"
    advice = "Give a code of the list review_outcomes other than NOT_REVIEWED, and a note of at most 1000 characters."


class DeskUnavailable(CodedError):
    """This service lacks the key or the log that is needed: it was started to read what needs neither."""

    code = "AUDIT_DESK_UNAVAILABLE"
    status = 503
    advice = "Ask the operator to run the audit subgraph with the ledger's keys, in a process that may write a log."
