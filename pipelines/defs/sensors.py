"""What is noticed besides the time: a new ledger version, a file in the inbox, what was missed, a run that is dead.

Belongs here: noticing, with a cursor where there is one. Does not: reading files or ledgers, what a run does (`jobs`).
"""

import datetime as dt
import hashlib
import json

import dagster as dg
import polars as pl

from pipelines import due
from pipelines.defs.backfill import waiting_portions
from pipelines.defs.described import described
from pipelines.defs.jobs import COVERING, backfill, recompute, refresh
from pipelines.defs.killed import note_killed_runs
from pipelines.defs.made_up import Asked
from pipelines.defs.resources import Folio
from pipelines.defs.schedules import followed_sessions, idle
from pipelines.needs import followed_symbols
from warehouse.schema.ledger import PORTFOLIOS
from warehouse.schema.market import OWN_FILES, SYMBOLS

_EVERY_SECONDS = 30
_STATUS = dg.DefaultSensorStatus.RUNNING
_QUIET = dt.timedelta(seconds=5)
"""A file that was written to more recently may still be on its way into the inbox."""
_WAITING = (dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED)
_GOING_ON = (*_WAITING, dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED)
_IN_VAIN = "every run that was asked for it was killed"
_CAME_TO_AN_END = ("published", "failed", "running")
"""States of runs that were not cut short: one that failed was seen to fail, and asking at once again is no cure."""


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _one(instance: dg.DagsterInstance, job: str, statuses: tuple[dg.DagsterRunStatus, ...]) -> str | None:
    """Return a run of a job that stands like that; None where there is none."""
    records = instance.get_run_records(dg.RunsFilter(job_name=job, statuses=list(statuses)), limit=1)
    return records[0].dagster_run.run_id if records else None


@described(
    dg.sensor,
    jobs=[recompute, refresh],
    minimum_interval_seconds=_EVERY_SECONDS,
    default_status=_STATUS,
)
def ledger_changed(context: dg.SensorEvaluationContext, folio: Folio) -> dg.SensorResult | dg.SkipReason:
    """Compute again when a portfolio has a new version; fetch too when a symbol is not known yet that it names.

    A symbol that is watched and not known yet is fetched as well.
    """
    current, watched = folio.ledger().versions(), folio.ledger().watched()
    versions = json.dumps([current, sorted(watched)], sort_keys=True)
    asked = Asked(context.instance, folio, "ledger", f"ledger-{_short(versions)}")
    if versions == (context.cursor or "[{}, []]") and not asked.lost:
        return dg.SkipReason("every portfolio is at the version it was")
    known = set(folio.stored(SYMBOLS)["symbol"])
    published = dict(folio.stored(PORTFOLIOS).select("portfolio_id", "version").iter_rows())
    if current == published and watched <= known:
        return dg.SensorResult(skip_reason="every portfolio is published at its version", cursor=versions)
    if waiting := _one(context.instance, refresh.name, _WAITING):
        asked.leave_to(waiting)
        return dg.SensorResult(skip_reason="a refresh that waits will see it", cursor=versions)
    followed = set(followed_symbols(folio.ledger().mirror())["symbol"])
    job = recompute if followed <= known else refresh
    return dg.SensorResult(run_requests=[asked.request(job=job.name)], cursor=versions)


@described(dg.sensor, job=refresh, minimum_interval_seconds=_EVERY_SECONDS, default_status=_STATUS)
def inbox_file(context: dg.SensorEvaluationContext, folio: Folio) -> dg.SensorResult | dg.SkipReason:
    """Refresh when a file has come into the inbox, or one there has changed, and nobody is writing there."""
    if OWN_FILES not in (*folio.settings.price_sources, *folio.settings.fx_sources):
        return dg.SkipReason("the inbox is not among the sources of the settings")
    files = sorted(file for file in folio.settings.inbox_dir.glob("**/*") if file.is_file())
    states = [(file.name, file.stat()) for file in files]
    found = json.dumps([[name, state.st_size, state.st_mtime_ns] for name, state in states])
    asked = Asked(context.instance, folio, "inbox", f"inbox-{_short(found)}")
    if found == (context.cursor or "[]") and not asked.lost:
        return dg.SkipReason("nothing new in the inbox")
    now = folio.now().timestamp()
    if any(0 <= now - state.st_mtime < _QUIET.total_seconds() for _, state in states):
        return dg.SkipReason("a file of the inbox is being written")
    if waiting := _one(context.instance, refresh.name, _WAITING):
        asked.leave_to(waiting)
        return dg.SensorResult(skip_reason="a refresh that waits will take it", cursor=found)
    return dg.SensorResult(run_requests=[asked.request()], cursor=found)


@described(dg.sensor, job=refresh, minimum_interval_seconds=_EVERY_SECONDS, default_status=_STATUS)
def missed(context: dg.SensorEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Refresh once when something was due while nothing ran, however much it was and however long ago."""
    if reason := idle(folio):
        return dg.SkipReason(reason)
    overdue = _overdue(folio, folio.now())
    if not overdue:
        return dg.SkipReason("nothing was missed")
    if any(_one(context.instance, job, _GOING_ON) for what in overdue for job in COVERING[what]):
        return dg.SkipReason("a run is on its way")
    asked = Asked(context.instance, folio, "missed", f"missed-{max(overdue.values()):%Y%m%dT%H%M}")
    if asked.given_up:
        return dg.SkipReason(_IN_VAIN)
    said = ", ".join(f"{name} of {moment:%Y-%m-%d %H:%M}Z" for name, moment in sorted(overdue.items()))
    return asked.request(**{"folio/missed": said})


def _overdue(folio: Folio, now: dt.datetime) -> dict[str, dt.datetime]:
    """Return what was due longer ago than a tick may be late, and no run has looked at since, by what it was."""
    runs = folio.ops().runs(folio.settings.keep_runs).filter(pl.col("status").is_in(_CAME_TO_AN_END))
    last = dict(runs.group_by("kind").agg(pl.col("started_at").max()).iter_rows())
    looked = {what: max((last[job] for job in jobs if job in last), default=None) for what, jobs in COVERING.items()}
    ticks = due.last_due(followed_sessions(folio, now), now - due.LATE)
    return {what: tick for what, tick in ticks.items() if (seen := looked[what]) is None or seen < tick}


@described(dg.sensor, job=refresh, minimum_interval_seconds=_EVERY_SECONDS, default_status=_STATUS)
def backfill_fetched(context: dg.SensorEvaluationContext, folio: Folio) -> dg.RunRequest | dg.SkipReason:
    """Refresh when a backfill has come to its end, and again while some of it is left."""
    waiting = waiting_portions(folio)
    if not waiting:
        return dg.SkipReason("nothing waits")
    for job in (backfill.name, refresh.name):
        if _one(context.instance, job, _GOING_ON):
            return dg.SkipReason(f"a {job} is on its way")
    key = f"backfilled-{waiting[0].folder.name}-{waiting[-1].folder.name}"
    asked = Asked(context.instance, folio, "backfilled", key)
    return dg.SkipReason(_IN_VAIN) if asked.given_up else asked.request()


@described(dg.sensor, minimum_interval_seconds=_EVERY_SECONDS, default_status=_STATUS)
def killed_runs(context: dg.SensorEvaluationContext, folio: Folio) -> dg.SkipReason:
    """End runs that were killed, so that those behind them in the queue have their turn."""
    killed = note_killed_runs(folio, context.instance)
    return dg.SkipReason(f"ended {', '.join(killed)}" if killed else "no run was killed")
