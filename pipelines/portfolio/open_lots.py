"""Open lots of a view with what each is worth, and when its gain becomes a long-term one (CALCULATIONS 2).

Belongs here: a holding's value and gain shared among its lots, to the quantum. Does not: lots and their cost (`lots`),
the holding's value (`holdings`).
"""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl

from pipelines.portfolio.exact import ONE_MONEY, ONE_UNIT, known_money
from pipelines.portfolio.models import CompleteView, Holding
from pipelines.portfolio.trades import anniversary
from warehouse.schema.types import MONEY, QUANTITY

SCHEMA: dict[str, Any] = {
    "symbol": pl.String,
    "account": pl.String,
    "lot": pl.Int64,
    "bought_on": pl.Date,
    "quantity": QUANTITY,
    "cost_base": MONEY,
    "value_base": MONEY,
    "unrealized_gain_base": MONEY,
    "days_held": pl.Int64,
    "long_on": pl.Date,
    "days_to_long": pl.Int64,
    "term": pl.String,
    "transaction_id": pl.String,
}


def open_lots(view: CompleteView) -> pl.DataFrame:
    """Return a row an open lot, as ``SCHEMA``, by the day from which a sale of it is a long-term one.

    ``lot`` is its number in the holding, from 0.
    ``value_base`` is the lot's share of its holding's value by units, the last lot with what rounding left, so that
    values and gains of lots add up to those of the holding; both are null where the holding's is. ``long_on`` is the
    day after the anniversary of the purchase, ``days_to_long`` how far it is away (0 from then on).
    """
    rows = [row for holding in view.holdings for row in _rows(holding, view.as_of)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort("long_on", "symbol", "account", maintain_order=True)


def _rows(holding: Holding, as_of: dt.date) -> Iterator[tuple[object, ...]]:
    for number, (lot, value) in enumerate(zip(holding.lots, _values(holding), strict=True)):
        gain = None if value is None or lot.cost_base is None else value - lot.cost_base
        long_on = anniversary(lot.bought_on) + dt.timedelta(days=1)
        left = max((long_on - as_of).days, 0)
        yield (
            holding.symbol,
            holding.account,
            number,
            lot.bought_on,
            lot.quantity,
            lot.cost_base,
            value,
            gain,
            lot.days_held,
            long_on,
            left,
            "short" if left else "long",
            lot.transaction_id,
        )


def _values(holding: Holding) -> list[Decimal | None]:
    """Return the value of each lot, which add up to the holding's."""
    lots = holding.lots
    units = sum((_scaled(lot.quantity, ONE_UNIT) for lot in lots), start=0)
    if holding.value_base is None or not units:
        return [None] * len(lots)
    whole = _scaled(holding.value_base, ONE_MONEY)
    parts = [round(Fraction(whole * _scaled(lot.quantity, ONE_UNIT), units)) for lot in lots]
    parts[-1] = whole - sum(parts[:-1])
    return [known_money(part) for part in parts]


def _scaled(value: Decimal, one: int) -> int:
    return int(value * one)
