"""What can be run: the whole graph, or the part that something new concerns. Each ends in a publication.

Belongs here: selections. Does not: when they run (`schedules`, `sensors`).
"""

import dagster as dg
from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME

_REST = dg.AssetSelection.groups("ledger", "marts", "publication")
_RATES = dg.AssetSelection.assets("fetched_rates", "fx_history")
# A fetch asks once a symbol for everything, so everything it brought is written: else a window would be lost.
_BACKFILL = dg.AssetSelection.assets("backfilled_prices")
_INSTRUMENTS = dg.AssetSelection.groups("sources", "market") - _RATES - _BACKFILL

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - _BACKFILL,
    description="Fetch everything that is new, compute, publish.",
)
quotes = dg.define_asset_job(
    "quotes", selection=_INSTRUMENTS | _REST, description="Current prices, and what follows from them."
)
dividends = dg.define_asset_job(
    "dividends", selection=_INSTRUMENTS | _REST, description="Dividends and splits, and what follows from them."
)
fx = dg.define_asset_job("fx", selection=_RATES | _REST, description="Today's reference rates.")
recompute = dg.define_asset_job(
    "recompute", selection=_REST, description="What follows from the ledgers, with the market as published."
)
backfill = dg.define_asset_job(
    "backfill",
    selection=_BACKFILL,
    description="Fetch years of some symbols, piece by piece; the next refresh publishes what was fetched.",
)

COVERING = {
    "close": (refresh.name, quotes.name, dividends.name),
    "fixing": (refresh.name, fx.name),
    "night": (refresh.name, quotes.name, dividends.name),
}
"""Which jobs see to what falls due at a moment (`pipelines.due.last_due`)."""


def kind_of(job: str) -> str:
    """Return what a run is called in words: a job's name, or that assets were chosen by hand in Dagster's UI."""
    return "chosen assets" if job == IMPLICIT_ASSET_JOB_NAME else job
