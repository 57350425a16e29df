"""The decorators and directives that mark a type or argument as governed by inheritance, open, or reading something."""

from typing import Annotated, Any, TypeVar, dataclass_transform

import strawberry
from strawberry import federation

from schema.datasets import datasets
from schema.directives import Dataset, Open, Reads

T = TypeVar("T", bound=type)


@dataclass_transform(kw_only_default=True, field_specifiers=(strawberry.field, federation.field))
def value_type(cls: T) -> T:
    """Make a class a shared value type: it takes the label of the field it is reached through (entities 3.1)."""
    return federation.type(shareable=True, directives=[Open(inherit=True)])(cls)


def dataset_tag(dataset: str, sensitivity: str | None = None, mask: str | None = None) -> Dataset:
    """An explicit tag; the sensitivity is the dataset's floor unless given. Raises KeyError for an unknown dataset."""
    level = sensitivity or datasets()[dataset].floor.name
    return Dataset(id=dataset, sensitivity=level, mask=mask or strawberry.UNSET)


def reads(*coordinates: str) -> Any:
    """The annotation of an argument or input field whose use reads these coordinates."""
    return federation.argument(directives=[Reads(fields=list(coordinates))])


OPEN = federation.argument(directives=[Open()])

First = Annotated[int | None, OPEN]
Cursor = Annotated[str | None, OPEN]
