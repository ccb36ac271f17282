"""Opening a published file, and saying in words why that cannot be done.

Belongs here: that one call. Does not: which file (`published`), what is asked of it (`reader`, `adhoc`).
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from warehouse.errors import BrokenPublicationError, HeldPublicationError

_HELD = "could not set lock"
"""In DuckDB's words; of a damaged block it speaks, too."""


def opened(path: Path, config: Mapping[str, str] | None = None) -> duckdb.DuckDBPyConnection:
    """Open a published file read-only.

    Args:
        path: The file itself: DuckDB keeps instances by path, and a symlink would go on naming the one it first opened.
        config: DuckDB's options.

    Raises:
        HeldPublicationError: If another program has it open for writing.
        BrokenPublicationError: If it is no DuckDB file or a damaged one.
    """
    try:
        return duckdb.connect(str(path), read_only=True, config=dict(config or {}))
    except duckdb.Error as error:
        if _HELD in str(error).lower():
            raise HeldPublicationError(path, str(error)) from error
        raise BrokenPublicationError(path, "it is no DuckDB file or a damaged one") from error
