"""Every symbol's prices as one series in which only the market moves.

Belongs here: fetched and stored closes side by side, free of splits and dividends, their steps from day to day, and
what is usual for the series: its noise, its volume. Does not: what is wrong with a step (`breaks`).
"""

import polars as pl

from pipelines.quality.screens.shape import ADJ_CLOSE, Fetched, Known

SERIES = ["symbol", "series"]
"""What makes a series: fetched rows of two providers are two, each continued by what is stored of the symbol."""

USUAL_ROWS = 21
"""Sessions that say what is usual: a month."""
LEAST_USUAL_ROWS = 10
"""Of fewer, single errors make too much; then all of the series says what is usual."""
LEAST_VOLUMES = 5
STALE = 0.6
STALE_ROWS = 250
"""A series that repeats this part of its closes over a year is hardly ever traded; a month may be a suspension."""
LEAST_NOISE = 0.01
"""No price is taken to be calmer than this, in logarithms a day: many are not traded every day."""
_LARGEST_NOISE = 0.1
"""Steps count as at most this much noise: what is looked for must not hide itself."""
_TOTAL_LOSS = 0.95
"""A dividend of more than this part of the price cannot be taken out of a step."""

_BARS = ("open", "high", "low", "close")


def levels(fetched: Fetched, known: Known, splits: pl.DataFrame) -> pl.DataFrame:
    """Return fetched prices amid those that are stored, in units of today.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        splits: ``symbol``, ``ex_date``, ``ratio``: those that are believed.

    Returns:
        By ``symbol``, ``series`` and ``date``: ``fetched`` (False also where a fetched close is what is stored), the
        bar as traded in Float64, ``currency``, ``adj_close``, ``factor`` (units of today for one of that day),
        ``level`` (the close over the factor), ``moved`` (its logarithm less that of the row before), ``step`` (the same
        without what a dividend of the day took), and of the row before ``before_date``, ``before_close``,
        ``before_factor``, ``before_fetched``;
        ``noise`` (a usual step, Float64), ``stale`` (whether it is hardly traded) and ``surge`` (volume over the usual
        one; null where volumes are not told, infinite where a stale series is traded at last).
    """
    rows = _restated(_rows(fetched, known), splits)
    return _usual(_steps(rows, _yields(fetched, known))).rechunk()


def _rows(fetched: Fetched, known: Known) -> pl.DataFrame:
    columns = ("symbol", "series", "date", *_BARS, "volume", "currency", ADJ_CLOSE, "fetched")
    new = fetched.prices.filter(pl.col("close") > 0).rename({"source": "series"})
    stored = known.prices.filter(pl.col("close") > 0).select(
        "symbol", "date", *_BARS, "volume", "currency", stored="close"
    )
    new = new.join(stored.select("symbol", "date", "stored"), on=["symbol", "date"], how="left").with_columns(
        fetched=(pl.col("close") != pl.col("stored")).fill_null(value=True)
    )
    old = (
        stored.join(new.select(SERIES).unique(), on="symbol")
        .join(new, on=[*SERIES, "date"], how="anti")
        .with_columns(pl.lit(None, dtype=pl.Float64).alias(ADJ_CLOSE), fetched=pl.lit(value=False))
    )
    both = pl.concat([new.select(columns), old.select(columns)]).sort(*SERIES, "date", maintain_order=True)
    day = pl.struct(*SERIES, "date")
    last_of_day = both.filter(day.ne_missing(day.shift(-1))).with_columns(pl.col(*_BARS, "volume").cast(pl.Float64))
    told = pl.col("volume").max().over(SERIES) > 0
    return last_of_day.with_columns(pl.when(told).then("volume").alias("volume"))


def _restated(rows: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    since = pl.col("ratio").log().cum_sum(reverse=True).over("symbol").exp()
    later = splits.select("symbol", "ex_date", factor=since).join(rows.select(SERIES).unique(), on="symbol")
    factored = rows.join_asof(
        later.sort(*SERIES, "ex_date"),
        left_on="date",
        right_on="ex_date",
        by=SERIES,
        strategy="forward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return factored.drop("ex_date").with_columns(pl.col("factor").fill_null(1.0))


def _yields(fetched: Fetched, known: Known) -> pl.DataFrame:
    columns = ("symbol", "ex_date", "kind", "amount")
    both = pl.concat([fetched.in_price_currency(told).select(columns) for told in (known.dividends, fetched.dividends)])
    return (
        both.unique(["symbol", "ex_date", "kind"], keep="last")
        .group_by("symbol", date="ex_date")
        .agg(distributed=pl.col("amount").cast(pl.Float64).sum())
    )


def _steps(rows: pl.DataFrame, dividends: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with their steps.

    A dividend counts where it makes the step smaller; and on the ex-date of a split, for a company that pays out and
    consolidates on one day leaves the price where it was, and so does a provider that has restated for neither.
    """
    before = pl.col("level").shift(1).over(SERIES)
    left = 1 - pl.col("distributed") / pl.col("before_close")
    split = pl.col("factor") != pl.col("before_factor")
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
            step=pl.when(((pl.col("moved") - ex).abs() < pl.col("moved").abs()) | split)
            .then(pl.col("moved") - ex)
            .otherwise("moved")
        )
    )


def _usual(rows: pl.DataFrame) -> pl.DataFrame:
    size = pl.col("step").abs().clip(upper_bound=_LARGEST_NOISE)
    turnover = pl.col("volume") * pl.col("factor")
    middle = size.rolling_median(USUAL_ROWS, min_samples=LEAST_USUAL_ROWS)
    mean = size.rolling_mean(USUAL_ROWS, min_samples=LEAST_USUAL_ROWS)
    of_month = pl.max_horizontal(1.5 * middle, mean).shift(1)
    of_all = pl.max_horizontal(1.5 * size.median(), size.mean())
    stale = (pl.col("step") == 0).rolling_mean(STALE_ROWS, min_samples=LEAST_USUAL_ROWS).shift(1)
    surge = turnover / turnover.rolling_median(USUAL_ROWS, min_samples=LEAST_VOLUMES).shift(1)
    return rows.with_columns(
        noise=pl.coalesce(of_month, of_all, pl.lit(LEAST_NOISE)).clip(lower_bound=LEAST_NOISE).over(SERIES),
        stale=stale.over(SERIES).fill_null(0.0) > STALE,
        surge=surge.over(SERIES),
    ).with_columns(surge=pl.when(pl.col("surge").is_finite() | pl.col("stale")).then("surge").fill_nan(None))
