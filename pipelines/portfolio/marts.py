"""The complete view as rows of the marts.

Belongs here: laying the document out in the tables of `warehouse.schema.marts`. Does not: any computation.
"""

from collections.abc import Sequence
from typing import Any

import polars as pl

from pipelines.portfolio.models import SECTIONS, TOP, CompleteView, Model, PerformanceDay, Rows, section_json
from warehouse.schema import Table, marts

Columns = dict[str, pl.Series | Sequence[Any]]
_ALIASES = {"return": "return_"}  # a word of Python


def mart_frames(view: CompleteView, *, portfolio_id: str, ledger_version: int) -> dict[str, pl.DataFrame]:
    """Return a frame a mart, in the shape that its table declares.

    Args:
        view: The complete view of the portfolio, with history.
        portfolio_id: The portfolio.
        ledger_version: Version of the portfolio that the view was computed from.
    """
    days = view.performance.daily if view.performance else Rows.of(PerformanceDay)
    periods = view.performance.periods if view.performance else []
    columns: dict[Table, Columns] = {
        marts.LOTS: _lots(view),
        marts.REALIZED_GAINS: _numbered("disposal", marts.REALIZED_GAINS, view.realized_gains),
        marts.TRADES: _numbered("trade", marts.TRADES, view.trades),
        marts.HOLDINGS: _columns(marts.HOLDINGS, view.holdings),
        marts.VALUATION_DAILY: _columns(marts.VALUATION_DAILY, days),
        marts.PERFORMANCE_DAILY: _columns(marts.PERFORMANCE_DAILY, days),
        marts.PERFORMANCE_SUMMARY: _columns(marts.PERFORMANCE_SUMMARY, periods),
        marts.BENCHMARK_DAILY: _benchmark(view),
        marts.ALLOCATIONS: _allocations(view),
        marts.DIVIDEND_INCOME: _columns(marts.DIVIDEND_INCOME, view.income.received),
        marts.COMPLETE_VIEWS: _sections(view, ledger_version),
    }
    return {table.name: _frame(table, portfolio_id, given) for table, given in columns.items()}


def _frame(table: Table, portfolio_id: str, given: Columns) -> pl.DataFrame:
    height = len(next(iter(given.values())))
    columns = {"portfolio_id": pl.Series([portfolio_id], dtype=pl.String).new_from_index(0, height)} | dict(given)
    return table.conform(pl.DataFrame({name: columns[name] for name in table.names}))


def _columns(table: Table, rows: Sequence[Model], given: Columns | None = None) -> Columns:
    """Return the columns of a table that are not given from the fields of rows; a base amount may lack its suffix."""
    if not rows:
        return {name: [] for name in table.names if name != "portfolio_id"}
    by_column = rows if isinstance(rows, Rows) else Rows.of(type(rows[0]), rows)
    fields = {
        name: name if name in by_column.kind.model_fields else _ALIASES.get(name) or name.removesuffix("_base")
        for name in table.names
        if name != "portfolio_id" and name not in (given or {})
    }
    return {name: by_column.series(field) for name, field in fields.items()} | dict(given or {})


def _numbered(name: str, table: Table, rows: Sequence[Model]) -> Columns:
    return _columns(table, rows, {name: range(1, len(rows) + 1)})


def _lots(view: CompleteView) -> Columns:
    placed = [(holding, number, lot) for holding in view.holdings for number, lot in enumerate(holding.lots, start=1)]
    given: Columns = {
        "account": [holding.account for holding, _, _ in placed],
        "symbol": [holding.symbol for holding, _, _ in placed],
        "lot": [number for _, number, _ in placed],
    }
    return _columns(marts.LOTS, [lot for _, _, lot in placed], given)


def _benchmark(view: CompleteView) -> Columns:
    days = view.benchmark.daily if view.benchmark else []
    symbol = view.benchmark.symbol if view.benchmark else None
    return _columns(marts.BENCHMARK_DAILY, days, {"symbol": [symbol] * len(days)})


def _allocations(view: CompleteView) -> Columns:
    placed = [(dimension, row) for dimension, rows in view.allocations.items() for row in rows]
    given: Columns = {"dimension": [dimension for dimension, _ in placed]}
    return _columns(marts.ALLOCATIONS, [row for _, row in placed], given)


def _sections(view: CompleteView, ledger_version: int) -> Columns:
    parts = {"top": view.model_dump_json(by_alias=True, include=set(TOP))}
    parts |= {name: section_json(name, getattr(view, name)) for name in SECTIONS}
    return {
        "section": list(parts),
        "ledger_version": [ledger_version] * len(parts),
        "as_of": [view.as_of] * len(parts),
        "document": list(parts.values()),
    }
