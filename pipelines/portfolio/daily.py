"""Value and flows by day, at holding and at portfolio grain (CALCULATIONS 4).

Belongs here: the grid of units x close x FX. Does not: returns of it (`returns`), the figures of one date (`holdings`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import NamedTuple

import numpy as np
import polars as pl

from pipelines.portfolio.booking.books import Books, CashStep, Flow, Key
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import Amount, Ratio, converted, div_half_even, integers, minus, plus, quantity
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.prices import PriceBook
from warehouse.schema.types import MONEY

_WIDE_SCALE = 18
_WIDE = pl.Decimal(38, _WIDE_SCALE)
_WIDE_ONE = 10**_WIDE_SCALE
_CONTEXT = Context(prec=60)


class Span(NamedTuple):
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
        numbers = [day_number(day) for day, _ in changes]
        ends = [*(number - 1 for number in numbers[1:]), high]
        for start, end, (_, units) in zip(numbers, ends, changes, strict=True):
            if units and max(start, low) <= min(end, high):
                spans.append(Span(key, max(start, low), min(end, high), units))
    return spans


class Grid(NamedTuple):
    """The days of a series as sorted day numbers, and those among them with a price of something held."""

    days: Ints
    priced: frozenset[int]


def day_grid(prices: PriceBook, spans: Sequence[Span], others: Iterable[dt.date]) -> Grid:
    """Return the days with a price of something held, and the other days given."""
    held = prices.days_between(
        [span.key[1] for span in spans], [span.first for span in spans], [span.last for span in spans]
    )
    priced = frozenset(held.tolist())
    return Grid(np.array(sorted(priced.union(map(day_number, others))), dtype=np.int64), priced)


def holding_values(
    prices: PriceBook, fx: FxBook, base: str, spans: Sequence[Span], days: Ints, currencies: Mapping[str, str]
) -> tuple[pl.DataFrame, tuple[Key, ...]]:
    """Return the value of every holding on every day of the grid it is held: ``holding, day, value, carried``."""
    keys = tuple(dict.fromkeys(span.key for span in spans))
    number = {key: index for index, key in enumerate(keys)}
    symbols = sorted({key[1] for key in keys})
    symbol_row = {symbol: index for index, symbol in enumerate(symbols)}
    lows = np.searchsorted(days, np.array([span.first for span in spans], dtype=np.int64))
    highs = np.searchsorted(days, np.array([span.last + 1 for span in spans], dtype=np.int64))
    lengths = highs - lows
    span_index = np.repeat(np.arange(len(spans)), lengths)
    day_index = np.arange(len(span_index)) + np.repeat(lows - np.cumsum(lengths) + lengths, lengths)
    row_of = np.array([symbol_row[span.key[1]] for span in spans], dtype=np.int64) * len(days)
    price_row = prices.last_rows(symbols, days).ravel()[row_of[span_index] + day_index]
    order = sorted({currencies[symbol] for symbol in symbols})
    place = {currency: index * len(days) for index, currency in enumerate(order)}
    rate_of = np.array([place[currencies[span.key[1]]] for span in spans], dtype=np.int64)
    units = pl.Series("units", [quantity(span.units) for span in spans], dtype=pl.Decimal(38, 10)).cast(_WIDE)
    rates = pl.concat([_rates(fx, currency, base, days) for currency in order]) if order else pl.Series([], dtype=_WIDE)
    holding = np.array([number[span.key] for span in spans], dtype=np.int64)
    on = days[day_index]
    frame = pl.DataFrame(
        {
            "holding": holding[span_index],
            "day": on,
            "units": units.gather(span_index),
            "close": _gather(prices.close_series, price_row),
            "rate": rates.gather(rate_of[span_index] + day_index),
            "carried": prices.dates[price_row] < on if len(prices.dates) else np.zeros(len(on), dtype=bool),
        }
    )
    value = (pl.col("units") * pl.col("close") * pl.col("rate")).cast(MONEY)
    valued = frame.lazy().select("holding", "day", "carried", value=value)
    return valued.collect(engine="streaming"), keys  # on all cores: products of decimals are what takes the time


def _gather(series: pl.Series, rows: Ints) -> pl.Series:
    if not len(series):
        return pl.repeat(None, len(rows), dtype=series.dtype, eager=True)
    if len(rows) and rows.min() >= 0:
        return series.gather(rows)
    picks = pl.Series(rows)
    return series.gather(picks.set(picks < 0, None))


def _rates(fx: FxBook, currency: str, base: str, days: Ints) -> pl.Series:
    """Return what one unit of a currency is worth in the base currency on each day, to 18 decimals."""
    if currency == base:
        return pl.repeat(Decimal(1), len(days), dtype=_WIDE, eager=True)
    return pl.Series([_wide(ratio) for ratio in fx.ratios(currency, base, days)], dtype=_WIDE)


def _wide(ratio: Ratio | None) -> Decimal | None:
    if ratio is None:
        return None
    return Decimal(div_half_even(ratio.num * _WIDE_ONE, ratio.den)).scaleb(-_WIDE_SCALE, _CONTEXT)


class CashValues(NamedTuple):
    """Value of all cash at the close of each day of the grid, after and before tax; None where a rate is missing."""

    after: list[Amount]
    before_tax: list[Amount]


def daily_cash(books: Books, fx: FxBook, base: str, days: Ints) -> CashValues:
    """Return what all cash is worth at the close of each day."""
    steps: dict[str, list[CashStep]] = defaultdict(list)
    for step in sorted(books.cash_steps, key=lambda step: step.date):
        steps[step.currency].append(step)
    values = CashValues([0] * len(days), [0] * len(days))
    for currency, changes in steps.items():
        ratios = fx.ratios(currency, base, days)
        for index, ((after, before), ratio) in enumerate(zip(_balances(changes, days), ratios, strict=True)):
            if after or before:
                worth = converted(after, ratio)
                values.after[index] = plus(values.after[index], worth)
                untaxed = worth if before == after else converted(before, ratio)
                values.before_tax[index] = plus(values.before_tax[index], untaxed)
    return values


def _balances(changes: Sequence[CashStep], days: Ints) -> list[tuple[int, int]]:
    """Return the balance after each day of the grid, after and before tax."""
    after = before = 0
    reached = [(0, 0)]
    for step in changes:
        after += step.amount
        before += step.before_tax
        reached.append((after, before))
    moved = np.array([day_number(step.date) for step in changes], dtype=np.int64)
    return [reached[index] for index in np.searchsorted(moved, days, side="right").tolist()]


class DayFlow(NamedTuple):
    """What came in and what went out on a day, after and before tax; None where a flow was not known."""

    flow_in: Amount = 0
    flow_out: Amount = 0
    untaxed_in: Amount = 0
    untaxed_out: Amount = 0


NO_FLOW = DayFlow()


def netted(flows: Iterable[Flow]) -> dict[int, DayFlow]:
    """Return what crossed the border by day number.

    The cash legs of an account that keeps no cash are netted per account and day (CALCULATIONS 1), all else is not.
    """
    legs: dict[tuple[int, str], tuple[Amount, Amount]] = {}
    result: dict[int, DayFlow] = {}
    for flow in flows:
        day, untaxed = day_number(flow.date), flow.amount if flow.tax == 0 else minus(flow.amount, flow.tax)
        if flow.leg:
            amount, before = legs.get((day, flow.account), (0, 0))
            legs[day, flow.account] = plus(amount, flow.amount), plus(before, untaxed)
        else:
            result[day] = _with_flow(result.get(day, NO_FLOW), flow.amount, untaxed)
    for (day, _), (amount, before) in legs.items():
        result[day] = _with_flow(result.get(day, NO_FLOW), amount, before)
    return result


def _with_flow(known: DayFlow, amount: Amount, untaxed: Amount) -> DayFlow:
    return DayFlow(
        *_added(known.flow_in, known.flow_out, amount), *_added(known.untaxed_in, known.untaxed_out, untaxed)
    )


def _added(flow_in: Amount, flow_out: Amount, amount: Amount) -> tuple[Amount, Amount]:
    if amount is None:
        return None, None
    return (plus(flow_in, amount), flow_out) if amount >= 0 else (flow_in, minus(flow_out, amount))


@dataclass(frozen=True, slots=True)
class DayTotals:
    """Value of all holdings by day: known part, what of it is carried, and whether something has no value."""

    value: dict[int, int]
    carried: dict[int, int]
    incomplete: frozenset[int]


def totals(values: pl.DataFrame) -> DayTotals:
    """Sum the values of holdings by day."""
    by_day = values.group_by("day").agg(pl.col("value").sum(), incomplete=pl.col("value").null_count() > 0)
    carried = values.filter("carried").group_by("day").agg(pl.col("value").sum())
    return DayTotals(
        dict(zip(by_day["day"].to_list(), (value or 0 for value in integers(by_day["value"])), strict=True)),
        dict(zip(carried["day"].to_list(), (value or 0 for value in integers(carried["value"])), strict=True)),
        frozenset(by_day.filter("incomplete")["day"].to_list()),
    )
