"""A writer process that prints each receipt once it holds it, until it is killed. Arguments: folder, first number."""

import asyncio
import sys
from pathlib import Path

from authz.audit.ledger import Ledger
from tests.authz.audit.samples import KEYS, ORIGIN, sample, store_in, ticking_clock


async def write_for_ever(folder: Path, first: int) -> None:
    ledger = await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())

    async def caller(number: int) -> None:
        while True:
            receipt = await ledger.append(sample(number))
            sys.stdout.write(f"{receipt.index} {receipt.entry_id} {receipt.leaf}\n")
            sys.stdout.flush()
            number += 8

    await asyncio.gather(*(caller(first + offset) for offset in range(8)))


asyncio.run(write_for_ever(Path(sys.argv[1]), int(sys.argv[2])))
