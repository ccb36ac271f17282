"""Value and flows by day, at holding and at portfolio grain (CALCULATIONS 4).

Belongs here: the grid of units x close x FX. Does not: returns of it (`returns`), the figures of one date (`holdings`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.booking.books import Books, Flow, Key
from pipelines.portfolio.exact import ONE, Amount, Ratio, converted, div_half_even, integers, minus, plus, quantity
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.prices import Ints, PriceBook, day_number, day_of
from warehouse.schema.types import MONEY

_WIDE_SCALE = 18
_WIDE = pl.Decimal(38, _WIDE_SCALE)
_WIDE_ONE = 10**_WIDE_SCALE
_CONTEXT = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of days over which a holding's units stay the same."""

    key: Key
    first: int
    last: int
    units: int


def spans_of(steps: Mapping[Key, Sequence[tuple[dt.date, int]]], first: dt.date, last: dt.date) -> list[Span]:
    """Return the stretches between ``first`` and ``last`` in which something is held."""
    low, high = day_number(first), day_number(last)
    spans = []
    for key, changes in steps.items():
        for index, (day, units) in enumerate(changes):
            end = day_number(changes[index + 1][0]) - 1 if index + 1 < len(changes) else high
            start, end = max(day_number(day), low), min(end, high)
            if units and start <= end:
                spans.append(Span(key, start, end, units))
    return spans


def day_grid(prices: PriceBook, spans: Iterable[Span], others: Iterable[dt.date]) -> Ints:
    """Return the days with a price of something held, and the other days given, as sorted day numbers."""
    parts = [np.array([day_number(day) for day in others], dtype=np.int64)]
    for span in spans:
        start, end = prices.span.get(span.key[1], (0, 0))
        dates = prices.dates[start:end]
        low, high = np.searchsorted(dates, [span.first, span.last + 1])
        parts.append(dates[low:high])
    return np.unique(np.concatenate(parts))


def holding_values(
    prices: PriceBook, fx: FxBook, base: str, spans: Sequence[Span], days: Ints, currencies: Mapping[str, str]
) -> tuple[pl.DataFrame, tuple[Key, ...]]:
    """Return the value of every holding on every day of the grid it is held: ``holding, day, value, carried``."""
    keys = tuple(dict.fromkeys(span.key for span in spans))
    number = {key: index for index, key in enumerate(keys)}
    order = sorted({currencies[key[1]] for key in keys})
    place = {currency: index for index, currency in enumerate(order)}
    firsts, lasts = [span.first for span in spans], [span.last + 1 for span in spans]
    lows, highs = np.searchsorted(days, firsts), np.searchsorted(days, lasts)
    lengths = highs - lows
    day_index = _concat([np.arange(low, high) for low, high in zip(lows.tolist(), highs.tolist(), strict=True)])
    last_price = {symbol: _last_price(prices, symbol, days) for symbol in {key[1] for key in keys}}
    price_index = _concat(
        [
            last_price[span.key[1]][low:high]
            for span, low, high in zip(spans, lows.tolist(), highs.tolist(), strict=True)
        ]
    )
    span_index = np.repeat(np.arange(len(spans)), lengths)
    holding = np.array([number[span.key] for span in spans], dtype=np.int64)
    rate_row = np.array([place[currencies[span.key[1]]] for span in spans], dtype=np.int64)
    units = pl.Series("units", [quantity(span.units) for span in spans], dtype=pl.Decimal(38, 10)).cast(_WIDE)
    rates = pl.concat([_rates(fx, currency, base, days) for currency in order]) if order else pl.Series([], dtype=_WIDE)
    frame = pl.DataFrame(
        {
            "holding": holding[span_index],
            "day": days[day_index],
            "units": units.gather(span_index),
            "close": _gather(prices.close_series, price_index),
            "rate": rates.gather(rate_row[span_index] * len(days) + day_index),
            "priced_on": _gather(pl.Series(prices.dates), price_index),
        }
    )
    value = (pl.col("units") * pl.col("close") * pl.col("rate")).cast(MONEY)
    return frame.select("holding", "day", value=value, carried=pl.col("priced_on") < pl.col("day")), keys


def _concat(parts: Sequence[npt.NDArray[np.int64]]) -> Ints:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _last_price(prices: PriceBook, symbol: str, days: Ints) -> Ints:
    """Return the row of the last price on or before each day, -1 where there is none."""
    start, end = prices.span.get(symbol, (0, 0))
    found = np.searchsorted(prices.dates[start:end], days, side="right") - 1
    return np.where(found < 0, -1, found + start)


