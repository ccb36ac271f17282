"""One truth: what is stored is what is declared."""

import duckdb
import polars as pl
import pytest

from warehouse.migrate import migrate
from warehouse.schema import TABLES, table
from warehouse.schema.market import HISTORIES


@pytest.fixture(scope="module")
def db():
    with duckdb.connect() as connection:
        migrate(connection)
        yield connection


@pytest.mark.parametrize("declared", TABLES, ids=lambda item: item.name)
def test_migrations_build_what_the_schema_declares(db, declared):
    stored = db.execute(
        "SELECT column_name, data_type, is_nullable = 'YES' FROM information_schema.columns"
        " WHERE table_name = ? ORDER BY ordinal_position",
        [declared.name],
    ).fetchall()
    assert stored == [(column.name, column.sql_type, column.nullable) for column in declared.columns]


def test_nothing_is_stored_that_is_not_declared(db):
    stored = {row[0] for row in db.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert stored == {item.name for item in TABLES} | {"schema_migrations"}


@pytest.mark.parametrize("declared", TABLES, ids=lambda item: item.name)
def test_keys_are_columns_that_are_never_null(declared):
    columns = {column.name: column for column in declared.columns}
    assert set(declared.key) <= set(columns)
    assert not [name for name in declared.key if columns[name].nullable]


def test_no_money_is_a_float():
    floats = [
        f"{item.name}.{column.name}"
        for item in TABLES
        for column in item.columns
        if column.dtype == pl.Float64 and column.name.endswith(("_base", "_local", "price", "quantity", "amount"))
    ]
    assert floats == []


def test_every_history_has_its_revisions():
    for history in HISTORIES:
        twin = table(f"{history.name}_revisions")
        assert twin.names == (*history.names, "known_until")
        assert twin.key == (*history.key, "known_from")
