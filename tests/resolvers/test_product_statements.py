"""Every statement of the person, property, missing and intelligence products: what it reads, and how it is shaped."""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import visitors

from resolvers.controls import tables as controls
from resolvers.intelligence import statements as intelligence
from resolvers.intelligence import tables as intelligence_tables
from resolvers.missing import statements as missing
from resolvers.missing import tables as missing_tables
from resolvers.person import links, search
from resolvers.person import statements as person
from resolvers.person import tables as person_tables
from resolvers.property import statements as property_statements
from resolvers.property import tables as property_tables
from schema.datasets import datasets
from tests.resolvers.products import TODAY

MODULES: dict[str, ModuleType] = {
    "person": person,
    "property": property_statements,
    "missing": missing,
    "intelligence": intelligence,
}
TABLES = {
    "person": person_tables,
    "property": property_tables,
    "missing": missing_tables,
    "intelligence": intelligence_tables,
}
QUESTION = search.NameQuestion("Harbour", ("Robin",), date_of_birth="1985-03", sex="M", place="Anytown")


def public_statements() -> Iterator[tuple[str, str, Callable[[list[str]], sa.Select]]]:
    for product, module in MODULES.items():
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and function.__module__ == module.__name__:
                yield product, name, function


def all_statements() -> dict[str, tuple[str, sa.Select]]:
    keyed = {f"{product}.{name}": (product, make(["A|1985", "B|1985"])) for product, name, make in public_statements()}
    steps = {f"person.links.{number}": step for number, step in enumerate(links.links_of(["A"], 10))}
    return {
        **keyed,
        **{name: ("person", step) for name, step in steps.items()},
        "person.search": ("person", search.people_by_name(QUESTION)),
    }


STATEMENTS = all_statements()


def tables_of(statement: sa.Select) -> set[sa.Table]:
    return {node for node in visitors.iterate(statement) if isinstance(node, sa.Table)}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_reads_one_dataset_of_its_own_product_and_record_controls(name: str):
    product, statement = STATEMENTS[name]
    tables = tables_of(statement) - {controls.record_control, controls.hr_household}
    assert len({table.info["dataset"] for table in tables}) == 1
    assert {table.info["product"] for table in tables} == {product}


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_compiles_for_both_databases(name: str):
    _product, statement = STATEMENTS[name]
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        assert str(statement.compile(dialect=dialect)).startswith(("SELECT", "SELECT DISTINCT"))


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_names_its_columns_once(name: str):
    _product, statement = STATEMENTS[name]
    names = [column.name for column in statement.selected_columns]
    assert len(names) == len(set(names))


def test_every_statement_says_in_a_sentence_what_it_selects():
    silent = [
        name for _product, name, make in public_statements() if not (make.__doc__ or "").endswith((".", "there."))
    ]
    assert silent == []


@pytest.mark.parametrize("product", TABLES)
def test_every_table_is_of_a_known_dataset(product: str):
    declared = [table for table in vars(TABLES[product]).values() if isinstance(table, sa.Table)]
    assert declared
    assert {table.info["dataset"] for table in declared} <= set(datasets())
    assert {table.info["product"] for table in declared} == {product}


@pytest.mark.parametrize("product", TABLES)
def test_a_foreign_key_never_leaves_its_dataset(product: str):
    declared = [table for table in vars(TABLES[product]).values() if isinstance(table, sa.Table)]
    crossing = [
        f"{table.name}.{key.parent.name}"
        for table in declared
        for key in table.foreign_keys
        if key.column.table.info["dataset"] != table.info["dataset"]
    ]
    assert crossing == []


def test_lookups_go_over_an_index():
    indexed = {
        (table.name, column.name)
        for module in TABLES.values()
        for table in vars(module).values()
        if isinstance(table, sa.Table)
        for index in (*table.indexes, table.primary_key, *_unique(table))
        for column in list(index.columns)[:1]
    }
    searched = {
        ("person", "person_urn"),
        ("person", "cro_number"),
        ("person", "date_of_birth"),
        ("person", "driver_number_recorded"),
        ("person_name_word", "word"),
        ("person_name_word", "code"),
        ("person_address", "match_postcode"),
        ("person_address", "premises_key"),
        ("person_contact", "value_key"),
        ("person_association", "other_key"),
        ("arrest_report", "asn"),
        ("arrest_report", "person_id"),
        ("offence", "report_id"),
        ("disposal", "offence_id"),
        ("remand", "report_id"),
        ("court_case", "person_id"),
        ("wanted_missing_report", "person_id"),
        ("property_identifier", "value_key"),
        ("property_item", "owner_key"),
        ("property_report", "property_id"),
        ("firearm_certificate", "holder_key"),
        ("firearm_certificate", "match_postcode"),
        ("missing_report", "national_reference"),
        ("missing_report", "person_id"),
        ("intel_pnc_link", "person_id"),
        ("intel_link", "target_key"),
    }
    assert searched - indexed == set()


def _unique(table: sa.Table) -> list[sa.UniqueConstraint]:
    return [constraint for constraint in table.constraints if isinstance(constraint, sa.UniqueConstraint)]


def test_the_search_asks_for_one_person_more_than_the_cap():
    asked = search.people_by_name(QUESTION).params(today=TODAY)
    text = str(asked.compile(compile_kwargs={"literal_binds": True}))
    assert text.endswith(f"LIMIT {search.MOST_PEOPLE + 1}")
