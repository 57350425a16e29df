"""The registry of planning errors; all may be shown to the client."""

from schema.errors import CodedError


class PlanningError(CodedError):
    """The operation cannot be planned."""

    code = "PLANNING_FAILED"
    advice = "inspect the operation with `leds inspect plan`"


class UnknownOperation(PlanningError):
    """The document holds no operation of that name, or several and no name was given."""

    code = "PLAN_UNKNOWN_OPERATION"
    advice = "name one of the document's operations in operationName"


class UnplannableField(PlanningError):
    """No subgraph reachable from where the field stands resolves it."""

    code = "PLAN_FIELD_UNREACHABLE"
    status = 200
    advice = "the supergraph is not satisfiable for this field: compose it again and heed SATISFIABILITY_ERROR"


class PlanTooComplex(PlanningError):
    """The operation used up the plan budget (or nests too deeply)."""

    code = "PLAN_TOO_COMPLEX"
    advice = "ask for fewer fields, fewer nested fragments, or split the operation"


class UnplannableSubscription(PlanningError):
    """A subscription's only field stands under `@skip` or `@include`: there may be nothing to subscribe to."""

    code = "PLAN_SUBSCRIPTION_CONDITIONAL"
    advice = "leave the condition out: send the subscription or do not"


class PlanRefused(CodedError):
    """A plan reads a coordinate that its caller may not read."""

    code = "PLAN_REFUSED"
    status = 403
    advice = "this is a disagreement between enforcement and planning: report it, do not retry"
