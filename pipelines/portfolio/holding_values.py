"""What every holding is worth on every day it is held (CALCULATIONS 4).

Belongs here: units x close x FX by holding and day, and their sums by day. Does not: which days those are, cash, flows
(`daily`), returns (`returns`).
"""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from msgspec import Struct

from pipelines.portfolio.booking.books import Key
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import ONE_MONEY
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.products import Factors, Products, Ratios, products

Floats = npt.NDArray[np.float64]
_HALF = 31  # bits
_AT_ONCE = 2**15  # rows whose steps stay in the processor's cache


class Span(Struct, frozen=True, gc=False):
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


@dataclass(frozen=True)
class HoldingValues:
    """The value of every holding on every day of the grid it is held, by holding and day.

    ``holding`` is a place in ``keys``, ``at`` one in the days of the grid; ``carried`` where the price is of an earlier
    day. Values are integers of 1e-8, those beyond 64 bits in ``large`` by row.
    """

    keys: tuple[Key, ...]
    holding: Ints
    at: Ints
    values: Products
    carried: npt.NDArray[np.bool_]

    @cached_property
    def floats(self) -> Floats:
        """Return the values in units of the base currency, NaN where one is not known."""
        result = self.values.value / ONE_MONEY
        result[~self.values.known] = np.nan
        for row, value in self.values.large.items():
            result[row] = value / ONE_MONEY
        return result


def holding_values(
    prices: PriceBook, fx: FxBook, base: str, spans: Sequence[Span], days: Ints, currencies: Mapping[str, str]
) -> HoldingValues:
    """Return the value of every holding on every day of the grid it is held."""
    spans = sorted(spans, key=lambda span: span.key[1])
    number = {key: index for index, key in enumerate(dict.fromkeys(span.key for span in spans))}
    lows = np.searchsorted(days, np.array([span.first for span in spans], dtype=np.int64))
    lengths = np.searchsorted(days, np.array([span.last + 1 for span in spans], dtype=np.int64)) - lows
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
    codes = sorted({currencies[key[1]] for key in number})
    rates = Ratios.joined([fx.ratios(code, base, days) for code in codes])
    market = _Market(prices, days, currencies, rates, {code: index * len(days) for index, code in enumerate(codes)})
    found = _unfilled(tuple(number), int(starts[-1]))
    for some in _stretches(starts):
        part, rows = spans[some], slice(int(starts[some.start]), int(starts[some.stop]))
        at = np.arange(rows.start, rows.stop) + np.repeat(lows[some] - starts[some], lengths[some])
        worth, carried = market.values(part, lengths[some], at)
        found.at[rows], found.carried[rows] = at, carried
        found.holding[rows] = np.repeat([number[span.key] for span in part], lengths[some])
        found.values.value[rows], found.values.known[rows] = worth.value, worth.known
        found.values.large.update((rows.start + row, value) for row, value in worth.large.items())
    return found


def _unfilled(keys: tuple[Key, ...], rows: int) -> HoldingValues:
    holding, at, value = (np.empty(rows, dtype=np.int64) for _ in range(3))
    known, carried = (np.empty(rows, dtype=bool) for _ in range(2))
    return HoldingValues(keys, holding, at, Products(value, known, {}), carried)


def _stretches(starts: Ints) -> Iterator[slice]:
    """Yield spans that have some rows together; ``starts`` is the first row of each, and the end."""
    first, last = 0, len(starts) - 1
    while first < last:
        reached = int(np.searchsorted(starts, starts[first] + _AT_ONCE, side="right")) - 1
        end = min(max(reached, first + 1), last)
        yield slice(first, end)
        first = end


@dataclass(frozen=True, slots=True)
class _Market:
    """Prices and rates of every day: those of a currency begin at its ``rate_row``."""

    prices: PriceBook
    days: Ints
    currencies: Mapping[str, str]
    rates: Ratios
    rate_row: Mapping[str, int]

    def values(self, spans: Sequence[Span], lengths: Ints, at: Ints) -> tuple[Products, npt.NDArray[np.bool_]]:
        """Return the values of some spans on their days, and which are at the price of an earlier day."""
        symbols = [span.key[1] for span in spans]
        place = {symbol: index * len(self.days) for index, symbol in enumerate(dict.fromkeys(symbols))}
        last_rows = self.prices.last_rows(list(place), self.days).ravel()
        close_of = last_rows[at + np.repeat([place[symbol] for symbol in symbols], lengths)]
        worth = products(
            Factors(
                units=[span.units for span in spans],
                closes=self.prices.closes,
                rates=self.rates,
                unit_of=np.repeat(np.arange(len(spans)), lengths),
                close_of=close_of,
                rate_of=at + np.repeat([self.rate_row[self.currencies[symbol]] for symbol in symbols], lengths),
                exact=self.prices.exact,
            )
        )
        traded = self.prices.traded if len(self.prices.traded) else np.zeros(1, dtype=np.int64)
        return worth, worth.known & (traded[close_of] < self.days[at])


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
