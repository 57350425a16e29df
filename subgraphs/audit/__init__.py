"""The audit subgraph: the disclosure ledger for those whose requests it holds and for those who look after it."""

from subgraphs.audit.mutation import Mutation
from subgraphs.audit.query import Query
from subgraphs.audit.types import AuditEvent
from subgraphs.federated import GovernedSchema
from subgraphs.service import Subgraph

app = Subgraph("audit", GovernedSchema(Query, [AuditEvent], mutation=Mutation))
