"""When exchanges are open.

Belongs here: sessions from `exchange_calendars`, which takes two seconds to import and is imported only if a session is
missing. Does not: what is done while an exchange is open.
"""

import datetime as dt
import importlib
from collections.abc import Collection, Sequence
from typing import Any

import polars as pl

from warehouse.schema.market import TRADING_SESSIONS

AHEAD_DAYS = 30
"""How far beyond today sessions are kept, so that schedules know the next ones."""

_MARGIN_DAYS = 10


def missing_exchanges(
    exchanges: Collection[str], stored: pl.DataFrame, *, first_day: dt.date, today: dt.date
) -> list[str]:
    """Return the exchanges whose stored sessions do not reach from the first day to some days after today.

    Args:
        exchanges: Market identifier codes.
        stored: `trading_sessions`.
        first_day: First day that is needed.
        today: The clock's day.
    """
    margin = dt.timedelta(days=_MARGIN_DAYS)
    spans = stored.group_by("exchange").agg(first=pl.col("date").min(), last=pl.col("date").max())
    covered = spans.filter((pl.col("first") <= first_day + margin) & (pl.col("last") >= today + margin))
    return sorted(set(exchanges) - set(covered["exchange"]))


def sessions(exchanges: Sequence[str], *, first_day: dt.date, today: dt.date) -> tuple[pl.DataFrame, list[str]]:
    """Return the sessions of exchanges from the first day to `AHEAD_DAYS` after today, as far as they are known.

    Returns:
        `trading_sessions`, by exchange and date; and the exchanges for which there is no calendar.
    """
    found = {exchange: _calendar(exchange, first_day, today) for exchange in exchanges}
    frames = [_rows(exchange, calendar) for exchange, calendar in found.items() if calendar is not None]
    unknown = [exchange for exchange, calendar in found.items() if calendar is None]
    return pl.concat([TRADING_SESSIONS.empty(), *frames]), unknown


def _calendar(exchange: str, first_day: dt.date, today: dt.date) -> Any | None:
    end = today + dt.timedelta(days=AHEAD_DAYS)
    calendar = _built(exchange, start=first_day.isoformat(), end=end.isoformat())
    if calendar is not None:
        return calendar
    # Some calendars begin or end on a day of their own, which only a calendar that could be built says.
    known = _built(exchange)
    if known is None:
        return None
    begins, ends = known.bound_min(), known.bound_max()
    start = first_day if begins is None else max(first_day, begins.date())
    last = end if ends is None else min(end, ends.date())
    return _built(exchange, start=start.isoformat(), end=last.isoformat()) if start < last else None


def _built(exchange: str, **span: str) -> Any | None:
    calendars = importlib.import_module("exchange_calendars")
    try:
        return calendars.get_calendar(exchange, **span)
    except (calendars.errors.CalendarError, ValueError):
        # Unknown to the library, not known for these days, or one of those that it cannot build with the newest pandas.
        return None


def _rows(exchange: str, calendar: Any) -> pl.DataFrame:
    schedule = calendar.schedule[["open", "close"]].rename_axis("date").reset_index()
    frame: pl.DataFrame = pl.from_pandas(schedule).select(
        exchange=pl.lit(exchange), date=pl.col("date").cast(pl.Date), opens_at="open", closes_at="close"
    )
    return TRADING_SESSIONS.conform(frame)
