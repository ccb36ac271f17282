"""Returns: time-weighted, money-weighted, and the simple one (CALCULATIONS 5).

Belongs here: pure functions of values and flows. Does not: where values come from (`daily`), named periods (`periods`).
"""

import datetime as dt
import itertools
import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
import pyxirr

DAYS_A_YEAR = 365
# Worths of 1 + rate that are tried for a change of sign: close together where rates are usual.
_SCAN = tuple(
    10**exponent - 1 for exponent in (*range(-10, -2), *(step / 60 for step in range(-120, 121)), *range(3, 11))
)


class MoneyWeighted(NamedTuple):
    """A money-weighted return, or why there is none."""

    rate: float | None
    reason: str | None = None


def xirr(dates: Sequence[dt.date], amounts: Sequence[float]) -> MoneyWeighted:
    """Return the annual rate at which flows and end value are worth nothing, act/365 from the first flow.

    Args:
        dates: ``(n_flows,)`` days, in any order.
        amounts: ``(n_flows,)``; what is put in is negative, what comes out (and the end value) positive.

    Returns:
        The rate as a fraction; None with a reason where flows do not change sign or fall on one day. Never infinite.
    """
    flows = [(day, amount) for day, amount in zip(dates, amounts, strict=True) if amount]
    if not flows or all(amount > 0 for _, amount in flows) or all(amount < 0 for _, amount in flows):
        return MoneyWeighted(None, "no_sign_change")
    days, values = [day for day, _ in flows], [amount for _, amount in flows]
    if min(days) == max(days):
        return MoneyWeighted(None, "one_day")
    found = pyxirr.xirr(days, values, silent=True)
    if found is not None and math.isfinite(found) and found > -1:
        return MoneyWeighted(found)
    roots = xirr_roots(days, values)
    return MoneyWeighted(min(roots, key=abs)) if roots else MoneyWeighted(None, "no_root")


def xirr_roots(dates: Sequence[dt.date], amounts: Sequence[float]) -> tuple[float, ...]:
    """Return every real root above -1 that a scan of rates brackets, each refined; flows as for `xirr`."""
    signs = [amount > 0 for _, amount in sorted(zip(dates, amounts, strict=True)) if amount]
    if len(list(itertools.groupby(signs))) < 2:  # noqa: PLR2004 - without a change of sign there is no root
        return ()
    start = min(dates)
    years = np.array([(day - start).days / DAYS_A_YEAR for day in dates])
    flows = np.array(amounts, dtype=np.float64)

    def present_value(rate: float) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return float(np.sum(flows * np.power(1 + rate, -years)))

    net = [(rate, present_value(rate)) for rate in _SCAN]
    return tuple(
        _bisected(low[0], high[0], present_value)
        for low, high in itertools.pairwise(net)
        if math.isfinite(low[1]) and math.isfinite(high[1]) and (low[1] > 0) != (high[1] > 0)
    )


def _bisected(low: float, high: float, present_value: Callable[[float], float]) -> float:
    rising = present_value(low) <= 0
    while high - low > 1e-15 * max(1.0, abs(low)):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        if (present_value(middle) <= 0) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def modified_dietz(
    start_value: float,
    end_value: float,
    *,
    start: dt.date,
    end: dt.date,
    flows: Sequence[tuple[dt.date, float]],
) -> float | None:
    """Return the gain over the average capital, flows weighted by the days they were in.

    Args:
        start_value: Value at the close of ``start``.
        end_value: Value at the close of ``end``.
        start: First day; flows on it belong before.
        end: Last day.
        flows: Day and amount, in positive.

    Returns:
        A fraction; None where the average capital is not positive.
    """
    moved = math.fsum(amount for _, amount in flows)
    capital = average_capital(start_value, start=start, end=end, flows=flows)
    return (end_value - start_value - moved) / capital if capital > 0 else None


def average_capital(
    start_value: float, *, start: dt.date, end: dt.date, flows: Sequence[tuple[dt.date, float]]
) -> float:
    """Return the opening value and every flow by the part of the time that it was in."""
    length = (end - start).days
    return start_value + math.fsum(amount * ((end - day).days / length if length else 1.0) for day, amount in flows)


def time_weighted_returns(values: pl.DataFrame) -> pl.DataFrame:
    """Chain the daily returns of one portfolio, free of the effect of its flows.

    Inflows count from the open of their day, outflows until its close::

        r[t] = (V[t] + out[t]) / (V[t-1] + in[t]) - 1        growth[t] = product of (1 + r[s]), s <= t

    A day without a value has no return; the gap it makes is linked by Modified Dietz on the next valued day.

    Args:
        values: ``(n_days)`` rows by ``date``: ``value`` (null where it is not known), ``flow_in``, ``flow_out``,
            Float64, flows not negative.

    Returns:
        ``date``; ``day_return``, a fraction, null on days of no capital or no value and where the opening is not
        positive; ``growth``, what 1.00 before the first day is worth, null from a negative opening on.
    """
    dates = values["date"].to_list()
    rows = zip(dates, values["value"].to_list(), values["flow_in"].to_list(), values["flow_out"].to_list(), strict=True)
    returns: list[float | None] = []
    growth: list[float | None] = []
    chain: float | None = 1.0
    previous, previous_day = 0.0, (dates[0] if dates else dt.date.min)
    pending: list[tuple[dt.date, float]] = []
    for day, value, flow_in, flow_out in rows:
        change: float | None = None
        if value is None:
            pending.append((day, flow_in - flow_out))
        elif pending:
            pending.append((day, flow_in - flow_out))
            change = modified_dietz(previous, value, start=previous_day, end=day, flows=pending)
            pending = []
        else:
            opening = previous + flow_in
            closing = value + flow_out
            if opening > 0:
                change = closing / opening - 1
            elif opening < 0:
                chain = None
        if value is not None:
            previous, previous_day = value, day
        chain = chain if chain is None or change is None else chain * (1 + change)
        returns.append(change)
        growth.append(chain)
    return pl.DataFrame(
        {"date": dates, "day_return": returns, "growth": growth},
        schema={"date": pl.Date, "day_return": pl.Float64, "growth": pl.Float64},
    )


def annualized(total_return: float | None, *, start: dt.date, end: dt.date) -> float | None:
    """Return the yearly rate of a total return by actual days / 365, None under one year."""
    days = (end - start).days
    if total_return is None or days < DAYS_A_YEAR or total_return <= -1:
        return None
    return float((1 + total_return) ** (DAYS_A_YEAR / days) - 1)
