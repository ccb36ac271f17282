"""Stored rows that were divided for a split which their provider told only after them.

Belongs here: which stored closes and dividends a late split puts in doubt, so that what is told now counts as news.
Does not: whether the split is believed (`screens.splits`), rows that are told divided for a stored split (`divided`).

Who first fetches a symbol in the days after its split may get closes that are divided for it and no split. They are
stored as if they were traded so. Once the split is stored, its provider's closes before it are told as traded: off what
is stored by exactly the split's ratio. Closes that were stored before the ex-date are as traded whatever is told later,
and so are those that step by the split on its day.
"""

from dataclasses import replace

import polars as pl

from pipelines.quality.held import PLACES, Place
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.providers import FIGURE
from pipelines.quality.screens.restated import ONE_RATIO

_SPLIT = ["symbol", "source", "split_on"]
_PRICES, _DIVIDENDS = (one for name in ("prices", "dividends") for one in PLACES if one.name == name)


def without_divided(known: Known, fetched: Fetched) -> Known:
    """Return what is known without the rows before late splits that are told anew by the ratio of these.

    Args:
        known: What is stored; rows of prices, dividends and splits with ``fetched_at``.
        fetched: As fetched; a frame without rows may be without columns.
    """
    if not (known.splits.height and known.prices.height and fetched.prices.height):
        return known
    late = _level(_late(known), known.prices)
    if late.is_empty():
        return known
    left = {place.name: _without(place, getattr(known, place.name), fetched, late) for place in (_PRICES, _DIVIDENDS)}
    return replace(known, **left)


def _late(known: Known) -> pl.DataFrame:
    """Return the stored splits since whose ex-date, and before which, their source told closes."""
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    splits = known.splits.select(
        "symbol", "source", split_on="ex_date", size=ratio.log(), split_stored="fetched_at"
    ).filter(pl.col("size") != 0)
    return splits.join(_doubted(_PRICES, known.prices, splits).select(_SPLIT).unique(), on=_SPLIT, how="semi")


def _doubted(place: Place, stored: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the rows before a split that its source told between its ex-date and the split."""
    # A split's ex-date is the first day of prices in its new units; a dividend of it is paid on the old ones.
    before = pl.col(place.day) < pl.col("split_on") if place is _PRICES else pl.col(place.day) <= pl.col("split_on")
    between = (pl.col("fetched_at").dt.date() >= pl.col("split_on")) & (pl.col("fetched_at") < pl.col("split_stored"))
    return stored.join(splits, on=["symbol", "source"]).filter(before, between)


def _level(late: pl.DataFrame, prices: pl.DataFrame) -> pl.DataFrame:
    """Return the splits over which the stored closes do not step: those are divided, whoever told them."""
    closes = prices.join(late.select("symbol").unique(), on="symbol", how="semi").select(
        "symbol", "date", close=pl.col("close").cast(pl.Float64)
    )
    beside = late.join(closes, on="symbol")
    first_since = pl.col("date") >= pl.col("split_on")
    step = beside.group_by(_SPLIT).agg(
        before=pl.col("close").filter(~first_since).sort_by(pl.col("date").filter(~first_since)).last(),
        since=pl.col("close").filter(first_since).sort_by(pl.col("date").filter(first_since)).first(),
    )
    level = (pl.col("before") / pl.col("since")).log().abs() < pl.col("size").abs() / 2
    return late.join(step, on=_SPLIT).filter(level.fill_null(value=False))


def _without(place: Place, stored: pl.DataFrame, fetched: Fetched, late: pl.DataFrame) -> pl.DataFrame:
    told: pl.DataFrame = getattr(fetched, place.name)
    if stored.is_empty() or told.is_empty():
        return stored
    name, key = FIGURE[place.table.name], [*place.at, "source"]
    sizes = _doubted(place, stored, late).group_by([*key, name]).agg(pl.col("size").sum())
    now = told.select(*key, told=pl.col(name).cast(pl.Float64)).filter(pl.col("told") > 0)
    moved = (pl.col("told") / pl.col(name).cast(pl.Float64)).log()
    divided = sizes.join(now, on=key).filter((moved - pl.col("size")).abs() <= ONE_RATIO)
    return stored.join(divided, on=key, how="anti", maintain_order="left")
