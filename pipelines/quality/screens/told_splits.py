"""Every split, stored or told, beside the prices around its ex-date.

Belongs here: which splits there are, who says so, and the step of the price that they should have made. Does not: what
is held back or taken back (`splits`), prices that are not in the units of a split (`stretches`).
"""

import math
from collections.abc import Sequence

import polars as pl

from pipelines.quality.screens.shape import Fetched, Known
from warehouse.schema.types import TIMESTAMP

STEP_WITHIN_DAYS = 10
"""Between the close before a split and the one since: the longest holidays are shorter."""
OFF = math.log(1.4)
"""How far in logarithms the step may be off the ratio: a company in need of a reverse split falls on the day, too."""
OFF_PART = 0.7
"""But not by this part of the split itself: then there was none."""
SMALLEST = math.log(1.15)
"""A smaller split cannot be told from a day's move."""

CONFIRMED, CONTRADICTED, SILENT, UNPRICED = "confirmed", "contradicted", "silent", "unpriced"
"""What prices say of a split: the same, something else, nothing that could be judged, or that none has come since."""

_TOLD = pl.Schema(
    {
        "symbol": pl.String,
        "ex_date": pl.Date,
        "ratio": pl.Float64,
        "source": pl.String,
        "fetched": pl.Boolean,
        "told": pl.Boolean,
        "before_date": pl.Date,
        "before_close": pl.Float64,
        "date": pl.Date,
        "close": pl.Float64,
        "traded": pl.Float64,
        "prices": pl.String,
        "units": pl.Float64,
        "covered": pl.Boolean,
    }
    | {"stored_at": TIMESTAMP}
)
_SERIES = ["symbol", "source"]


