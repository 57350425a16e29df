"""What was found to open nothing beyond the approved access table, remembered so that the next start asks nothing.

In: the version of the table and the versions compared with it. Out: whether they were compared. The file is sealed with
a key of the service: one that somebody else wrote, or that cannot be read, says nothing.
"""

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path

import msgspec
import structlog

from authz.audit.pseudonym import SubjectKey

FILE = "compared.json"
PURPOSE = b"leds access comparison/1\n"


class _Comparison(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`seal` is the keyed hash of table and sources."""

    table: str
    sources: dict[str, str]
    seal: str


class Comparisons:
    """The last comparison that found nothing, in a folder."""

    def __init__(self, folder: Path, key: SubjectKey) -> None:
        self._file, self._key = folder / FILE, key

    def holds(self, table: str, sources: Mapping[str, str]) -> bool:
        """Whether exactly these sources were compared with exactly this table."""
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=_Comparison)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return False
        same = kept.table == table and kept.sources == sources
        return same and hmac.compare_digest(kept.seal.encode(), self._seal(table, sources).encode())

    def keep(self, table: str, sources: Mapping[str, str]) -> None:
        """Remember that these sources open nothing beyond this table; where that fails, the next start asks again."""
        text = msgspec.json.encode(_Comparison(table, dict(sources), self._seal(table, sources)))
        try:
            self._file.write_bytes(text)
        except OSError as error:
            structlog.get_logger("leds").warning("comparison_not_kept", error=type(error).__name__)

    def _seal(self, table: str, sources: Mapping[str, str]) -> str:
        said = PURPOSE + msgspec.json.encode([table, sorted(sources.items())])
        return hmac.new(self._key.secret, said, hashlib.sha256).hexdigest()
