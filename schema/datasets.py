"""Datasets and sensitivity levels, as carried in `schema/reference`: what each requires and answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from types import MappingProxyType

from schema.reference_lists import reference_catalogue


class Sensitivity(IntEnum):
    """S0 reference to S4 covert; ordered, so that a floor is a maximum (entities 3, rule 2)."""

    S0 = 0
    S1 = 1
    S2 = 2
    S3 = 3
    S4 = 4


@dataclass(frozen=True, slots=True)
class Dataset:
    """One unit of separation: its fields' least sensitivity, the training it needs, what an unlisted call answers."""

    id: str
    label: str
    product: str
    floor: Sensitivity
    training: str | None
    refusal: str


@cache
def datasets() -> Mapping[str, Dataset]:
    """Every dataset by id, in list order."""
    found = {}
    for value in reference_catalogue().values("datasets"):
        extra = dict(value.extra)
        found[value.code] = Dataset(
            id=value.code,
            label=value.label or value.code,
            product=value.group or "shared",
            floor=Sensitivity[extra["floor"]],
            training=extra.get("training"),
            refusal=extra["refusal"],
        )
    return MappingProxyType(found)


@cache
def sensitivity_labels() -> Mapping[Sensitivity, str]:
    """What each level holds, in words."""
    values = reference_catalogue().values("sensitivity_levels")
    return MappingProxyType({Sensitivity[value.code]: value.label or value.code for value in values})


def effective_sensitivity(dataset: str, tagged: str) -> Sensitivity:
    """A field's level, raised to its dataset's floor (entities 3, rule 2). Raises KeyError for an unknown dataset."""
    return max(Sensitivity[tagged], datasets()[dataset].floor)
