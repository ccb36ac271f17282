"""Every symbol's prices as one series in which only the market moves.

Belongs here: fetched and stored closes side by side, free of splits and dividends, their steps from day to day, and
what is usual for the series: its noise, its volume. Does not: what is wrong with a step (`breaks`).
"""

import polars as pl

from pipelines.quality.screens.shape import Fetched, Known

SERIES = ["symbol", "series"]
"""What makes a series: fetched rows of two providers are two, each continued by what is stored of the symbol."""

USUAL_ROWS = 21
"""Sessions that say what is usual: a month."""
LEAST_USUAL_ROWS = 5
STALE = 0.6
STALE_ROWS = 250
"""A series that repeats this part of its closes over a year is hardly ever traded; a month may be a suspension."""
LEAST_NOISE = 0.01
"""No price is taken to be calmer than this, in logarithms a day: many are not traded every day."""
_LARGEST_NOISE = 0.2
"""Steps count as at most this much noise: what is looked for must not hide itself."""
_TOTAL_LOSS = 0.95
"""A dividend of more than this part of the price cannot be taken out of a step."""

_BARS = ("open", "high", "low", "close")


def splits_of(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return ``symbol``, ``ex_date``, ``ratio`` (new for old), ``fetched``: every split, fetched before stored."""
    columns = ("symbol", "ex_date", "ratio_new", "ratio_old")
    both = pl.concat(
        [
            known.splits.select(*columns, fetched=pl.lit(value=False)),
            fetched.splits.select(*columns, fetched=pl.lit(value=True)),
        ]
    )
    ratio = pl.col("ratio_new").cast(pl.Float64) / pl.col("ratio_old").cast(pl.Float64)
    return (
        both.filter(pl.col("ratio_new") > 0, pl.col("ratio_old") > 0)
        .unique(["symbol", "ex_date"], keep="last", maintain_order=True)
        .select("symbol", "ex_date", "fetched", ratio=ratio)
        .sort("symbol", "ex_date")
    )


def levels(fetched: Fetched, known: Known, splits: pl.DataFrame) -> pl.DataFrame:
    """Return fetched prices amid those that are stored, in units of today.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        splits: Of `splits_of`.

    Returns:
        By ``symbol``, ``series`` and ``date``: ``fetched`` (False also where a fetched close is what is stored), the
        bar as traded in Float64, ``factor`` (units of today for one of that day), ``level`` (the close over the
        factor), ``moved`` (its logarithm less that of the row before), ``step`` (the same without what a dividend of
        the day took), and of the row before ``before_date``, ``before_close``, ``before_factor``, ``before_fetched``;
        ``noise`` (a usual step, Float64), ``stale`` (whether it is hardly traded) and ``surge`` (volume over the usual
        one; null where volumes are not told, infinite where a stale series is traded at last).
    """
    rows = _rows(fetched, known)
    return _usual(_steps(_restated(rows, splits), _yields(fetched, known))).rechunk()


def _rows(fetched: Fetched, known: Known) -> pl.DataFrame:
    columns = ("symbol", "date", *_BARS, "volume")
    new = (
        fetched.prices.filter(pl.col("close") > 0)
        .unique(["symbol", "source", "date"], keep="last", maintain_order=True)
        .select(*columns, series="source", fetched=pl.lit(value=True))
    )
    stored = known.prices.filter(pl.col("close") > 0).select(*columns, fetched=pl.lit(value=False))
    agreed = stored.select("symbol", "date", stored="close")
    new = new.join(agreed, on=["symbol", "date"], how="left").with_columns(
        fetched=(pl.col("close") != pl.col("stored")).fill_null(value=True)
    )
    series = new.select("symbol", "series").unique()
    old = stored.join(series, on="symbol").join(new, on=["symbol", "series", "date"], how="anti")
    both = pl.concat([new.select(*columns, "series", "fetched"), old.select(*columns, "series", "fetched")])
    both = both.with_columns(pl.col(*_BARS, "volume").cast(pl.Float64)).sort(*SERIES, "date")
    return both.with_columns(pl.when(pl.col("volume").max().over(SERIES) > 0).then("volume").alias("volume"))


def _restated(rows: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    since = pl.col("ratio").log().cum_sum(reverse=True).over("symbol").exp()
    later = splits.select("symbol", "ex_date", factor=since).sort("ex_date")
    factored = rows.sort("date").join_asof(
        later,
        left_on="date",
        right_on="ex_date",
        by="symbol",
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return factored.drop("ex_date").with_columns(pl.col("factor").fill_null(1.0)).sort(*SERIES, "date")


def _yields(fetched: Fetched, known: Known) -> pl.DataFrame:
    columns = ("symbol", "ex_date", "kind", "amount")
    both = pl.concat([known.dividends.select(columns), fetched.dividends.select(columns)])
    return (
        both.unique(["symbol", "ex_date", "kind"], keep="last")
        .group_by("symbol", date="ex_date")
        .agg(distributed=pl.col("amount").cast(pl.Float64).sum())
    )


def _steps(rows: pl.DataFrame, dividends: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their steps; a dividend counts only where it makes the step smaller."""
    before = pl.col("level").shift(1).over(SERIES)
    left = 1 - pl.col("distributed") / pl.col("before_close")
    ex = pl.when(left > 1 - _TOTAL_LOSS).then(left.log()).fill_null(0.0)
    return (
        rows.join(dividends, on=["symbol", "date"], how="left", maintain_order="left")
        .with_columns(level=pl.col("close") / pl.col("factor"))
        .with_columns(
            moved=(pl.col("level") / before).log(),
            before_date=pl.col("date").shift(1).over(SERIES),
            before_close=pl.col("close").shift(1).over(SERIES),
            before_factor=pl.col("factor").shift(1).over(SERIES),
            before_fetched=pl.col("fetched").shift(1).over(SERIES),
        )
        .with_columns(
            step=pl.when((pl.col("moved") - ex).abs() < pl.col("moved").abs())
            .then(pl.col("moved") - ex)
            .otherwise("moved")
        )
    )


def _usual(rows: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("step").abs().clip(upper_bound=_LARGEST_NOISE)
    turnover = pl.col("volume") * pl.col("factor")
    middle = size.rolling_median(USUAL_ROWS, min_samples=LEAST_USUAL_ROWS)
    mean = size.rolling_mean(USUAL_ROWS, min_samples=LEAST_USUAL_ROWS)
    usual = turnover.rolling_median(USUAL_ROWS, min_samples=LEAST_USUAL_ROWS).shift(1)
    return (
        rows.with_columns(
            _noise=pl.max_horizontal(1.5 * middle, mean).over(SERIES),
            stale=(pl.col("step") == 0).rolling_mean(STALE_ROWS, min_samples=LEAST_USUAL_ROWS).shift(1).over(SERIES)
            > STALE,
            surge=(turnover / usual).over(SERIES),
        )
        .with_columns(
            noise=pl.col("_noise").shift(1).fill_null(strategy="backward").fill_null(LEAST_NOISE).over(SERIES),
        )
        .with_columns(
            noise=pl.col("noise").clip(lower_bound=LEAST_NOISE),
            stale=pl.col("stale").fill_null(value=False),
            surge=pl.when(pl.col("surge").is_finite() | pl.col("stale")).then("surge").fill_nan(None),
        )
        .drop("_noise")
    )
