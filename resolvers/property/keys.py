"""Normal forms of the numbers on property: two writings of one number have the same key. Pure."""

import re

_SEPARATORS = re.compile(r"[^A-Z0-9]+")
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


def compact(value: str) -> str:
    """`value` in upper case without separators; nothing else is changed."""
    return _SEPARATORS.sub("", value.upper())


def identifier_key(value: str) -> str:
    """`compact(value)` without the leading zeros of each run of digits, so that padding of a serial does not matter.

    JCB-3CX-0001, jcb 3cx 1 and JCB3CX01 all have the key JCB3CX1. Empty when nothing identifying is left.
    """
    return _LEADING_ZEROS.sub("", compact(value))
