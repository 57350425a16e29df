"""A process that spools, drains and spools again, and prints each receipt once it holds it; refusals it passes over.

Arguments: folder.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from authz.audit.errors import AuditUnavailable
from authz.audit.ledger import Ledger
from authz.audit.spool import Spool, SpoolFile
from tests.authz.audit.samples import KEYS, ORIGIN, SEALING, sample, store_in, ticking_clock


async def write(folder: Path) -> None:
    ledger = await Ledger.open(store_in(folder), KEYS, ORIGIN, ticking_clock())
    spool = await Spool.open(SpoolFile(folder / "ledger.spool"), SEALING, ORIGIN)

    async def caller(number: int) -> None:
        with suppress(AuditUnavailable):
            receipt = await spool.append(sample(number, subjects=8))
            sys.stdout.write(f"{receipt.index} {receipt.entry_id} {receipt.leaf}\n")
            sys.stdout.flush()

    for turn in range(2):
        await caller(10 * turn)
        await asyncio.gather(*(caller(10 * turn + number) for number in (1, 2, 3)))
        with suppress(AuditUnavailable):
            await spool.drain(ledger.append_row)
    await spool.close()
    await ledger.close()


asyncio.run(write(Path(sys.argv[1])))
