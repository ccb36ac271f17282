"""What is noticed besides the time: a new ledger version, a file in the inbox, a run whose process is gone.

Belongs here: noticing, with a cursor. Does not: reading files or ledgers.
"""

import hashlib
import json

import dagster as dg

from pipelines.defs.jobs import recompute, refresh
from pipelines.defs.killed import note_killed_runs
from pipelines.defs.resources import Folio
from pipelines.needs import needed_symbols
from warehouse.schema.ledger import PORTFOLIOS
from warehouse.schema.market import OWN_FILES, SYMBOLS

_EVERY_SECONDS = 30


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dg.sensor(
    jobs=[recompute, refresh],
    minimum_interval_seconds=_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def ledger_changed(context: dg.SensorEvaluationContext, folio: Folio) -> dg.SensorResult | dg.SkipReason:
    """Compute again when a portfolio has a new version; fetch too when it names a symbol that is not known yet."""
    current = folio.ledger().versions()
    versions = json.dumps(current, sort_keys=True)
    if versions == (context.cursor or "{}"):
        return dg.SkipReason("every portfolio is at the version it was")
    if current == dict(folio.stored(PORTFOLIOS).select("portfolio_id", "version").iter_rows()):
        return dg.SensorResult(skip_reason="every portfolio is published at its version", cursor=versions)
    needed = set(needed_symbols(folio.ledger().mirror())["symbol"])
    unknown = sorted(needed - set(folio.stored(SYMBOLS)["symbol"]))
    job = refresh if unknown else recompute
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"ledger-{_short(versions)}", job_name=job.name)], cursor=versions
    )


@dg.sensor(job=refresh, minimum_interval_seconds=_EVERY_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def inbox_file(context: dg.SensorEvaluationContext, folio: Folio) -> dg.SensorResult | dg.SkipReason:
    """Refresh when a file has come into the inbox, or one there has changed."""
    if OWN_FILES not in (*folio.settings.price_sources, *folio.settings.fx_sources):
        return dg.SkipReason("the inbox is not among the sources of the settings")
    files = sorted(file for file in folio.settings.inbox_dir.glob("**/*") if file.is_file())
    found = json.dumps([[file.name, file.stat().st_size, file.stat().st_mtime_ns] for file in files])
    if found == (context.cursor or "[]"):
        return dg.SkipReason("nothing new in the inbox")
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=f"inbox-{_short(found)}")], cursor=found)


@dg.sensor(minimum_interval_seconds=_EVERY_SECONDS, default_status=dg.DefaultSensorStatus.RUNNING)
def killed_runs(context: dg.SensorEvaluationContext, folio: Folio) -> dg.SkipReason:
    """End runs that were killed, so that those behind them in the queue have their turn."""
    killed = note_killed_runs(folio, context.instance)
    return dg.SkipReason(f"ended {', '.join(killed)}" if killed else "no run was killed")
