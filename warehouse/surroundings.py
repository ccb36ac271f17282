"""What is stored of the names that were fetched, around the days that were fetched.

Belongs here: one read a table, bounded, however long the histories are. Does not: what it is held against
(`pipelines.quality`).
"""

import datetime as dt
from collections.abc import Sequence

import polars as pl

from warehouse.build import Candidate
from warehouse.schema.model import Table

DAYS_BEFORE = 100
"""Calendar days before the first fetched one that are read, and the last row before them where there is none."""


def around(candidate: Candidate, table: Table, spans: pl.DataFrame, *, by: str) -> pl.DataFrame:
    """Return the rows of some names from `DAYS_BEFORE` their first fetched day on, by key.

    Args:
        candidate: The run's.
        table: A history with a ``date``.
        spans: ``by``, unique, and ``first_day``, the first fetched day.
        by: The column of names.
    """
    columns = ", ".join(f'stored."{name}"' for name in table.names)
    keys = ", ".join(f'stored."{name}"' for name in table.key)
    candidate.connection.register("fetched_spans", spans.select(by, "first_day"))
    try:
        return candidate.sql(
            f"WITH befores AS (SELECT stored.{by}, max(date) AS last_before FROM {table.name} AS stored"
            f" JOIN fetched_spans USING ({by}) WHERE date < first_day GROUP BY ALL)"
            f" SELECT {columns} FROM {table.name} AS stored"
            f" JOIN fetched_spans USING ({by}) LEFT JOIN befores USING ({by})"
            f" WHERE date >= coalesce(least(first_day - {DAYS_BEFORE}, last_before), first_day) ORDER BY {keys}"
        )
    finally:
        candidate.connection.unregister("fetched_spans")


def told_anew(candidate: Candidate, table: Table, names: Sequence[str], *, by: str, since: dt.datetime) -> pl.DataFrame:
    """Return what was stored of some names until it was told anew, since a moment, by key.

    Args:
        candidate: The run's.
        table: The revisions of a history.
        names: The symbols or currencies.
        by: The column of names.
        since: Of older revisions there may be any number.
    """
    columns, keys = (", ".join(f'"{name}"' for name in some) for some in (table.names, table.key))
    query = f"SELECT {columns} FROM {table.name} WHERE {by} IN (SELECT unnest(?)) AND known_until >= ? ORDER BY {keys}"
    return table.conform(candidate.sql(query, [list(names), since]))


def spans_beside(candidate: Candidate, table: Table, events: pl.DataFrame) -> pl.DataFrame:
    """Return between which days prices are stored of the symbols that have an event which is not stored yet.

    Args:
        candidate: The run's.
        table: A history with an ``ex_date``.
        events: Rows of it.

    Returns:
        ``symbol``, unique, ``first_stored`` and ``last_stored``.
    """
    candidate.connection.register("told_events", events.select("symbol", "ex_date"))
    try:
        return candidate.sql(
            "SELECT symbol, min(date) AS first_stored, max(date) AS last_stored FROM price_history"
            f" WHERE symbol IN (SELECT symbol FROM told_events ANTI JOIN {table.name} USING (symbol, ex_date))"
            " GROUP BY symbol"
        )
    finally:
        candidate.connection.unregister("told_events")
