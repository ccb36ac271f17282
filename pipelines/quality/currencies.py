"""A known symbol whose provider has changed its currency: most often it is another instrument of that name.

Belongs here: making one finding about the symbol of those on its rows. Does not: the findings on rows (`screens`),
units of a currency (sources convert them).
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from warehouse.schema import market

CURRENCY_CHANGED = "currency_changed"


def about_symbols(found: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return findings, of prices in another currency one a symbol: a single release accepts them and those to come.

    Args:
        found: ``FINDINGS``.
        stored: The stored prices of the days that were fetched, ``symbol`` and ``date`` among their columns.

    Returns:
        ``FINDINGS``; what is about a symbol is of the first day that has no price for it: the last week is told anew
        each night, and of what is stored already nothing is lost.
    """
    if CURRENCY_CHANGED not in found["rule"]:
        return found
    of_rows = pl.col("rule") == CURRENCY_CHANGED
    has_price = stored.select("date", about="symbol", stored=pl.lit(value=True))
    symbols = (
        found.filter(of_rows, "held")
        .join(has_price, on=["about", "date"], how="left")
        .sort(pl.col("stored").is_not_null(), "date", maintain_order=True)
        .group_by("about", maintain_order=True)
        .agg(pl.col("date").first(), pl.col("value", "expected", "column").last(), pl.len())
        .with_columns(
            table_name=pl.lit(market.SYMBOLS.name),
            rule=pl.lit(CURRENCY_CHANGED),
            reason=pl.format("{} prices in {}, of a symbol known in {}", "len", "value", "expected"),
            held=pl.lit(value=True),
        )
    )
    return pl.concat([found.filter(~of_rows), symbols.select(FINDINGS.names()).cast(FINDINGS)])
