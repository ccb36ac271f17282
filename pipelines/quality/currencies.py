"""A known symbol whose provider has changed its currency: most often it is another instrument of that name.

Belongs here: making one finding about the symbol of those on its rows. Does not: the findings on rows (`screens`),
units of a currency (sources convert them).
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from warehouse.schema import market

CURRENCY_CHANGED = "currency_changed"


def about_symbols(found: pl.DataFrame) -> pl.DataFrame:
    """Return findings, of prices in another currency one a symbol: a single release accepts them and those to come.

    Args:
        found: ``FINDINGS``.

    Returns:
        ``FINDINGS``; what is about a symbol is of the first day that it concerns.
    """
    if CURRENCY_CHANGED not in found["rule"]:
        return found
    of_rows = pl.col("rule") == CURRENCY_CHANGED
    symbols = (
        found.filter(of_rows, "held")
        .sort("date", maintain_order=True)
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
