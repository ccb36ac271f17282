"""The benchmark by the same flows (CALCULATIONS 7).

Belongs here: the simulation. Does not: the portfolio's own figures.
"""

import datetime as dt
from collections.abc import Sequence

from pipelines.portfolio.exact import ONE_MONEY, Amount, Ratio, div_half_even, minus, money
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
    units, rows, flows = 0, [], list[tuple[dt.date, float]]()  # units of 1e-18: no drift that money could show
    start = price = None
    for index, day in enumerate(days):
        price = _price_on(day.date, symbol, prices, fx, base)
        flow = opening if index == 0 and opening is not None else minus(day.flow_in, day.flow_out)
        if price is None or flow is None:
            return None
        start = start or price
        units = max(0, units + div_half_even(flow * _FINE * price.den, price.num))
        value = div_half_even(units * price.num, _FINE * price.den)
        rows.append(BenchmarkDay.model_construct(date=day.date, value=money(value)))
        if flow:
            flows.append((day.date, -flow / ONE_MONEY))
    if start is None or price is None:
        return None
    invested = round(-sum(amount for _, amount in flows) * ONE_MONEY)
    ended = [*flows, (days[-1].date, value / ONE_MONEY)]
    return Benchmark(
        symbol=symbol,
        value=money(value),
        gain=money(value - invested),
        xirr=xirr([day for day, _ in ended], [amount for _, amount in ended]).rate,
        twr=price.num * start.den / (price.den * start.num) - 1,
        daily=rows,
    )


def _price_on(day: dt.date, symbol: str, prices: PriceBook, fx: FxBook, base: str) -> Ratio | None:
    """Return the close in the base currency, None where it or the rate is missing."""
    close = prices.close(symbol, day)
    currency = prices.currency(symbol)
    if close is None or currency is None or close[0] <= 0:
        return None
    ratio = fx.rate(currency, base, day).ratio
    return None if ratio is None else Ratio(close[0] * ratio.num, ONE_MONEY * ratio.den)
