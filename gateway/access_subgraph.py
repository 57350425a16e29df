"""The subgraph that the gateway itself is: `Query.explain`, answered in this process from the graph it is part of.

In: a fetch of the executor. Out: a reply like any subgraph's. It reads no record and asks nobody.
"""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import asdict
from typing import Any

import msgspec
from graphql import GraphQLError, GraphQLObjectType, GraphQLResolveInfo, Undefined, build_schema, graphql_sync

from authz.context import RequestContext
from authz.explain import Judgement, explain
from authz.grant import decode_grant
from authz.principal import Principal
from gateway.composition.definition import SubgraphDefinition
from gateway.documents.store import DocumentStore
from gateway.execution.exchange import TransportError
from gateway.execution.transport import SubgraphReply
from schema.errors import CodedError

NAME = "access"
Judge = Callable[[Principal, RequestContext], Judgement]

TYPES = '''
type Query {
  """
  What you would be shown of an operation in the context of this request, field by field: in which form, by which
  policy, what is missing for more and whom to ask. Nothing is fetched, and nothing said of whether there are records.
  `given` names the variables that the request will state; left out, every variable counts as stated with any value.
  """
  explain(operation: String! @open, operationName: String @open, given: [String!] @open): Explanation @open
}

"""The fields of an operation with their outcomes, in the order asked for."""
type Explanation @open {
  fields: [ExplainedField!]
}

"""One field of an operation on one type. `under` is the path of the field that is withheld and this one with it."""
type ExplainedField @open {
  path: String
  coordinate: String
  outcome: AccessOutcome
  mask: String
  dataset: String
  policies: [String!]
  missing: [String!]
  contact: String
  rows: [String!]
  under: String
}

"""In which form a value is shown."""
enum AccessOutcome {
  FULL
  MASK
  EXISTS
  DENY
}
'''
HEAD = """
schema
  @link(url: "https://specs.apollo.dev/federation/v2.11", import: ["@composeDirective"])
  @link(url: "https://specs.leds.example/access/v1.0", import: ["@open"])
  @composeDirective(name: "@open") {
  query: Query
}

directive @open(inherit: Boolean! = false) on FIELD_DEFINITION | OBJECT | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION | ENUM_VALUE | INTERFACE
"""  # noqa: E501 - a directive's definition, the same as the products'
DEFINITION = SubgraphDefinition(NAME, "", HEAD + TYPES)
SCHEMA = build_schema(TYPES.replace(" @open", ""))


def _explained(source: Callable[..., Any], info: GraphQLResolveInfo, **arguments: Any) -> Any:
    return source(**arguments)


assert isinstance(SCHEMA.query_type, GraphQLObjectType)
SCHEMA.query_type.fields["explain"].resolve = _explained


class AccessSubgraph:
    """The transport to this subgraph. It has no address: only the executor that holds it can send, and signs what it
    sends; `judge` says by what an operation of this caller is judged, `documents` are the graph's own."""

    def __init__(self, documents: DocumentStore, judge: Judge) -> None:
        self._documents = documents
        self._judge = judge

    async def send(self, body: bytes, headers: Mapping[str, str], *, repeatable: bool = False) -> SubgraphReply:
        """See Transport."""
        asked, grant = json.loads(body), decode_grant(headers["leds-grant"])

        def answer(operation: str, operationName: str | None = None, given: list[str] | None = None) -> Any:
            judgement = self._judge(grant.principal, grant.context)
            return self._explanation(judgement, operation, operationName, given)

        result = graphql_sync(SCHEMA, asked["query"], root_value=answer, variable_values=asked.get("variables") or {})
        reply: dict[str, Any] = {"data": result.data, "extensions": {"disclosures": [], "statements": 0}}
        if result.errors:
            reply["errors"] = [error.formatted for error in result.errors]
        return SubgraphReply(200, msgspec.json.encode(reply))

    def events(self, body: bytes, headers: Mapping[str, str]) -> AsyncGenerator[bytes, None]:
        """See Transport. There is no subscription here."""
        raise TransportError("malformed", "has no subscriptions")

    async def close(self) -> None:
        """Nothing is held."""

    def _explanation(self, judgement: Judgement, text: str, name: str | None, given: list[str] | None) -> Any:
        try:
            document = self._documents.find(text)
            operation = document.operation(name)
        except CodedError as error:
            raise GraphQLError(error.message, extensions=dict(error.extensions)) from error
        left_out = frozenset() if given is None else operation.left_out(dict.fromkeys(given))
        fields = explain(document.node, operation.name, judgement, dict.fromkeys(left_out, Undefined))
        return {"fields": [{**asdict(each), "outcome": str(each.form)} for each in fields]}
