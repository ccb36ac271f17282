"""Rules of a row of transactions: what each type needs (CALCULATIONS 1).

Belongs here: rules within one row. Does not: rules between rows (the engine books them), the file's form (`table`).
"""

import datetime as dt
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, NamedTuple

from pipelines.portfolio.transactions import Kind

_CENT = Decimal("0.01")
_FRACTION = Decimal("0.0001")
_QUANTUM = Decimal("1e-8")
_WIDE = Context(prec=60, rounding=ROUND_HALF_EVEN)
_DERIVATIVES = {"OPTION", "FUTURE", "OPTIONS", "FUTURES"}

_NEEDS: dict[Kind, tuple[str, ...]] = {
    Kind.BUY: ("symbol", "quantity", "amount"),
    Kind.SELL: ("symbol", "quantity", "amount"),
    Kind.DELIVERY_IN: ("symbol", "quantity"),
    Kind.DELIVERY_OUT: ("symbol", "quantity"),
    Kind.TRANSFER: ("to_account",),
    Kind.FX_CONVERSION: ("amount", "to_amount", "to_currency"),
    Kind.SPLIT: ("symbol", "ratio_new", "ratio_old"),
    Kind.SPINOFF: ("symbol", "to_symbol", "ratio_new", "ratio_old", "cost_fraction"),
    Kind.MERGER: ("symbol", "to_symbol", "ratio_new", "ratio_old"),
    Kind.RETURN_OF_CAPITAL: ("symbol", "amount"),
    Kind.DIVIDEND: ("symbol", "amount"),
}


class Fault(NamedTuple):
    """What is wrong with a row."""

    column: str
    value: object
    expected: str


def kind(name: str) -> Kind | Fault:
    """Return the type of a row, or why there is none."""
    if name.upper() in _DERIVATIVES:
        return Fault("type", name, "no options or futures: they are not modelled")
    try:
        return Kind(name.upper())
    except ValueError:
        return Fault("type", name, f"one of {', '.join(Kind)}")


def fault_of(row: dict[str, Any], kind: Kind, *, today: dt.date) -> Fault | None:
    """Return the first thing wrong with a row, None where it is right; ``amount`` is filled in where it follows."""
    if row["date"] > today:
        return Fault("date", row["date"].isoformat(), f"no day after {today}")
    for rule in _RULES:
        fault = rule(row, kind)
        if fault is not None:
            return fault
    return None


def _amount(row: dict[str, Any], _: Kind) -> Fault | None:
    quantity, price, amount = row["quantity"], row["price"], row["amount"]
    if quantity is None or price is None:
        return None
    product = _WIDE.multiply(quantity, price).quantize(_QUANTUM, context=_WIDE)
    if amount is None:
        row["amount"] = product
        return None
    if abs(product - amount) > max(_CENT, abs(amount) * _FRACTION):
        return Fault("amount", f"{amount:f}", f"quantity x price = {product.normalize():f}, to a cent or 0.01 %")
    return None


def _needs(row: dict[str, Any], kind: Kind) -> Fault | None:
    for name in _NEEDS.get(kind, ("amount",)):
        if row[name] is None:
            other = " (or a price)" if name == "amount" and kind in {Kind.BUY, Kind.SELL} else ""
            return Fault(name, None, f"a value{other}: {kind} needs it")
    if kind is Kind.TRANSFER and (row["quantity"] is None if row["symbol"] else row["amount"] is None):
        column = "quantity" if row["symbol"] else "amount"
        return Fault(column, None, f"a value: a TRANSFER of {'units' if row['symbol'] else 'cash'} needs it")
    return None


def _units(row: dict[str, Any], kind: Kind) -> Fault | None:
    moves_units = kind in {Kind.BUY, Kind.SELL, Kind.DELIVERY_IN, Kind.DELIVERY_OUT, Kind.TRANSFER}
    if moves_units and row["quantity"] is not None and not row["quantity"]:
        return Fault("quantity", "0", "more than zero")
    for name in ("ratio_new", "ratio_old", "fx_rate"):
        if row[name] is not None and not row[name]:
            return Fault(name, "0", "more than zero")
    if row["cost_fraction"] is not None and row["cost_fraction"] > 1:
        return Fault("cost_fraction", f"{row['cost_fraction']:f}", "a fraction from 0 to 1")
    return None


def _places(row: dict[str, Any], kind: Kind) -> Fault | None:
    if kind is Kind.TRANSFER and row["to_account"] == row["account"]:
        return Fault("to_account", row["to_account"], "another account")
    if kind is Kind.FX_CONVERSION and row["to_currency"] == row["currency"]:
        return Fault("to_currency", row["to_currency"], "another currency")
    return None


_RULES: tuple[Callable[[dict[str, Any], Kind], Fault | None], ...] = (_amount, _needs, _units, _places)
