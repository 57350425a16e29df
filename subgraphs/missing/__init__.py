"""The missing subgraph: episodes of the national register of missing persons."""

from subgraphs.federated import GovernedSchema
from subgraphs.missing.query import Query
from subgraphs.missing.types import MissingReport, Person
from subgraphs.service import Subgraph

app = Subgraph("missing", GovernedSchema(Query, [MissingReport, Person]))
