"""When the market is asked: while held exchanges are open, after their close, after the fixing, at night.

Belongs here: times and whether a tick is worth a run. Does not: what a run does (`jobs`).
"""

import datetime as dt

import dagster as dg
import polars as pl

from pipelines.defs.jobs import dividends, fx, quotes, refresh
from pipelines.defs.resources import Folio
from warehouse.schema.market import SYMBOLS, TRADING_SESSIONS
from warehouse.settings import Settings

NO_LEDGER = "no portfolio has a transaction yet"
DEMO = "the clock stands still: there is nothing new to fetch"
_CLOSE_MARGIN = dt.timedelta(minutes=30)
_STATUS = dg.DefaultScheduleStatus.STOPPED if Settings().clock else dg.DefaultScheduleStatus.RUNNING


def idle(folio: Folio) -> str | None:
    """Return why there is nothing to ask the market, None if there is."""
    if folio.settings.clock:
        return DEMO
    return NO_LEDGER if folio.ledger().mirror()["transactions"].is_empty() else None


def held_sessions(folio: Folio, day: dt.date) -> pl.DataFrame:
    """Return the sessions around a day of every exchange of the master: ``exchange, date, opens_at, closes_at``."""
    exchanges = folio.stored(SYMBOLS)["exchange"].drop_nulls().unique()
    around = pl.col("date").is_between(day - dt.timedelta(days=1), day + dt.timedelta(days=1))
    return folio.stored(TRADING_SESSIONS).filter(around & pl.col("exchange").is_in(exchanges.implode()))


def is_open(sessions: pl.DataFrame, now: dt.datetime) -> bool:
    """Return whether any exchange is open, or closed no longer ago than one tick."""
    lately = pl.col("closes_at") + dt.timedelta(minutes=15)
    return not sessions.filter((pl.col("opens_at") <= now) & (lately > now)).is_empty()


def just_closed(sessions: pl.DataFrame, now: dt.datetime, *, every: dt.timedelta) -> list[str]:
    """Return the exchanges that closed half an hour ago, within the last tick."""
    due = pl.col("closes_at") + _CLOSE_MARGIN
    return sorted(sessions.filter((due <= now) & (due > now - every))["exchange"])


def _moment(context: dg.ScheduleEvaluationContext) -> dt.datetime:
    return context.scheduled_execution_time.astimezone(dt.UTC)


@dg.schedule(job=quotes, cron_schedule="*/15 * * * *", execution_timezone="UTC", default_status=_STATUS)
def quotes_while_open(context: dg.ScheduleEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Ask for quotes every quarter of an hour while an exchange of the master is open."""
    now = _moment(context)
    if reason := idle(folio):
        return dg.SkipReason(reason)
    if not is_open(held_sessions(folio, now.date()), now):
        return dg.SkipReason("every held exchange is closed")
    return dg.RunRequest(run_key=f"quotes-{now:%Y%m%dT%H%M}")


@dg.schedule(job=refresh, cron_schedule="5,35 * * * *", execution_timezone="UTC", default_status=_STATUS)
def end_of_day(context: dg.ScheduleEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Refresh everything half an hour after the close of each held exchange."""
    now = _moment(context)
    if reason := idle(folio):
        return dg.SkipReason(reason)
    closed = just_closed(held_sessions(folio, now.date()), now, every=dt.timedelta(minutes=30))
    if not closed:
        return dg.SkipReason("no held exchange has just closed")
    return dg.RunRequest(run_key=f"end-of-day-{now:%Y%m%dT%H%M}", tags={"folio/exchanges": " ".join(closed)})


@dg.schedule(job=fx, cron_schedule="15 16 * * 1-5", execution_timezone="Europe/Berlin", default_status=_STATUS)
def rates_after_fixing(context: dg.ScheduleEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Ask for reference rates after the ECB has published them, at about 16:00 CET."""
    reason = idle(folio)
    return dg.SkipReason(reason) if reason else dg.RunRequest(run_key=f"fx-{_moment(context):%Y%m%d}")


@dg.schedule(job=dividends, cron_schedule="0 2 * * *", execution_timezone="UTC", default_status=_STATUS)
def dividends_at_night(context: dg.ScheduleEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Ask for dividends and splits once a day."""
    reason = idle(folio)
    return dg.SkipReason(reason) if reason else dg.RunRequest(run_key=f"dividends-{_moment(context):%Y%m%d}")
