"""What a request showed: fields of subjects in, one disclosure per subject, dataset and form out, keys hashed."""

from dataclasses import dataclass, field

from authz.audit.pseudonym import SubjectKey
from authz.decision import Decision, Form
from authz.disclosure import Disclosure

_Group = tuple[str, str, str, Form, tuple[str, ...], str]


@dataclass(slots=True)
class Shown:
    """Collects what resolvers really returned, and nothing that was denied or failed."""

    groups: dict[_Group, set[str]] = field(default_factory=dict)
    found: dict[tuple[str, str], tuple[str, str, Decision]] = field(default_factory=dict)

    def add(self, subject: tuple[str, str], dataset: str, name: str, decision: Decision, event: str = "") -> None:
        """A field of a subject (kind, key) was answered."""
        group = (*subject, dataset, decision.form, decision.policies, event)
        self.groups.setdefault(group, set()).add(name)

    def change(self, subject: tuple[str, str], dataset: str, coordinate: str, decision: Decision, event: str) -> None:
        """A change of a record of this subject was accepted; `event` is ALTER or ERASE."""
        self.add(subject, dataset, coordinate, decision, event)

    def find(self, subject: tuple[str, str], dataset: str, coordinate: str, decision: Decision) -> None:
        """A lookup found this subject's record; said by the lookup's coordinate if nothing of the record is shown."""
        self.found.setdefault(subject, (dataset, coordinate, decision))

    def disclosures(self, secret: SubjectKey) -> tuple[Disclosure, ...]:
        """Everything shown, sorted; subject keys are hashed here and nowhere kept."""
        shown = {group[:2] for group in self.groups}
        for subject, (dataset, coordinate, decision) in self.found.items():
            if subject not in shown:
                self.add(subject, dataset, coordinate, decision)
        return tuple(
            sorted(
                Disclosure(kind, secret.subject(kind, key), dataset, form, tuple(sorted(names)), policies, event)
                for (kind, key, dataset, form, policies, event), names in self.groups.items()
            )
        )
