"""A connection that reads one published file and reaches nothing else.

Belongs here: DuckDB's own limits, and values in types that every reader knows. Does not: limits that DuckDB does not
keep (`child`).
"""

from pathlib import Path

import duckdb

from warehouse.opening import opened

_ALONE = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",  # else a table may be any variable of the calling program
    "temp_directory": "",
}
_THREADS = 2
_PLAIN = frozenset(
    {
        *("BOOLEAN", "VARCHAR", "UUID", "DATE", "TIME", "FLOAT", "DOUBLE", "HUGEINT"),
        *("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"),
        *("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"),
    }
)
"""Types that Arrow, Polars, CSV and Parquet all have; DECIMAL besides."""


def confined(path: Path, *, memory_mb: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open a published file so that a query can neither write, nor reach other files or the network, nor change that.

    Args:
        path: The file itself.
        memory_mb: What DuckDB keeps its buffers below; by default most of the machine.

    Raises:
        WarehouseError: If the file cannot be opened.
    """
    bounds = {} if memory_mb is None else {"memory_limit": f"{memory_mb}MB", "threads": str(_THREADS)}
    connection = opened(path, {**_ALONE, **bounds})
    for setting in ("TimeZone = 'UTC'", "disabled_filesystems = 'LocalFileSystem'", "lock_configuration = true"):
        connection.execute(f"SET {setting}")
    return connection


def plain(answer: duckdb.DuckDBPyRelation) -> duckdb.DuckDBPyRelation:
    """Return an answer with lists, structs, intervals and all else that is not plain as text."""
    kinds = [str(kind) for kind in answer.types]
    if all(_is_plain(kind) for kind in kinds):
        return answer
    columns = zip(answer.columns, kinds, strict=True)
    return answer.project(", ".join(_column(at, name, kind) for at, (name, kind) in enumerate(columns, start=1)))


def _is_plain(kind: str) -> bool:
    return kind in _PLAIN or kind.startswith("DECIMAL(")


def _column(at: int, name: str, kind: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return f"#{at} AS {quoted}" if _is_plain(kind) else f"CAST(#{at} AS VARCHAR) AS {quoted}"
