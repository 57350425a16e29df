"""Roles for each dataset and row policies, on PostgreSQL: raised after every migration, on the tables there are.

This revision only makes databases without them count as behind.
"""

from alembic import op

from resolvers.roles import lower_wall

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing here: `schema_version.migrate` raises the wall once every table is there."""


def downgrade() -> None:
    """Take the row policies away; roles belong to the whole server and stay."""
    lower_wall(op.get_bind())
