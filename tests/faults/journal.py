"""The journal that `power_cut.c` keeps: bytes in, operations out, in the order they were done in. Does no I/O."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_HEADER = struct.Struct("=4Q")


class Kind(StrEnum):
    """What was done; the letters are those of `power_cut.c`."""

    CREATE = "C"
    FOLDER = "D"
    WRITE = "W"
    TRUNCATE = "T"
    RENAME = "R"
    LINK = "L"
    UNLINK = "U"
    SYNC = "S"
    FAILED_SYNC = "F"
    SAID = "O"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation on file number `inode`; `number` is the offset of a WRITE and the size after a TRUNCATE, in bytes.

    `content` is what was written or said, or the names: one, or two for RENAME and LINK.
    """

    kind: Kind
    inode: int
    number: int
    content: bytes

    @property
    def names(self) -> tuple[str, str]:
        """The paths below the folder that an operation on names is about; only RENAME and LINK have two."""
        first, _, second = self.content.partition(b"\0")
        return first.decode(), second.decode()


def operations_in(journal: bytes) -> Iterator[Operation]:
    """The operations of a journal; a last one that the process did not live to write whole was answered to nobody."""
    at = 0
    while at + _HEADER.size <= len(journal):
        kind, inode, number, length = _HEADER.unpack_from(journal, at)
        at += _HEADER.size + length
        if at > len(journal):
            return
        yield Operation(Kind(chr(kind)), inode, number, journal[at - length : at])
