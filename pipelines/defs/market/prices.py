"""The master of symbols and the history of their prices: two tables, one write.

Belongs here: `symbols` and `price_history`. Does not: how a fetch becomes rows (`pipelines.ingest`).
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipelines.defs.declared import specs
from pipelines.defs.io_managers import change_metadata
from pipelines.defs.resources import Folio
from pipelines.ingest import record_market
from warehouse.schema.market import PRICE_HISTORY, SYMBOLS, TRADING_SESSIONS


@dg.multi_asset(
    name="symbols_and_price_history",
    specs=specs((SYMBOLS, PRICE_HISTORY), deps=("fetched_prices", "fetched_symbols", TRADING_SESSIONS.name)),
    ins={"fetched_prices": dg.AssetIn(), "fetched_symbols": dg.AssetIn()},
)
def symbols_and_price_history(
    context: dg.AssetExecutionContext, folio: Folio, fetched_prices: pl.DataFrame, fetched_symbols: pl.DataFrame
) -> Iterator[dg.MaterializeResult[None]]:
    """Record prices and the master's current prices in one transaction of the candidate."""
    candidate = folio.candidate(context.run.run_id)
    change = record_market(candidate, fetched_prices, fetched_symbols, now=folio.now())
    heights = {table: {"dagster/row_count": candidate.height(table)} for table in (SYMBOLS, PRICE_HISTORY)}
    fetched = {"rows_fetched": fetched_symbols.height}
    yield dg.MaterializeResult(asset_key=SYMBOLS.name, metadata=heights[SYMBOLS] | fetched)
    yield dg.MaterializeResult(asset_key=PRICE_HISTORY.name, metadata=heights[PRICE_HISTORY] | change_metadata(change))