def _gather(series: pl.Series, rows: Ints) -> pl.Series:
    if not len(series):
        return pl.repeat(None, len(rows), dtype=series.dtype, eager=True)
    picks = pl.Series(rows)
    return series.gather(picks.set(picks < 0, None))


def _rates(fx: FxBook, currency: str, base: str, days: Ints) -> pl.Series:
    """Return what one unit of a currency is worth in the base currency on each day, to 18 decimals."""
    if currency == base:
        return pl.repeat(Decimal(1), len(days), dtype=_WIDE, eager=True)
    ratios = [fx.rate(currency, base, day_of(day)).ratio for day in days.tolist()]
    return pl.Series([_wide(ratio) for ratio in ratios], dtype=_WIDE)


def _wide(ratio: Ratio | None) -> Decimal | None:
    if ratio is None:
        return None
    return Decimal(div_half_even(ratio.num * _WIDE_ONE, ratio.den)).scaleb(-_WIDE_SCALE, _CONTEXT)


@dataclass(frozen=True, slots=True)
class CashValues:
    """Value of all cash at the close of each day of the grid, after and before tax; None where a rate is missing."""

    after: list[Amount]
    before_tax: list[Amount]


def daily_cash(books: Books, fx: FxBook, base: str, days: Ints) -> CashValues:
    """Return what all cash is worth at the close of each day."""
    steps: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for step in sorted(books.cash_steps, key=lambda step: step.date):
        steps[step.currency].append((day_number(step.date), step.amount, step.before_tax))
    values = CashValues([0] * len(days), [0] * len(days))
    for currency, changes in steps.items():
        balances = _balances(changes, days)
        for index, (day, (after, before)) in enumerate(zip(days.tolist(), balances, strict=True)):
            if after or before:
                ratio = ONE if currency == base else fx.rate(currency, base, day_of(day)).ratio
                values.after[index] = plus(values.after[index], converted(after, ratio))
                values.before_tax[index] = plus(values.before_tax[index], converted(before, ratio))
    return values


def _balances(changes: Sequence[tuple[int, int, int]], days: Ints) -> list[tuple[int, int]]:
    """Return the balance after each day of the grid, after and before tax."""
    result, position, after, before = [], 0, 0, 0
    for day in days.tolist():
        while position < len(changes) and changes[position][0] <= day:
            after += changes[position][1]
            before += changes[position][2]
            position += 1
        result.append((after, before))
    return result


def netted(flows: Iterable[Flow], *, before_tax: bool = False) -> dict[int, tuple[Amount, Amount]]:
    """Return what came in and what went out by day number; None where a flow was not known.

    The cash legs of an account that keeps no cash are netted per account and day (CALCULATIONS 1), all else is not.
    """
    legs: dict[tuple[int, str], Amount] = defaultdict(int)
    result: dict[int, tuple[Amount, Amount]] = {}
    for flow in flows:
        amount = minus(flow.amount, flow.tax) if before_tax else flow.amount
        day = day_number(flow.date)
        if not flow.leg:
            result[day] = _with_flow(result.get(day, (0, 0)), amount)
        else:
            legs[day, flow.account] = plus(legs[day, flow.account], amount)
    for (day, _), amount in legs.items():
        result[day] = _with_flow(result.get(day, (0, 0)), amount)
    return result


def _with_flow(known: tuple[Amount, Amount], amount: Amount) -> tuple[Amount, Amount]:
    if amount is None:
        return None, None
    flow_in, flow_out = known
    return (plus(flow_in, amount), flow_out) if amount >= 0 else (flow_in, minus(flow_out, amount))


@dataclass(frozen=True, slots=True)
class DayTotals:
    """Value of all holdings by day: known part, what of it is carried, and whether something has no value."""

    value: dict[int, int]
    carried: dict[int, int]
    incomplete: frozenset[int]


def totals(values: pl.DataFrame) -> DayTotals:
    """Sum the values of holdings by day."""
    by_day = (
        values.lazy()
        .group_by("day")
        .agg(
            pl.col("value").sum(),
            carried=pl.col("value").filter(pl.col("carried")).sum(),
            incomplete=pl.col("value").is_null().any(),
        )
        .collect()
    )
    days = by_day["day"].to_list()
    return DayTotals(
        dict(zip(days, (value or 0 for value in integers(by_day["value"])), strict=True)),
        dict(zip(days, (value or 0 for value in integers(by_day["carried"])), strict=True)),
        frozenset(by_day.filter("incomplete")["day"].to_list()),
    )
