"""Which schema a database has, and bringing it to the one this program was written for."""

from enum import Enum
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from resolvers.roles import raise_wall

DIRECTORY = Path(__file__).parent


class SchemaState(Enum):
    """EMPTY has no tables of ours, BEHIND an older revision of them, UNKNOWN a revision this program does not have."""

    EMPTY = "EMPTY"
    CURRENT = "CURRENT"
    BEHIND = "BEHIND"
    UNKNOWN = "UNKNOWN"


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", DIRECTORY.as_posix())
    config.attributes["connection"] = connection
    return config


def head_revision() -> str:
    """The revision this program was written for."""
    head = ScriptDirectory(str(DIRECTORY)).get_current_head()
    return str(head)


def schema_state(connection: sa.Connection) -> SchemaState:
    """How the database's schema stands to this program; reads only."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return SchemaState.EMPTY
    known = {script.revision for script in ScriptDirectory(str(DIRECTORY)).walk_revisions()}
    if revision not in known:
        return SchemaState.UNKNOWN
    return SchemaState.CURRENT if revision == head_revision() else SchemaState.BEHIND


def migrate(connection: sa.Connection) -> None:
    """Run the missing migrations in the connection's transaction; the caller commits."""
    command.upgrade(_config(connection), "head")
    raise_wall(connection)


def mark_current(connection: sa.Connection) -> None:
    """Record that the schema, made from the tables themselves, is the head revision; the caller commits."""
    command.stamp(_config(connection), "head")
    raise_wall(connection)
