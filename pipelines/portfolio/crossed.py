"""The value of a view by two dimensions at once (CALCULATIONS 9).

Belongs here: classing the document's holdings and cash twice. Does not: weights by one dimension, which the document
has (`allocation`).
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.portfolio.allocation import CASH, DIMENSIONS, UNKNOWN
from pipelines.portfolio.models import CashBalance, CompleteView, Holding
from warehouse.schema.types import MONEY

SCHEMA: dict[str, Any] = {"outer": pl.String, "inner": pl.String, "value": MONEY}


def crossed(view: CompleteView, outer: str, inner: str) -> pl.DataFrame:
    """Return the known value of every pair of classes, the largest first.

    The sums of ``value`` by ``outer`` are those of the document's allocation by that dimension, but for targets of
    nothing.

    Args:
        view: The document.
        outer: One of `pipelines.portfolio.allocation.DIMENSIONS`.
        inner: Another of them, or the same.

    Returns:
        ``outer``, ``inner`` and ``value``, base currency; a value is negative of what is short or overdrawn.

    Raises:
        ValueError: If there is no such dimension.
    """
    sums = {pair: sum(own.values(), start=Decimal(0)) for pair, own in members(view, outer, inner).items()}
    rows = [(*pair, value) for pair, value in sums.items() if value]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(
        ["value", "outer", "inner"], descending=[True, False, False]
    )


def members(view: CompleteView, outer: str, inner: str) -> dict[tuple[str, str], dict[str, Decimal]]:
    """Return what every pair of classes is made of: the known values of holdings and cash by their paths in the view.

    Args and errors are those of `crossed`.
    """
    for dimension in (outer, inner):
        if dimension not in DIMENSIONS:
            raise ValueError(f"There is no dimension {dimension!r}, only {', '.join(DIMENSIONS)}.")
    found: dict[tuple[str, str], dict[str, Decimal]] = defaultdict(dict)
    for holding in view.holdings:
        if holding.value_base is not None and holding.quantity:
            path = f"holdings.{holding.symbol}@{holding.account}.value_base"
            found[_class(holding, outer), _class(holding, inner)][path] = holding.value_base
    for balance in view.cash:
        if balance.value_base is not None:
            path = f"cash.{balance.currency}@{balance.account}.value_base"
            found[_cash_class(balance, outer), _cash_class(balance, inner)][path] = balance.value_base
    return found


def _class(holding: Holding, dimension: str) -> str:
    return getattr(holding, dimension) or UNKNOWN


def _cash_class(balance: CashBalance, dimension: str) -> str:
    return {"account": balance.account, "currency": balance.currency}.get(dimension, CASH)
