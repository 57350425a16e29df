"""A mutation of whose answer a part may not be shown is refused whole; queries are refused field by field."""

import pytest
from graphql import parse

from authz.decision import Clearance, Decision, Form
from authz.errors import AccessDenied
from subgraphs.vehicle import schema
from subgraphs.whole import require_whole

ALL = [rule.coordinate for rules in schema.field_rules.values() for rule in rules.values()]
RETIRE = 'retireVehicleReport(vehicleReportId: "1", rule: "RR03", reason: "Due", idempotencyKey: "12345678")'


def clearance(denied: str) -> Clearance:
    return Clearance("key", {name: Decision(Form.DENY if name == denied else Form.FULL) for name in ALL})


@pytest.mark.parametrize(
    ("query", "denied", "refused"),
    [
        (f"mutation {{ {RETIRE} {{ state reason }} }}", "RrdReview.reason", True),
        (f"mutation {{ {RETIRE} {{ ...F }} }} fragment F on RrdReview {{ reason }}", "RrdReview.reason", True),
        (f"mutation {{ {RETIRE} {{ state }} }}", "Mutation.retireVehicleReport", True),
        (f"mutation {{ {RETIRE} {{ state }} }}", "RrdReview.reason", False),
        ('{ rrdReview(reviewId: "1") { reason } }', "RrdReview.reason", False),
    ],
)
def test_a_part_refused_refuses_the_whole_mutation(query: str, denied: str, refused: bool):
    if refused:
        with pytest.raises(AccessDenied) as caught:
            require_whole(schema.core, schema.field_rules, parse(query), None, clearance(denied))
        assert caught.value.details["coordinate"] == denied
    else:
        require_whole(schema.core, schema.field_rules, parse(query), None, clearance(denied))
