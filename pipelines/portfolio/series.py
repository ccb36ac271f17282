"""The daily series of a view: values, flows and chained returns, of the portfolio and of every holding.

Belongs here: joining the grid of values with flows. Does not: the grid (`daily`), the formulas (`returns`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.booking.books import Books, Income, Key
from pipelines.portfolio.daily import NO_FLOW, CashValues, DayFlow, daily_cash, day_grid, netted
from pipelines.portfolio.days import Ints, dates_of, day_number
from pipelines.portfolio.exact import ONE_MONEY, Amount, minus, plus
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.holding_flows import HoldingFlows, holding_flows
from pipelines.portfolio.holding_values import HoldingValues, holding_values, spans_of, totals
from pipelines.portfolio.named_periods import boundaries
from pipelines.portfolio.observations import table
from pipelines.portfolio.opening import Opening
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.rate_days import Exposure, moved_by_rates, with_days_between
from pipelines.portfolio.returns import chained, day_returns


class Day(NamedTuple):
    """One day of the portfolio, integers of 1e-8; ``value`` None where something held had none."""

    date: dt.date
    value: Amount
    value_before_tax: Amount
    flow_in: Amount
    flow_out: Amount
    flow_in_before_tax: Amount
    flow_out_before_tax: Amount
    covered: float | None


@dataclass(frozen=True, slots=True)
class Final:
    """The exact values of the last day, which the series must end on."""

    date: dt.date
    value: Amount
    cash: Amount


@dataclass(frozen=True, slots=True)
class Series:
    """The daily series and its chained returns: after and before tax, and without income.

    ``held`` has every holding on the days of ``grid`` (which may end a day later than ``days``, where that brings
    nothing new), ``between`` which of these only a rate has moved (a period begins or ends on them, and the chain of
    returns passes them by), ``priced`` which of ``days`` have a price of something held, ``moves`` the flows of each
    holding by day, ``flows`` the same from the first day on as arrays, and ``moved`` the places of the days with a flow
    of the portfolio.
    """

    days: list[Day]
    moved: list[int]
    returns: pl.DataFrame
    returns_before_tax: pl.DataFrame
    price_returns: pl.DataFrame
    held: HoldingValues
    grid: Ints
    between: npt.NDArray[np.bool_]
    priced: list[bool]
    moves: Mapping[Key, Mapping[int, DayFlow]]
    flows: HoldingFlows


_STILL = (0, 0, 0, 0)
_NONE: tuple[Sequence[Any], ...] = ((),) * len(Day._fields)


def build_series(
    books: Books,
    *,
    first: dt.date,
    opening: Opening | None,
    final: Final,
    prices: PriceBook,
    fx: FxBook,
    base: str,
    currencies: Mapping[str, str],
    event_days: Sequence[dt.date],
) -> Series:
    """Build the series from ``first`` (or the opening) to the last day of prices, transactions or a changed value."""
    spans = spans_of(books.steps, first, final.date)
    others = sorted({day for day in event_days if day >= first})
    grid = day_grid(prices, spans, [*others, first] if opening else others)
    until = grid.days[grid.days <= day_number(final.date)]
    exposure = Exposure(spans, currencies, books.cash_steps, base)
    eves = np.array([day_number(day) - 1 for day in others if first < day <= final.date], dtype=np.int64)
    until = np.union1d(until, moved_by_rates(until, eves, fx, exposure))
    ends = np.unique([day_number(day) for day in boundaries(first, final.date)])
    days = np.union1d(until, moved_by_rates(until, ends, fx, exposure))
    with_final = np.union1d(days, np.array([day_number(final.date)], dtype=np.int64))
    between = ~np.isin(with_final, until)
    between[-1:] = False  # the valuation date is a day of its own
    held = holding_values(prices, fx, base, spans, with_final, currencies)
    cash = daily_cash(books, fx, base, with_final, opened_on=opening.date if opening else None)
    rows = _days(held, cash, netted(books.flows), with_final)
    rows = _ended(_opened(rows, opening), final, is_event=len(days) == len(with_final))
    _, value, before_tax, flow_in, flow_out, untaxed_in, untaxed_out, _ = zip(*rows, strict=True) if rows else _NONE
    after_tax, untaxed = _Moves(value, flow_in, flow_out), _Moves(before_tax, untaxed_in, untaxed_out)
    unpaid = _without_income(after_tax, rows, books.income)
    between[len(rows) - 1 : len(rows)] = False  # the chain ends where the series does
    within = between[: len(rows)]
    dates = dates_of(with_final[: len(rows)])
    returns = _chained(dates, after_tax, within, opening)
    moves = {key: netted(flows) for key, flows in books.holding_flows.items()}
    return Series(
        rows,
        [
            at
            for at, flows in enumerate(zip(flow_in, flow_out, untaxed_in, untaxed_out, strict=True))
            if flows != _STILL
        ],
        returns,
        _chained(dates, untaxed, within, opening) if untaxed != after_tax else returns,
        _chained(dates, unpaid, within, opening) if unpaid != after_tax else returns,
        held,
        with_final,
        between,
        [number in grid.priced for number in with_final[: len(rows)].tolist()],
        moves,
        holding_flows(moves, day_number(first)),
    )


def _days(held: HoldingValues, cash: CashValues, flows: Mapping[int, DayFlow], days: Ints) -> list[Day]:
    sums = totals(held, len(days))
    known = [None if missing else value for value, missing in zip(sums.value, sums.incomplete, strict=True)]
    value = list(map(plus, known, cash.after))
    untaxed = value if cash.before_tax == cash.after else list(map(plus, known, cash.before_tax))
    moved = zip(*(flows.get(number, NO_FLOW) for number in days.tolist()), strict=True)
    covered = map(_covered, value, sums.carried)
    return list(map(Day, dates_of(days).to_list(), value, untaxed, *moved, covered))


class _Moves(NamedTuple):
    """Value, inflow and outflow of every day, as a return sees them."""

    value: Sequence[Amount]
    flow_in: Sequence[Amount]
    flow_out: Sequence[Amount]


def _without_income(moves: _Moves, rows: Sequence[Day], income: Sequence[Income]) -> _Moves:
    """Take income for money paid in, which no price has earned: less flows out, or more flows in."""
    if not income:
        return moves
    place = {row.date: at for at, row in enumerate(rows)}
    flow_in, flow_out = list(moves.flow_in), list(moves.flow_out)
    for item in income:
        at = place.get(item.transaction.date)
        if at is None:
            continue
        paid, out = minus(item.gross, plus(item.fee, item.tax)), flow_out[at]
        if paid is None or out is None:
            flow_in[at] = flow_out[at] = None
        else:
            flow_out[at] = max(0, out - paid)
            flow_in[at] = plus(flow_in[at], max(0, paid - out))
    return _Moves(moves.value, flow_in, flow_out)


def _covered(value: Amount, carried: int) -> float | None:
    return 1 - carried / value if value else None


def _ended(rows: list[Day], final: Final, *, is_event: bool) -> list[Day]:
    """End on the exact value: in place where the last day is one of the grid, else only if the value has moved."""
    if not rows:
        return rows
    exact = _exactly(rows[-1], final.value)
    if is_event or len(rows) == 1 or rows[-2].value != final.value:
        return [*rows[:-1], exact]
    return rows[:-1]


def _opened(rows: list[Day], opening: Opening | None) -> list[Day]:
    """Begin on the exact value of the opening, which its accounts add up to each by itself."""
    return rows if opening is None or not rows else [_exactly(rows[0], opening.value), *rows[1:]]


def _exactly(day: Day, value: Amount) -> Day:
    """Return a day at the exact value, with the value before tax moved by what that differs from the grid's."""
    before_tax = None if day.value is None or value is None else plus(day.value_before_tax, value - day.value)
    return day._replace(value=value, value_before_tax=before_tax)


