"""Every dividend beside the price it was paid out of.

Belongs here: fetched and stored dividends in one frame, in units of today, with the bar of their ex-date. Does not:
what is wrong with a dividend (`dividends`, `repeated`, `adjustments`).
"""

import math
from collections.abc import Iterable

import polars as pl

from pipelines.quality.screens.conversion import Conversion
from pipelines.quality.screens.shape import Fetched, Known

EX_WITHIN_DAYS = 7
"""An ex-date on a day without a price falls on the next one, but not later than that."""
LEAST_PAID = 2
"""Of fewer payments nobody knows what is usual."""
STORED_PAID, FETCHED_PAID = 8, 4
"""What a payer usually pays is said by so many stored payments before, or so many told on either side."""
STEADY = 10.0
"""Who has paid so many times less than usual does so again: a fund's small rest at the end of a year."""
LEAST_HUNDREDTH, MOST_HUNDREDTH = 1 / 130, 1 / 75
"""Between these parts of what a steady payer usually pays is a hundredth of it, whatever the price did."""

_SERIES = ["symbol", "source", "kind"]
_PAYER = ["symbol", "kind", "currency"]
_PAYMENT = [*_PAYER, "ex_date"]


def payouts(
    fetched: Fetched, known: Known, levels: pl.DataFrame, splits: pl.DataFrame, conversion: Conversion
) -> pl.DataFrame:
    """Return the dividends of all fetched symbols by symbol, source, kind and ex-date.

    Returns:
        Values of `dividend_history`, ``fetched`` and ``source``; ``quoted``, ``worth``, ``lacks`` and ``said`` of
        `Conversion.worths`; ``paid`` (the amount in units of today, Float64) and, in its currency, that of the dividend
        ``earlier``, ``before`` and ``after`` (these the next but one where there is none); of the price: ``on`` (its
        date), ``before_on``, ``before_close``, ``moved``, ``fell`` (from the close before to the low, as a part of it),
        ``noise``, ``stale``, ``volume``; ``part`` (the worth as a part of the close before); ``usual``, what a steady
        payer usually pays, like ``paid``, and ``since``, that of days which are stored, where others are told in
        hundredths of it. What cannot be known is null.
    """
    columns = ("symbol", "ex_date", "amount", "currency", "kind", "source")
    new = fetched.dividends.filter(pl.col("amount") > 0).select(*columns, fetched=pl.lit(value=True))
    old = known.dividends.filter(pl.col("amount") > 0).select(*columns, fetched=pl.lit(value=False))
    both = pl.concat([new, old]).with_columns(stored=(~pl.col("fetched")).any().over(*_PAYMENT, "amount"))
    both = both.unique([*_SERIES, "ex_date"], keep="first", maintain_order=True)
    paid = _with_since(_with_usual(_in_units_of_today(conversion.worths(both), splits)), known.dividends)
    return _beside(paid.drop("stored"), levels)


