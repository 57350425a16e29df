"""Coded errors of streams: why one is not opened, or ends before its source does."""

from schema.errors import CodedError


class StreamError(CodedError):
    """The base of what ends a stream."""


class TooManySubscriptions(StreamError):
    """This identity, this connection or the whole service holds as many subscriptions as it may."""

    code = "TOO_MANY_SUBSCRIPTIONS"
    status = 429
    advice = "End a subscription before you open another one."


class SubscriptionRevoked(StreamError):
    """What the caller may be shown has changed since the subscription was opened."""

    code = "SUBSCRIPTION_REVOKED"
    status = 403
    advice = "Subscribe again: what you may be shown has changed, and is then decided anew."


class GraphReplaced(StreamError):
    """The schema that the subscription was opened over is not served any more."""

    code = "SUBSCRIPTION_GRAPH_REPLACED"
    status = 409
    advice = "Subscribe again: the operation is then checked against the schema that is served now."


class SourceLost(StreamError):
    """The subgraph that the events come from refused the subscription, ended it or cannot be reached."""

    code = "SUBSCRIPTION_SOURCE_LOST"
    status = 502
    advice = "Treat what you last saw as out of date; subscribe again shortly."


class SlowConsumer(StreamError):
    """The client did not take what was sent to it in time; nothing is kept for it."""

    code = "SLOW_CONSUMER"
    status = 408
    advice = "Read faster, select less, or subscribe to less at a time."


STREAM_ERRORS: tuple[type[CodedError], ...] = (
    TooManySubscriptions,
    SubscriptionRevoked,
    GraphReplaced,
    SourceLost,
    SlowConsumer,
)
