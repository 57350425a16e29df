"""What a general gateway with access rules needs before it serves, what it refuses to serve, and whom it lets in."""

import pytest
import pytest_asyncio
from graphql import build_client_schema, get_introspection_query
from structlog.testing import capture_logs

from authz.errors import InvalidPolicies, InvalidRules
from gateway.composition.supergraph import InvalidSupergraph
from gateway.errors import AuthenticationUnconfigured, GovernedSupergraph, PoliciesUnconfigured
from gateway.general import GeneralSettings, create_general_app, general_graph
from gateway.reload import ReloadOutcome
from tests.authz.issuing import token
from tests.gateway.archive import Archive, access, guarded, running

LOGIN = {"Member.name": "@authenticated"}
POLICY = {"Member.name": '@policy(policies: [["p"]])'}
SPECIFICATIONS = "https://specs.apollo.dev"
REFUSED = {
    "a rule and nobody to ask": (LOGIN, "", None, AuthenticationUnconfigured),
    "a policy and nobody to ask": (POLICY, "", None, AuthenticationUnconfigured),
    "a policy and no policies": (POLICY, "", access(), PoliciesUnconfigured),
    "a policy that names none, and no policies": (
        {"Member.name": "@policy(policies: [])"},
        "",
        access(),
        PoliciesUnconfigured,
    ),
    "policies that do not parse": (POLICY, "", access("permit("), InvalidPolicies),
    "policies about what no caller has": (
        POLICY,
        "",
        access('permit(principal, action == Action::"p", resource) when { principal.age > 7 };'),
        InvalidPolicies,
    ),
    "a policy template": (
        POLICY,
        "",
        access('permit(principal == ?principal, action == Action::"p", resource);'),
        InvalidPolicies,
    ),
    "a rule that makes no sense": ({"Member.name": "@requiresScopes"}, "", access(), InvalidRules),
    "a rule where none can stand": ({"Filter.text": "@authenticated"}, "", access(), InvalidRules),
    "an unknown specification for security": (
        {},
        f'extend schema @link(url: "{SPECIFICATIONS}/lock/v0.1", for: SECURITY)',
        access(),
        InvalidSupergraph,
    ),
    "the LEDS directives": (
        {},
        'extend schema @link(url: "https://specs.leds.example/access/v1.0")',
        access(),
        GovernedSupergraph,
    ),
}


@pytest.mark.parametrize(("rules", "links", "allowed", "error"), REFUSED.values(), ids=REFUSED)
def test_refuses_to_start_with(rules, links, allowed, error):
    with pytest.raises(error) as caught:
        create_general_app(guarded(rules, links), GeneralSettings(access=allowed))
    assert caught.value.code


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def archive():
    async with running(access()) as started:
        yield started


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("link", "rule"),
    [
        ('authenticated/v0.1", as: "mustLogin"', "@mustLogin"),
        ('authenticated/v0.1", import: [{name: "@authenticated", as: "@mustLogin"}]', "@mustLogin"),
        ('requiresScopes/v0.1", as: "needs"', '@needs(scopes: [["x"]])'),
        ('federation/v2.9"', "@federation__authenticated"),
        ('federation/v2.9", import: [{name: "@requiresScopes", as: "@rule"}]', '@rule(scopes: [["x"]])'),
    ],
)
async def test_a_rule_holds_under_every_name(archive: Archive, link, rule):
    links = f'extend schema @link(url: "{SPECIFICATIONS}/{link})'
    assert await archive.guard({"Member.name": rule}, links) is ReloadOutcome.REPLACED
    told = (await archive.send("{members{name}}")).json()
    assert told["data"] == {"members": [{"name": None}]}
    assert "Member.name" not in archive.asked()
    told = (await archive.send("{members{name}}", "x")).json()
    assert told == {"data": {"members": [{"name": "Ada"}]}}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_new_graph_that_nobody_could_be_held_to_leaves_the_last_one(archive: Archive):
    await archive.guard(LOGIN)
    assert await archive.guard(LOGIN | POLICY) is ReloadOutcome.REFUSED
    assert await archive.guard({"Member.name": "@requiresScopes"}) is ReloadOutcome.REFUSED
    told = (await archive.send("{members{name}}")).json()
    assert told["data"] == {"members": [{"name": None}]}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_decision_is_not_carried_to_another_caller_or_graph(archive: Archive):
    """The same document by turns, over rules that change under it."""
    query = "{members{name}}"
    for rules in (LOGIN, {"Member.name": '@requiresScopes(scopes: [["x"]])'}, {}, LOGIN):
        await archive.guard(rules)
        answers = [(await archive.send(query, scope)).json()["data"] for scope in (None, "x", None, "", "x")]
        names = [answer["members"][0]["name"] for answer in answers]
        for_anybody = None if rules else "Ada"
        with_token = "Ada" if rules in (LOGIN, {}) else None
        assert names == [for_anybody, "Ada", for_anybody, with_token, "Ada"]


