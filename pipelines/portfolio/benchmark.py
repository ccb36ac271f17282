"""The benchmark by the same flows (CALCULATIONS 7).

Belongs here: what money in the benchmark becomes, and the simulation. Does not: the portfolio's own figures.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from pipelines.portfolio.booking.books import Split
from pipelines.portfolio.days import day_number
from pipelines.portfolio.dividends import Declared
from pipelines.portfolio.exact import ONE_MONEY, Amount, Ratio, div_half_even, minus, money
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.models import Benchmark, BenchmarkDay, Rows
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.returns import xirr
from pipelines.portfolio.series import Day

_FINE = 10**18


@dataclass(frozen=True, kw_only=True)
class Yardstick:
    """The benchmark's market: its prices in the base currency, its splits and its dividends."""

    symbol: str
    prices: PriceBook
    fx: FxBook
    base: str
    splits: Sequence[Split]
    dividends: Sequence[Declared]


def worth_of_one(yardstick: Yardstick, days: Sequence[dt.date]) -> list[Ratio | None]:
    """Return what one unit held since the first day is worth on each, base currency, dividends reinvested.

    A dividend buys at the close of its ex-date, a split multiplies the units. None where price or rate is missing, and
    from the ex-date on of a dividend that nothing can be bought with: one without a rate.
    """
    symbol, prices = yardstick.symbol, yardstick.prices
    currency = prices.currency(symbol)
    if currency is None or not days:
        return [None] * len(days)
    numbers = np.array([day_number(day) for day in days], dtype=np.int64)
    places = prices.last_rows([symbol], numbers)[0].tolist()
    closes = [prices.exact_at(place) if place >= 0 else None for place in places]
    rates = yardstick.fx.ratios(currency, yardstick.base, numbers).to_list()
    return [
        None
        if close is None or close.num <= 0 or rate is None or units is None
        else Ratio(close.num * rate.num * units, ONE_MONEY * close.den * rate.den * _FINE)
        for close, rate, units in zip(closes, rates, _units(yardstick, days, currency), strict=True)
    ]


def _units(yardstick: Yardstick, days: Sequence[dt.date], currency: str) -> list[Amount]:
    """Return the units (1e-18) that one unit of the first day has become by each day."""
    grown, first, last = _growths(yardstick, currency), days[0], days[-1]
    waiting = [day for day in sorted(grown) if first < day <= last]
    units: Amount = _FINE
    at, result = 0, list[Amount]()
    for day in days:
        while at < len(waiting) and waiting[at] <= day:
            growth = grown[waiting[at]]
            units = None if units is None or growth is None else round(units * growth)
            at += 1
        result.append(units)
    return result


def _growths(yardstick: Yardstick, currency: str) -> dict[dt.date, Fraction | None]:
    """Return what one unit becomes on each day of splits and dividends; None where it cannot be known.

    A dividend is due on what was held before the day, so a split of its ex-date does not multiply it.
    """
    grown: dict[dt.date, Fraction | None] = {}
    for split in yardstick.splits:
        grown[split.date] = (grown.get(split.date) or 1) * Fraction(split.new, split.old)
    for dividend in yardstick.dividends:
        kept, bought = grown.get(dividend.ex_date, Fraction(1)), _reinvested(yardstick, dividend, currency)
        grown[dividend.ex_date] = None if kept is None or bought is None else kept + bought
    return grown


def _reinvested(yardstick: Yardstick, dividend: Declared, currency: str) -> Fraction | None:
    """Return the units that a dividend on one unit buys at the close of its ex-date; None without close or rate."""
    close = yardstick.prices.exact_close(yardstick.symbol, dividend.ex_date)
    rate = yardstick.fx.rate(dividend.currency, currency, dividend.ex_date).ratio
    if rate is None or close is None or close.num <= 0:
        return None
    return Fraction(dividend.amount * rate.num * close.den, close.num * rate.den)


def benchmark(
    symbol: str, days: Sequence[Day], worths: Sequence[Ratio | None], *, opening: Amount, as_of: dt.date
) -> Benchmark | None:
    """Put every flow into the benchmark at its day's close; None where it has no price on one of them.

    Args:
        symbol: The benchmark.
        days: Days of the portfolio with their flows.
        worths: What one unit is worth on each of them.
        opening: Value that the period opens with instead of the first day's flow; None for none.
        as_of: The date the final value counts on.
    """
    units, values, flows = (
        0,
        list[int](),
        list[tuple[dt.date, float]](),
    )  # units of 1e-18: no drift that money could show
    exhausted_on: dt.date | None = None
    for index, (day, price) in enumerate(zip(days, worths, strict=True)):
        flow = opening if index == 0 and opening is not None else minus(day.flow_in, day.flow_out)
        if price is None or flow is None:
            return None
        value = div_half_even(units * price.num, _FINE * price.den)
        if flow and exhausted_on is None:
            if value + flow < 0:
                flow, exhausted_on = -value, day.date
            units = max(0, units + div_half_even(flow * _FINE * price.den, price.num))
            flows.append((day.date, -flow / ONE_MONEY))
            value = div_half_even(units * price.num, _FINE * price.den)
        values.append(value)
    start, price = worths[0], worths[-1]
    if start is None or price is None:
        return None
    invested = round(-sum(amount for _, amount in flows) * ONE_MONEY)
    ended = [*flows, (as_of, value / ONE_MONEY)]
    return Benchmark(
        symbol=symbol,
        value=money(value),
        gain=money(value - invested),
        xirr=xirr([day for day, _ in ended], [amount for _, amount in ended]).rate,
        twr=_grown(start, price) - 1,
        exhausted_on=exhausted_on,
        daily=Rows(
            BenchmarkDay,
            {
                "date": [day.date for day in days],
                "value": values,
                "growth": [_grown(start, worth) for worth in worths if worth is not None],
            },
        ),
    )


def _grown(start: Ratio, worth: Ratio) -> float:
    return worth.num * start.den / (worth.den * start.num)
