"""The person subgraph: nominals, warnings, arrests, convictions and circulations; nothing of PND."""

from subgraphs.federated import GovernedSchema
from subgraphs.person.matches import Driver, KeeperRecord
from subgraphs.person.nominal import Vehicle
from subgraphs.person.query import Query
from subgraphs.person.types import Person
from subgraphs.service import Subgraph

app = Subgraph("person", GovernedSchema(Query, [Person, Driver, KeeperRecord, Vehicle]))
