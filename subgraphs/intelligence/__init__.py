"""The intelligence subgraph: PND nominals and reports, behind a boundary of its own."""

from subgraphs.federated import GovernedSchema
from subgraphs.intelligence.query import Query
from subgraphs.intelligence.types import IntelNominal, IntelReport, MissingReport, Person, Vehicle
from subgraphs.service import Subgraph

app = Subgraph("intelligence", GovernedSchema(Query, [IntelReport, IntelNominal, Person, Vehicle, MissingReport]))
