"""What a verdict is judged from, as Vehicle hands it to Drivers inside the federation. No caller can name it."""

from datetime import date

import strawberry
from strawberry import federation

from schema.directives import Open

VERDICT_INPUTS_FIELDS = (
    "verdictInputs { keeperType matchName matchPostcode bodyType typeApproval revenueWeight"
    " policies { state from to cover permittedDrivers } }"
)


@federation.type(shareable=True, inaccessible=True, directives=[Open(inherit=True)])
class VerdictPolicy:
    """A policy that may be in force today; permitted drivers are folded names."""

    state: str | None
    from_: date | None = strawberry.field(name="from")
    to: date | None
    cover: str | None
    permitted_drivers: list[str] | None


@federation.type(shareable=True, inaccessible=True, directives=[Open(inherit=True)])
class VerdictInputs:
    """Codes, folded names and weights; null where nothing is held."""

    keeper_type: str | None
    match_name: str | None
    match_postcode: str | None
    body_type: str | None
    type_approval: str | None
    revenue_weight: int | None
    policies: list[VerdictPolicy] | None
