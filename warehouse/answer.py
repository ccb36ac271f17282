"""Answers of DuckDB as Polars frames.

Belongs here: that one call. Does not: which file is asked (`reader`, `build`, `look`), queries of people (`adhoc`).
"""

from collections.abc import Sequence

import duckdb
import polars as pl


def answer(connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[object] = ()) -> pl.DataFrame:
    """Return the answer to a query.

    Not by ``connection.sql(query, params=...)``: with parameters it makes a Python value of each cell, which takes
    fifteen times as long. Nor by an Arrow table, in which long texts are copied once more.
    """
    return connection.execute(query, list(parameters)).pl()
