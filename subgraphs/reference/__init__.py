"""The reference subgraph."""

from subgraphs.reference.schema import schema
from subgraphs.service import Subgraph

app = Subgraph("reference", schema)
