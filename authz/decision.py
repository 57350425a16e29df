"""What a caller may be shown: one decision per schema coordinate, frozen and cached."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Form(StrEnum):
    """The form in which a value may be shown, highest first."""

    FULL = "FULL"
    MASK = "MASK"
    EXISTS = "EXISTS"
    DENY = "DENY"
    SILENT = "SILENT"


HEIGHT: Mapping[Form, int] = MappingProxyType({form: height for height, form in enumerate(reversed(Form))})
"""Forms in order: the higher, the more is shown. Silence is the lowest: what is sealed is not even refused."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome for one coordinate (`Type.field`) with the policies that led to it.

    `missing` names what the caller lacks; `contact` whom to ask. Neither ever holds a governed value. `mask` is a name
    of mask_types.csv when the form is MASK. `rows` names the row rules that may lower the form for single rows: they
    are decided where the rows are, by the owning subgraph. `undecided`: a policy could not be evaluated, which refuses.
    `unrecorded`: it could not be written down, which refuses.
    """

    form: Form
    policies: tuple[str, ...] = ()
    dataset: str | None = None
    missing: tuple[str, ...] = ()
    contact: str | None = None
    mask: str | None = None
    rows: tuple[str, ...] = ()
    undecided: bool = False
    unrecorded: bool = False

    @property
    def allowed(self) -> bool:
        """Whether it may be requested from a subgraph at all, in whatever form the subgraph then answers."""
        return self.form not in (Form.DENY, Form.SILENT)


@dataclass(frozen=True, slots=True)
class Clearance:
    """Every coordinate's decision for one caller and context. `key` identifies the class of callers that share it.

    A coordinate that is not in `decisions` has no rule and is denied (law 7). `internal` are those that the federation
    may read on the way to this caller's answers, whatever the caller may be shown of them: keys, and inputs of answers
    that another subgraph derives from them and the caller is allowed. `facts` is the number of the access facts by
    which it was decided.
    """

    key: str
    decisions: Mapping[str, Decision] = field(default_factory=lambda: MappingProxyType({}))
    internal: frozenset[str] = frozenset()
    facts: int = 0

    def decision(self, coordinate: str) -> Decision:
        """The decision for `Type.field`; unknown coordinates are denied."""
        try:
            return self.decisions[coordinate]
        except KeyError:
            return UNTAGGED


UNTAGGED = Decision(Form.DENY, ("P00-untagged",), missing=("a @dataset or @open tag on the field",))
