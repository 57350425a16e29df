"""Used nonces that the processes of one subgraph remember together, in Redis or Valkey. Unreachable means refused."""

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from authz.errors import NoncesUnavailable
from authz.nonces import REMEMBERED_SECONDS

SECONDS_TO_WAIT = 2.0


class SharedNonces:
    """The nonces all processes of a subgraph have seen, in Redis or Valkey: one SET NX that expires by itself."""

    def __init__(self, url: str, seconds: int = REMEMBERED_SECONDS) -> None:
        self._seconds = seconds
        # A second try could meet the mark of the first one, whose answer was lost: it would look like a replay.
        self._client = Redis.from_url(
            url,
            socket_timeout=SECONDS_TO_WAIT,
            socket_connect_timeout=SECONDS_TO_WAIT,
            retry=Retry(NoBackoff(), 0),
        )

    async def first_use(self, subgraph: str, key_id: str, nonce: str, now: float) -> bool:
        """See Nonces."""
        name = f"leds:nonce:{subgraph}:{key_id}:{nonce}"
        try:
            return bool(await self._client.set(name, b"", nx=True, ex=self._seconds))
        except (RedisError, OSError) as error:
            raise NoncesUnavailable("The store of used signatures does not answer.") from error

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()
