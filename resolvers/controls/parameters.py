"""What statements with row rules are run with: a caller's facts in, the values of their parameters out."""

from collections.abc import Mapping
from typing import Any

from authz.row_rules import OUTSIDER, RowCaller

HIDDEN_ONLY = "hidden_only"


def parameters(caller: RowCaller, *, hidden_only: bool = False) -> Mapping[str, Any]:
    """The parameters of `resolvers.controls.predicates`; `hidden_only` asks for exactly the rows that are SILENT."""
    return {
        "caller_user": caller.user,
        "caller_organisation": caller.organisation,
        "caller_force": caller.force,
        "caller_unit": caller.unit,
        "caller_areas": caller.areas,
        "caller_denied": caller.denied,
        HIDDEN_ONLY: int(hidden_only),
    }


OF_AN_OUTSIDER = parameters(OUTSIDER)
