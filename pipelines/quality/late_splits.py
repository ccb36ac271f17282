"""Stored rows from before a split that were read as if it were otherwise divided for than it was.

Belongs here: which stored closes and dividends a split of the last days puts in doubt, so that what is told now counts
as news. Does not: whether the split is believed (`screens.splits`), rows that are told divided for a stored split
(`divided`).

Who first fetches a symbol in the days after its split may get closes that are divided for it, and no split: they are
stored as if they were traded so. Or the split is told, and closes are not divided yet: they are stored times the split,
if that is too small to be seen in them. Or another ratio was told first, or a split that never was, and closes were
read with that. Once all is told as it is, what is stored is off by exactly these ratios. What is told now takes its
place, unless its step over the ex-date is less like the split's. Closes that were stored before the ex-date are as
traded whatever is told later.
"""

import datetime as dt
from dataclasses import replace

import polars as pl

from pipelines.quality.held import DIVIDENDS, PRICES, SPLITS, Place
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.providers import FIGURE
from pipelines.quality.screens.redivided import LAG
from pipelines.quality.screens.restated import ONE_RATIO
from warehouse.schema.market import OWN_FILES
from warehouse.schema.types import TIMESTAMP

_SERIES = ["symbol", "source"]
_SPLIT = [*_SERIES, "split_on"]
_SIZE = (pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)).log()
_STILL = pl.lit(None, dtype=TIMESTAMP)


def without_misread(known: Known, fetched: Fetched, released: pl.DataFrame, *, now: dt.datetime) -> Known:
    """Return what is known without the rows before splits that are told anew by the ratio of these.

    Args:
        known: What is stored; rows of prices, dividends, splits and revised splits with ``fetched_at``.
        fetched: As fetched; a frame without rows may be without columns.
        released: Splits that waited and that somebody has accepted: they enter now, as a person's own do.
        now: When they do.
    """
    believed = _with_entering(known, entering(fetched.splits, released), now)
    some = believed.splits.height or believed.revised_splits.height
    if not (some and known.prices.height and fetched.prices.height):
        return known
    beliefs = _beliefs(believed)
    splits = _as_near_now(_doubting(believed, beliefs), known.prices, fetched.prices)
    if splits.is_empty():
        return known
    left = {
        place.name: _without(place, known, fetched, splits.join(beliefs, on=_SPLIT)) for place in (PRICES, DIVIDENDS)
    }
    return replace(known, **left)


def entering(told: pl.DataFrame, released: pl.DataFrame) -> pl.DataFrame:
    """Return the splits that enter whatever is stored: a person's own, and what is released as it was told.

    Args:
        told: Splits of any sources.
        released: Splits that waited and that somebody has accepted.
    """
    told = SPLITS.conformed(told)
    other = told.join(released, on=[*SPLITS.at, "source", "ratio_new", "ratio_old"], how="anti")
    own = told.filter(pl.col("source") == OWN_FILES)
    accepted = released.join(other, on=SPLITS.at, how="anti").select(own.columns)
    return pl.concat([own, accepted]).unique(SPLITS.at)


def _with_entering(known: Known, entering: pl.DataFrame, now: dt.datetime) -> Known:
    """Return what is known with some splits in the place of what is stored of their days."""
    if entering.is_empty():
        return known
    news = entering.join(known.splits, on=[*SPLITS.at, "source", "ratio_new", "ratio_old"], how="anti")
    stored, gone = (known.splits.join(news, on=SPLITS.at, how=how) for how in ("anti", "semi"))
    at = pl.lit(now, dtype=TIMESTAMP)
    return replace(
        known,
        splits=pl.concat([stored, news.with_columns(fetched_at=at)], how="diagonal_relaxed"),
        revised_splits=pl.concat([known.revised_splits, gone.with_columns(known_until=at)], how="diagonal_relaxed"),
    )


def _beliefs(known: Known) -> pl.DataFrame:
    """Return from when until when each source's split was what its closes were read with."""
    frames = [known.splits.with_columns(known_until=_STILL), known.revised_splits]
    named = [
        frame.select(*_SERIES, split_on="ex_date", read=_SIZE, begun="fetched_at", ended="known_until")
        for frame in frames
        if frame.width
    ]
    return pl.concat(named)


def _doubting(known: Known, beliefs: pl.DataFrame) -> pl.DataFrame:
    """Return the splits that put closes of a source in doubt which has told them, or another ratio of their day.

    Returns:
        ``size`` is what is believed now, zero where that is no split. From ``settled`` on, closes were read with it;
        ``split_stored`` is null where another source has told it.
    """
    now = known.splits.select("symbol", split_on="ex_date", size=_SIZE, by="source", stored="fetched_at")
    ended = beliefs.group_by(_SPLIT).agg(pl.col("ended").max())
    splits = (
        ended.join(now, on=["symbol", "split_on"], how="left")
        .with_columns(split_stored=pl.when(pl.col("by") == pl.col("source")).then("stored"))
        .select(
            *_SPLIT, pl.col("size").fill_null(0.0), "split_stored", settled=pl.max_horizontal("split_stored", "ended")
        )
    )
    doubted = _doubted(PRICES, known.prices, splits.join(beliefs, on=_SPLIT))
    return splits.join(doubted.select(_SPLIT).unique(), on=_SPLIT, how="semi")


def _doubted(place: Place, stored: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the rows from before a split that may be ``off``: stored since its ex-date, and read with another ratio.

    Args:
        place: What the rows are.
        stored: Rows of it.
        splits: Each split once for every belief that closes were read with.
    """
    # A split's ex-date is the first day of prices in its new units; a dividend of it is paid on the old ones.
    before = pl.col(place.day) < pl.col("split_on") if place is PRICES else pl.col(place.day) <= pl.col("split_on")
    stored_at, row = pl.col("fetched_at"), [*place.table.key, "split_on"]
    rows = stored.join(splits, on=_SERIES).filter(before, stored_at.dt.date() >= pl.col("split_on"))
    soon = (stored_at >= pl.col("split_stored")) & (stored_at.dt.date() <= pl.col("split_on") + LAG)
    during = (stored_at >= pl.col("begun")) & (stored_at < pl.col("ended")).fill_null(value=True)
    read = pl.when(during).then("read").otherwise(0.0).sum().over(row)
    off = pl.when(soon).then(-pl.col("size")).otherwise(pl.col("size") - read)
    doubted = rows.filter((stored_at < pl.col("settled")) | soon).with_columns(off=off)
    return doubted.filter(pl.col("off") != 0).unique(row)


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


def _without(place: Place, known: Known, fetched: Fetched, splits: pl.DataFrame) -> pl.DataFrame:
    """Return what is stored of a place without the rows that are told now as they would be if they were ``off``."""
    stored: pl.DataFrame = getattr(known, place.name)
    told: pl.DataFrame = getattr(fetched, place.name)
    if stored.is_empty() or told.is_empty():
        return stored
    name, key = FIGURE[place.table.name], [*place.at, "source"]
    may_be = _doubted(place, stored, splits).group_by([*key, name]).agg(pl.col("off").sum())
    now = told.select(*key, told=pl.col(name).cast(pl.Float64)).filter(pl.col("told") > 0)
    moved = (pl.col("told") / pl.col(name).cast(pl.Float64)).log()
    misread = may_be.join(now, on=key).filter(pl.col("off") != 0, (moved - pl.col("off")).abs() <= ONE_RATIO)
    return stored.join(misread, on=key, how="anti", maintain_order="left")
