"""`folio status`: what is published, how the last runs ended, what is not published yet.

Belongs here: gathering and printing it. Does not: repairing anything.
"""

import datetime as dt

import polars as pl

from pipelines.cli.console import out, table
from pipelines.cli.stores import open_ledger
from warehouse.ops import Ops
from warehouse.publish import latest
from warehouse.reader import Reader
from warehouse.schema import ledger as declared
from warehouse.settings import Settings

LAST_RUNS = 5


def print_status(settings: Settings, *, now: dt.datetime) -> None:
    """Print the state of this deployment."""
    out.print(f"Home        {settings.home}")
    if settings.clock is not None:
        out.print(f"Clock       stands at {settings.clock}")
    publication = latest(settings)
    if publication is None:
        out.print("Published   nothing yet: run `folio refresh`")
    else:
        out.print(f"Published   {publication.id}, {_age(now - publication.published_at)} ago")
    _print_portfolios(settings, published=publication is not None)
    _print_runs(settings)


def _age(age: dt.timedelta) -> str:
    hours, rest = divmod(int(age.total_seconds()), 3600)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {rest // 60} min"


def _print_portfolios(settings: Settings, *, published: bool) -> None:
    known = (
        dict(Reader(settings).table(declared.PORTFOLIOS).select("portfolio_id", "version").rows()) if published else {}
    )
    rows = []
    for portfolio in open_ledger(settings).for_user(settings.user).portfolios():
        behind = portfolio.version - known.get(portfolio.portfolio_id, 0)
        state = "published" if not behind else f"{behind} changes not published: run `folio refresh`"
        rows.append((portfolio.name, portfolio.base_currency, state))
    if rows:
        out.print(table(None, ("portfolio", "base", "state"), rows))


def _print_runs(settings: Settings) -> None:
    ops = Ops.open(settings.ops_url)
    runs = ops.runs(LAST_RUNS)
    if runs.is_empty():
        return
    cells = runs.select("started_at", "kind", "status", "message").rows()
    rows = [(f"{started:%Y-%m-%d %H:%M}", kind, status, message or "") for started, kind, status, message in cells]
    out.print(table("Last runs", ("started (UTC)", "kind", "ended", "message"), rows))
    failed = ops.gates(runs["run_id"][0]).filter(~pl.col("passed"))
    if not failed.is_empty():
        broken = failed.select("table_name", "rule", "failed_rows", "sample").rows()
        lines = [(name, rule, str(count), sample or "") for name, rule, count, sample in broken]
        out.print(table("Rules that did not hold in the last run", ("table", "rule", "rows", "some of them"), lines))
