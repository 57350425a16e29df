"""What stands beside an answer's data where less than the value is shown: it travels in `extensions.access`.

An entry says a form and why; it holds a governed value only in the reduced form that may be shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from authz.decision import Decision

NOTHING: Final = object()


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands beside the data for one place of the answer (`path`): form and reason, the reduced `value` if there
    is one, and `data`: the masked form of a value that the data hold for the federation's own use."""

    path: tuple[str | int, ...]
    coordinate: str
    decision: Decision
    value: Any = NOTHING
    data: Any = NOTHING

    def said(self) -> Mapping[str, Any]:
        """The entry as it travels."""
        decision = self.decision
        said: dict[str, Any] = {
            "path": self.path,
            "coordinate": self.coordinate,
            "form": decision.form,
            "policies": decision.policies,
            "dataset": decision.dataset,
            "mask": decision.mask,
            "contact": decision.contact,
            "missing": decision.missing,
        }
        said |= {name: held for name in ("value", "data") if (held := getattr(self, name)) is not NOTHING}
        return said
