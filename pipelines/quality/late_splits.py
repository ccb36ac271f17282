"""Stored rows from before a split that were read as if it were otherwise divided for than it was.

Belongs here: which stored closes and dividends a split of the last days puts in doubt, so that what is told now counts
as news. Does not: whether the split is believed (`screens.splits`), rows that are told divided for a stored split
(`divided`).

Who first fetches a symbol in the days after its split may get closes that are divided for it, and no split: they are
stored as if they were traded so. Or the split is told, and closes are not divided yet: they are stored times the split,
if that is too small to be seen in them. Once both are told, what is stored is off by exactly the split's ratio. What is
told now takes its place, unless its step over the ex-date is less like the split's. Closes that were stored before the
ex-date are as traded whatever is told later.
"""

from dataclasses import replace

import polars as pl

from pipelines.quality.held import PLACES, Place
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.providers import FIGURE
from pipelines.quality.screens.redivided import LAG
from pipelines.quality.screens.restated import ONE_RATIO

_SERIES = ["symbol", "source"]
_SPLIT = [*_SERIES, "split_on"]
_PRICES, _DIVIDENDS = (one for name in ("prices", "dividends") for one in PLACES if one.name == name)


def without_misread(known: Known, fetched: Fetched) -> Known:
    """Return what is known without the rows before splits that are told anew by the ratio of these.

    Args:
        known: What is stored; rows of prices, dividends and splits with ``fetched_at``.
        fetched: As fetched; a frame without rows may be without columns.
    """
    if not (known.splits.height and known.prices.height and fetched.prices.height):
        return known
    splits = _as_near_now(_doubting(known), known.prices, fetched.prices)
    if splits.is_empty():
        return known
    left = {
        place.name: _without(place, getattr(known, place.name), getattr(fetched, place.name), splits)
        for place in (_PRICES, _DIVIDENDS)
    }
    return replace(known, **left)


def _doubting(known: Known) -> pl.DataFrame:
    """Return the stored splits that put closes of their source in doubt."""
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    named = known.splits.select(*_SERIES, split_on="ex_date", size=ratio.log(), split_stored="fetched_at")
    splits = named.filter(pl.col("size") != 0)
    return splits.join(_doubted(_PRICES, known.prices, splits).select(_SPLIT).unique(), on=_SPLIT, how="semi")


def _doubted(place: Place, stored: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the rows before a split that were stored soon after its ex-date, with how far each may be ``off``."""
    # A split's ex-date is the first day of prices in its new units; a dividend of it is paid on the old ones.
    before = pl.col(place.day) < pl.col("split_on") if place is _PRICES else pl.col(place.day) <= pl.col("split_on")
    rows = stored.join(splits, on=_SERIES).filter(before, pl.col("fetched_at").dt.date() >= pl.col("split_on"))
    untold = pl.col("fetched_at") < pl.col("split_stored")
    soon = pl.col("fetched_at").dt.date() <= pl.col("split_on") + LAG
    off = pl.when(untold).then("size").otherwise(-pl.col("size"))
    return rows.filter(untold | soon).with_columns(off=off)


def _as_near_now(splits: pl.DataFrame, stored: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Return the splits whose step the closes have as they are told now as nearly as they are stored, or better."""
    closes = told.select(*_SERIES, "date", told=pl.col("close").cast(pl.Float64)).filter(pl.col("told") > 0)
    before = stored.select("symbol", "date", stored=pl.col("close").cast(pl.Float64)).filter(pl.col("stored") > 0)
    days = splits.join(closes, on=_SERIES).join(before, on=["symbol", "date"], how="left").sort("date")
    since = pl.col("date") >= pl.col("split_on")
    both = pl.col("stored").is_not_null() & ~since
    ends = days.group_by(_SPLIT).agg(
        pl.col("stored").filter(both).last(),
        pl.col("told").filter(both).last(),
        since=pl.col("told").filter(since).first(),
    )
    now, then = ((pl.col(name) / pl.col("since")).log() - pl.col("size") for name in ("told", "stored"))
    return splits.join(ends, on=_SPLIT).filter((now.abs() <= then.abs()).fill_null(value=False)).select(splits.columns)


def _without(place: Place, stored: pl.DataFrame, told: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    if stored.is_empty() or told.is_empty():
        return stored
    name, key = FIGURE[place.table.name], [*place.at, "source"]
    may_be = _doubted(place, stored, splits).group_by([*key, name]).agg(pl.col("off").sum())
    now = told.select(*key, told=pl.col(name).cast(pl.Float64)).filter(pl.col("told") > 0)
    moved = (pl.col("told") / pl.col(name).cast(pl.Float64)).log()
    misread = may_be.join(now, on=key).filter(pl.col("off") != 0, (moved - pl.col("off")).abs() <= ONE_RATIO)
    return stored.join(misread, on=key, how="anti", maintain_order="left")