X, X_OR_Y, X_AND_Y = (f"@requiresScopes(scopes: {sets})" for sets in ('[["x"]]', '[["x"], ["y"]]', '[["x", "y"]]'))
LOWER = {
    "no rule": {},
    "a token of whatever scope": LOGIN,
    "another scope as well": {"Member.name": X_OR_Y},
    "a rule elsewhere": {"Member.email": X},
}
AS_HIGH = {
    "more scopes": {"Member.name": X_AND_Y},
    "a token beside": {"Member.name": f"{X} @authenticated"},
    "a rule of the whole type": {"Member": X},
}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_reload_that_lowers_a_rule_is_refused_until_its_version_is_approved(subtests: pytest.Subtests):
    approved: set[str] = set()
    async with running(access(), lowering=approved.__contains__) as archive:
        assert await archive.guard({"Member.name": X}) is ReloadOutcome.REPLACED
        for name, rules in LOWER.items():
            with subtests.test(name), capture_logs() as logs:
                assert await archive.guard(rules) is ReloadOutcome.REFUSED
                (said,) = (line for line in logs if line["event"] == "graph_refused")
                assert (said["code"], said["details"]["coordinates"]) == ("ACCESS_RULES_LOWERED", ("Member.name",))
                assert (await archive.client.get("/health/graph")).json()["refused"] == "ACCESS_RULES_LOWERED"
                assert (await archive.send("{members{name}}")).json()["data"] == {"members": [{"name": None}]}
        for name, rules in AS_HIGH.items():
            with subtests.test(name):
                assert await archive.guard(rules) is ReloadOutcome.REPLACED
                approved.add(general_graph(guarded({"Member.name": X}), GeneralSettings(access=access())).version)
                assert await archive.guard({"Member.name": X}) is ReloadOutcome.REPLACED


INVALID = {
    "expired": ({"exp": 1}, "TOKEN_EXPIRED"),
    "of another issuer": ({"iss": "https://other.example"}, "TOKEN_UNTRUSTED"),
    "for another service": ({"aud": "other"}, "TOKEN_UNTRUSTED"),
    "with scopes nobody can read": ({"scope": "a  b"}, "TOKEN_MALFORMED"),
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("claims", "code"), INVALID.values(), ids=INVALID)
async def test_a_token_that_is_not_valid_is_refused_even_for_what_is_open(archive: Archive, claims, code):
    await archive.guard(LOGIN)
    headers = {"authorization": f"Bearer {token(**claims)}"}
    response = await archive.client.post("/graphql", json={"query": "{members{id}}"}, headers=headers)
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, code)
    assert "data" not in response.json()
    assert response.headers["www-authenticate"].startswith("Bearer")
    assert archive.requests() == 0


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("value", ["", "Basic YTpi", "Bearer", "Bearer a b", "Bearer x.y.z"])
async def test_an_authorization_that_is_no_token_is_refused(archive: Archive, value):
    await archive.guard(LOGIN)
    response = await archive.client.post("/graphql", json={"query": "{members{id}}"}, headers={"authorization": value})
    assert response.status_code == 401
    assert archive.requests() == 0


