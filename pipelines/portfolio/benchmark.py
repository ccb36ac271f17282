"""The benchmark by the same flows (CALCULATIONS 7).

Belongs here: the simulation. Does not: the portfolio's own figures.
"""

import datetime as dt
from collections.abc import Sequence

import numpy as np

from pipelines.portfolio.days import day_number
from pipelines.portfolio.exact import ONE_MONEY, Amount, Ratio, div_half_even, minus, money
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.models import Benchmark, BenchmarkDay
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.returns import xirr
from pipelines.portfolio.series import Day

_FINE = 10**18


def benchmark(
    symbol: str, days: Sequence[Day], *, prices: PriceBook, fx: FxBook, base: str, opening: Amount, as_of: dt.date
) -> Benchmark | None:
    """Put every flow into the benchmark at its day's close; None where it has no price on the first of them."""
    units, rows, flows = 0, [], list[tuple[dt.date, float]]()  # units of 1e-18: no drift that money could show
    closes = _closes([day.date for day in days], symbol, prices, fx, base)
    start = price = closes[0]
    for index, (day, price) in enumerate(zip(days, closes, strict=True)):
        flow = opening if index == 0 and opening is not None else minus(day.flow_in, day.flow_out)
        if price is None or flow is None:
            return None
        units = max(0, units + div_half_even(flow * _FINE * price.den, price.num)) if flow else units
        value = div_half_even(units * price.num, _FINE * price.den)
        rows.append(BenchmarkDay.built(date=day.date, value=money(value)))
        if flow:
            flows.append((day.date, -flow / ONE_MONEY))
    if start is None or price is None:
        return None
    invested = round(-sum(amount for _, amount in flows) * ONE_MONEY)
    ended = [*flows, (as_of, value / ONE_MONEY)]
    return Benchmark(
        symbol=symbol,
        value=money(value),
        gain=money(value - invested),
        xirr=xirr([day for day, _ in ended], [amount for _, amount in ended]).rate,
        twr=price.num * start.den / (price.den * start.num) - 1,
        daily=rows,
    )


def _closes(days: Sequence[dt.date], symbol: str, prices: PriceBook, fx: FxBook, base: str) -> list[Ratio | None]:
    """Return the close of each day in the base currency, None where it or the rate is missing."""
    currency = prices.currency(symbol)
    if currency is None:
        return [None] * len(days)
    numbers = np.array([day_number(day) for day in days], dtype=np.int64)
    rows = prices.last_rows([symbol], numbers)[0].tolist()
    return [
        None if row < 0 or ratio is None or prices.closes[row] <= 0 else _price(int(prices.closes[row]), ratio)
        for row, ratio in zip(rows, fx.ratios(currency, base, numbers), strict=True)
    ]


def _price(close: int, ratio: Ratio) -> Ratio:
    return Ratio(close * ratio.num, ONE_MONEY * ratio.den)
