"""`folio status`: what is published, how the last runs ended, what is not published yet.

Belongs here: gathering and printing it. Does not: repairing anything.
"""

import datetime as dt

from pipelines.cli.console import out, plain, table
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
    if not runs:
        return
    rows = [(plain(run.started_at), run.kind, run.status or "", run.message or "") for run in runs]
    out.print(table("Last runs", ("started", "kind", "ended", "message"), rows))
    failed = [gate for gate in ops.gates(runs[0].run_id) if not gate.passed]
    if failed:
        cells = [(gate.table_name, gate.rule, str(gate.failed_rows), gate.sample or "") for gate in failed]
        out.print(table("Gates that failed in the last run", ("table", "rule", "rows", "some of them"), cells))
