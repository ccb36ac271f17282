"""Every portfolio through the engine.

Belongs here: cutting the warehouse's tables into one portfolio's frames, and stacking what the engine says of each.
Does not: figures (`pipelines.portfolio`), Dagster, storage.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import polars as pl

from pipelines.portfolio.collector import collector_paused
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.frames import LedgerFrames, MarketFrames, fx_from_history
from pipelines.portfolio.marts import mart_frames
from pipelines.portfolio.models import CostMethod, Provenance
from warehouse.schema import marts

MARTS = tuple(table for table in marts.TABLES if table.owner == "marts")


@dataclass(frozen=True, kw_only=True)
class Valued:
    """What the engine said of all portfolios.

    Args:
        frames: A frame a mart, by table name, all portfolios.
        refused: Why the engine refused a portfolio, by portfolio id; the others are whole.
    """

    frames: Mapping[str, pl.DataFrame]
    refused: Mapping[str, str]


def value_portfolios(tables: Mapping[str, pl.DataFrame], *, as_of: dt.date) -> Valued:
    """Compute the marts of every portfolio; one whose ledger is refused never holds up the others.

    Args:
        tables: By name, as declared: the ledger's mirrors, the histories, `symbols` and `trading_sessions`.
        as_of: Valuation date.
    """
    parts: dict[str, list[pl.DataFrame]] = {table.name: [table.empty()] for table in MARTS}
    refused: dict[str, str] = {}
    for portfolio in tables["portfolios"].iter_rows(named=True):
        try:
            with collector_paused():
                frames = _marts_of(portfolio, tables, as_of)
        except EngineError as error:
            refused[portfolio["portfolio_id"]] = f"{portfolio['name']}: {error}"
            continue
        for name, frame in frames.items():
            parts[name].append(frame)
    return Valued(frames={name: pl.concat(frames) for name, frames in parts.items()}, refused=refused)


def portfolio_frames(
    portfolio_id: str, benchmark: str | None, tables: Mapping[str, pl.DataFrame]
) -> tuple[LedgerFrames, MarketFrames]:
    """Return the engine's inputs for one portfolio: its ledger, and the market of its symbols only."""
    own = pl.col("portfolio_id") == portfolio_id
    transactions = tables["transactions"].filter(own).drop("portfolio_id")
    symbols = {*transactions["symbol"], *transactions["to_symbol"], benchmark} - {None}
    of_symbols = pl.col("symbol").is_in(sorted(symbols))
    ledger = LedgerFrames(
        transactions=transactions,
        accounts=tables["accounts"].filter(own).drop("portfolio_id"),
        decisions=tables["dividend_decisions"].filter(own).drop("portfolio_id"),
        targets=tables["allocation_targets"].filter(own).drop("portfolio_id"),
        benchmark=benchmark,
    )
    market = MarketFrames(
        prices=tables["price_history"].filter(of_symbols).select("symbol", "date", "close", "currency"),
        fx=fx_from_history(tables["fx_history"]),
        splits=tables["split_history"].filter(of_symbols).select("symbol", "ex_date", "ratio_new", "ratio_old"),
        dividends=tables["dividend_history"]
        .filter(of_symbols)
        .select("symbol", "ex_date", "pay_date", "amount", "currency"),
        symbols=tables["symbols"],
        sessions=tables["trading_sessions"].select("exchange", "date"),
    )
    return ledger, market


def _marts_of(
    portfolio: Mapping[str, Any], tables: Mapping[str, pl.DataFrame], as_of: dt.date
) -> dict[str, pl.DataFrame]:
    ledger, market = portfolio_frames(portfolio["portfolio_id"], portfolio["benchmark"], tables)
    view = complete_view(
        ledger,
        market,
        as_of=as_of,
        base_currency=portfolio["base_currency"],
        cost_method=CostMethod(portfolio["cost_method"]),
        provenance=Provenance(
            engine_version=version("folioduck"),
            ledger_version=portfolio["version"],
            portfolio_id=portfolio["portfolio_id"],
            portfolio_name=portfolio["name"],
        ),
    )
    return mart_frames(view, portfolio_id=portfolio["portfolio_id"], ledger_version=portfolio["version"])