def _in_units_of_today(dividends: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the dividends with ``paid`` and its neighbours; a split on the ex-date restates the dividend, too."""
    later = splits.select(
        "symbol", split_date="ex_date", since=pl.col("ratio").log().cum_sum(reverse=True).over("symbol").exp()
    ).sort("split_date")
    restated = dividends.sort("ex_date").join_asof(
        later, left_on="ex_date", right_on="split_date", by="symbol", strategy="forward", check_sortedness=False
    )
    since = pl.col("since").fill_null(1.0)
    return (
        restated.with_columns(paid=pl.col("amount").cast(pl.Float64) / since, paid_worth=pl.col("worth") / since)
        .sort(*_SERIES, "ex_date")
        .with_columns(
            earlier=_neighbour(1),
            before=pl.coalesce(_neighbour(1), _neighbour(-2)),
            after=pl.coalesce(_neighbour(-1), _neighbour(2)),
        )
        .drop("since", "split_date", "paid_worth")
    )


def _neighbour(rows: int) -> pl.Expr:
    """Return what was paid so many rows before, in this row's currency; of two currencies their worths are compared."""
    paid, worth, currency = pl.col("paid"), pl.col("paid_worth"), pl.col("currency")
    converted = worth.shift(rows) / worth * paid
    return pl.when(currency == currency.shift(rows)).then(paid.shift(rows)).otherwise(converted).over(_SERIES)


def _with_usual(dividends: pl.DataFrame) -> pl.DataFrame:
    """Return the dividends with ``usual``, whoever tells of them: by what is stored before, else by those around."""
    payments = _payments(dividends)
    beside = [rows for rows in range(-FETCHED_PAID, FETCHED_PAID + 1) if rows]
    around = payments.select(*_PAYMENT, by_all=_steady(beside))
    stored = payments.filter("stored").select(
        *_PAYMENT, by_stored=_steady(range(STORED_PAID)), several=pl.int_range(1, pl.len() + 1).over(_PAYER)
    )
    both = around.sort("ex_date").join_asof(
        stored.sort("ex_date"), on="ex_date", by=_PAYER, allow_exact_matches=False, check_sortedness=False
    )
    known = (pl.col("several") >= LEAST_PAID).fill_null(value=False)
    usual = both.select(*_PAYMENT, usual=pl.when(known).then("by_stored").otherwise("by_all"))
    return dividends.join(usual, on=_PAYMENT, how="left", maintain_order="left")


def _with_since(dividends: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the dividends with ``since``, that of old years that come later, by a backfill.

    They are told together, so that those around are off as they are. But payments step by a hundred where they begin;
    or those that are stored are told in hundredths with them.
    """
    stepped, retold = _by_step(dividends), _by_retold(dividends, stored)
    either = dividends.join(stepped, on=_PAYMENT, how="left", maintain_order="left").join(
        retold, on=[*_SERIES, "ex_date"], how="left", maintain_order="left"
    )
    return either.with_columns(since=pl.coalesce("by_step", "by_retold")).drop("by_step", "by_retold")


def _by_retold(dividends: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return what was paid by series and ex-date, as what is stored is told: all of it, in hundredths like theirs."""
    was = stored.select(*_SERIES, "ex_date", was=pl.col("amount").cast(pl.Float64))
    told = dividends.filter("fetched").join(was, on=[*_SERIES, "ex_date"], how="left", maintain_order="left")
    part = pl.col("amount").cast(pl.Float64) / pl.col("was")
    level, parts = (one.median().over(_SERIES) for one in (pl.col("paid").filter(pl.col("was").is_not_null()), part))
    all_off = part.is_between(LEAST_HUNDREDTH, MOST_HUNDREDTH).all().over(_SERIES)  # of those that are stored
    alike = all_off & pl.col("was").is_null() & ((pl.col("paid") / level).log().abs() < math.log(STEADY))
    return told.select(*_SERIES, "ex_date", by_retold=pl.when(alike).then(pl.col("paid") / parts))


def _by_step(dividends: pl.DataFrame) -> pl.DataFrame:
    """Return what was paid by payment from a step by a hundred on, of those before it and before all that is stored."""
    step = pl.coalesce(_step(FETCHED_PAID), _step(LEAST_PAID))  # a year of it, or the little that is off
    one = (pl.col("paid") / pl.col("paid").shift().over(_PAYER)).log()
    by_hundred = step.abs().is_between(-math.log(MOST_HUNDREDTH), -math.log(LEAST_HUNDREDTH))
    first = pl.col("ex_date").filter("stored").min().over(_PAYER)
    begins = by_hundred & (one.abs() > math.log(STEADY)) & (one.sign() == step.sign()) & (pl.col("ex_date") <= first)
    stepped = _payments(dividends).with_columns(step=pl.when(begins).then(step).otherwise(0.0))
    later = pl.col("step").cum_sum(reverse=True).over(_PAYER) - pl.col("step")
    old = (pl.col("ex_date") < first) & (later.abs() > math.log(STEADY))
    return stepped.select(*_PAYMENT, by_step=pl.when(old).then(pl.col("paid") * later.exp()))


def _step(most: int) -> pl.Expr:
    """Return the logarithm of what is usually paid from a payment on, beside what was before."""
    return (_steady(range(0, -most, -1)) / _steady(range(1, most + 1))).log()


def _payments(dividends: pl.DataFrame) -> pl.DataFrame:
    """Return each payment once, whoever tells of it, as it is stored if it is, by payer and ex-date."""
    return dividends.sort(*_PAYMENT, "stored").unique(_PAYMENT, keep="last", maintain_order=True)


def _steady(rows: Iterable[int]) -> pl.Expr:
    """Return the median of what was paid so many rows before, null where that is too little or varies."""
    paid = pl.concat_list(pl.col("paid").shift(back).over(_PAYER) for back in rows).list.drop_nulls()
    steady = (paid.list.len() >= LEAST_PAID) & (STEADY * paid.list.min() > paid.list.median())
    return pl.when(steady).then(paid.list.median())


def _beside(dividends: pl.DataFrame, levels: pl.DataFrame) -> pl.DataFrame:
    lowest = 1 - pl.col("low") / pl.col("factor") * pl.col("before_factor") / pl.col("before_close")
    bars = levels.select(
        "symbol",
        "before_close",
        "moved",
        "noise",
        "stale",
        "volume",
        "series",
        on="date",
        before_on="before_date",
        fell=pl.when(pl.col("low") > 0).then(lowest),
    )
    beside = dividends.sort("symbol", "source", "ex_date").join_asof(
        bars.rename({"series": "source"}),
        left_on="ex_date",
        right_on="on",
        by=["symbol", "source"],
        strategy="forward",
        tolerance=f"{EX_WITHIN_DAYS}d",
        check_sortedness=False,
    )
    return beside.with_columns(part=pl.col("worth") / pl.col("before_close")).sort(*_SERIES, "ex_date")
