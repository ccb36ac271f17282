"""The complete view as rows of the marts.

Belongs here: laying the document out in the tables of `warehouse.schema.marts`. Does not: any computation.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from pipelines.portfolio.models import SECTIONS, TOP, CompleteView, Model, section_adapter
from warehouse.schema import Table, marts

Rows = list[dict[str, Any]]


def mart_frames(view: CompleteView, *, portfolio_id: str, ledger_version: int) -> dict[str, pl.DataFrame]:
    """Return a frame a mart, in the shape that its table declares.

    Args:
        view: The complete view of the portfolio, with history.
        portfolio_id: The portfolio.
        ledger_version: Version of the portfolio that the view was computed from.
    """
    rows: dict[Table, Rows] = {
        marts.LOTS: _lots(view),
        marts.REALIZED_GAINS: _numbered("disposal", view.realized_gains),
        marts.TRADES: _numbered("trade", view.trades),
        marts.HOLDINGS: [_plain(holding, leave_out={"lots"}) for holding in view.holdings],
        marts.VALUATION_DAILY: _valuation(view),
        marts.PERFORMANCE_DAILY: _performance(view),
        marts.PERFORMANCE_SUMMARY: _periods(view),
        marts.BENCHMARK_DAILY: _benchmark(view),
        marts.ALLOCATIONS: _allocations(view),
        marts.DIVIDEND_INCOME: [_plain(row) for row in view.income.received],
        marts.COMPLETE_VIEWS: _sections(view, ledger_version),
    }
    return {table.name: _frame(table, portfolio_id, items) for table, items in rows.items()}


def _frame(table: Table, portfolio_id: str, rows: Rows) -> pl.DataFrame:
    schema = table.polars_schema
    kept = [{"portfolio_id": portfolio_id} | {name: row.get(name) for name in schema if name in row} for row in rows]
    return table.conform(pl.DataFrame(kept, schema=schema))


def _plain(row: Model, *, leave_out: set[str] | None = None) -> dict[str, Any]:
    return row.model_dump(by_alias=True, exclude=leave_out)


def _numbered(name: str, rows: Iterable[Model]) -> Rows:
    return [{name: number} | _plain(row) for number, row in enumerate(rows, start=1)]


def _lots(view: CompleteView) -> Rows:
    return [
        {"account": holding.account, "symbol": holding.symbol, "lot": number} | _plain(lot)
        for holding in view.holdings
        for number, lot in enumerate(holding.lots, start=1)
    ]


def _valuation(view: CompleteView) -> Rows:
    days = view.performance.daily if view.performance else []
    return [
        {
            "date": day.date,
            "value_base": day.value,
            "flow_in_base": day.flow_in,
            "flow_out_base": day.flow_out,
            "covered": day.covered,
        }
        for day in days
    ]


def _performance(view: CompleteView) -> Rows:
    days = view.performance.daily if view.performance else []
    return [{"date": day.date, "day_return": day.day_return, "growth": day.growth} for day in days]


def _periods(view: CompleteView) -> Rows:
    periods = view.performance.periods if view.performance else []
    amounts: Mapping[str, str] = {"gain": "gain_base", "flow": "flow_base", "income": "income_base"}
    return [{amounts.get(name, name): value for name, value in _plain(period).items()} for period in periods]


def _benchmark(view: CompleteView) -> Rows:
    if view.benchmark is None:
        return []
    return [
        {"date": day.date, "symbol": view.benchmark.symbol, "value_base": day.value} for day in view.benchmark.daily
    ]


def _allocations(view: CompleteView) -> Rows:
    return [
        {"dimension": dimension, "value_base": row.value} | _plain(row, leave_out={"value"})
        for dimension, rows in view.allocations.items()
        for row in rows
    ]


def _sections(view: CompleteView, ledger_version: int) -> Rows:
    parts = {"top": view.model_dump_json(by_alias=True, include=set(TOP))}
    parts |= {name: section_adapter(name).dump_json(getattr(view, name), by_alias=True).decode() for name in SECTIONS}
    return [
        {
            "section": name,
            "ledger_version": ledger_version,
            "as_of": view.as_of,
            "document": part,
        }
        for name, part in parts.items()
    ]
