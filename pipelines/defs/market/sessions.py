"""Trading sessions of the exchanges of every symbol.

Belongs here: the asset. Does not: calendars (`pipelines.sessions`).
"""

from typing import Any

import dagster as dg
import polars as pl

from pipelines.defs.declared import table_asset
from pipelines.defs.resources import Folio
from pipelines.hours import with_lenders
from pipelines.sessions import missing_exchanges, sessions
from warehouse.schema.market import SYMBOLS, TRADING_SESSIONS


@table_asset(TRADING_SESSIONS, deps=["fetched_rates"])
def trading_sessions(
    context: dg.AssetExecutionContext, folio: Folio, fetched_symbols: pl.DataFrame, fetched_prices: pl.DataFrame
) -> pl.DataFrame:
    """Return the sessions of every exchange that is not covered yet, and of those that lend them, since prices are."""
    exchanges = with_lenders(_values("exchange", folio.stored(SYMBOLS), fetched_symbols))
    stored_from = folio.spans("price_spans", "symbol")["first_stored"]
    first_day = min({*stored_from, *_values("date", fetched_prices)}, default=folio.today())
    stored = folio.stored(TRADING_SESSIONS)
    missing = missing_exchanges(exchanges, stored, first_day=first_day, today=folio.today())
    rows, unknown = sessions(missing, first_day=first_day, today=folio.today())
    if unknown:
        context.log.warning("no calendar for %s: days with prices count as its sessions", ", ".join(unknown))
    return rows


def _values(column: str, *frames: pl.DataFrame) -> set[Any]:
    return {value for frame in frames if column in frame.columns for value in frame[column].drop_nulls().unique()}
