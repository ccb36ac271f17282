"""What is wrong with a row by itself, whatever its neighbours say.

Belongs here: values that no market has, bars that contradict themselves, one day told twice. Does not: comparison with
other days, other providers or the calendar.
"""

import datetime as dt

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.rules import OHLC_TOLERANCE
from pipelines.quality.screens.shape import Fetched, figure, found, percent, text
from warehouse.schema import market
from warehouse.schema.model import Table

OHLC_BROKEN = 0.25
"""Part of the price from which an open or close outside of low and high is an error, not a provider's sloppiness: where
hardly anybody trades, they are middles of quotes, in recorded sound series up to 20 % off the day's one trade."""

_BARS = ("open", "high", "low", "close")


def screen_rows(fetched: Fetched, *, today: dt.date) -> pl.DataFrame:
    """Return what is wrong with single rows.

    Args:
        fetched: The fetch, conformed.
        today: The clock's day.
    """
    above_zero = (
        (fetched.prices, market.PRICE_HISTORY, _BARS),
        (fetched.dividends, market.DIVIDEND_HISTORY, ("amount",)),
        (fetched.splits, market.SPLIT_HISTORY, ("ratio_new", "ratio_old")),
        (fetched.rates, market.FX_HISTORY, ("per_eur",)),
    )
    dated = ((fetched.prices, market.PRICE_HISTORY, "close"), (fetched.rates, market.FX_HISTORY, "per_eur"))
    keyed = (
        (fetched.prices, market.PRICE_HISTORY, "close"),
        (fetched.dividends, market.DIVIDEND_HISTORY, "amount"),
        (fetched.splits, market.SPLIT_HISTORY, "ratio_new"),
        (fetched.rates, market.FX_HISTORY, "per_eur"),
    )
    return pl.concat(
        [
            pl.DataFrame(schema=FINDINGS),
            *(_not_above_zero(rows, table, name) for rows, table, names in above_zero if rows.height for name in names),
            *(_in_future(rows, table, name, today) for rows, table, name in dated if rows.height),
            *(_told_twice(rows, table, name) for rows, table, name in keyed if rows.height),
            *(one(fetched.prices) for one in (_negative_volume, _outside_of_range) if fetched.prices.height),
        ]
    )


def _not_above_zero(rows: pl.DataFrame, table: Table, name: str) -> pl.DataFrame:
    """Return values that are zero or below; a zero that stands for an absent open, high or low is a remark."""
    absent = (pl.col(name) == 0) & (pl.lit(name in _BARS and name != "close"))
    return found(
        rows.filter(pl.col(name) <= 0),
        table,
        "not_positive",
        column=name,
        value=pl.col(name),
        reason=pl.format("{} of {} is not above zero", pl.lit(name), text(pl.col(name))),
        held=~absent,
    )


def _in_future(rows: pl.DataFrame, table: Table, name: str, today: dt.date) -> pl.DataFrame:
    return found(
        rows.filter(pl.col("date") > today),
        table,
        "future_date",
        column="date",
        value=pl.col("date"),
        reason=pl.format(f"{name} {{}} of {{}}, a day after {today}", text(pl.col(name)), pl.col("date")),
    )


def _told_twice(rows: pl.DataFrame, table: Table, name: str) -> pl.DataFrame:
    """Return days that one provider tells more than once; if it says the same each time, that is a remark."""
    key = [*table.key, "source"]
    twice = rows.filter(pl.struct(key).is_duplicated()).group_by(key, maintain_order=True)
    told = twice.agg(pl.len(), said=text(pl.col(name)).unique(maintain_order=True), value=pl.col(name).last())
    return found(
        told,
        table,
        "told_twice",
        column=name,
        value=pl.col("value"),
        reason=pl.format("{} rows of one day, {} {}", pl.col("len"), pl.lit(name), pl.col("said").list.join(" and ")),
        held=pl.col("said").list.len() > 1,
    )


def _negative_volume(prices: pl.DataFrame) -> pl.DataFrame:
    return found(
        prices.filter(pl.col("volume") < 0),
        market.PRICE_HISTORY,
        "negative_volume",
        column="volume",
        value=pl.col("volume"),
        reason=pl.format("volume of {} is below zero", pl.col("volume")),
    )


def _outside_of_range(prices: pl.DataFrame) -> pl.DataFrame:
    opened, high, low, close = (pl.col(name).cast(pl.Float64) for name in _BARS)
    outside = prices.with_columns(
        beyond=pl.max_horizontal(low / pl.min_horizontal(opened, close), pl.max_horizontal(opened, close) / high) - 1,
        crossed=low / high - 1,
    ).with_columns(beyond=pl.max_horizontal("beyond", "crossed"))
    bar = pl.format("open {}, high {}, low {}, close {}", *(pl.col(name).pipe(figure) for name in _BARS))
    return found(
        outside.filter(pl.all_horizontal(pl.col(_BARS) > 0), pl.col("beyond") > OHLC_TOLERANCE),
        market.PRICE_HISTORY,
        "outside_of_range",
        column="close",
        value=pl.col("close"),
        reason=pl.format("{} of the price outside of low and high: {}", percent(pl.col("beyond")), bar),
        held=pl.col("beyond") > OHLC_BROKEN,
    )
