"""Keyed hashes that stand in the ledger for identifiers: text and key in, `h:…` out. The text itself is never kept."""

import hashlib
import hmac
from dataclasses import dataclass, field

_DIGITS = 32


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The ledger's key for subject and variable hashes; `id` goes into each hash so that older keys stay searchable."""

    id: str
    secret: bytes = field(repr=False)

    def subject(self, type_name: str, key: str) -> str:
        """The keyed hash of one record's key: equal for equal type and key, so that entries can be found."""
        return self._hash("subject", type_name, key)

    def variable(self, text: str) -> str:
        """The keyed hash of one variable's text."""
        return self._hash("variable", text)

    def _hash(self, *parts: str) -> str:
        message = b"".join(
            len(raw).to_bytes(4) + raw for raw in (part.encode("utf-8", "surrogatepass") for part in parts)
        )
        return f"h:{self.id}:{hmac.new(self.secret, message, hashlib.sha256).hexdigest()[:_DIGITS]}"
