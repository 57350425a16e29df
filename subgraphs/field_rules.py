"""What a subgraph must know of each governed field to decide, mask and disclose it. Made once, with the schema."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

Counter = Callable[[Any, Any], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One governed field as it is decided and disclosed.

    `leaf`: its values are scalars, which the federation may read on the way where the clearance says so. `counter`
    counts the entries of a list (of a record, for a request) without loading them.
    """

    coordinate: str
    type_name: str
    name: str
    dataset: str
    sensitivity: str = "S0"
    leaf: bool = False
    counter: Counter | None = None


FieldRules = Mapping[str, Mapping[str, FieldRule]]
