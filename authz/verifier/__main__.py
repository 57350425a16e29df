"""`python -m authz.verifier`: verify a ledger or an export from the command line. Exit 0 intact, 1 not, 2 usage."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from authz.verifier.evidence import ReceiptUnreadable
from authz.verifier.note import Keys, KeyUnreadable, read_keys
from authz.verifier.verify import verify
from authz.verifier.walk import Progress

_STEP = 10_000


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify what the arguments name; the exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    try:
        verdict = verify(
            given.path,
            _keys(given.key),
            checkpoints=[path.read_text() for path in given.checkpoint],
            receipts=_lines(given.receipts),
            progress=_progress() if sys.stderr.isatty() else None,
        )
    except (KeyUnreadable, ReceiptUnreadable, OSError, UnicodeDecodeError) as error:
        parser.error(str(error))
    sys.stdout.write((json.dumps(verdict.as_json(), indent=2) if given.json else str(verdict)) + "\n")
    return 0 if verdict.intact else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m authz.verifier", description="Verify a disclosure ledger.")
    several = {"action": "append", "default": [], "metavar": "FILE"}
    parser.add_argument("path", type=Path, nargs="+", help="a ledger's folder, databases, or one export")
    parser.add_argument("--key", **several, help="a public key that is trusted: PEM or verifier key, or a file of it")
    parser.add_argument("--checkpoint", type=Path, **several, help="a checkpoint that was kept elsewhere")
    parser.add_argument("--receipts", type=Path, **several, help="receipts, one JSON object a line")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    return parser


def _keys(given: Sequence[str]) -> Keys | None:
    texts = [key if "+" in key and not Path(key).exists() else Path(key).read_text() for key in given]
    return read_keys(texts) if texts else None


def _lines(paths: Sequence[Path]) -> Iterator[str]:
    for path in paths:
        with path.open() as stream:
            yield from (line for line in stream if line.strip())


def _progress() -> Progress:
    def show(origin: str, position: int) -> None:
        if position % _STEP == 0:
            sys.stderr.write(f"\r{origin}: {position:,} leaves\x1b[K")
            sys.stderr.flush()

    return show


if __name__ == "__main__":
    sys.exit(main())
