"""The marts: what the engine says of every portfolio.

Belongs here: one function for all marts, for one complete view fills them all. Does not: figures
(`pipelines.portfolio`).
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipelines.defs.declared import outs
from pipelines.defs.records import record_rule
from pipelines.defs.resources import Folio
from pipelines.needs import needed_symbols
from pipelines.quality import RuleResult
from pipelines.valuation import MARTS, value_portfolios
from warehouse.schema.market import DIVIDEND_HISTORY, PRICE_HISTORY, SPLIT_HISTORY
from warehouse.schema.marts import COMPLETE_VIEWS

EVERY_PORTFOLIO_COMPUTED = "every_portfolio_computed"
OF_SYMBOLS = (PRICE_HISTORY, DIVIDEND_HISTORY, SPLIT_HISTORY)
"""Histories of which only what the portfolios' symbols say is read."""


@dg.multi_asset(
    name="marts",
    outs=outs(MARTS),
    deps=[table.name for table in OF_SYMBOLS],
    check_specs=[
        dg.AssetCheckSpec(
            EVERY_PORTFOLIO_COMPUTED,
            asset=COMPLETE_VIEWS.name,
            description="The engine refused no portfolio's ledger. Never blocks: the other portfolios are whole.",
        )
    ],
    code_version="1",
)
def marts(
    context: dg.AssetExecutionContext,
    folio: Folio,
    portfolios: pl.DataFrame,
    accounts: pl.DataFrame,
    transactions: pl.DataFrame,
    dividend_decisions: pl.DataFrame,
    allocation_targets: pl.DataFrame,
    symbols: pl.DataFrame,
    fx_history: pl.DataFrame,
    trading_sessions: pl.DataFrame,
) -> Iterator[dg.Output[pl.DataFrame] | dg.AssetCheckResult]:
    """Compute the complete view of every portfolio at the clock's day, and lay it out in the marts."""
    ledger = {"portfolios": portfolios, "accounts": accounts, "transactions": transactions}
    needed = needed_symbols(ledger)["symbol"].to_list()
    tables = ledger | {
        "dividend_decisions": dividend_decisions,
        "allocation_targets": allocation_targets,
        "symbols": symbols,
        "fx_history": fx_history,
        "trading_sessions": trading_sessions,
        **{
            table.name: folio.stored(table, run_id=context.run.run_id, where={"symbol": needed}) for table in OF_SYMBOLS
        },
    }
    valued = value_portfolios(tables, as_of=folio.today())
    for name, frame in valued.frames.items():
        yield dg.Output(frame, output_name=name)
    sample = tuple({"portfolio_id": name, "reason": reason} for name, reason in valued.refused.items())
    result = RuleResult(
        table=COMPLETE_VIEWS.name, rule=EVERY_PORTFOLIO_COMPUTED, failed_rows=len(valued.refused), sample=sample
    )
    yield record_rule(folio, context.run.run_id, result, blocking=False)