def _chained(days: pl.Series, moves: _Moves, between: npt.NDArray[np.bool_], opening: Opening | None) -> pl.DataFrame:
    value, flow_in, flow_out = (np.array(amounts, dtype=np.float64) / ONE_MONEY for amounts in moves)  # None is NaN
    if opening is not None and len(days):
        # What flowed on the opening day is part of its value; the first day is the base of the chain.
        flow_in[0], flow_out[0] = np.nan_to_num(value[0]), 0.0
    frame = table(date=days, value=value, flow_in=np.nan_to_num(flow_in), flow_out=np.nan_to_num(flow_out))
    unknown, valued, kept = np.isnan(flow_in) | np.isnan(flow_out), ~np.isnan(value), ~between
    if opening is not None and len(days):
        unknown[0] = not valued[0]  # nothing begins on an opening without a value
    returns = _without_unknown(day_returns(frame.filter(kept)), unknown[kept], valued[kept])
    if between.any():
        returns = with_days_between(returns, days, value, between)
    if opening is not None and len(days):
        first = pl.int_range(pl.len()) == 0
        day_return, broken = pl.lit(None, pl.Float64), pl.lit(bool(unknown[0]))
        returns = returns.with_columns(
            pl.when(first).then(day_return).otherwise("day_return").alias("day_return"),
            pl.when(first).then(broken).otherwise("broken").alias("broken"),
            pl.when(~first).then("capital").alias("capital"),
        )
    return chained(returns).with_columns(growth=pl.when(pl.Series(valued)).then("growth"))


def _without_unknown(
    returns: pl.DataFrame, unknown: npt.NDArray[np.bool_], valued: npt.NDArray[np.bool_]
) -> pl.DataFrame:
    """Take out the return of days with a flow or an opening that is not known; the chain breaks on them.

    What is not known of a day without a value counts in the return of the next day with one, which is not known either.
    """
    if not unknown.any():
        return returns
    known = np.flatnonzero(valued)
    closing = np.searchsorted(known, np.flatnonzero(unknown & ~valued))
    unknown[known[closing[closing < len(known)]]] = True
    hidden = pl.Series(unknown)
    return returns.with_columns(
        day_return=pl.when(~hidden).then(pl.col("day_return")), broken=pl.col("broken") | hidden
    )
