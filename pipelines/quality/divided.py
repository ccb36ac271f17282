"""Rows that a provider has divided for splits that it does not tell, though they are stored.

Belongs here: telling such rows from others; the finding on those of days that are not stored. Does not: a split that
nobody has stated (`screens.restated`, `screens.stretches`).

A person may state a split that a provider only restates its series for, or another provider may have told it. Of a day
before it the stored row and the provider's then say the same, in other units: there is nothing to judge, to hold, to
write or to release. A day that is not stored waits: what it was traded at is not told.
"""

from dataclasses import dataclass

import polars as pl

from pipelines.quality.held import PLACES, Place
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.providers import FIGURE, same_unit
from pipelines.quality.screens.restated import ONE_DAY, ONE_RATIO, RESTATED
from pipelines.quality.screens.shape import found, text

DIVIDED = "divided"
"""The rule of a day that is not stored: it is never as traded, so that nobody may release it."""
ROUNDED = 0.02
"""How far in logarithms a dividend may be off its share: providers round what is left of it, to two places even."""
_SERIES = ["symbol", "source"]
(_SPLITS,) = (place for place in PLACES if place.name == "splits")


@dataclass(frozen=True, kw_only=True)
class Divided:
    """Rows of providers that are divided for stored splits that these do not tell.

    Args:
        stored: Keys and sources of those that are stored.
        told: Of all of them.
        found: ``FINDINGS`` on the prices that are not stored.
    """

    stored: dict[Place, pl.DataFrame]
    told: dict[Place, pl.DataFrame]
    found: pl.DataFrame


def divided(fetched: Fetched, known: Known) -> Divided:
    """Return what of a fetch is told in the units of stored splits that its provider does not tell.

    Args:
        fetched: Rows of providers; a frame without rows may be without columns.
        known: What is stored, likewise.
    """
    prices, dividends = (place for place in PLACES if place.name in {"prices", "dividends"})
    closes, paid = (_beside(fetched, known, place) for place in (prices, dividends))
    series = _divided_series(closes)
    rows = closes.filter("before").join(series, on=_SERIES, how="semi")
    # Dividends come of months and prices of days, which may all be of days since: then each speaks for itself.
    as_traded = closes.filter("before").join(series, on=_SERIES, how="anti")
    small = paid.filter("before", pl.col("off").abs() <= ROUNDED, pl.col("size").abs() >= ONE_DAY)
    payments = small.join(as_traded, on=_SERIES, how="anti")
    is_stored = pl.col("stored").is_not_null()
    return Divided(
        stored={prices: _keys(rows.filter(is_stored), prices), dividends: _keys(payments, dividends)},
        told={prices: _keys(rows, prices), dividends: _keys(payments, dividends)},
        found=_waiting(rows.filter(~is_stored), prices),
    )


def _keys(rows: pl.DataFrame, place: Place) -> pl.DataFrame:
    return rows.select(*place.at, "source").unique()


def _beside(fetched: Fetched, known: Known, place: Place) -> pl.DataFrame:
    """Return what is told of symbols with stored splits that the teller does not tell, beside what is stored of it.

    Returns:
        ``stored``, the figure that is stored, if any; whether a row is ``before`` such a split, ``split_on`` the first
        of them and ``size`` all of them together, in logarithms; and how far the row is ``off`` what is stored, less
        that, in logarithms, too.
    """
    told, stored = (place.conformed(getattr(rows, place.name)) for rows in (fetched, known))
    said, splits = (_SPLITS.conformed(rows.splits) for rows in (fetched, known))
    name, same = FIGURE[place.table.name], same_unit(place.table)
    size = (pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)).log()
    sizes = splits.select("symbol", split_on="ex_date", size=size).filter(pl.col("size") != 0)
    mine = told.filter(pl.col(name) > 0).join(sizes, on="symbol", how="semi").with_row_index("row")
    untold = (
        mine.join(sizes, on="symbol")
        .filter(pl.col("split_on") > pl.col(place.day))
        .join(said, left_on=[*_SERIES, "split_on"], right_on=[*_SERIES, "ex_date"], how="anti")
    )
    after = untold.group_by("row").agg(pl.col("split_on").min(), pl.col("size").sum(), before=pl.lit(value=True))
    known_as = stored.filter(pl.col(name) > 0).select(*same, stored=name)
    moved = (pl.col(name).cast(pl.Float64) / pl.col("stored").cast(pl.Float64)).log()
    return (
        mine.join(after, on="row", how="left")
        .join(known_as, on=same, how="left")
        .with_columns(pl.col("before").fill_null(value=False), pl.col("size").fill_null(0.0))
        .with_columns(off=moved + pl.col("size"))
    )


def _divided_series(told: pl.DataFrame) -> pl.DataFrame:
    """Return the series of which all stored days before splits are told divided, and all days since as stored."""
    before = pl.col("before") & (pl.col("size").abs() >= RESTATED)
    return (
        told.filter(pl.col("stored").is_not_null())
        .group_by(_SERIES)
        .agg(large=before.any(), off=pl.col("off").abs().max())
        .filter("large", pl.col("off") <= ONE_RATIO)
        .select(_SERIES)
    )


def _waiting(rows: pl.DataFrame, place: Place) -> pl.DataFrame:
    return found(
        rows,
        place.table,
        DIVIDED,
        column="close",
        value=pl.col("close"),
        reason=pl.format(
            "close {} is divided for the split of {}, which {} does not tell: what was traded is not known",
            text(pl.col("close")),
            "split_on",
            "source",
        ),
    )
