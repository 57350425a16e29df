"""${message}."""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a database from ${down_revision} to this revision."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Bring a database back to ${down_revision}."""
    ${downgrades if downgrades else "pass"}
