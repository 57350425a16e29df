"""Two real subgraphs of a small shop and their supergraph: graphql-core behind ASGI, entities by key, requests kept."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLSchema, build_schema, execute_sync, parse

JOIN = """
schema @link(url: "https://specs.apollo.dev/link/v1.0") @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
{ query: Query mutation: Mutation }
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String,
  external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
  resolvable: Boolean! = true,
  isInterfaceObject: Boolean! = false) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
"""
SUPERGRAPH = (
    JOIN
    + """
enum join__Graph {
  PRODUCTS @join__graph(name: "products", url: "http://127.0.0.1:1/products")
  REVIEWS @join__graph(name: "reviews", url: "http://127.0.0.1:1/reviews")
}
scalar Sku @join__type(graph: PRODUCTS)
enum Size @join__type(graph: PRODUCTS) {
  SMALL @join__enumValue(graph: PRODUCTS)
  LARGE @join__enumValue(graph: PRODUCTS)
}
type Query @join__type(graph: PRODUCTS) @join__type(graph: REVIEWS) {
  products: [Product] @join__field(graph: PRODUCTS)
  product(sku: Sku!): Product @join__field(graph: PRODUCTS)
  latest: Review @join__field(graph: REVIEWS)
}
type Mutation @join__type(graph: PRODUCTS) @join__type(graph: REVIEWS) {
  rename(sku: Sku!, name: String!): Product @join__field(graph: PRODUCTS)
  review(sku: Sku!, body: String!): Review @join__field(graph: REVIEWS)
}
type Product @join__type(graph: PRODUCTS, key: "sku") @join__type(graph: REVIEWS, key: "sku") {
  sku: Sku!
  name: String @join__field(graph: PRODUCTS)
  price: Int @join__field(graph: PRODUCTS)
  size: Size @join__field(graph: PRODUCTS)
  weight: Int! @join__field(graph: PRODUCTS)
  reviews: [Review!] @join__field(graph: REVIEWS)
  stars: Float @join__field(graph: REVIEWS)
}
type Review @join__type(graph: REVIEWS) {
  body: String
  product: Product
}
"""
)
MACHINERY = """
scalar _Any
scalar Sku
union _Entity = Product
"""
PRODUCTS_SDL = (
    MACHINERY
    + """
enum Size { SMALL LARGE }
type Query { products: [Product] product(sku: Sku!): Product _entities(representations: [_Any!]!): [_Entity]! }
type Mutation { rename(sku: Sku!, name: String!): Product }
type Product { sku: Sku! name: String price: Int size: Size weight: Int! }
"""
)
REVIEWS_SDL = (
    MACHINERY
    + """
type Query { latest: Review _entities(representations: [_Any!]!): [_Entity]! }
type Mutation { review(sku: Sku!, body: String!): Review }
type Product { sku: Sku! reviews: [Review!] stars: Float }
type Review { body: String product: Product }
"""
)

Resolve = Callable[..., Any]


@dataclass
class LittleSubgraph:
    """A subgraph as an ASGI application. `bodies` and `headers` are what it was sent."""

    schema: GraphQLSchema
    root: Mapping[str, Resolve]
    entity: Callable[[dict[str, Any]], Any]
    extensions: Callable[[Any], dict[str, Any]] = lambda data: {}
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        self.bodies.append(request)
        root = dict(self.root)
        root["_entities"] = lambda info, representations: [self._entity(each) for each in representations]
        result = execute_sync(
            self.schema,
            parse(request["query"]),
            root_value=root,
            variable_values=request.get("variables"),
            operation_name=request.get("operationName"),
            type_resolver=lambda value, info, kind: value["__typename"],
        )
        reply: dict[str, Any] = {"data": result.data}
        if result.errors:
            reply["errors"] = [error.formatted for error in result.errors]
        if extensions := self.extensions(result.data):
            reply["extensions"] = extensions
        return reply

    def _entity(self, representation: dict[str, Any]) -> Any:
        found = self.entity(representation)
        return found and {"__typename": representation["__typename"], **found}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        reply = json.dumps(self.answer(json.loads(body))).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(reply)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})


def products_subgraph() -> LittleSubgraph:
    """Five products: number 3 has no weight (a non-null field fails), number 4 an unknown size."""
    shelf = {
        f"p{number}": {
            "sku": f"p{number}",
            "name": f"Product {number}",
            "price": number * 100,
            "size": "SMALL",
            "weight": number,
        }
        for number in range(1, 6)
    }
    shelf["p3"]["weight"] = None

    def rename(info: Any, sku: str, name: str) -> Any:
        shelf[sku]["name"] = name
        return shelf[sku]

    root = {
        "products": lambda info: list(shelf.values()),
        "product": lambda info, sku: shelf.get(sku),
        "rename": rename,
    }
    return LittleSubgraph(build_schema(PRODUCTS_SDL), root, lambda it: shelf.get(it["sku"]))


def reviews_subgraph() -> LittleSubgraph:
    """Reviews of the first two products, each pointing back at a product; product 5 is not known here."""
    told: list[dict[str, Any]] = []

    def product(sku: str) -> dict[str, Any]:
        def reviews(info: Any) -> list[dict[str, Any]]:
            return [review for review in told if review["sku"] == sku]

        return {"sku": sku, "stars": 4.5, "reviews": reviews}

    def tell(sku: str, body: str) -> dict[str, Any]:
        told.append({"sku": sku, "body": body, "product": product(sku)})
        return told[-1]

    for number in range(4):
        tell(f"p{1 + number % 2}", f"Review {number}")
    root = {"latest": lambda info: told[-1], "review": lambda info, sku, body: tell(sku, body)}
    return LittleSubgraph(build_schema(REVIEWS_SDL), root, lambda it: None if it["sku"] == "p5" else product(it["sku"]))
