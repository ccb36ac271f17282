"""Value and flows by day, at holding and at portfolio grain (CALCULATIONS 4).

Belongs here: the grid of units x close x FX. Does not: returns of it (`returns`), the figures of one date (`holdings`).
"""

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from pipelines.portfolio.booking.books import Books, CashStep, Flow, Key
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import ONE_MONEY, ONE_UNIT, Amount, minus, plus
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.products import Factors, Products, Ratios, products

Floats = npt.NDArray[np.float64]
_HALF = 31  # bits


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


class HoldingValues(NamedTuple):
    """The value of every holding on every day of the grid it is held, by holding and day.

    ``holding`` is a place in ``keys``, ``at`` one in the days of the grid; ``carried`` where the price is of an earlier
    day. Values are integers of 1e-8, those beyond 64 bits in ``large`` by row.
    """

    keys: tuple[Key, ...]
    holding: Ints
    at: Ints
    values: Products
    carried: npt.NDArray[np.bool_]

    def floats(self) -> Floats:
        """Return the values in units of the base currency, NaN where one is not known."""
        result = np.where(self.values.known, self.values.value / ONE_MONEY, np.nan)
        for row, value in self.values.large.items():
            result[row] = value / ONE_MONEY
        return result


def holding_values(
    prices: PriceBook, fx: FxBook, base: str, spans: Sequence[Span], days: Ints, currencies: Mapping[str, str]
) -> HoldingValues:
    """Return the value of every holding on every day of the grid it is held."""
    keys = tuple(dict.fromkeys(span.key for span in spans))
    number = {key: index for index, key in enumerate(keys)}
    symbols = sorted({key[1] for key in keys})
    symbol_row = {symbol: index * len(days) for index, symbol in enumerate(symbols)}
    order = sorted({currencies[symbol] for symbol in symbols})
    rate_row = {currency: index * len(days) for index, currency in enumerate(order)}
    lows = np.searchsorted(days, np.array([span.first for span in spans], dtype=np.int64))
    highs = np.searchsorted(days, np.array([span.last + 1 for span in spans], dtype=np.int64))
    lengths = highs - lows

    def by_row(of_span: list[int]) -> Ints:
        return np.repeat(np.array(of_span, dtype=np.int64), lengths)

    at = np.arange(lengths.sum()) + np.repeat(lows - np.cumsum(lengths) + lengths, lengths)
    close_of = prices.last_rows(symbols, days).ravel()[by_row([symbol_row[span.key[1]] for span in spans]) + at]
    factors = Factors(
        units=[span.units for span in spans],
        closes=prices.closes,
        rates=Ratios.joined([fx.ratios(currency, base, days) for currency in order]),
        unit_of=by_row(list(range(len(spans)))),
        close_of=close_of,
        rate_of=by_row([rate_row[currencies[span.key[1]]] for span in spans]) + at,
    )
    values = products(factors)
    carried = values.known & (np.append(prices.traded, 0)[close_of] < days[at])
    return HoldingValues(keys, by_row([number[span.key] for span in spans]), at, values, carried)


class CashValues(NamedTuple):
    """Value of all cash at the close of each day of the grid, after and before tax; None where a rate is missing."""

    after: list[Amount]
    before_tax: list[Amount]


def daily_cash(books: Books, fx: FxBook, base: str, days: Ints, *, opened_on: dt.date | None = None) -> CashValues:
    """Return what all cash is worth at the close of each day; taxes paid up to the opening of a period are gone."""
    steps: dict[str, list[CashStep]] = defaultdict(list)
    for step in sorted(books.cash_steps, key=lambda step: step.date):
        steps[step.currency].append(step)
    after: list[Amount] = [0] * len(days)
    untaxed: list[Amount] = [0] * len(days)
    for currency, changes in steps.items():
        ratios, at = None if currency == base else fx.ratios(currency, base, days), _reached(changes, days)
        balances = [0, *itertools.accumulate(step.amount for step in changes)]
        before = [0, *itertools.accumulate(_untaxed(step, opened_on) for step in changes)]
        worths = _worths(balances, ratios, at)
        after = list(map(plus, after, worths))
        untaxed = list(map(plus, untaxed, worths if before == balances else _worths(before, ratios, at)))
    return CashValues(after, untaxed)


def _untaxed(step: CashStep, opened_on: dt.date | None) -> int:
    return step.amount if opened_on is not None and step.date <= opened_on else step.before_tax


def _reached(changes: Sequence[CashStep], days: Ints) -> Ints:
    """Return how many of the changes have come about by the close of each day."""
    moved = np.array([day_number(step.date) for step in changes], dtype=np.int64)
    return np.searchsorted(moved, days, side="right")


def _worths(balances: Sequence[int], ratios: Ratios | None, at: Ints) -> list[Amount]:
    """Return what the balance of each day is worth; nothing is worth nothing, whether its rate is known or not.

    Args:
        balances: What the account held after each change.
        ratios: Rates by day; None for the base currency's own.
        at: How many changes there were by each day.
    """
    if ratios is None:
        return [balances[place] for place in at.tolist()]
    of_one = Factors(
        units=balances,
        closes=np.array([ONE_UNIT], dtype=np.int64),
        rates=ratios,
        unit_of=at,
        close_of=np.zeros(len(at), dtype=np.int64),
        rate_of=np.arange(len(at)),
    )
    found = products(of_one)
    known = found.known.tolist()
    worths = [
        value if known[day] or not balances[place] else None
        for day, (value, place) in enumerate(zip(found.value.tolist(), at.tolist(), strict=True))
    ]
    for day, value in found.large.items():
        worths[day] = value
    return worths


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


class DayTotals(NamedTuple):
    """Value of all holdings by day of the grid: known part, what of it is carried, and whether some has no value."""

    value: list[int]
    carried: list[int]
    incomplete: list[bool]


def totals(held: HoldingValues, days: int) -> DayTotals:
    """Sum the values of holdings by day."""
    value, carried = _sums(held, days, held.values.known), _sums(held, days, held.carried)
    missing = np.bincount(held.at[~held.values.known], minlength=days) > 0
    return DayTotals(value, carried, missing.tolist())


def _sums(held: HoldingValues, days: int, counted: npt.NDArray[np.bool_]) -> list[int]:
    whole = counted.all()
    at, value = (held.at, held.values.value) if whole else (held.at[counted], held.values.value[counted])
    # Summed in two halves, each of which a float holds exactly for up to two million values a day.
    high = np.bincount(at, weights=value >> _HALF, minlength=days)
    low = np.bincount(at, weights=value & (2**_HALF - 1), minlength=days)
    result = [(int(upper) << _HALF) + int(lower) for upper, lower in zip(high.tolist(), low.tolist(), strict=True)]
    for row, part in held.values.large.items():
        if counted[row]:
            result[held.at[row]] += part
    return result