FAILS = """
permit(principal, action in [Action::"p", Action::"q"], resource);
forbid(principal, action == Action::"p", resource) when { 9223372036854775807 + 1 > 0 };
"""


@pytest.mark.parametrize(
    ("rule", "scope", "code"),
    [
        ('@policy(policies: [["p"]])', "", "POLICY_UNAVAILABLE"),
        ('@policy(policies: [["p"], ["q"]])', "", None),
        ('@policy(policies: [["p"]]) @requiresScopes(scopes: [["x"]])', "", "ACCESS_DENIED"),
        ('@policy(policies: [["p"]]) @requiresScopes(scopes: [["x"]])', "x", "POLICY_UNAVAILABLE"),
        ('@policy(policies: [["p"]])', None, "ACCESS_DENIED"),
    ],
)
async def test_where_a_policy_cannot_be_evaluated_what_it_decides_on_is_unavailable(rule, scope, code):
    async with running(access(FAILS), guarded({"Member.name": rule})) as archive:
        told = (await archive.send("{members{id name}}", scope)).json()
    assert told["data"] == {"members": [{"id": "m1", "name": None if code else "Ada"}]}
    assert [error["extensions"]["code"] for error in told.get("errors", ())] == ([code] if code else [])
    assert ("Member.name" in archive.asked()) is (code is None)


@pytest.mark.asyncio(loop_scope="module")
async def test_rules_are_not_in_the_schema_that_clients_see(archive: Archive):
    await archive.guard(LOGIN | {"SealedRecord": '@requiresScopes(scopes: [["x"]])'})
    headers = {"authorization": f"Bearer {token(scope='x')}"}
    schema = (await archive.client.get("/schema.graphql", headers=headers)).text
    assert "type SealedRecord" in schema
    assert "@authenticated" not in schema
    assert "@requiresScopes" not in schema
    told = (await archive.send('{__type(name:"Member"){fields{name}}}', "x")).json()
    assert "errors" not in told
    assert {"name": "name"} in told["data"]["__type"]["fields"]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("scope", "shown"), [(None, False), ("y", False), ("x", True)])
async def test_the_introspection_of_tools_is_answered_to_everybody_as_far_as_they_may_use_it(
    archive: Archive, scope: str | None, shown: bool
):
    await archive.guard({"Query": "@authenticated", "SealedRecord": '@requiresScopes(scopes: [["x"]])'})
    told = (await archive.send(get_introspection_query(), scope)).json()
    assert "errors" not in told
    assert (build_client_schema(told["data"]).get_type("SealedRecord") is not None) is shown
    assert archive.requests() == 0


@pytest.mark.asyncio(loop_scope="module")
async def test_a_token_that_is_not_valid_is_shown_no_schema(archive: Archive):
    await archive.guard(LOGIN)
    response = await archive.client.get("/schema.graphql", headers={"authorization": "Bearer x.y.z"})
    assert (response.status_code, response.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_MALFORMED")


@pytest.mark.asyncio(loop_scope="module")
async def test_without_rules_everybody_is_shown_the_schema_as_it_is(archive: Archive):
    await archive.guard({})
    anybody = (await archive.client.get("/schema.graphql")).text
    holder = (await archive.client.get("/schema.graphql", headers={"authorization": f"Bearer {token(scope='x')}"})).text
    assert anybody == holder
    assert "type SealedRecord" in anybody


@pytest.mark.asyncio(loop_scope="module")
async def test_a_get_is_judged_as_a_post(archive: Archive):
    await archive.guard(LOGIN)
    response = await archive.client.get(
        "/graphql", params={"query": "{members{name}}"}, headers={"apollo-require-preflight": "true"}
    )
    assert response.json()["data"] == {"members": [{"name": None}]}
    assert "Member.name" not in archive.asked()
