"""Sessions on the PostgreSQL that keeps a ledger: its URL in, one whose commits are durable out, or a refusal."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from authz.audit import schema_postgres
from authz.audit.errors import AuditUnavailable, DuplicateEntry, LedgerInUse, LedgerUnprepared

# Stricter than `on` is kept: with `remote_apply` a commit waits for the standby's readers too.
_DURABLE = ("on", "remote_apply")
_CONNECTING_SECONDS = 10.0
_SETTINGS = {"application_name": "leds-ledger", "jit": "off"}


async def connected(url: str, seconds: float) -> asyncpg.Connection:
    """A session on the primary, in which no statement runs longer than `seconds` and each commit is durable.

    Raises AuditUnavailable, also when the server does not wait for its disk.
    """
    with mapped():
        connection = await asyncpg.connect(
            _plain(url),
            timeout=min(seconds, _CONNECTING_SECONDS),  # pyright: ignore[reportArgumentType] - declared by its default, an integer
            command_timeout=seconds,
            server_settings=_SETTINGS,
            target_session_attrs="primary",
        )
        try:
            await _require_durable(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection


async def prepare(url: str, seconds: float = 60.0) -> None:
    """Give a database the ledger's tables, functions and roles, as who will own them. Raises AuditUnavailable."""
    connection = await connected(url, seconds)
    try:
        with mapped():
            async with connection.transaction():
                for (schema,) in await connection.fetch("SELECT quote_ident(current_schema())"):
                    for statement in schema_postgres.statements(schema):
                        await connection.execute(statement)
    finally:
        await closed(connection)


@asynccontextmanager
async def session(url: str, seconds: float) -> AsyncIterator[asyncpg.Connection]:
    """`connected`, for as long as the block runs; foreign errors become ours."""
    connection = await connected(url, seconds)
    try:
        with mapped():
            yield connection
    finally:
        await closed(connection)


async def closed(connection: asyncpg.Connection) -> None:
    """End a session in good order if it still answers, else at once."""
    try:
        await connection.close(timeout=1.0)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
        connection.terminate()


@contextmanager
def mapped() -> Iterator[None]:
    """Foreign errors become ours here, once."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        if "audit_id" in str(error.as_dict().get("constraint_name")):
            raise DuplicateEntry("This stage of this request is already in the ledger.") from error
        raise AuditUnavailable("The disclosure ledger was changed by somebody else.") from error
    except asyncpg.LockNotAvailableError as error:
        raise LedgerInUse("Another process is writing this ledger.") from error
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedFunctionError) as error:
        raise LedgerUnprepared("The database has no tables for a ledger.") from error
    except asyncpg.InsufficientPrivilegeError as error:
        raise LedgerUnprepared("The database does not let this login use the ledger so.") from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        raise AuditUnavailable("The disclosure ledger's database cannot be used.") from error


async def _require_durable(connection: asyncpg.Connection) -> None:
    if await connection.fetchval("SHOW fsync") != "on":
        raise AuditUnavailable(
            "The disclosure ledger's database does not wait for its disk (fsync = off).",
            advice="Set fsync = on: without it a receipt proves nothing after a power cut.",
        )
    if await connection.fetchval("SHOW synchronous_commit") not in _DURABLE:
        await connection.execute("SET synchronous_commit = on")


def _plain(url: str) -> str:
    """The URL as PostgreSQL's own programs read it: SQLAlchemy's may name a driver."""
    scheme, separator, rest = url.partition("://")
    return f"{scheme.partition('+')[0]}{separator}{rest}"
