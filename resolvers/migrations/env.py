"""What Alembic runs: the migrations on the connection it is handed, as part of that connection's transaction."""

from alembic import context

from resolvers.metadata import metadata
from resolvers.migrations.all_tables import all_tables

all_tables()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
