"""Little supergraph documents for tests of rules: types with the join machinery they need, and nothing else."""

from collections.abc import Iterable

from graphql import parse

from authz.standard.decide import StandardDecider
from authz.standard.enforce import StandardEnforcement
from authz.standard.holder import TokenHolder
from authz.standard.rules import StandardRules, standard_rules
from gateway.composition.supergraph import Supergraph, supergraph_from_sdl

SPECIFICATIONS = "https://specs.apollo.dev"
LINKED = "\n".join(
    f'@link(url: "{SPECIFICATIONS}/{name}/v0.1", for: SECURITY)'
    for name in ("authenticated", "requiresScopes", "policy")
)


def supergraph_sdl(types: str, links: str = LINKED, *, mutation: bool = False, subscription: bool = False) -> str:
    """A supergraph of two subgraphs `a` and `b`, as a composer that propagates nothing would write it."""
    roots = "query: Query" + " mutation: Mutation" * mutation + " subscription: Subscription" * subscription
    return f"""
schema @link(url: "{SPECIFICATIONS}/link/v1.0") @link(url: "{SPECIFICATIONS}/join/v0.5", for: EXECUTION)
{links} {{ {roots} }}
scalar join__FieldSet
enum join__Graph {{
  A @join__graph(name: "a", url: "http://127.0.0.1:1/a")
  B @join__graph(name: "b", url: "http://127.0.0.1:1/b")
}}
{types}
"""


def supergraph(types: str, links: str = LINKED, **roots: bool) -> Supergraph:
    """The supergraph of such a document."""
    return supergraph_from_sdl(supergraph_sdl(types, links, **roots))


def rules_of(graph: Supergraph) -> StandardRules:
    """The rules of a supergraph."""
    return standard_rules(parse(graph.sdl, no_location=True), graph.full_schema)


def rules(types: str, links: str = LINKED, **roots: bool) -> StandardRules:
    """The rules of a document with these types."""
    return rules_of(supergraph(types, links, **roots))


def holder(*scopes: str, **claims: Iterable[str]) -> TokenHolder:
    """The holder of a token with these scopes and claims."""
    texts = tuple((name, frozenset(values)) for name, values in sorted(claims.items()))
    return TokenHolder("someone", "https://issuer.example", frozenset(scopes), texts)


def allowed(graph: Supergraph, known: TokenHolder | None) -> frozenset[str]:
    """Every coordinate that this caller may be shown."""
    clearance = StandardDecider(rules_of(graph), graph.full_schema).clearance(known)
    return frozenset(name for name, decision in clearance.decisions.items() if decision.allowed)


def enforcement(graph: Supergraph) -> StandardEnforcement:
    """What enforces the rules of a supergraph."""
    return StandardEnforcement(rules_of(graph), graph.api_schema)
