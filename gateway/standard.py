"""The standard access directives in the general posture: tokens, decisions, enforcement and plan check, always on once
an issuer is configured; without one, a supergraph with rules is refused.

In: a supergraph, and whose tokens and which policies count. Out: the stages of its graph. Whoever asks for the schema
is shown what they may use of it; operations are validated over the whole API schema.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from graphql import GraphQLObjectType, GraphQLSchema, parse

from authz.decision import Clearance
from authz.standard.decide import StandardDecider
from authz.standard.enforce import StandardEnforcement
from authz.standard.holder import TokenHolder
from authz.standard.policies import GraphPolicies
from authz.standard.rules import StandardRules, standard_rules
from authz.standard.selections import selected_coordinates
from authz.tokens import VerifiedTokens, token_from_headers
from gateway.composition.supergraph import Supergraph
from gateway.errors import AuthenticationUnconfigured, PoliciesUnconfigured
from gateway.introspection_filter import Usable
from gateway.planning.check import check_plan
from gateway.planning.plan import QueryPlan
from gateway.shown_schema import ShownSchema, ShownSchemas
from gateway.stages import Asking, Stages


@dataclass(frozen=True, slots=True)
class Access:
    """Whose access tokens are accepted, and how the policies behind `@policy` are read, now and on each reload."""

    tokens: VerifiedTokens[TokenHolder]
    policies: Callable[[], GraphPolicies] | None = None
    clock: Callable[[], float] = time.time


def enforceable_rules(supergraph: Supergraph, access: Access | None) -> StandardRules:
    """The rules of a supergraph, once it is known that all of them can be enforced; the log says which they are.

    Raises:
        InvalidRules: a rule makes no sense.
        AuthenticationUnconfigured, PoliciesUnconfigured: nobody could be held to one.
    """
    rules = standard_rules(parse(supergraph.sdl, no_location=True), supergraph.full_schema)
    guarded = [*rules.fields, *rules.inputs]
    if rules and access is None:
        raise AuthenticationUnconfigured(
            f"The supergraph has access rules on {len(guarded)} coordinates ({_some(guarded)}) and nobody to ask."
        )
    if rules.asks_for_policies and access and access.policies is None:
        raise PoliciesUnconfigured(f"The supergraph has @policy ({_some(sorted(rules.policies))}) and no policies.")
    if rules:
        structlog.get_logger("gateway").info("access_rules", count=len(guarded), coordinates=guarded)
    return rules


def _some(names: list[str]) -> str:
    return ", ".join([*names[:3], *(["…"] if len(names) > 3 else [])])


def standard_stages(
    open_stages: Stages, supergraph: Supergraph, rules: StandardRules, access: Access, policies: GraphPolicies | None
) -> Stages:
    """The stages of the general posture with these rules enforced."""
    decider = StandardDecider(rules, supergraph.full_schema, policies)
    enforcement = StandardEnforcement(rules, supergraph.api_schema)
    keys, schemas = frozenset(_key_coordinates(supergraph)), ShownSchemas(supergraph.api_schema)

    async def authenticate(headers: Mapping[str, str]) -> TokenHolder | None:
        if "authorization" not in headers:
            return None
        return await access.tokens.speaker(token_from_headers(headers), access.clock())

    def decide(asking: Asking, now: datetime) -> Clearance:
        return decider.clearance(asking if isinstance(asking, TokenHolder) else None)

    def check(plan: QueryPlan, clearance: Clearance) -> None:
        check_plan(plan, supergraph, clearance, keys)

    async def show(caller: Asking, now: datetime) -> ShownSchema | None:
        if not rules:
            return None
        clearance = decide(caller, now)
        return await schemas.of(clearance.key, lambda: usable_by(clearance, supergraph.api_schema, enforcement.inputs))

    return replace(
        open_stages, authenticate=authenticate, decide=decide, enforce=enforcement.enforce, check=check, show=show
    )


def usable_by(clearance: Clearance, api_schema: GraphQLSchema, inputs: Mapping[str, tuple[str, ...]]) -> Usable:
    """What callers with this clearance may use of a schema: fields they may read, and `inputs` that need nothing
    else."""
    objects = {name: kind for name, kind in api_schema.type_map.items() if isinstance(kind, GraphQLObjectType)}
    coordinates = (f"{name}.{field}" for name, kind in objects.items() for field in kind.fields)
    fields = {name: "" for name in coordinates if clearance.decision(name).allowed}
    usable = {name for name, needs in inputs.items() if all(clearance.decision(each).allowed for each in needs)}
    return Usable(fields, frozenset(usable), frozenset(inputs))


def _key_coordinates(supergraph: Supergraph) -> Iterator[str]:
    """What the federation may read to find an entity again, as an opaque key: it is shown to nobody by that."""
    for name, known in supergraph.types.items():
        for key in {key for declared in known.values() for key in declared.keys}:
            yield from selected_coordinates(supergraph.full_schema, name, key.fields)
