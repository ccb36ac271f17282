"""When the market is to be asked, and what has been missed since.

Belongs here: moments that follow from the sessions of exchanges, from the ECB's fixing and from the night. Does not:
calendars (`pipelines.sessions`), what is run then and whether it was (`pipelines.defs`).
"""

import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import polars as pl

QUOTES_EVERY = dt.timedelta(minutes=15)
CLOSES_EVERY = dt.timedelta(minutes=30)
CLOSES_AT = (5, 35)
"""Minutes of each hour at which it is looked which exchanges have closed: most close on the hour or the half."""
CLOSE_MARGIN = dt.timedelta(minutes=30)
"""Closing auctions take their time, and so do providers."""
FIXING = dt.time(16, 15, tzinfo=ZoneInfo("Europe/Berlin"))
"""The ECB publishes its reference rates at about 16:00 CET on working days."""
NIGHT = dt.time(2, 0, tzinfo=dt.UTC)
LATE = dt.timedelta(minutes=15)
"""A tick that is later than this was missed: what it was for is made up for by one run, whatever else was missed."""

_SATURDAY = 5
_DAY = dt.timedelta(days=1)


def held_symbols(holdings: pl.DataFrame) -> set[str]:
    """Return the symbols that some account holds or is short of; ``holdings`` has ``symbol`` and ``quantity``."""
    return set(holdings.filter(pl.col("quantity") != 0)["symbol"])


def is_open(sessions: pl.DataFrame, now: dt.datetime) -> bool:
    """Return whether any of the sessions (``opens_at``, ``closes_at``) goes on, or ended within the last tick."""
    lately = pl.col("closes_at") + QUOTES_EVERY
    return not sessions.filter((pl.col("opens_at") <= now) & (lately > now)).is_empty()


def just_closed(sessions: pl.DataFrame, now: dt.datetime) -> list[tuple[str, dt.date]]:
    """Return exchange and day of the sessions whose prices came to be due within the last tick, in order.

    Args:
        sessions: ``exchange``, ``date``, ``closes_at``.
        now: A tick.
    """
    due = pl.col("closes_at") + CLOSE_MARGIN
    closed = sessions.filter((due <= now) & (due > now - CLOSES_EVERY))
    return closed.sort("exchange", "date").select("exchange", "date").rows()


def last_due(sessions: pl.DataFrame, now: dt.datetime) -> Mapping[str, dt.datetime]:
    """Return the last tick before a moment at which something was due: ``close``, ``fixing``, ``night``.

    Args:
        sessions: Of the exchanges that count; without any that has ended there is no ``close``.
        now: The moment, with its zone.
    """
    ticks = (_close_tick(moment) for moment in sessions["closes_at"])
    closes = [tick for tick in ticks if tick <= now]
    last = {"fixing": _last(FIXING, now, weekdays=True), "night": _last(NIGHT, now)}
    return {"close": max(closes), **last} if closes else last


def _close_tick(closed: dt.datetime) -> dt.datetime:
    """Return the tick that sees a close."""
    due = closed + CLOSE_MARGIN
    hour = due.replace(minute=0, second=0, microsecond=0)
    ticks = (hour + dt.timedelta(minutes=minute) for minute in (*CLOSES_AT, 60 + CLOSES_AT[0]))
    return next(tick for tick in ticks if tick >= due)


def _last(time: dt.time, now: dt.datetime, *, weekdays: bool = False) -> dt.datetime:
    here = now.astimezone(time.tzinfo)
    day = here.date() if dt.datetime.combine(here.date(), time) <= here else here.date() - _DAY
    while weekdays and day.weekday() >= _SATURDAY:
        day -= _DAY
    return dt.datetime.combine(day, time).astimezone(dt.UTC)
