"""When the market is asked: while held exchanges are open, after their close, after the fixing, at night.

Belongs here: the schedules, and whether a tick is worth a run. Does not: the moments (`pipelines.due`), what a run does
(`jobs`), what was missed while nothing ran (`sensors.missed`).
"""

import datetime as dt
from collections.abc import Collection

import dagster as dg
import polars as pl

from pipelines import due, hours
from pipelines.defs.described import described
from pipelines.defs.jobs import dividends, fx, quotes, refresh
from pipelines.defs.resources import Folio
from pipelines.needs import followed_symbols
from warehouse.schema.ledger import PORTFOLIOS
from warehouse.schema.market import SYMBOLS, TRADING_SESSIONS
from warehouse.schema.marts import HOLDINGS
from warehouse.settings import Settings

NO_LEDGER = "no portfolio has a transaction yet, and nothing is watched"
DEMO = "the clock stands still: there is nothing new to fetch"
MISSED = "missed while nothing ran: one refresh makes up for all that was"
_AROUND_DAYS = 20
"""No exchange rests for that long before and after a day: one without sessions then has no calendar."""
_STATUS = dg.DefaultScheduleStatus.STOPPED if Settings().clock else dg.DefaultScheduleStatus.RUNNING


def idle(folio: Folio) -> str | None:
    """Return why there is nothing to ask the market, None if there is."""
    if folio.settings.clock:
        return DEMO
    return NO_LEDGER if followed_symbols(folio.ledger().mirror()).is_empty() else None


def held_sessions(folio: Folio, now: dt.datetime) -> pl.DataFrame:
    """Return the sessions of about a day of whatever something held or watched is traded at."""
    return _sessions(folio, _wanted(folio), now, days_before=1)


def followed_sessions(folio: Folio, now: dt.datetime) -> pl.DataFrame:
    """Return the sessions since a fortnight of where something held or watched, or a benchmark, is traded."""
    benchmarks = set(folio.stored(PORTFOLIOS)["benchmark"].drop_nulls())
    return _sessions(folio, _wanted(folio) | benchmarks, now, days_before=14)


def _wanted(folio: Folio) -> set[str]:
    return due.held_symbols(folio.stored(HOLDINGS)) | folio.ledger().watched()


def _sessions(folio: Folio, names: Collection[str], now: dt.datetime, *, days_before: int) -> pl.DataFrame:
    places = hours.places_of(folio.stored(SYMBOLS), names)
    days = [now.date() + dt.timedelta(days=number) for number in range(-days_before, 2)]
    around = [now.date() + dt.timedelta(days=number) for number in range(-_AROUND_DAYS, _AROUND_DAYS + 1)]
    return hours.sessions_at(places, days, folio.stored(TRADING_SESSIONS, where={"exchange": places, "date": around}))


def _moment(context: dg.ScheduleEvaluationContext) -> dt.datetime:
    return context.scheduled_execution_time.astimezone(dt.UTC)


def _unasked(folio: Folio, tick: dt.datetime) -> str | None:
    """Return why a tick asks for nothing, whatever it is for."""
    return MISSED if folio.now() - tick > due.LATE else idle(folio)


@described(
    dg.schedule,
    job=quotes,
    cron_schedule=f"*/{due.QUOTES_EVERY.seconds // 60} * * * *",
    execution_timezone="UTC",
    default_status=_STATUS,
)
def quotes_while_open(context: dg.ScheduleEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Ask for quotes every quarter of an hour while an exchange of something held is open."""
    tick = _moment(context)
    if reason := _unasked(folio, tick):
        return dg.SkipReason(reason)
    if not due.is_open(held_sessions(folio, tick), tick):
        return dg.SkipReason("every held exchange is closed")
    return dg.RunRequest(run_key=f"quotes-{tick:%Y%m%dT%H%M}")


@described(
    dg.schedule,
    job=refresh,
    cron_schedule=f"{','.join(map(str, due.CLOSES_AT))} * * * *",
    execution_timezone="UTC",
    default_status=_STATUS,
)
def end_of_day(context: dg.ScheduleEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Refresh everything half an hour after each exchange of a holding or benchmark has closed, early or not."""
    tick = _moment(context)
    if reason := _unasked(folio, tick):
        return dg.SkipReason(reason)
    closed = due.just_closed(followed_sessions(folio, tick), tick)
    if not closed:
        return dg.SkipReason("no held exchange has just closed")
    named = " ".join(f"{exchange}@{day}" for exchange, day in closed)
    return dg.RunRequest(run_key=f"end-of-day {named}", tags={"folio/closed": named})


@described(
    dg.schedule,
    job=fx,
    cron_schedule=f"{due.FIXING.minute} {due.FIXING.hour} * * 1-5",
    execution_timezone=str(due.FIXING.tzinfo),
    default_status=_STATUS,
)
def rates_after_fixing(context: dg.ScheduleEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Ask for reference rates after the ECB has published them, at about 16:00 CET."""
    tick = _moment(context)
    reason = _unasked(folio, tick)
    return dg.SkipReason(reason) if reason else dg.RunRequest(run_key=f"fx-{tick:%Y%m%d}")


@described(
    dg.schedule,
    job=dividends,
    cron_schedule=f"{due.NIGHT.minute} {due.NIGHT.hour} * * *",
    execution_timezone="UTC",
    default_status=_STATUS,
)
def dividends_at_night(context: dg.ScheduleEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Ask for dividends and splits once a day."""
    tick = _moment(context)
    reason = _unasked(folio, tick)
    return dg.SkipReason(reason) if reason else dg.RunRequest(run_key=f"dividends-{tick:%Y%m%d}")
