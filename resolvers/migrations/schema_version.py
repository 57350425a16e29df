"""Which schema a database has, bringing it to the one this program was written for, and writing the next one."""

from argparse import Namespace
from enum import Enum
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory

from resolvers.metadata import metadata
from resolvers.roles import raise_wall

DIRECTORY = Path(__file__).parent


class SchemaState(Enum):
    """EMPTY has no tables of ours, BEHIND an older revision of them, UNKNOWN a revision this program does not have."""

    EMPTY = "EMPTY"
    CURRENT = "CURRENT"
    BEHIND = "BEHIND"
    UNKNOWN = "UNKNOWN"


def _config(connection: sa.Connection) -> Config:
    config = Config(cmd_opts=Namespace(quiet=True))
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


def add_revision(message: str) -> Path | None:
    """Write the next migration: what the declared tables have that the migrations do not make, by comparison with a
    database that ran them all. None when there is nothing; what moves rows is still written by hand."""
    engine = sa.create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            migrate(connection)
            differences = MigrationContext.configure(connection, opts={"compare_type": True})
            if not compare_metadata(differences, metadata):
                return None
            number = f"{int(head_revision()) + 1:04}"
            made = command.revision(_config(connection), message, autogenerate=True, rev_id=number)
            return Path(cast(Script, made).path)
    finally:
        engine.dispose()


def mark_current(connection: sa.Connection) -> None:
    """Record that the schema, made from the tables themselves, is the head revision; the caller commits."""
    command.stamp(_config(connection), "head")
    raise_wall(connection)
