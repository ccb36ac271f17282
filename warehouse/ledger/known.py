"""A ledger as it was known at an earlier moment, from its audit trail.

Belongs here: replaying events into frames. Does not: writing events (`events`), the market's revisions (`reader`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from warehouse.ledger.records import LedgerEvent, Portfolio, Stated
from warehouse.schema import ledger as declared
from warehouse.schema.model import Table

Rows = dict[str, dict[str, Any]]
_ENTITIES = (
    "transaction",
    "account",
    "dividend_decision",
    "allocation_targets",
    "symbol_override",
    "manual_price",
)


def as_known(events: Iterable[LedgerEvent], before: dt.datetime) -> Stated:
    """Return what was stated before a moment, without ``portfolio_id``.

    Args:
        events: The trail of one portfolio, oldest first.
        before: Events of this moment and later count not.
    """
    kept: dict[str, Rows] = {name: {} for name in _ENTITIES}
    for event in events:
        if event.at >= before:
            break
        rows = kept.get(event.entity)
        if rows is None:
            continue
        if event.after is None:
            rows.pop(event.entity_id, None)
        else:
            rows[event.entity_id] = event.after
    numbered = [
        {**row, "transaction_id": name, "sequence": _sequence(name)} for name, row in kept["transaction"].items()
    ]
    named = [{**row, "account": name} for name, row in kept["account"].items()]
    targets = [
        {"dimension": dimension, "key": key, "target": target}
        for dimension, row in kept["allocation_targets"].items()
        for key, target in row.items()
    ]
    return Stated(
        _frame(declared.TRANSACTIONS, numbered).sort("sequence"),
        _frame(declared.ACCOUNTS, named).sort("account"),
        _frame(declared.DIVIDEND_DECISIONS, list(kept["dividend_decision"].values())).sort(
            "account", "symbol", "ex_date"
        ),
        _frame(declared.ALLOCATION_TARGETS, targets).sort("dimension", "key"),
        _frame(declared.SYMBOL_OVERRIDES, list(kept["symbol_override"].values())).sort("symbol"),
        _frame(declared.MANUAL_PRICES, list(kept["manual_price"].values())).sort("symbol", "date"),
    )


def settings_as_known(portfolio: Portfolio, events: Iterable[LedgerEvent], before: dt.datetime) -> Portfolio:
    """Return a portfolio with the settings that figures follow from as they were before a moment.

    One that was made later has those it was made with. Its name and version are those of now.

    Args:
        portfolio: As it is.
        events: Those of the portfolio itself, oldest first.
        before: Events of this moment and later count not.
    """
    stated = [event for event in events if event.after is not None]
    known = [event for event in stated if event.at < before] or stated[:1]
    after = known[-1].after if known else None
    if after is None:
        return portfolio
    method, base = after["cost_method"], after["base_currency"]
    return replace(portfolio, base_currency=base, cost_method=method, benchmark=after.get("benchmark"))


def _sequence(transaction_id: str) -> int:
    """Return the number of entry, which is the last part of the id."""
    return int(transaction_id.rpartition("-")[2])


def _frame(table: Table, rows: list[dict[str, Any]]) -> pl.DataFrame:
    columns = {column.name: column.dtype for column in table.columns if column.name != "portfolio_id"}
    text = {name: _as_text(dtype) for name, dtype in columns.items()}
    frame = pl.DataFrame([{name: row.get(name) for name in columns} for row in rows], schema=text)
    return frame.with_columns(_typed(name, columns) for name in columns)


def _as_text(dtype: Any) -> Any:
    """Return what JSON holds a type as: numbers and truth as themselves, all else as text."""
    return dtype if dtype in {pl.Int64, pl.Boolean} else pl.String


def _typed(name: str, columns: Mapping[str, Any]) -> pl.Expr:
    dtype, column = columns[name], pl.col(name)
    if dtype == pl.Date:
        return column.str.to_date("%Y-%m-%d")
    if dtype == pl.Time:
        return column.str.to_time("%H:%M:%S%.f")
    return column.cast(dtype)
