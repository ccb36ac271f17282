"""Trading sessions of the exchanges of the master's symbols.

Belongs here: the asset. Does not: calendars (`pipelines.sessions`).
"""

import datetime as dt

import dagster as dg
import polars as pl

from pipelines.defs.declared import shown
from pipelines.defs.resources import Folio
from pipelines.sessions import missing_exchanges, sessions
from warehouse.schema.market import PRICE_HISTORY, TRADING_SESSIONS


@dg.asset(**shown(TRADING_SESSIONS), deps=[PRICE_HISTORY.name])
def trading_sessions(context: dg.AssetExecutionContext, folio: Folio, symbols: pl.DataFrame) -> pl.DataFrame:
    """Return the sessions of every exchange that is not covered yet, from the first price on."""
    today = folio.today()
    first_day = folio.stored(PRICE_HISTORY, run_id=context.run_id)["date"].min()
    start = first_day if isinstance(first_day, dt.date) else today
    stored = folio.stored(TRADING_SESSIONS, run_id=context.run_id)
    exchanges = set(symbols["exchange"].drop_nulls())
    rows, unknown = sessions(
        missing_exchanges(exchanges, stored, first_day=start, today=today), first_day=start, today=today
    )
    if unknown:
        context.log.warning("no calendar for %s: days with prices count as its sessions", ", ".join(unknown))
    return rows