def told_splits(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return every split of the symbols that were fetched, as stored if both say it.

    Args:
        fetched: The fetch, conformed, its dividends in the currency of their prices.
        known: What is stored, likewise.

    Returns:
        By ``symbol`` and ``ex_date``: ``ratio`` (new for old, Float64), ``source``, ``fetched`` (whether it is not
        stored), ``told`` (whether it is said now); ``before_date``, ``before_close``, ``date``, ``close`` and
        ``traded``, the step of the close from one to the other; ``prices``, what they say of it: ``CONFIRMED``,
        ``CONTRADICTED``, ``SILENT`` or ``UNPRICED``; ``units``, by how much the days before it as its source tells
        them now are off those that are stored, null where there are none; ``covered``, whether that source tells days
        before and since; ``stored_at``, null where it is not.
    """
    splits = _splits(fetched, known)
    if splits.is_empty():
        return pl.DataFrame(schema=_TOLD)
    stored, new, quotes = (_closes(frame, splits) for frame in (known.prices, fetched.prices, fetched.quotes))
    last = pl.concat([stored, new, quotes]).group_by("symbol").agg(last=pl.col("date").max())
    beside = (
        _before(splits, stored)
        .join(_anchored(splits, stored, new), on=["symbol", "ex_date"], how="left", maintain_order="left")
        .join(new.group_by(_SERIES).agg(until=pl.col("date").max()), on=_SERIES, how="left", maintain_order="left")
        .join(last, on="symbol", how="left", maintain_order="left")
        .join(_paid(fetched, known), on=["symbol", "ex_date"], how="left", maintain_order="left")
        .join(quotes.select("symbol", quoted_on="date", quote="close"), on="symbol", how="left", maintain_order="left")
    )
    return _judged(_with_quote(_since(_with_anchor(beside), stored, new)))


def _splits(fetched: Fetched, known: Known) -> pl.DataFrame:
    columns = ("symbol", "ex_date", "ratio_new", "ratio_old", "source")
    stored = known.splits.select(*columns, stored_at="fetched_at", fetched=pl.lit(value=False))
    new = fetched.splits.select(*columns, stored_at=pl.lit(None, dtype=TIMESTAMP), fetched=pl.lit(value=True))
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    said = fetched.splits.select("symbol", "ex_date", told=pl.lit(value=True)).unique()
    return (
        pl.concat([stored, new])
        .filter(pl.col("ratio_new") > 0, pl.col("ratio_old") > 0)
        .unique(["symbol", "ex_date"], keep="first", maintain_order=True)
        .select("symbol", "ex_date", "source", "fetched", "stored_at", ratio=ratio)
        .join(said, on=["symbol", "ex_date"], how="left", maintain_order="left")
        .with_columns(pl.col("told").fill_null(value=False))
        .sort("symbol", "ex_date")
    )


def _closes(prices: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the closes of the symbols that have a split, by symbol and date, with when they were stored."""
    at = pl.col("fetched_at") if "fetched_at" in prices.columns else pl.lit(None, dtype=TIMESTAMP)
    return (
        prices.filter(pl.col("close") > 0)
        .join(splits.select("symbol").unique(), on="symbol", how="semi")
        .select("symbol", "source", "date", close=pl.col("close").cast(pl.Float64), at=at)
        .sort("symbol", "date", maintain_order=True)
    )


def _before(splits: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the splits with the last stored close before each, which is as traded whoever tells of the split."""
    return splits.join_asof(
        stored.select("symbol", before_date="date", before_close="close", before_at="at"),
        left_on="ex_date",
        right_on="before_date",
        by="symbol",
        allow_exact_matches=False,
        tolerance=f"{STEP_WITHIN_DAYS}d",
        check_sortedness=False,
    )


def _since(splits: pl.DataFrame, stored: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return the splits with the first close of each ex-date or later.

    Of a day that is stored and fetched again, the stored close counts for a split that is stored: one bad answer takes
    nothing back. Of a split that is news, or that its provider has ceased to tell, it is the fetched one.
    """
    news = pl.col("fetched") | (pl.col("covered") & ~pl.col("told"))
    return pl.concat(
        [_first_since(splits.filter(news), [new, stored]), _first_since(splits.filter(~news), [stored, new])]
    ).sort("symbol", "ex_date")


def _first_since(splits: pl.DataFrame, closes: Sequence[pl.DataFrame]) -> pl.DataFrame:
    of_day = pl.concat(closes).unique(["symbol", "date"], keep="first", maintain_order=True).sort("date")
    return splits.join_asof(
        of_day.select("symbol", "date", "close"),
        left_on="ex_date",
        right_on="date",
        by="symbol",
        strategy="forward",
        tolerance=f"{STEP_WITHIN_DAYS}d",
        check_sortedness=False,
    )


def _anchored(splits: pl.DataFrame, stored: pl.DataFrame, new: pl.DataFrame) -> pl.DataFrame:
    """Return of each split the last fetched close before it, as the stored days before it say that it was traded.

    A fetched close before a split was made as traded by undoing this very split, so by itself it says nothing of it.
    But where days before the split are stored, too, their ratio says how far the provider's series is off.

    Returns:
        ``symbol``, ``ex_date``, ``anchored_on``, ``anchored``, and ``units``, that ratio.
    """
    both = new.join(stored.select("symbol", "date", stored="close"), on=["symbol", "date"])
    told = splits.select(*_SERIES, "ex_date").join(both, on=_SERIES).filter(pl.col("date") < pl.col("ex_date"))
    units = told.group_by(*_SERIES, "ex_date").agg(units=(pl.col("close") / pl.col("stored")).median())
    last = new.rename({"date": "anchored_on"})
    return (
        units.sort("symbol", "ex_date")
        .join_asof(
            last,
            left_on="ex_date",
            right_on="anchored_on",
            by=_SERIES,
            allow_exact_matches=False,
            tolerance=f"{STEP_WITHIN_DAYS}d",
            check_sortedness=False,
        )
        .select("symbol", "ex_date", "units", "anchored_on", anchored=pl.col("close") / pl.col("units"))
    )


def _with_anchor(splits: pl.DataFrame) -> pl.DataFrame:
    gone = pl.col("before_close").is_null()
    reached = (pl.col("until") >= pl.col("ex_date")).fill_null(value=False)
    return splits.with_columns(
        covered=reached & pl.col("units").is_not_null(),
        before_date=pl.when(gone).then("anchored_on").otherwise("before_date"),
        before_close=pl.when(gone).then("anchored").otherwise("before_close"),
    )


def _paid(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return what was distributed on an ex-date: a company that pays out and consolidates leaves the price alone."""
    columns = ("symbol", "ex_date", "kind", "amount")
    both = pl.concat([known.dividends.select(columns), fetched.dividends.select(columns)])
    once = both.unique(["symbol", "ex_date", "kind"], keep="last")
    return once.group_by("symbol", "ex_date").agg(paid=pl.col("amount").cast(pl.Float64).sum())


def _with_quote(splits: pl.DataFrame) -> pl.DataFrame:
    """Return the splits; of those that are not stored and have no close since, the current price says where it is."""
    waiting = pl.col("fetched") & pl.col("close").is_null()
    latest = pl.col("ex_date").dt.offset_by(f"{STEP_WITHIN_DAYS}d")
    mine = waiting & pl.col("quoted_on").is_between(pl.col("ex_date"), latest)
    return splits.with_columns(
        date=pl.when(mine).then("quoted_on").otherwise("date"),
        close=pl.when(mine).then("quote").otherwise("close"),
    )


def _judged(splits: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("ratio").log()
    most = pl.min_horizontal(pl.lit(OFF), OFF_PART * size.abs())
    left = pl.col("before_close") - pl.col("paid").fill_null(0.0)
    net = pl.when(left > 0).then((left / pl.col("close")).log())
    off = pl.min_horizontal((pl.col("traded").log() - size).abs(), (net - size).abs())
    unpriced = (pl.col("last") < pl.col("ex_date")).fill_null(value=True)
    # A close that was stored with its split or later is as traded by this very split: that proves nothing against it.
    dependent = (pl.col("before_at") >= pl.col("stored_at")).fill_null(value=False)
    said = (
        pl.when(unpriced)
        .then(pl.lit(UNPRICED))
        .when(off.is_null() | (size.abs() <= SMALLEST))
        .then(pl.lit(SILENT))
        .when(off <= most)
        .then(pl.lit(CONFIRMED))
        .when(dependent)
        .then(pl.lit(SILENT))
        .otherwise(pl.lit(CONTRADICTED))
    )
    return (
        splits.with_columns(traded=pl.col("before_close") / pl.col("close"))
        .with_columns(prices=said)
        .with_columns(
            covered=(pl.col("until") >= pl.col("ex_date")).fill_null(value=False) & pl.col("units").is_not_null()
        )
        .select(_TOLD.names())
    )
