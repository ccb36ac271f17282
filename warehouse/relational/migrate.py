"""Migrations that cost nothing when there are none to run.

Belongs here: finding out whether a database is behind, and running Alembic if it is. Does not: the migrations.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from sqlalchemy import Connection, Engine, column, inspect, select, table

from warehouse.relational.connect import migrating, reading, use_write_ahead_log
from warehouse.relational.errors import NewerDatabaseError


def migrate_if_behind(engine: Engine, package: str) -> None:
    """Bring a database up to the newest migration of a package; one query when it is there already.

    Args:
        engine: The database; it is made if it is a file that does not exist.
        package: Name of the package that has a folder ``migrations``.

    Raises:
        NewerDatabaseError: If the database knows a migration that this package does not have.
    """
    head = head_of(package)
    if _is_at(engine, package, head):
        return
    use_write_ahead_log(engine)
    with migrating(engine) as connection:
        version = _version(connection, package)
        if version != head:
            if version is not None and version not in _versions(package):
                raise NewerDatabaseError(version, head)
            upgrade(connection, package)


def head_of(package: str) -> str:
    """Return the newest migration of a package."""
    return _versions(package)[-1]


def _versions(package: str) -> list[str]:
    module = import_module(package)
    folder = Path(str(module.__file__)).parent / "migrations" / "versions"
    return sorted(file.name.split("_")[0] for file in folder.glob("[0-9]*_*.py"))


def _is_at(engine: Engine, package: str, head: str) -> bool:
    database = engine.url.database
    if engine.dialect.name == "sqlite" and not Path(str(database)).exists():
        return False
    with reading(engine) as connection:
        return _version(connection, package) == head


def version_table_of(package: str) -> str:
    """Return the table that holds the version, one a package, so that two can share a database."""
    return f"{package.rpartition('.')[2]}_version"


def _version(connection: Connection, package: str) -> str | None:
    name = version_table_of(package)
    if not inspect(connection).has_table(name):
        return None
    return connection.execute(select(column("version_num")).select_from(table(name))).scalar_one_or_none()


def upgrade(connection: Connection, package: str, *, to: str = "head") -> None:
    """Run a package's migrations inside the connection's transaction, all or none."""
    # Alembic takes 0.2 s to import and is needed once a release.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config(attributes={"connection": connection, "version_table": version_table_of(package)})
    config.set_main_option("script_location", f"{package}:migrations")
    config.set_main_option("path_separator", "os")
    with _quiet():
        command.upgrade(config, to)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Alembic's progress out of people's terminals."""
    import logging  # noqa: PLC0415

    logger = logging.getLogger("alembic")
    before = logger.level
    logger.setLevel(logging.WARNING)
    try:
        yield
    finally:
        logger.setLevel(before)
