"""The marts: what the engine says of every portfolio.

Belongs here: one function for all marts, for one complete view fills them all. Does not: figures
(`pipelines.portfolio`), batches and processes (`pipelines.valuation`).
"""

from collections.abc import Iterator, Mapping
from contextlib import closing

import dagster as dg
import polars as pl

from pipelines.defs.declared import specs
from pipelines.defs.records import record_rule
from pipelines.defs.resources import Folio
from pipelines.needs import needed_symbols
from pipelines.quality.report import RuleResult
from pipelines.valuation.batch import MARTS
from pipelines.valuation.batches import value_portfolios
from warehouse.schema import ledger
from warehouse.schema.market import (
    DIVIDEND_HISTORY,
    FX_HISTORY,
    PRICE_HISTORY,
    SPLIT_HISTORY,
    SYMBOLS,
    TRADING_SESSIONS,
)
from warehouse.schema.marts import COMPLETE_VIEWS
from warehouse.schema.ops import OPEN, QUARANTINE

EVERY_PORTFOLIO_COMPUTED = "every_portfolio_computed"
OF_SYMBOLS = (PRICE_HISTORY, DIVIDEND_HISTORY, SPLIT_HISTORY)
"""Histories of which only what the portfolios' symbols say is read."""
WHOLE = (*ledger.OF_PORTFOLIOS, SYMBOLS, FX_HISTORY, TRADING_SESSIONS)


@dg.multi_asset(
    name="marts",
    specs=specs(MARTS, deps=[table.name for table in (*WHOLE, *OF_SYMBOLS)]),
    check_specs=[
        dg.AssetCheckSpec(
            EVERY_PORTFOLIO_COMPUTED,
            asset=COMPLETE_VIEWS.name,
            description="The engine refused no portfolio's ledger. Never blocks: the other portfolios are whole.",
        )
    ],
)
def marts(
    context: dg.AssetExecutionContext, folio: Folio
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Compute the complete view of every portfolio at the clock's day, and lay it out in the marts."""
    run_id = context.run.run_id
    candidate = folio.candidate(run_id)
    refused: dict[str, str] = {}
    batches = value_portfolios(
        _tables(folio, run_id),
        as_of=folio.today(),
        workers=folio.settings.worker_count,
        folder=folio.settings.build_dir,
    )

    def frames() -> Iterator[Mapping[str, pl.DataFrame]]:
        for batch in batches:
            refused.update(batch.refused)
            yield batch.frames

    with closing(batches):
        heights = candidate.refill(MARTS, frames())
    for table in MARTS:
        yield dg.MaterializeResult(asset_key=table.name, metadata={"dagster/row_count": heights[table.name]})
    sample = tuple({"portfolio_id": name, "reason": reason} for name, reason in refused.items())
    result = RuleResult(
        table=COMPLETE_VIEWS.name, rule=EVERY_PORTFOLIO_COMPUTED, failed_rows=len(refused), sample=sample
    )
    yield record_rule(folio, run_id, result, blocking=False)


def _tables(folio: Folio, run_id: str) -> dict[str, pl.DataFrame]:
    whole = {table.name: folio.stored(table, run_id=run_id) for table in WHOLE}
    needed = needed_symbols(whole)["symbol"].to_list()
    held = folio.ops().quarantine().rows(as_of_run=run_id)
    whole[QUARANTINE.name] = held.filter(pl.col("state") == OPEN)
    return whole | {table.name: folio.stored(table, run_id=run_id, where={"symbol": needed}) for table in OF_SYMBOLS}
