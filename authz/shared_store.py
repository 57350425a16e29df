"""Clients of the Redis or Valkey that processes share: each question is put once, and waited for shortly."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

SECONDS_TO_WAIT = 2.0


def client_of(url: str) -> Redis:
    """A client that connects with its first question. Raises ValueError for what is no URL of such a server.

    A second try could meet what the first one, whose answer was lost, has done: a nonce would look replayed, a look-up
    would count twice.
    """
    return Redis.from_url(
        url,
        socket_timeout=SECONDS_TO_WAIT,
        socket_connect_timeout=SECONDS_TO_WAIT,
        retry=Retry(NoBackoff(), 0),
    )
