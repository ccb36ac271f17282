"""A row held back, as quarantine takes it.

Belongs here: that row. Does not: what is asserted of it.
"""

import datetime as dt

import polars as pl

from warehouse.ops.quarantine import HELD


def held_back(**changes: object) -> pl.DataFrame:
    """Return one row of ``HELD``: a close of ACME at 1 where 100 was expected, unless said otherwise."""
    usual = {
        "table_name": "price_history",
        "rule": "jump",
        "key": "ACME 2024-06-28",
        "about": "ACME",
        "date": dt.date(2024, 6, 28),
        "column_name": "close",
        "value": "1",
        "expected": "100",
        "reason": "a close of 1 after 100",
        "fetched_row": '{"symbol": "ACME", "date": "2024-06-28", "close": "1", "currency": "USD", "source": "yahoo"}',
    }
    return pl.DataFrame([usual | changes], schema=HELD)
