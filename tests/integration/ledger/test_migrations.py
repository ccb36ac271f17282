"""Migrations build what the metadata declares, inside the package and without a file beside it."""

import sqlite3
from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, inspect
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from warehouse.relational import engine_for, head_of, migrate_if_behind, reading, version_table_of
from warehouse.relational.errors import NewerDatabaseError, UnsupportedDatabaseError

PACKAGES = ["warehouse.ledger", "warehouse.ops"]


def metadata(package):
    return import_module(f"{package}.tables").METADATA


@pytest.fixture(params=PACKAGES)
def package(request):
    return request.param


@pytest.fixture
def engine(tmp_path, package):
    engine = engine_for(f"sqlite:///{tmp_path / 'made' / 'new.sqlite'}")
    migrate_if_behind(engine, package)
    return engine


def test_migrations_build_what_the_tables_declare(engine, package):
    with reading(engine) as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "version_table": version_table_of(package)}
        )
        assert compare_metadata(context, metadata(package)) == []
        tables = set(inspect(connection).get_table_names())
    assert tables == set(metadata(package).tables) | {version_table_of(package)}


def test_constraints_are_what_the_tables_declare(engine, package):
    inspector = inspect(engine)
    for name, table in metadata(package).tables.items():
        checks = {constraint["name"] for constraint in inspector.get_check_constraints(name)}
        declared = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
        assert checks == declared


def test_the_newest_migration_is_the_one_that_alembic_finds(package):
    config = Config()
    config.set_main_option("script_location", f"{package}:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == head_of(package)


def test_a_database_is_made_with_a_write_ahead_log(engine):
    with sqlite3.connect(str(engine.url.database)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_migrating_again_changes_nothing(engine, package):
    migrate_if_behind(engine, package)
    with reading(engine) as connection:
        assert connection.exec_driver_sql(f"SELECT version_num FROM {version_table_of(package)}").all() == [
            (head_of(package),)
        ]
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


def test_a_newer_database_is_left_alone(engine, package):
    with sqlite3.connect(str(engine.url.database)) as connection:
        connection.execute(f"UPDATE {version_table_of(package)} SET version_num = '9999'")
    with pytest.raises(NewerDatabaseError) as caught:
        migrate_if_behind(engine, package)
    assert caught.value.version == "9999"


def test_tables_can_be_made_in_postgresql(package):
    statements = [
        str(CreateTable(table).compile(dialect=postgresql.dialect())) for table in metadata(package).sorted_tables
    ]
    assert all(statement.lstrip().startswith("CREATE TABLE") for statement in statements)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://somewhere/ledger"])
def test_other_databases_are_refused(url):
    with pytest.raises(UnsupportedDatabaseError):
        engine_for(url)


def test_both_fit_into_one_database(tmp_path):
    engine = engine_for(f"sqlite:///{tmp_path / 'one.sqlite'}")
    for package in PACKAGES:
        migrate_if_behind(engine, package)
    declared = {name for package in PACKAGES for name in metadata(package).tables}
    assert declared < set(inspect(engine).get_table_names())
