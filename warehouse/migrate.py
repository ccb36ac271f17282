"""Bringing a DuckDB file to the declared schema: numbered SQL files, each applied once.

Belongs here: which migrations there are and which a file has. Does not: the SQL itself (`migrations/`).
"""

from importlib.resources import files

import duckdb

_RECORD = "CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR NOT NULL)"


def migrations() -> list[tuple[str, str]]:
    """Return name and SQL of every migration, in order."""
    folder = files("warehouse") / "migrations"
    names = sorted(item.name for item in folder.iterdir() if item.name.endswith(".sql"))
    return [(name, (folder / name).read_text(encoding="utf-8")) for name in names]


def migrate(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Apply what the file does not have yet, each with its record in one transaction; return the names applied."""
    connection.execute(_RECORD)
    done = {row[0] for row in connection.execute("SELECT name FROM schema_migrations").fetchall()}
    pending = [(name, sql) for name, sql in migrations() if name not in done]
    for name, sql in pending:
        connection.execute("BEGIN")
        connection.execute(sql)
        connection.execute("INSERT INTO schema_migrations VALUES (?)", [name])
        connection.execute("COMMIT")
    return [name for name, _ in pending]
