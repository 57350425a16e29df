"""What a token's holder, or nobody, may be shown of a graph with the standard directives: rules in, `Clearance` out.

Decided once for all callers whose scopes and policies come to the same. Looks at no operation.
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from authz.decision import Clearance, Decision, Form
from authz.standard.holder import TokenHolder
from authz.standard.linked import RuleKind
from authz.standard.policies import Answers, GraphPolicies
from authz.standard.requirement import Alternatives, Requirement
from authz.standard.rules import StandardRules

FULL = Decision(Form.FULL)
REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Standing:
    """All that matters of a caller: whether there is a verified token, and which of the scopes and policies that the
    graph names it has; `undecided` are the policies of which that cannot be told."""

    authenticated: bool = False
    scopes: frozenset[str] = frozenset()
    policies: frozenset[str] = frozenset()
    undecided: frozenset[str] = frozenset()

    @property
    def key(self) -> str:
        """Equal for equal standings only."""
        parts = [self.authenticated, *map(sorted, (self.scopes, self.policies, self.undecided))]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def decision(requirement: Requirement, standing: Standing) -> Decision:
    """FULL when the requirement is met whole; else DENY with the directives that deny and what is missing."""
    unmet = dict(_unmet(requirement, standing))
    if not unmet:
        return FULL
    missing = [] if standing.authenticated else ["a verified access token"]
    return Decision(
        Form.DENY,
        tuple(f"@{kind}" for kind in unmet),
        missing=(*missing, *filter(None, unmet.values())),
        undecided=_is_undecided(requirement, standing),
    )


def _is_undecided(requirement: Requirement, standing: Standing) -> bool:
    """Whether all would be met if the policies of which it cannot be told held."""
    if not standing.undecided:
        return False
    held = replace(standing, policies=standing.policies | standing.undecided, undecided=frozenset())
    return not dict(_unmet(requirement, held))


def _unmet(requirement: Requirement, standing: Standing) -> Iterator[tuple[RuleKind, str]]:
    """Each directive that is not met, with the names that are lacking."""
    if requirement.authenticated and not standing.authenticated:
        yield RuleKind.AUTHENTICATED, ""
    if lacking := _lacking(requirement.scopes, standing.scopes):
        yield RuleKind.REQUIRES_SCOPES, f"scopes: {lacking}"
    if lacking := _lacking(requirement.policies, standing.policies):
        yield RuleKind.POLICY, f"policies: {lacking}"


def _lacking(wanted: Iterable[Alternatives], held: frozenset[str]) -> str:
    unmet = (sets for sets in wanted if not any(names <= held for names in sets))
    return "; ".join(sorted(_text(sets, held) for sets in unmet))


def _text(sets: Alternatives, held: frozenset[str]) -> str:
    """What would still have to be held, by alternative."""
    return ", or ".join(sorted(" and ".join(sorted(names - held)) for names in sets)) or "none would do"


class StandardDecider:
    """Decides for the callers of one graph. `policies` None: no `@policy` holds."""

    def __init__(self, rules: StandardRules, schema: GraphQLSchema, policies: GraphPolicies | None = None) -> None:
        self._rules = rules
        self._policies = policies
        self._names = tuple(_coordinates(schema))
        self._scopes = rules.scopes
        self._asked = rules.policies
        self._clearances: OrderedDict[Standing, Clearance] = OrderedDict()
        self._standings: OrderedDict[TokenHolder, Standing] = OrderedDict()

    def clearance(self, holder: TokenHolder | None) -> Clearance:
        """Every coordinate's decision for this caller (None: nobody is known to be asking); for an input's enum or
        scalar by its name."""
        standing = Standing() if holder is None else self._standing(holder)
        known = self._clearances.get(standing)
        if known is None:
            known = self._clearances[standing] = self._decided(standing)
            _forget(self._clearances)
        return known

    def _standing(self, holder: TokenHolder) -> Standing:
        known = self._standings.get(holder)
        if known is None:
            answers = self._policies.asked(holder, self._asked) if self._policies else Answers()
            scopes = holder.scopes & self._scopes
            known = self._standings[holder] = Standing(True, scopes, answers.permitted, answers.failed)
            _forget(self._standings)
        return known

    def _decided(self, standing: Standing) -> Clearance:
        rules = self._rules
        by_requirement = {each: decision(each, standing) for each in {*rules.fields.values(), *rules.inputs.values()}}
        decisions = dict.fromkeys(self._names, FULL)
        decisions |= {name: by_requirement[each] for name, each in (*rules.fields.items(), *rules.inputs.items())}
        for coordinate, members in rules.members.items():
            of_members = [decisions[f"{name}.__typename"] for name in members]
            if decisions[coordinate].allowed and not any(each.allowed for each in of_members):
                decisions[coordinate] = of_members[0]
        return Clearance(standing.key, decisions)


def _coordinates(schema: GraphQLSchema) -> Iterator[str]:
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            yield from (f"{name}.{field}" for field in kind.fields)


def _forget(remembered: OrderedDict[Any, Any]) -> None:
    if len(remembered) > REMEMBERED:
        remembered.popitem(last=False)
