"""The daily series of a view: values, flows and chained returns, of the portfolio and of every holding.

Belongs here: joining the grid of values with flows. Does not: the grid (`daily`), the formulas (`returns`).
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import polars as pl

from pipelines.portfolio.booking.books import Books, Key
from pipelines.portfolio.daily import (
    NO_FLOW,
    CashValues,
    DayFlow,
    HoldingValues,
    daily_cash,
    day_grid,
    holding_values,
    netted,
    spans_of,
    totals,
)
from pipelines.portfolio.days import Ints, day_number, day_of
from pipelines.portfolio.exact import ONE_MONEY, Amount, plus
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.opening import Opening
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.returns import time_weighted_returns


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
    """The daily series and its chained returns, after and before tax.

    ``held`` has every holding on the days of ``grid`` (which may end a day later than ``days``, where that brings
    nothing new), ``priced`` the days with a price of something held, ``moves`` the flows of each holding by day.
    """

    days: list[Day]
    returns: pl.DataFrame
    returns_before_tax: pl.DataFrame
    held: HoldingValues
    grid: Ints
    priced: frozenset[int]
    moves: Mapping[Key, Mapping[int, DayFlow]]


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
    others = [day for day in event_days if day >= first]
    grid = day_grid(prices, spans, [*others, first] if opening else others)
    days = grid.days[grid.days <= day_number(final.date)]
    with_final = np.union1d(days, np.array([day_number(final.date)], dtype=np.int64))
    held = holding_values(prices, fx, base, spans, with_final, currencies)
    rows = _days(held, daily_cash(books, fx, base, with_final), netted(books.flows), with_final)
    rows = _ended(rows, final, is_event=len(days) == len(with_final))
    returns = _chained(rows, before_tax=False, opening=opening)
    return Series(
        rows,
        returns,
        _chained(rows, before_tax=True, opening=opening) if _is_taxed(rows) else returns,
        held,
        with_final,
        grid.priced,
        {key: netted(flows) for key, flows in books.holding_flows.items()},
    )


def _days(held: HoldingValues, cash: CashValues, flows: Mapping[int, DayFlow], days: Ints) -> list[Day]:
    sums = totals(held, len(days))
    rows = []
    for index, number in enumerate(days.tolist()):
        known = None if sums.incomplete[index] else sums.value[index]
        value = plus(known, cash.after[index])
        untaxed = plus(known, cash.before_tax[index])
        covered = _covered(value, sums.carried[index])
        rows.append(Day(day_of(number), value, untaxed, *flows.get(number, NO_FLOW), covered))
    return rows


def _is_taxed(rows: Sequence[Day]) -> bool:
    return any(
        (row.value, row.flow_in, row.flow_out)
        != (row.value_before_tax, row.flow_in_before_tax, row.flow_out_before_tax)
        for row in rows
    )


def _covered(value: Amount, carried: int) -> float | None:
    return 1 - carried / value if value else None


def _ended(rows: list[Day], final: Final, *, is_event: bool) -> list[Day]:
    """End on the exact value: in place where the last day is one of the grid, else only if the value has moved."""
    if not rows:
        return rows
    last = rows[-1]
    before_tax = None if last.value is None or final.value is None else _shifted(last, final.value)
    exact = last._replace(value=final.value, value_before_tax=before_tax)
    if is_event or len(rows) == 1 or rows[-2].value != final.value:
        return [*rows[:-1], exact]
    return rows[:-1]


def _shifted(last: Day, value: int) -> Amount:
    """Return the value before tax, moved by what the exact value differs from the grid's."""
    return plus(last.value_before_tax, value - (last.value or 0))


def _chained(rows: Sequence[Day], *, before_tax: bool, opening: Opening | None) -> pl.DataFrame:
    names = ("value_before_tax", "flow_in_before_tax", "flow_out_before_tax") if before_tax else _NAMES
    columns = [[getattr(row, name) for row in rows] for name in names]
    value, flow_in, flow_out = ([_float(amount) for amount in column] for column in columns)
    if opening is not None and rows:
        # What flowed on the opening day is part of its value; the first day is the base of the chain.
        flow_in[0], flow_out[0] = value[0] or 0.0, 0.0
    frame = pl.DataFrame(
        {
            "date": [row.date for row in rows],
            "value": value,
            "flow_in": [flow or 0.0 for flow in flow_in],
            "flow_out": [flow or 0.0 for flow in flow_out],
        },
        schema={"date": pl.Date, "value": pl.Float64, "flow_in": pl.Float64, "flow_out": pl.Float64},
    )
    chained = _without_unknown(
        time_weighted_returns(frame), [None in pair for pair in zip(flow_in, flow_out, strict=True)]
    )
    if opening is not None and rows:
        return chained.with_columns(day_return=pl.when(pl.int_range(pl.len()) > 0).then(pl.col("day_return")))
    return chained


def _without_unknown(chained: pl.DataFrame, unknown: list[bool]) -> pl.DataFrame:
    """Take out the return of days with a flow that is not known, and the growth from the first of them on."""
    if not any(unknown):
        return chained
    hidden = pl.Series(unknown)
    return chained.with_columns(
        day_return=pl.when(~hidden).then(pl.col("day_return")), growth=pl.when(~hidden.cum_max()).then(pl.col("growth"))
    )


_NAMES = ("value", "flow_in", "flow_out")


def _float(amount: Amount) -> float | None:
    return None if amount is None else amount / ONE_MONEY
