"""Time and ten random bytes in, a ULID out (26 characters of Crockford's base 32). Reads no clock itself."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_BYTES = 10
_TIME_LIMIT = 1 << 48


def ulid(milliseconds: int, randomness: bytes) -> str:
    """The ULID of a Unix time in milliseconds and 10 random bytes. Raises ValueError when either is out of range."""
    if not 0 <= milliseconds < _TIME_LIMIT or len(randomness) != RANDOM_BYTES:
        raise ValueError("a ULID needs a 48-bit time and 10 random bytes")
    number = milliseconds << 80 | int.from_bytes(randomness)
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
