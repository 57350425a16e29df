"""The general gateway: any supergraph without rules over real HTTP; a graph with rules is refused at start."""

import asyncio

import pytest

from gateway.composition.supergraph import InvalidSupergraph
from gateway.errors import AuthenticationUnconfigured, GovernedSupergraph
from gateway.general import GeneralSettings, create_general_app
from tests.gateway.kit import served
from tests.gateway.shop import SUPERGRAPH, products_subgraph, reviews_subgraph


async def test_serves_remote_subgraphs():
    async with served(products_subgraph()) as products, served(reviews_subgraph()) as reviews:
        urls = {"products": f"{products.base_url}/graphql", "reviews": f"{reviews.base_url}/graphql"}
        async with served(create_general_app(SUPERGRAPH, GeneralSettings(urls=urls))) as client:
            asked = [client.post("/graphql", json={"query": "{ products { sku name stars } }"}) for _ in range(10)]
            answers = {response.text for response in await asyncio.gather(*asked)}
    assert len(answers) == 1
    assert '"name":"Product 1","stars":4.5' in answers.pop()


async def test_an_unreachable_subgraph_costs_its_fields():
    async with served(create_general_app(SUPERGRAPH)) as client:
        body = (await client.post("/graphql", json={"query": "{ latest { body } __typename }"})).json()
    assert body["data"] == {"latest": None, "__typename": "Query"}
    assert body["errors"][0]["extensions"] == {"code": "UNAVAILABLE", "serviceName": "reviews"}


LEDS = '@link(url: "https://specs.leds.example/access/v1.0", import: ["@dataset"])'
AUTHENTICATED = '@link(url: "https://specs.apollo.dev/authenticated/v0.1", as: "login", for: SECURITY)'


def with_rule(link: str, applied: str, definition: str) -> str:
    linked = SUPERGRAPH.replace("schema @link", f"schema {link} @link", 1)
    return linked.replace("latest: Review @join", f"latest: Review {applied} @join", 1) + definition


@pytest.mark.parametrize(
    ("sdl", "error"),
    [
        (with_rule(LEDS, "", ""), GovernedSupergraph),
        (with_rule("", "@authenticated", "directive @authenticated on FIELD_DEFINITION"), AuthenticationUnconfigured),
        (with_rule(AUTHENTICATED, "@login", "directive @login on FIELD_DEFINITION"), AuthenticationUnconfigured),
        (
            with_rule(
                "", '@policy(policies: [["a"]])', "directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION"
            ),
            AuthenticationUnconfigured,
        ),
        ("type Query { a: Int }", InvalidSupergraph),
        ("type Query {", InvalidSupergraph),
    ],
    ids=["the LEDS directives", "@authenticated", "@authenticated renamed", "@policy", "no supergraph", "no GraphQL"],
)
def test_refuses_to_start_with(sdl, error):
    with pytest.raises(error) as caught:
        create_general_app(sdl)
    assert caught.value.advice
