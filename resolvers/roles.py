"""The second wall, on PostgreSQL: what roles and row policies a database must have, and as whom a statement runs.

Each dataset has a role that may read its tables and nothing else, and one that may write where changes are made. Row
policies hide what record controls make SILENT from a statement that forgot to. SQLite has neither of the two.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.sql import visitors

from resolvers.errors import StatementSpansDatasets
from resolvers.metadata import metadata

ANYBODY = "*"
# Tables that the row rules of other datasets' statements read, and of which.
GUARDS = {
    "record_control": frozenset({ANYBODY}),
    "hr_household": frozenset({"PNC.NAMES.CORE"}),
    "vehicle_report_block": frozenset({"PNC.VEH.REPORT"}),
}
# Datasets that changes are written to (`resolvers.changes`).
WRITTEN = frozenset({"PNC.NAMES.CRIM", "PNC.VEH.REPORT", "PNC.VEH.BLOCK", "RRD"})
SILENT_KINDS = ("protected", "blocked", "sealed")
# The keys by which record controls name a record, in the tables of its product.
SEALED_BY = {
    ("person", "person_id"): "Person",
    ("vehicle", "vehicle_id"): "Vehicle",
    ("vehicle", "vehicle_report_id"): "VehicleReport",
    ("vehicle", "keeper_record_id"): "KeeperRecord",
    ("drivers", "driver_number"): "Driver",
    ("property", "property_id"): "PropertyItem",
    ("property", "certificate_id"): "FirearmCertificate",
    ("missing", "missing_id"): "MissingReport",
    ("intelligence", "intel_report_id"): "IntelReport",
    ("intelligence", "intel_nominal_id"): "IntelNominal",
}
SEPARATOR = "\x1f"
_OWNERS = "coalesce((SELECT string_to_array(current_setting('leds.owners', true), chr(31))), '{}'::text[])"
_TODAY = "coalesce(nullif(current_setting('leds.today', true), '')::date, current_date)"
_STANDS_ASIDE = "(SELECT current_setting('leds.hidden_only', true)) = '1'"


def reader(dataset: str) -> str:
    """The role that reads one dataset."""
    return f"leds_read_{_word(dataset)}"


def writer(dataset: str) -> str:
    """The role that writes to one dataset; the one that reads it where nothing is ever written."""
    return f"leds_write_{_word(dataset)}" if dataset in WRITTEN else reader(dataset)


def service(product: str) -> str:
    """The role a product's login is a member of: it may take the roles of the product's datasets, one at a time."""
    return f"leds_subgraph_{product}"


def dataset_of(statement: sa.ClauseElement) -> str | None:
    """The dataset a statement reads or writes, beside what its row rules look up; None when it touches no table.

    Raises StatementSpansDatasets.
    """
    tables = {node for node in visitors.iterate(statement) if isinstance(node, sa.Table)}
    if isinstance(statement, sa.Insert | sa.Update | sa.Delete) and isinstance(statement.table, sa.Table):
        tables.add(statement.table)
    spoken_of = {table for table in tables if table.name not in GUARDS} or tables
    datasets = {str(table.info["dataset"]) for table in spoken_of}
    if len(datasets) > 1:
        raise StatementSpansDatasets(f"One statement reads {' and '.join(sorted(datasets))}.")
    return next(iter(datasets), None)


dataset_of_known = lru_cache(maxsize=1024)(dataset_of)
"""`dataset_of` for statements that are built once and read with again and again."""


def caller_settings(parameters: Mapping[str, Any]) -> dict[str, str]:
    """What row policies are told of the caller, from the parameters of the statements."""
    owners = [str(parameters[name]) for name in ("caller_organisation", "caller_force", "caller_unit")]
    return {
        "leds.owners": SEPARATOR.join(owners),
        "leds.today": str(parameters["today"]),
        "leds.hidden_only": str(parameters["hidden_only"]),
    }


def taking(role: str, settings: Mapping[str, str] | None = None) -> tuple[sa.TextClause, dict[str, str]]:
    """The statement that takes a role and these settings until the transaction ends, with its parameters."""
    wanted = {"role": role, **(settings or {})}
    calls = (f"set_config('{name}', :p{number}, true)" for number, name in enumerate(wanted))
    return sa.text(f"SELECT {', '.join(calls)}"), {f"p{number}": value for number, value in enumerate(wanted.values())}


def raise_wall(connection: sa.Connection) -> None:
    """Give the tables that are there their roles and policies, whatever they had before; on SQLite do nothing.

    The connection's user must own the tables and may create roles (CREATEROLE). PostgreSQL 16 or later.
    """
    if connection.dialect.name != "postgresql":
        return
    present = set(sa.inspect(connection).get_table_names())
    tables = [table for table in metadata.sorted_tables if table.name in present]
    if tables:
        lines = "\n".join(f"  {line};" for line in _wall(tables))
        connection.exec_driver_sql(f"DO $wall$ BEGIN\n{lines}\nEND $wall$")


def lower_wall(connection: sa.Connection) -> None:
    """Take every row policy away; on SQLite do nothing."""
    if connection.dialect.name != "postgresql":
        return
    for table in sa.inspect(connection).get_table_names():
        if table in metadata.tables:
            connection.exec_driver_sql(f"DROP POLICY IF EXISTS leds_readers ON {table}")
            connection.exec_driver_sql(f"DROP POLICY IF EXISTS leds_writers ON {table}")
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _wall(tables: list[sa.Table]) -> Iterator[str]:
    yield "PERFORM pg_advisory_xact_lock(7305001)"
    names = {table.name for table in tables}
    by_dataset: dict[str, list[sa.Table]] = {}
    for table in tables:
        by_dataset.setdefault(table.info["dataset"], []).append(table)
    for dataset, own in by_dataset.items():
        guards = [name for name, of in GUARDS.items() if name in names and (dataset in of or ANYBODY in of)]
        yield from _roles_of(dataset, own, guards)
    for product in sorted({str(table.info["product"]) for table in tables} - {"controls"}):
        yield from _service_of(product, {d for d, own in by_dataset.items() if _is_of(product, own)})
    if "record_control" in names:
        for table in tables:
            yield from _policies_of(table, names)


def _is_of(product: str, tables: Iterable[sa.Table]) -> bool:
    return any(table.info["product"] in (product, "controls") for table in tables)


def _roles_of(dataset: str, own: list[sa.Table], guards: list[str]) -> Iterator[str]:
    for role in dict.fromkeys((reader(dataset), writer(dataset))):
        yield from _created(role)
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}"
        yield f"GRANT SELECT ON {_list([*(table.name for table in own), *guards])} TO {role}"
    if writer(dataset) != reader(dataset):
        yield f"GRANT INSERT, UPDATE, DELETE ON {_list([table.name for table in own])} TO {writer(dataset)}"


def _service_of(product: str, datasets: set[str]) -> Iterator[str]:
    yield from _created(service(product))
    for role in sorted({role for dataset in datasets for role in (reader(dataset), writer(dataset))}):
        known = f"roleid = '{role}'::regrole AND member = '{service(product)}'::regrole"
        granted = f"GRANT {role} TO {service(product)} WITH INHERIT FALSE, SET TRUE"
        yield f"IF NOT EXISTS (SELECT FROM pg_auth_members WHERE {known}) THEN {granted}; END IF"


def _created(role: str) -> Iterator[str]:
    """Roles belong to the whole server: another database's wall may create them at the same moment."""
    absent = f"NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
    again = "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL"
    made = f"BEGIN CREATE ROLE {role} NOLOGIN NOINHERIT; {again}; END"
    yield f"IF {absent} THEN {made}; END IF"


