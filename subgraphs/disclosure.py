"""What a request showed: fields of subjects in, one disclosure per subject, dataset and form out, keys hashed."""

import hashlib
import hmac
from dataclasses import dataclass, field

from authz.decision import Decision, Form
from authz.disclosure import Disclosure

_Group = tuple[str, str, str, Form, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """The secret subject keys are hashed under, with the id that says which secret it was."""

    id: str
    secret: bytes = field(repr=False)

    def hash(self, kind: str, key: str) -> str:
        """`h:<key id>:<hex>`: HMAC-SHA-256 of the kind and the key, so that equal keys of two kinds differ."""
        digest = hmac.new(self.secret, f"{kind}\0{key}".encode(), hashlib.sha256)
        return f"h:{self.id}:{digest.hexdigest()}"


@dataclass(slots=True)
class Shown:
    """Collects what resolvers really returned, and nothing that was denied or failed."""

    groups: dict[_Group, set[str]] = field(default_factory=dict)

    def add(self, subject: tuple[str, str], dataset: str, name: str, decision: Decision) -> None:
        """A field of a subject (kind, key) was answered."""
        group = (*subject, dataset, decision.form, decision.policies)
        self.groups.setdefault(group, set()).add(name)

    def disclosures(self, secret: SubjectKey) -> tuple[Disclosure, ...]:
        """Everything shown, sorted; subject keys are hashed here and nowhere kept."""
        return tuple(
            sorted(
                Disclosure(kind, secret.hash(kind, key), dataset, form, tuple(sorted(names)), policies)
                for (kind, key, dataset, form, policies), names in self.groups.items()
            )
        )
