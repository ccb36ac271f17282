"""Returns of values with flows between them: time-weighted, and by Modified Dietz (CALCULATIONS 5).

Belongs here: one portfolio's values and flows by day. Does not: where they come from (`daily`), the rate of flows
(`money_weighted`).
"""

import datetime as dt
import math
from collections.abc import Sequence

import polars as pl

from pipelines.portfolio.observations import finite

DAYS_A_YEAR = 365
# The part of a flow's day that has passed when it arrives.
_TIMING = {"start": 0.0, "mid": 0.5, "end": 1.0}


def modified_dietz(
    start_value: float,
    end_value: float,
    *,
    start: dt.date,
    end: dt.date,
    flows: Sequence[tuple[dt.date, float]],
    flow_timing: str | float = "end",
) -> float | None:
    """Return the gain over the average capital, flows weighted by the days they were in.

    A flow of day ``d`` of ``n`` weighs ``(n - d + 1 - flow_timing) / n``: as it is from the close of its day on, with
    ``"start"`` from its open as GIPS has it.

    Args:
        start_value: Value at the close of ``start``.
        end_value: Value at the close of ``end``.
        start: First day; flows on it belong before.
        end: Last day.
        flows: Day and amount, in positive.
        flow_timing: When in its day a flow arrives: ``"start"``, ``"mid"``, ``"end"``, or the part of the day that has
            passed by then, 0 to 1.

    Returns:
        A fraction; None where the average capital is not positive.

    Raises:
        ValueError: ``flow_timing`` is none of these.
    """
    length = (end - start).days
    passed = _passed(flow_timing)
    moved = math.fsum(amount for _, amount in flows)
    weighted = math.fsum(
        amount * (min(1.0, ((end - day).days + 1 - passed) / length) if length else 1.0) for day, amount in flows
    )
    capital = start_value + weighted
    return finite((end_value - start_value - moved) / capital) if capital > 0 else None


def _passed(flow_timing: str | float) -> float:
    passed = _TIMING.get(flow_timing) if isinstance(flow_timing, str) else flow_timing
    if passed is None or not 0 <= passed <= 1:
        raise ValueError(f"A flow arrives at {', '.join(_TIMING)} or at 0 to 1 of its day, not at {flow_timing!r}.")
    return passed


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
