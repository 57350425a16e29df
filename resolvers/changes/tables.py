"""What was asked to be changed: one table per dataset that can be written. Declares columns, holds no rows."""

import sqlalchemy as sa

from resolvers.columns import code, key, values
from resolvers.tables import dataset_table, date, instant, integer, text

ACCEPTED = "ACCEPTED"
COMPLETED = "COMPLETED"
REFUSED = "REFUSED"


def request_columns() -> tuple[sa.Column, ...]:
    """What every request carries. `pending_for` is the record it waits for: unique, so a record has one at most;
    null once the request is done. The pair (requested_by, idempotency_key) is one request, however often it is sent.
    """
    return (
        key("request_id", primary=True),
        text("requested_by", 120, nullable=False),
        text("idempotency_key", 64, nullable=False),
        text("fingerprint", 64, nullable=False),
        text("pending_for", 36),
        code("state", nullable=False),
        instant("accepted_at", nullable=False),
        instant("completed_at"),
        code("refused_by"),
    )


def _info(table: sa.Table) -> sa.Table:
    """Rows of this table come from callers, never from the generator."""
    table.info["filled_by"] = "callers"
    return table


disposal_change = _info(
    dataset_table(
        "disposal_change",
        "PNC.NAMES.CRIM",
        "person",
        *request_columns(),
        key("person_id"),
        text("report_id", 36, nullable=False),
        text("offence_id", 36, nullable=False),
        text("fs_code", 4, nullable=False),
        integer("expected_version", nullable=False),
        code("disposal_code", nullable=False),
        values("qualifiers"),  # [code], at most four
        code("duration_unit"),
        integer("duration_count"),
        sa.Column("fine_amount", sa.Numeric(12, 2)),
        text("fine_currency", 3),
        date("effective_date"),
        text("text", 64),
        sa.UniqueConstraint("requested_by", "idempotency_key"),
        sa.UniqueConstraint("pending_for"),
        sa.Index(None, "offence_id"),
        sa.Index(None, "state"),
    )
)

# Also the tombstone of a report that was retired: the rule and who decided stay, nothing that the report said.
vehicle_report_review = _info(
    dataset_table(
        "vehicle_report_review",
        "RRD",
        "vehicle",
        *request_columns(),
        text("vehicle_id", 36, nullable=False),
        text("vehicle_report_id", 36, nullable=False),
        code("rule", nullable=False),
        code("decision", nullable=False),
        date("due_date", nullable=False),
        text("reason", 250, nullable=False),
        values("approvers"),  # [user id]
        sa.UniqueConstraint("requested_by", "idempotency_key"),
        sa.UniqueConstraint("pending_for"),
        sa.Index(None, "vehicle_report_id"),
        sa.Index(None, "state"),
    )
)
