"""A process that spools, drains and spools again, and prints each receipt once it holds it. Arguments: folder."""

import asyncio
import sys
from pathlib import Path

from authz.audit.ledger import Ledger
from authz.audit.spool import Spool, SpoolFile
from tests.authz.audit.samples import KEYS, ORIGIN, SEALING, sample, store_in, ticking_clock


async def write(folder: Path) -> None:
    ledger = await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())
    spool = await Spool.open(SpoolFile(folder / "ledger.spool"), SEALING, ORIGIN)

    async def caller(number: int) -> None:
        receipt = await spool.append(sample(number, subjects=8))
        sys.stdout.write(f"{receipt.index} {receipt.entry_id} {receipt.leaf}\n")
        sys.stdout.flush()

    for turn in range(2):
        await caller(10 * turn)
        await asyncio.gather(*(caller(10 * turn + number) for number in (1, 2, 3)))
        await spool.drain(ledger.append_row)
    await spool.close()
    await ledger.close()


asyncio.run(write(Path(sys.argv[1])))
