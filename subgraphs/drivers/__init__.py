"""The drivers subgraph."""

from subgraphs.drivers.schema import schema
from subgraphs.service import Subgraph

app = Subgraph("drivers", schema)
