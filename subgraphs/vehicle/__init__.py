"""The vehicle subgraph."""

from subgraphs.service import Subgraph
from subgraphs.vehicle.schema import schema

app = Subgraph("vehicle", schema)
