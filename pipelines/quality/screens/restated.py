"""A provider that has restated a whole series, or tells it in another currency.

Belongs here: fetched days beside the same days as stored. Does not: single corrections, which revisions are for; steps
inside of a series (`stretches`).

Prices are stored as traded, so no later split changes them. If all days that were fetched again differ from what is
stored by one ratio, the provider counts in other units: it has restated for a split that it does not tell yet, or tells
a split that it has not restated for.
"""

import math

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.breaks import HUNDRED
from pipelines.quality.screens.shape import Fetched, Known, figure, found, text
from warehouse.schema import market

RESTATED = math.log(1.01)
"""By less, a series is corrected, not restated: no split is smaller than one new share for a hundred."""
ONE_RATIO = 0.005
"""How far in logarithms the days' ratios may be apart and count as one: rounding of cheap shares."""
LEAST_DAYS = 3
ONE_DAY = math.log(1.2)
"""Of one or two days, only a ratio like this is a restatement: they could be corrections."""

OTHER_UNITS = "restated"
_SERIES = ["symbol", "source"]


def screen_restated(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return all prices of a series of which the days stored before now differ by one ratio."""
    stored = known.prices.select("symbol", "date", stored="close")
    ratio = (pl.col("close").cast(pl.Float64) / pl.col("stored").cast(pl.Float64)).log()
    again = fetched.prices.join(stored, on=["symbol", "date"]).filter(pl.col("close") > 0, pl.col("stored") > 0)
    restated = (
        again.with_columns(ratio=ratio)
        .group_by(_SERIES)
        .agg(
            pl.col("ratio").median(),
            apart=pl.col("ratio").max() - pl.col("ratio").min(),
            days=pl.len(),
            example=pl.col("date").max(),
            said=pl.col("close").sort_by("date").last(),
            stored=pl.col("stored").sort_by("date").last(),
        )
        .filter(
            pl.col("apart") <= ONE_RATIO,
            pl.col("ratio").abs() >= pl.when(pl.col("days") >= LEAST_DAYS).then(RESTATED).otherwise(ONE_DAY),
        )
    )
    if restated.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    rows = fetched.prices.join(restated, on=_SERIES, maintain_order="left")
    return _found(rows.join(_told(restated, fetched.splits), on=_SERIES, how="left", maintain_order="left"))


def _told(restated: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return for each series the first fetched split, if any, of the ratio that it is restated by."""
    told = splits.filter(pl.col("ratio_new") > 0, pl.col("ratio_old") > 0)
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    sizes = told.select("symbol", "ex_date", size=ratio.log().abs())
    # A day since the split that differs, too, is not explained by it.
    later = restated.join(sizes, on="symbol").filter(pl.col("ex_date") > pl.col("example"))
    same = later.filter((pl.col("ratio").abs() - pl.col("size")).abs() <= ONE_RATIO)
    return same.group_by(_SERIES).agg(pl.col("ex_date").min())


def _found(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows; since the ex-date of a split that is told, nothing is left to restate for."""
    times = pl.col("ratio").exp()
    why = pl.coalesce(
        pl.format("its split on {} is not in the prices before it", pl.col("ex_date")),
        pl.when((pl.col("ratio").abs() - HUNDRED).abs() <= ONE_RATIO).then(pl.lit("as between pence and pounds")),
        pl.format("as for a split of {} new for one that nobody tells", figure(1 / times)),
    )
    return found(
        rows.filter((pl.col("date") < pl.col("ex_date")).fill_null(value=True)),
        market.PRICE_HISTORY,
        OTHER_UNITS,
        column="close",
        value=pl.col("close"),
        expected=(pl.col("close").cast(pl.Float64) / times).round_sig_figs(6),
        reason=pl.format(
            "all {} days that are stored are now told {} times as high, {} for {} on {}: {}",
            pl.col("days"),
            figure(times),
            text(pl.col("said")),
            text(pl.col("stored")),
            pl.col("example"),
            why,
        ),
    )


def screen_currency(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return prices in another currency than the symbol's."""
    of_master = known.symbols.select("symbol", known="currency")
    of_prices = known.prices.group_by("symbol").agg(known=pl.col("currency").last())
    of_symbol = pl.concat([of_master, of_prices]).drop_nulls().unique("symbol", keep="first", maintain_order=True)
    return found(
        fetched.prices.join(of_symbol, on="symbol").filter(pl.col("currency") != pl.col("known")),
        market.PRICE_HISTORY,
        "currency_changed",
        column="currency",
        value=pl.col("currency"),
        expected=pl.col("known"),
        reason=pl.format(
            "close {} in {}, but prices of {} are in {}",
            text(pl.col("close")),
            pl.col("currency"),
            pl.col("symbol"),
            pl.col("known"),
        ),
    )