def _policies_of(table: sa.Table, names: set[str]) -> Iterator[str]:
    conditions = [
        f"NOT {_sealed(subject, f'{table.name}.{column.name}')}"
        for column in table.columns
        if (subject := SEALED_BY.get((table.info["product"], column.name))) and table.info.get("filled_by") != "callers"
    ]
    if not conditions or table.name in GUARDS:
        return
    if table.name == "vehicle_report" and "vehicle_report_block" in names:
        conditions.append(f"NOT {_BLOCKED}")
    dataset = table.info["dataset"]
    yield f"ALTER TABLE {table.name} ENABLE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS leds_readers ON {table.name}"
    told = " AND ".join(conditions)
    readers = f"ON {table.name} FOR SELECT TO {reader(dataset)}"
    yield f"CREATE POLICY leds_readers {readers} USING ({_STANDS_ASIDE} OR ({told}))"
    if dataset in WRITTEN:
        yield f"DROP POLICY IF EXISTS leds_writers ON {table.name}"
        yield f"CREATE POLICY leds_writers ON {table.name} TO {writer(dataset)} USING (true) WITH CHECK (true)"


def _sealed(subject: str, key: str) -> str:
    """Whether a control of another owner makes a record SILENT (P10); counted, as `predicates.finds` is."""
    kinds = ", ".join(f"'{kind}'" for kind in SILENT_KINDS)
    return (
        f"(SELECT count(*) FROM record_control c WHERE c.subject_type = '{subject}' AND c.subject_key = {key} "
        f"AND c.kind IN ({kinds}) AND {_TODAY} BETWEEN c.from_date AND coalesce(c.to_date, '9999-12-31'::date) "
        f"AND c.owner <> ALL ({_OWNERS})) > 0"
    )


_BLOCKED = (
    "(SELECT count(*) FROM vehicle_report_block b WHERE b.vehicle_report_id = vehicle_report.vehicle_report_id "
    f"AND {_TODAY} BETWEEN b.from_date AND coalesce(b.to_date, '9999-12-31'::date) "
    f"AND b.owner_fs <> ALL ({_OWNERS})) > 0"
)


def _list(names: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _word(dataset: str) -> str:
    return dataset.lower().replace(".", "_")


@event.listens_for(metadata, "after_create")
def _with_the_tables(_target: sa.MetaData, connection: sa.Connection, **_of: object) -> None:
    """Tables made from the declarations get the wall with them, as migrated ones do."""
    raise_wall(connection)
