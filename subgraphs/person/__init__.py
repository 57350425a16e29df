"""The person subgraph: nominals, warnings, arrests, convictions and circulations; nothing of PND."""

from resolvers.changes.disposals import carry_out_disposal
from resolvers.changes.tables import disposal_change
from subgraphs.changes import Pending
from subgraphs.federated import GovernedSchema
from subgraphs.person.changes import Mutation
from subgraphs.person.matches import Driver, KeeperRecord
from subgraphs.person.nominal import Vehicle
from subgraphs.person.query import Query
from subgraphs.person.types import Person
from subgraphs.service import Subgraph

schema = GovernedSchema(Query, [Person, Driver, KeeperRecord, Vehicle], mutation=Mutation)
CHANGES = (Pending(disposal_change, carry_out_disposal),)
app = Subgraph("person", schema, CHANGES)
