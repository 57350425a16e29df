"""JSON bytes in, the value they spell out, if they spell it as RFC 8785 would. Does no I/O.

The ledger's subset: no fractions or exponents, integers between -2**53 and 2**53.
"""

import json
from typing import Any

_LIMIT = 2**53


class NotCanonical(ValueError):
    """Bytes that are no JSON, or spell it otherwise than RFC 8785."""


def parse(data: bytes) -> Any:
    """The JSON value whose only canonical spelling is `data`. Raises NotCanonical."""
    try:
        value = _decode(data.decode())
        printed = _encode(value).encode()
    except (ValueError, RecursionError) as error:
        raise NotCanonical("the bytes are no JSON of the ledger's kind") from error
    if printed != data:
        raise NotCanonical("the bytes are not spelt canonically")
    return value


def print_canonically(value: Any) -> bytes:
    """The canonical spelling of a value of plain JSON types whose objects have sorted keys."""
    return _encode(value).encode()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Keys are compared as they stand: the printer then need not sort, and a key twice is out of order.
    keys = [key for key, _ in pairs]
    if keys != sorted(set(keys), key=None if all(map(str.isascii, keys)) else _utf16):
        raise NotCanonical("an object whose keys are not sorted")
    return dict(pairs)


def _utf16(key: str) -> bytes:
    """What RFC 8785 sorts keys by: their UTF-16 code units."""
    return key.encode("utf-16-be", "surrogatepass")


def _integer(text: str) -> int:
    number = int(text) if len(text) < 18 else _LIMIT
    if not -_LIMIT < number < _LIMIT:
        raise NotCanonical("an integer outside of what every reader keeps")
    return number


def _refuse(text: str) -> Any:
    raise NotCanonical(f"{text} is no integer")


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_refuse, parse_constant=_refuse
).decode
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
