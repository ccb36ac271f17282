"""Symbols that are not asked for today: what is delisted or quiet was asked for within the last week.

Belongs here: which of the symbols that are needed these are, and saying which of them are quiet. Does not: what makes
one so (`pipelines.listings`), the fetch (`prices`).
"""

import datetime as dt

import polars as pl

from pipelines.defs.records import note_rule
from pipelines.defs.resources import Folio
from pipelines.listings import DELISTED, last_asked, last_prices, left_out, quiet
from pipelines.quality.report import SAMPLE_ROWS, RuleResult
from pipelines.quality.screens.calendars import GONE_QUIET
from pipelines.sources.fetch import PRICES_KIND
from warehouse.schema import market

SPARED = pl.Schema({"symbol": pl.String(), "last_stored": pl.Date(), "quiet": pl.Boolean()})


def spared_today(folio: Folio, needed: pl.DataFrame, stored: pl.DataFrame, master: pl.DataFrame) -> pl.DataFrame:
    """Return what of the needed symbols is not asked for today, as ``SPARED``: ``quiet`` where it is not delisted.

    Args:
        folio: Of the run.
        needed: ``symbol``.
        stored: ``symbol``, unique, and ``last_stored`` of what providers were asked for.
        master: The master `symbols`.
    """
    providers, today = folio.ops().providers(), folio.today()
    asked = last_asked(providers.turns(source.name, PRICES_KIND) for source in folio.price_sources())
    # What is told and held back is not quiet: it is to be asked for until it comes mended.
    held = folio.ops().quarantine().open_rows().filter(pl.col("table_name") == market.PRICE_HISTORY.name)
    silenced = quiet(last_prices(stored, held.rename({"about": "symbol"})), asked, master, today=today)
    spared = left_out(silenced, asked, master, today=today).join(needed, on="symbol", how="semi")
    delisted = master.filter(pl.col("status") == DELISTED)["symbol"].implode()
    return (
        spared.join(stored.select("symbol", "last_stored"), on="symbol", how="left")
        .with_columns(quiet=~pl.col("symbol").is_in(delisted))
        .sort("symbol")
    )


def note_quiet(folio: Folio, run_id: str, silenced: pl.DataFrame) -> None:
    """Record what is quiet and was not asked for, beside what is found of what was: it is no less quiet.

    Args:
        folio: Of the run.
        run_id: The run.
        silenced: ``symbol`` and ``last_stored``.
    """
    if silenced.height:
        note_rule(folio, run_id, _gone_quiet(silenced, folio.today()), blocking=False)


def _gone_quiet(silenced: pl.DataFrame, today: dt.date) -> RuleResult:
    said = "no price since {}, {} days ago; asked for once a week"
    sample = tuple(
        {"about": symbol, "date": str(day), "rule": GONE_QUIET, "reason": said.format(day, (today - day).days)}
        for symbol, day in silenced.head(SAMPLE_ROWS).iter_rows()
    )
    return RuleResult(table="fetched_prices", rule=GONE_QUIET, failed_rows=silenced.height, sample=sample)
