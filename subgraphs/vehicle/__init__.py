"""The vehicle subgraph."""

from resolvers.changes.reviews import carry_out_retirement
from resolvers.changes.tables import vehicle_report_review
from resolvers.vehicle.feed import ReportFeed
from subgraphs.changes import Pending
from subgraphs.service import Subgraph
from subgraphs.vehicle.schema import schema

CHANGES = (Pending(vehicle_report_review, carry_out_retirement),)
app = Subgraph("vehicle", schema, CHANGES, ReportFeed)
