"""The access directives every subgraph applies and composes, for Strawberry. They print; `authz` enforces them."""

import strawberry
from strawberry.federation import schema_directive
from strawberry.schema_directive import Location

ACCESS_SPEC = "https://specs.leds.example/access/v1.0"


@schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE],
    name="dataset",
    compose=True,
    import_url=ACCESS_SPEC,
)
class Dataset:
    """Which dataset a value belongs to, how sensitive it is and how it is masked; a field overrides its type."""

    id: str
    sensitivity: str = "S1"
    mask: str | None = strawberry.UNSET


@schema_directive(locations=[Location.OBJECT], name="subject", compose=True, import_url=ACCESS_SPEC)
class Subject:
    """Whose record an object is: `key` names the (possibly inaccessible) field that holds the subject's key."""

    key: str
    kind: str


@schema_directive(locations=[Location.FIELD_DEFINITION], name="derived", compose=True, import_url=ACCESS_SPEC)
class Derived:
    """An answer that says less than its inputs: the coordinates may be read internally for it, never shown by it."""

    from_: list[str] = strawberry.directive_field(name="from")


@schema_directive(
    locations=[
        Location.FIELD_DEFINITION,
        Location.OBJECT,
        Location.ARGUMENT_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.ENUM_VALUE,
        Location.INTERFACE,
    ],
    name="open",
    compose=True,
    import_url=ACCESS_SPEC,
)
class Open:
    """Deliberately ungoverned; with `inherit`, a value type that takes the label of the field it is reached through."""

    inherit: bool = False


@schema_directive(
    locations=[Location.ARGUMENT_DEFINITION, Location.INPUT_FIELD_DEFINITION, Location.ENUM_VALUE],
    name="reads",
    compose=True,
    import_url=ACCESS_SPEC,
)
class Reads:
    """Using this argument, filter or order value reads these coordinates, and needs the right to."""

    fields: list[str]


@schema_directive(locations=[Location.OBJECT], name="standIn", compose=True, import_url=ACCESS_SPEC)
class StandIn:
    """A member of unions that stands where a record cannot be given: `for` says when, `EXISTS` or `UNAVAILABLE`."""

    for_: str = strawberry.directive_field(name="for")
