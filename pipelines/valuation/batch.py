"""Some portfolios through the engine.

Belongs here: stacking what the engine says of each, and why it refuses one. Does not: figures (`pipelines.portfolio`),
which portfolios make a batch (`batches`).
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
from pipelines.portfolio.marts import mart_frames
from pipelines.portfolio.models import CostMethod, Provenance
from pipelines.valuation.frames import Inputs
from warehouse.schema import marts

MARTS = tuple(table for table in marts.TABLES if table.owner == "marts")


@dataclass(frozen=True, kw_only=True)
class Valued:
    """What the engine said of some portfolios.

    Args:
        frames: A frame a mart, by table name, all of these portfolios.
        refused: Why the engine refused a portfolio, by portfolio id; the others are whole.
    """

    frames: Mapping[str, pl.DataFrame]
    refused: Mapping[str, str]


def value_batch(portfolios: pl.DataFrame, inputs: Inputs, *, as_of: dt.date) -> Valued:
    """Compute the marts of some portfolios; one whose ledger is refused never holds up the others.

    Args:
        portfolios: Rows of `portfolios`.
        inputs: What any portfolio is computed from.
        as_of: Valuation date.
    """
    parts: dict[str, list[pl.DataFrame]] = {table.name: [table.empty()] for table in MARTS}
    refused: dict[str, str] = {}
    for portfolio in portfolios.iter_rows(named=True):
        try:
            with collector_paused():
                frames = _marts_of(portfolio, inputs, as_of)
        except EngineError as error:
            refused[portfolio["portfolio_id"]] = f"{portfolio['name']}: {error}"
            continue
        for name, frame in frames.items():
            parts[name].append(frame)
    return Valued(frames={name: pl.concat(frames) for name, frames in parts.items()}, refused=refused)


def _marts_of(portfolio: Mapping[str, Any], inputs: Inputs, as_of: dt.date) -> dict[str, pl.DataFrame]:
    ledger, market = inputs.of(portfolio)
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
