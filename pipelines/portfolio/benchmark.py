"""The benchmark by the same flows (CALCULATIONS 7).

Belongs here: the simulation. Does not: the portfolio's own figures.
"""

import datetime as dt
from collections.abc import Sequence
from fractions import Fraction

from pipelines.portfolio.exact import ONE_MONEY, Amount, Ratio, minus, money
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.models import Benchmark, BenchmarkDay
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.returns import xirr
from pipelines.portfolio.series import Day

_FINE = 10**18


def benchmark(
    symbol: str, days: Sequence[Day], *, prices: PriceBook, fx: FxBook, base: str, opening: Amount
) -> Benchmark | None:
    """Put every flow into the benchmark at its day's close; None where it has no price on the first of them."""
    worth = [_worth_on(day.date, symbol, prices, fx, base) for day in days]
    units, rows, flows = 0, [], list[tuple[dt.date, float]]()  # units of 1e-18: no drift that money could show
    start: Fraction | None = None
    for index, (day, price) in enumerate(zip(days, worth, strict=True)):
        flow = opening if index == 0 and opening is not None else minus(day.flow_in, day.flow_out)
        if price is None or flow is None:
            return None
        start = start or price
        units = max(0, units + round(flow * _FINE / price))
        rows.append(BenchmarkDay(date=day.date, value=money(round(units * price / _FINE))))
        if flow:
            flows.append((day.date, -flow / ONE_MONEY))
    if start is None or worth[-1] is None:
        return None
    value = round(units * worth[-1] / _FINE)
    invested = round(-sum(amount for _, amount in flows) * ONE_MONEY)
    ended = [*flows, (days[-1].date, value / ONE_MONEY)]
    return Benchmark(
        symbol=symbol,
        value=money(value),
        gain=money(value - invested),
        xirr=xirr([day for day, _ in ended], [amount for _, amount in ended]).rate,
        twr=float(worth[-1] / start) - 1,
        daily=rows,
    )


def _worth_on(day: dt.date, symbol: str, prices: PriceBook, fx: FxBook, base: str) -> Fraction | None:
    close = prices.close(symbol, day)
    currency = prices.currency(symbol)
    if close is None or currency is None:
        return None
    ratio: Ratio | None = fx.rate(currency, base, day).ratio
    return None if ratio is None else Fraction(close[0] * ratio.num, ONE_MONEY * ratio.den)
