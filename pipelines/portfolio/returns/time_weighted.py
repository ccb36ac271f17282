"""Returns of values with flows between them: time-weighted, and by Modified Dietz (CALCULATIONS 5).

Belongs here: one portfolio's values and flows by day. Does not: where they come from (`daily`), the rate of flows
(`money_weighted`).
"""

import datetime as dt
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.observations import finite, table

DAYS_A_YEAR = 365
Floats = npt.NDArray[np.float64]
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
        start: First day; a flow on it weighs the whole time.
        end: Last day.
        flows: Day and amount, in positive.
        flow_timing: When in its day a flow arrives: ``"start"``, ``"mid"``, ``"end"``, or the part of the day that has
            passed by then, 0 to 1.

    Returns:
        A fraction; None where the average capital is not positive.

    Raises:
        ValueError: ``flow_timing`` is none of these, a flow is of another day than those from start to end, or the
            end comes before the start.
    """
    if end < start:
        raise ValueError(f"It ends on {end}, before it starts on {start}.")
    outside = [day for day, _ in flows if not start <= day <= end]
    if outside:
        raise ValueError(f"Flows are from {start} to {end}, not of {outside[0]}.")
    capital = _average_capital(start_value, start=start, end=end, flows=flows, passed=_passed(flow_timing))
    return _gained(start_value, end_value, flows, capital)


def _gained(
    start_value: float, end_value: float, flows: Sequence[tuple[dt.date, float]], capital: float
) -> float | None:
    moved = math.fsum(amount for _, amount in flows)
    return finite((end_value - start_value - moved) / capital) if capital > 0 else None


def _average_capital(
    start_value: float, *, start: dt.date, end: dt.date, flows: Sequence[tuple[dt.date, float]], passed: float
) -> float:
    length = (end - start).days
    return start_value + math.fsum(
        amount * (min(1.0, ((end - day).days + 1 - passed) / length) if length else 1.0) for day, amount in flows
    )


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
        positive; ``growth``, what 1.00 before the first day is worth, null on a day without a value and from a negative
        opening on; ``capital``, what the day's return was made on, null on a day without a value; and `chained`'s
        ``broken``, ``chain``, ``breaks`` and ``losses``.

    Raises:
        ValueError: The days are not in their order, each once, a flow is missing or negative, or anything has no end.
    """
    if values["date"].has_nulls() or not (values["date"].diff().drop_nulls() > dt.timedelta(0)).all():
        raise ValueError("The days come in their order, each once.")
    for name in ("flow_in", "flow_out"):
        if not (values[name].is_finite() & values[name].ge(0)).fill_null(value=False).all():
            raise ValueError(f"{name} is 0 on a day without a flow, never missing and never negative.")
    if values["value"].is_infinite().any():
        raise ValueError("A value has an end; null stands for one that is not known.")
    return chained(day_returns(values)).with_columns(growth=pl.when(values["value"].is_not_null()).then("growth"))


def chained(returns: pl.DataFrame) -> pl.DataFrame:
    """Return what days made of 1.00, and where their chain breaks.

    Args:
        returns: By day: ``day_return``, null or NaN for none, and ``broken``, whether no return that spans the day is
            known.

    Returns:
        With these columns more: ``chain``, the product of ``1 + day_return``, which goes on past breaks and past days
        that have lost all; ``breaks`` and ``losses``, how many there were of either until then; ``growth``, the chain
        until the first break, 0 from the first loss of all on. Two days make a return where as many days were broken
        until the one as until the other: the quotient of their chains, or -1 where all was lost between them.
    """
    factor = 1 + pl.col("day_return").fill_null(0.0)
    return (
        returns.with_columns(pl.col("day_return").fill_nan(None))
        .with_columns(
            chain=pl.when(factor == 0).then(1.0).otherwise(factor).cum_prod(),
            losses=(factor == 0).cast(pl.Int64).cum_sum(),
            breaks=pl.col("broken").cast(pl.Int64).cum_sum(),
        )
        .with_columns(
            growth=pl.when(pl.col("breaks") == 0).then(pl.when(pl.col("losses") == 0).then("chain").otherwise(0.0))
        )
    )


def day_returns(values: pl.DataFrame) -> pl.DataFrame:
    """Return ``date``, ``day_return`` and ``capital`` as `time_weighted_returns`, and what `chained` makes of them.

    A day is ``broken`` that opens below zero: a return that spans it is not known.
    """
    value, flow_in, flow_out = (values[name].to_numpy() for name in ("value", "flow_in", "flow_out"))
    capital = np.concatenate([[0.0], value])[: len(value)] + flow_in
    capital[np.isnan(value)] = np.nan
    change = np.full(len(value), np.nan)
    np.divide(value + flow_out, capital, out=change, where=capital > 0)
    change -= 1
    for last, day in _gaps(~np.isnan(value)):
        capital[day], change[day] = _linked(values[last + 1 : day + 1], values["date"][max(last, 0)], value, last)
    return table(date=values["date"], day_return=change, capital=capital).with_columns(broken=pl.Series(capital < 0))


def _gaps(known: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the days with a value after days without one, each with the last day with a value before (-1 for none)."""
    days = np.flatnonzero(known)
    lasts = np.concatenate([[-1], days])[: len(days)]
    wide = days - lasts > 1
    return list(zip(lasts[wide].tolist(), days[wide].tolist(), strict=True))


def _linked(span: pl.DataFrame, start: dt.date, value: Floats, last: int) -> tuple[float, float]:
    """Return average capital and return over a gap (NaN for none) by Modified Dietz, flows from the close of their day.

    Args:
        span: The days without a value, and the next one with one.
        start: The last day with a value before, else the first of all.
        value: The values of all days.
        last: The place of the day before; -1 for none.
    """
    opening, end = float(value[last]) if last >= 0 else 0.0, span["date"][-1]
    flows = list(zip(span["date"], span["flow_in"] - span["flow_out"], strict=True))
    capital = _average_capital(opening, start=start, end=end, flows=flows, passed=_TIMING["end"])
    change = _gained(opening, span["value"][-1], flows, capital)
    return capital, math.nan if change is None else change


def annualized(total_return: float | None, *, start: dt.date, end: dt.date) -> float | None:
    """Return the yearly rate of a total return by actual days / 365, None under one year."""
    days = (end - start).days
    if total_return is None or days < DAYS_A_YEAR or total_return <= -1:
        return None
    return float((1 + total_return) ** (DAYS_A_YEAR / days) - 1)
