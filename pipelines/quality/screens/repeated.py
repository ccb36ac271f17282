"""One distribution told as two.

Belongs here: a dividend told again days later, and a dividend that already holds the capital gain told beside it. Does
not: one day told twice (`rows`).
"""

import math

import polars as pl

from pipelines.quality.screens.breaks import HUNDRED
from pipelines.quality.screens.shape import figure, found, text
from warehouse.schema import market

AGAIN_WITHIN_DAYS = 17
"""The shortest month between two monthly dividends is longer."""
ALIKE = math.log(1.08)
"""Amounts nearer than this in logarithms are one amount, told in another currency's rounding."""
OFTEN_DAYS = 20
"""A fund that distributes more often than this on the whole tells each of them once."""
FELL_MORE = 1.5
"""The one of two on which the price fell so many times more is the true one; if neither is, both are held."""
MISDATED_DAYS = 4
"""So far apart may be what two providers call the ex-date of one dividend; weekly payers take longer."""

_SERIES = ["symbol", "source", "kind"]


def screen_repeated(payouts: pl.DataFrame) -> pl.DataFrame:
    """Return fetched dividends that are told a second time, or hold a capital gain that is told as well."""
    return pl.concat([_again(payouts), _misdated(payouts), _including_gains(payouts)])


def _again(payouts: pl.DataFrame) -> pl.DataFrame:
    """Return of each two alike the one that the price does not know, or both if it does not say which."""
    ordered = payouts.sort(*_SERIES, "ex_date")
    off = (pl.col("paid") / pl.col("earlier")).log()
    alike = (off.abs() <= ALIKE) | ((off.abs() - HUNDRED).abs() <= ALIKE)
    gap = (pl.col("ex_date") - pl.col("ex_date").shift(1)).dt.total_days().over(_SERIES)
    usual = pl.col("gap").filter(pl.col("gap") > AGAIN_WITHIN_DAYS).len() >= pl.col("gap").count() / 2
    marked = ordered.with_columns(gap=gap, alike=alike).with_columns(
        again=pl.col("alike") & (pl.col("gap") <= AGAIN_WITHIN_DAYS) & usual.over(_SERIES)
    )
    pairs = [
        marked.with_columns(
            again=(pl.col("again") if rows == 1 else pl.col("again").shift(-1).over(_SERIES)),
            other_date=pl.col("ex_date").shift(rows).over(_SERIES),
            other_said=pl.col("said").shift(rows).over(_SERIES),
            other_fell=pl.col("fell").shift(rows).over(_SERIES),
            other_part=pl.col("part").shift(rows).over(_SERIES),
        )
        for rows in (1, -1)
    ]
    told = pl.concat(pairs).filter("fetched", "again")
    # Of two amounts a hundred times apart the larger is false, whatever the price did.
    false = (pl.col("part") > 10 * pl.col("other_part")).fill_null(value=False)
    true = (pl.col("other_part") > 10 * pl.col("part")).fill_null(value=False)
    better = (pl.col("fell") > FELL_MORE * pl.col("other_fell").clip(lower_bound=0)).fill_null(value=False)
    return found(
        told.filter(false | (~true & ~better)).unique([*_SERIES, "ex_date"], keep="first", maintain_order=True),
        market.DIVIDEND_HISTORY,
        "dividend_again",
        column="ex_date",
        value=pl.col("amount"),
        reason=pl.format(
            "{} on {} and {} on {} look like one dividend told twice",
            "said",
            pl.col("ex_date"),
            "other_said",
            pl.col("other_date"),
        ),
    )


def _misdated(payouts: pl.DataFrame) -> pl.DataFrame:
    """Return dividends that another source has told of a day near by, which this one passes over."""
    of_day = ["symbol", "kind", "ex_date"]
    told, stored = payouts.filter("fetched"), payouts.filter(~pl.col("fetched"))
    others = stored.select(
        *("symbol", "kind", "currency"),
        *(pl.col(name).alias(f"other_{name}") for name in ("ex_date", "paid", "source", "said")),
    )
    passed_over = told.select("symbol", "kind", "source", other_ex_date="ex_date")
    apart = (pl.col("ex_date") - pl.col("other_ex_date")).dt.total_days().abs()
    pairs = (
        told.join(stored, on=of_day, how="anti")
        .join(others, on=["symbol", "kind", "currency"])
        .filter(
            pl.col("source") != pl.col("other_source"),
            apart <= MISDATED_DAYS,
            (pl.col("paid") / pl.col("other_paid")).log().abs() <= ALIKE,
        )
        .join(passed_over, on=["symbol", "kind", "source", "other_ex_date"], how="anti")
    )
    return found(
        pairs.unique([*_SERIES, "ex_date"], keep="first", maintain_order=True),
        market.DIVIDEND_HISTORY,
        "dividend_again",
        column="ex_date",
        value=pl.col("amount"),
        expected=pl.col("other_ex_date"),
        reason=pl.format(
            "{} on {} looks like {} that {} tells of {}",
            "said",
            pl.col("ex_date"),
            "other_said",
            pl.col("other_source"),
            pl.col("other_ex_date"),
        ),
    )


def _including_gains(payouts: pl.DataFrame) -> pl.DataFrame:
    """Return dividends that hold the gain told of the same day, as far as the price of all such days says."""
    key = ["symbol", "source", "ex_date", "currency"]
    gains = payouts.filter(pl.col("kind") == "capital_gain").select(*key, gain="amount", gain_part="part")
    both = payouts.filter(pl.col("kind") == "cash").join(gains, on=key).filter(pl.col("amount") >= pl.col("gain"))
    fallen = 1 - pl.col("moved").exp()
    alone = (fallen - pl.col("part")).abs().sum().over("symbol", "source")
    together = (fallen - pl.col("part") - pl.col("gain_part")).abs().sum().over("symbol", "source")
    return found(
        both.filter("fetched", alone < together),
        market.DIVIDEND_HISTORY,
        "dividend_includes_gain",
        column="amount",
        value=pl.col("amount"),
        expected=pl.col("amount") - pl.col("gain"),
        reason=pl.format(
            "dividend of {} and capital gain of {} on one day, but the price fell by {}: the dividend holds the gain",
            text(pl.col("amount")),
            text(pl.col("gain")),
            figure(fallen * pl.col("before_close")),
        ),
    )
