"""How alike the prices of holdings move, seen from the base currency.

Belongs here: returns of closes in a common currency, and their correlations. Does not: the measure
(`risk.correlation`), which holdings are compared.

A return is of two closes, restated for splits between them and converted at the rates of their days; dividends are not
in it. Two symbols are compared on the days on which both have a close, so that a holiday of one exchange makes neither
a return of nothing nor one of two days against one.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import polars as pl

from pipelines.portfolio.frames import MarketFrames
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.risk import correlation

LEAST_RETURNS = 20
"""Fewer days in common say nothing about how two symbols move."""


def correlations(
    market: MarketFrames, symbols: Sequence[str], *, base_currency: str, since: dt.date, until: dt.date
) -> pl.DataFrame:
    """Return the correlation of every two symbols, each pair once.

    Args:
        market: Prices, rates and splits as known.
        symbols: What is compared.
        base_currency: Closes are converted into it.
        since: First close that counts.
        until: Last one.

    Returns:
        ``first``, ``second`` in the order of ``symbols``; ``correlation`` from -1 to 1, null with less than
        `LEAST_RETURNS` returns in common or where one never moves; ``returns``, how many there are.
    """
    closes = _closes_of(market, symbols, base_currency, since, until)
    rows = [(one, other, *_compared(closes[one], closes[other])) for one, other in combinations(symbols, 2)]
    schema = {"first": pl.String, "second": pl.String, "correlation": pl.Float64, "returns": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def paired_returns(
    market: MarketFrames, symbols: tuple[str, str], *, base_currency: str, since: dt.date, until: dt.date
) -> pl.DataFrame:
    """Return what the correlation of two symbols is of: ``date, before, first, second``, a row a return.

    Args:
        market: Prices, rates and splits as known.
        symbols: The two.
        base_currency: Closes are converted into it.
        since: First close that counts.
        until: Last one.
    """
    closes = _closes_of(market, symbols, base_currency, since, until)
    one, other = symbols
    return _paired(closes[one], closes[other])


def _closes_of(
    market: MarketFrames, symbols: Sequence[str], base_currency: str, since: dt.date, until: dt.date
) -> dict[str, pl.DataFrame]:
    days, fx = pl.col("date").is_between(since, until) & pl.col("close").is_not_null(), FxBook(market.fx)
    traded = market.prices.filter(pl.col("symbol").is_in(list(symbols)) & days).sort("symbol", "date")
    splits = market.splits.filter(pl.col("ex_date") <= until)
    return {
        symbol: _closes(
            traded.filter(pl.col("symbol") == symbol), splits.filter(pl.col("symbol") == symbol), fx, base_currency
        )
        for symbol in symbols
    }


def _closes(own: pl.DataFrame, splits: pl.DataFrame, fx: FxBook, base: str) -> pl.DataFrame:
    """Return ``date, close``: what a unit of the newest shares was worth in the base currency, by date."""
    worth = own["close"].cast(pl.Float64) * _rates(fx, own, base) / _later_shares(own, splits)
    return own.select("date", close=worth).filter(pl.col("close").is_finite() & (pl.col("close") > 0))


def _rates(fx: FxBook, own: pl.DataFrame, base: str) -> pl.Series:
    rates = np.full(own.height, np.nan)
    days = own["date"].to_physical().cast(pl.Int64).to_numpy()
    for code in own["currency"].unique():
        at = (own["currency"] == code).to_numpy()
        rates[at] = fx.ratios(code, base, days[at]).floats(np.float64)
    return pl.Series(rates, dtype=pl.Float64)


def _later_shares(own: pl.DataFrame, splits: pl.DataFrame) -> pl.Series:
    """Return how many of the newest shares one of each day has become."""
    shares = np.ones(own.height)
    for day, new, old in splits.select("ex_date", "ratio_new", "ratio_old").iter_rows():
        shares[(own["date"] < day).to_numpy()] *= float(new / old)
    return pl.Series(shares, dtype=pl.Float64)


def _compared(one: pl.DataFrame, other: pl.DataFrame) -> tuple[float | None, int]:
    returns = _paired(one, other)
    known = returns.height
    found = correlation(returns["first"], returns["second"]) if known >= LEAST_RETURNS else None
    return found, known


def _paired(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    both = one.join(other, on="date", how="inner", suffix="_other", maintain_order="left")
    before, first, second = pl.col("date").shift(1), pl.col("close").pct_change(), pl.col("close_other").pct_change()
    return both.select("date", before=before, first=first, second=second).slice(1)
