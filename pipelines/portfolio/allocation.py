"""Allocation: weights of value by dimension (CALCULATIONS 9).

Belongs here: classing positions and cash. Does not: their value.
"""

from collections import defaultdict
from collections.abc import Sequence

import polars as pl

from pipelines.portfolio.exact import known_money
from pipelines.portfolio.holdings import CashBalance, Position
from pipelines.portfolio.models import AllocationRow
from pipelines.portfolio.prices import PriceBook

CASH = "Cash"
UNKNOWN = "Unknown"
MASTER = ("asset_class", "sector", "industry", "country", "region", "exchange")
DIMENSIONS = ("symbol", *MASTER[:5], "currency", "exchange", "account")


def allocations(
    positions: Sequence[Position], cash: Sequence[CashBalance], prices: PriceBook, targets: pl.DataFrame
) -> dict[str, list[AllocationRow]]:
    """Return the known value of every class of every dimension, the largest first.

    Weights sum to 1; all are null when the total is not positive. Targets without value appear with value 0.
    """
    wanted = {(row["dimension"], row["key"]): float(row["target"]) for row in targets.iter_rows(named=True)}
    return {dimension: _rows(dimension, positions, cash, prices, wanted) for dimension in DIMENSIONS}


def _rows(
    dimension: str,
    positions: Sequence[Position],
    cash: Sequence[CashBalance],
    prices: PriceBook,
    targets: dict[tuple[str, str], float],
) -> list[AllocationRow]:
    values: dict[str, int] = defaultdict(int)
    for key in (key for named, key in targets if named == dimension):
        values[key] = 0
    for position in positions:
        if position.is_open and position.value_base is not None:
            values[_class(dimension, position, prices)] += position.value_base
    for balance in cash:
        if balance.value is not None:
            values[_cash_class(dimension, balance)] += balance.value
    whole = sum(values.values())
    ordered = sorted(values.items(), key=lambda item: (-item[1], item[0]))
    return [_row(key, value, whole, targets.get((dimension, key))) for key, value in ordered]


def _row(key: str, value: int, whole: int, target: float | None) -> AllocationRow:
    weight = value / whole if whole > 0 else None
    drift = weight - target if weight is not None and target is not None else None
    return AllocationRow(key=key, value=known_money(value), weight=weight, target=target, drift=drift)


def _class(dimension: str, position: Position, prices: PriceBook) -> str:
    own = {"symbol": position.key[1], "account": position.key[0], "currency": position.currency}
    return own.get(dimension) or prices.attribute(position.key[1], dimension) or UNKNOWN


def _cash_class(dimension: str, balance: CashBalance) -> str:
    return {"account": balance.account, "currency": balance.currency}.get(dimension, CASH)
