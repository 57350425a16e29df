"""Counts that all processes of a gateway keep together, in Redis or Valkey. Unreachable means refused."""

from collections.abc import Sequence

from redis.exceptions import RedisError

from authz.bulk.tally import Counted
from authz.errors import TallyUnavailable
from authz.shared_store import client_of

# One round trip and one step for everything a request counts: two requests cannot both be the last one allowed.
_COUNT = """
local counts = {}
for place, name in ipairs(KEYS) do
  local member, most, seconds = ARGV[place * 3 - 2], tonumber(ARGV[place * 3 - 1]), tonumber(ARGV[place * 3])
  local count
  if member == '' then
    count = math.min(redis.call('INCR', name), most + 1)
    if count == 1 then redis.call('EXPIRE', name, seconds) end
  elseif redis.call('SISMEMBER', name, member) == 1 then
    count = redis.call('SCARD', name)
  else
    count = redis.call('SCARD', name) + 1
    if count <= most then
      redis.call('SADD', name, member)
      if count == 1 then redis.call('EXPIRE', name, seconds) end
    end
  end
  counts[place] = count
end
return counts
"""


class SharedTally:
    """See Tally; the server's clock says what is over."""

    def __init__(self, url: str) -> None:
        self._client = client_of(url)
        self._count = self._client.register_script(_COUNT)

    async def count(self, counted: Sequence[Counted], now: float) -> tuple[int, ...]:
        """See Tally."""
        names = [f"leds:tally:{each.name}" for each in counted]
        arguments = [part for each in counted for part in (each.member or "", each.most, each.seconds)]
        try:
            return tuple(await self._count(keys=names, args=arguments))
        except (RedisError, OSError) as error:
            raise _unanswered() from error

    async def check(self) -> None:
        """See Tally."""
        try:
            await self._client.ping()
        except (RedisError, OSError) as error:
            raise _unanswered() from error

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _unanswered() -> TallyUnavailable:
    return TallyUnavailable("The store of what was asked lately does not answer.")
