"""A writer process that prints each receipt once it holds it, until it is killed or has written what it was told to.

Arguments: folder, first number, number of callers, entries of each caller (none: for ever). What a caller is refused it
prints as `refused`, and goes on with its next entry.
"""

import asyncio
import sys
from collections.abc import Iterable
from itertools import count, islice
from pathlib import Path

from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Ledger
from tests.authz.audit.samples import KEYS, ORIGIN, sample, store_in, ticking_clock


async def write(folder: Path, first: int, callers: int = 8, entries: int | None = None) -> None:
    ledger = await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())

    async def caller(numbers: Iterable[int]) -> None:
        for number in numbers:
            try:
                receipt = await ledger.append(sample(number))
            except AuditUnavailable:
                say(f"refused {sample(number).leaf.audit_id}")
            else:
                say(f"{receipt.index} {receipt.entry_id} {receipt.leaf}")

    await asyncio.gather(*(caller(islice(count(first + offset, callers), entries)) for offset in range(callers)))
    await ledger.close()


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


asyncio.run(write(Path(sys.argv[1]), *map(int, sys.argv[2:])))
