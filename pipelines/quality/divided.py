"""Rows that a provider has divided for a split that it does not tell, though it is stored.

Belongs here: telling such rows from others, of days that are stored. Does not: days that are not stored, and a split
that nobody has stated (`screens.restated`, `screens.stretches`).

A person may state a split that a provider only restates its series for, or another provider may have told it. Of a day
before it the stored row and the provider's then say the same, in other units: there is nothing to hold, to write or to
release.
"""

import polars as pl

from pipelines.quality.held import PLACES, Place
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.restated import LEAST_DAYS, ONE_DAY, ONE_RATIO, RESTATED

ROUNDED = 0.02
"""How far in logarithms a dividend may be off its share: providers round what is left of it, to two places even."""
_SERIES = ["symbol", "source"]
(_SPLITS,) = (place for place in PLACES if place.name == "splits")
_FIGURES = {"prices": "close", "dividends": "amount"}


def divided(fetched: Fetched, known: Known) -> dict[Place, pl.DataFrame]:
    """Return the keys and sources of the prices and dividends that are stored, and told divided by a stored split.

    Args:
        fetched: Rows of providers; a frame without rows may be without columns.
        known: What is stored, likewise.
    """
    prices, dividends = (place for place in PLACES if place.name in _FIGURES)
    closes, paid = (_beside(fetched, known, place) for place in (prices, dividends))
    # Dividends come of months and prices of days, which may all be of days since: each dividend speaks for itself.
    of_dividends = paid.filter("before", pl.col("off").abs() <= ROUNDED, pl.col("size").abs() >= ONE_DAY)
    of_prices = closes.filter("before").join(_divided_series(closes), on=[*_SERIES, "split_on"])
    return {
        prices: of_prices.select(*prices.at, "source").unique(),
        dividends: of_dividends.select(*dividends.at, "source").unique(),
    }


def _beside(fetched: Fetched, known: Known, place: Place) -> pl.DataFrame:
    """Return what is stored and told again, beside each stored split that its provider does not tell.

    Returns:
        ``split_on`` and the split's ``size`` in logarithms; whether a row is ``before`` it; and how far the row is
        ``off`` what is stored, before the split divided by it, in logarithms, too.
    """
    told, stored = (place.conformed(getattr(rows, place.name)) for rows in (fetched, known))
    said, splits = (_SPLITS.conformed(rows.splits) for rows in (fetched, known))
    name = _FIGURES[place.name]
    size = (pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)).log()
    sizes = splits.select("symbol", split_on="ex_date", size=size).filter(pl.col("size") != 0)
    same = [*place.table.key, "currency"]
    mine = told.filter(pl.col(name) > 0).join(sizes, on="symbol", how="semi")  # few of thousands have a split
    pairs = mine.join(stored.filter(pl.col(name) > 0).select(*same, stored=name), on=same)
    untold = pairs.join(sizes, on="symbol").join(
        said, left_on=[*_SERIES, "split_on"], right_on=[*_SERIES, "ex_date"], how="anti"
    )
    moved = (pl.col(name).cast(pl.Float64) / pl.col("stored").cast(pl.Float64)).log()
    before = pl.col(place.day) < pl.col("split_on")
    return untold.with_columns(before=before, off=moved + pl.when(before).then("size").otherwise(0.0))


def _divided_series(told: pl.DataFrame) -> pl.DataFrame:
    """Return the series and splits where all days before are told divided, and all days since as they are stored."""
    before = pl.col("before")
    least = pl.when(before.sum() >= LEAST_DAYS).then(RESTATED).otherwise(ONE_DAY)
    return (
        told.group_by(*_SERIES, "split_on")
        .agg(before.any(), off=pl.col("off").abs().max(), large=pl.col("size").first().abs() >= least)
        .filter("before", "large", pl.col("off") <= ONE_RATIO)
        .select(*_SERIES, "split_on")
    )
