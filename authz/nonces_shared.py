"""Used nonces that the processes of one subgraph remember together, in Redis or Valkey. Unreachable means refused."""

from redis.exceptions import RedisError

from authz.errors import NoncesUnavailable
from authz.nonces import REMEMBERED_SECONDS
from authz.shared_store import client_of


class SharedNonces:
    """The nonces all processes of a subgraph have seen, in Redis or Valkey: one SET NX that expires by itself."""

    def __init__(self, url: str, seconds: int = REMEMBERED_SECONDS) -> None:
        self._seconds = seconds
        self._client = client_of(url)

    async def first_use(self, subgraph: str, key_id: str, nonce: str, now: float) -> bool:
        """See Nonces."""
        name = f"leds:nonce:{subgraph}:{key_id}:{nonce}"
        try:
            return bool(await self._client.set(name, b"", nx=True, ex=self._seconds))
        except (RedisError, OSError) as error:
            raise _unanswered() from error

    async def check(self) -> None:
        """See Nonces."""
        try:
            await self._client.ping()
        except (RedisError, OSError) as error:
            raise _unanswered() from error

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _unanswered() -> NoncesUnavailable:
    return NoncesUnavailable("The store of used signatures does not answer.")
