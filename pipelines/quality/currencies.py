"""A known symbol whose provider has changed its currency: most often it is another instrument of that name.

Belongs here: that finding. Does not: units of a currency (sources convert them), screens of values (`screens`).
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens import Fetched
from warehouse.schema import market

CURRENCY_CHANGED = "currency_changed"


def changed_currencies(fetched: Fetched, known: pl.DataFrame) -> pl.DataFrame:
    """Return the symbols whose fetched prices are in another currency than the one they are known by.

    The finding is about the symbol, not about a row: all its rows in that currency are held back, and one release
    accepts them and those to come.

    Args:
        fetched: Rows of providers.
        known: The master `symbols`.

    Returns:
        ``FINDINGS``, one a symbol, of the first day of such a row.
    """
    stated = known.select("symbol", expected="currency").drop_nulls()
    other = (
        fetched.prices.join(stated, on="symbol")
        .filter(pl.col("currency") != pl.col("expected"))
        .group_by("symbol", maintain_order=True)
        .agg(pl.col("date").min(), pl.col("currency", "expected").last(), pl.len())
    )
    reason = pl.format("{} prices in {}, of a symbol known in {}", "len", "currency", "expected")
    return other.select(
        table_name=pl.lit(market.SYMBOLS.name),
        about="symbol",
        date="date",
        rule=pl.lit(CURRENCY_CHANGED),
        column=pl.lit("currency"),
        value="currency",
        expected="expected",
        reason=reason,
        held=pl.lit(value=True),
    ).cast(FINDINGS)
