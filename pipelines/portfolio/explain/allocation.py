"""Allocations, taken apart: the holdings and the cash of a class, its weight and its drift.

Belongs here: figures of the allocations. Does not: the value of a holding (`holdings`) or of cash (`cash`).
"""

from decimal import Decimal

from pipelines.portfolio.allocation import CASH, UNKNOWN
from pipelines.portfolio.explain.cash import balance_value
from pipelines.portfolio.explain.holdings import explain_holding
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import AllocationRow, CashBalance, CompleteView


def explain_allocations(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of a class taken apart."""
    return _explained(view, place.names[1], place.row, place.field)


def _explained(view: CompleteView, dimension: str, row: AllocationRow, field: str) -> Explanation:
    figure = f"allocations.{dimension}.{row.key}.{field}"
    if field == "value":
        parts = _members(view, dimension, row.key)
        note = None if parts else "nothing of it is held: it has a target"
        return summed(figure, row.value, parts, view.base_currency, note)
    if field == "target":
        source = None if row.target is None else f"allocation_targets {dimension} {row.key}"
        return ended(figure, row.target, source=source, note="no target is set" if row.target is None else None)
    if row.weight is None or (field == "drift" and row.drift is None):
        note = "the whole is worth nothing, or less" if row.weight is None else "no target is set"
        return ended(figure, None, note=note)
    if field == "drift":
        weight, target = (_explained(view, dimension, row, name) for name in ("weight", "target"))
        return summed(figure, row.drift, [weight, target.minus()], None)
    values = [other.value for other in view.allocations[dimension]]
    total = sum((value for value in values if value is not None), start=Decimal(0))
    whole = ended(f"all of allocations.{dimension}", total, unit=view.base_currency)
    return made(Operation.QUOTIENT, figure, row.weight, [_explained(view, dimension, row, "value"), whole])


def _members(view: CompleteView, dimension: str, key: str) -> list[Explanation]:
    held = [
        explain_holding(view, holding, "value_base")
        for holding in view.holdings
        if holding.value_base is not None and (getattr(holding, dimension) or UNKNOWN) == key
    ]
    return held + [balance_value(view, balance) for balance in view.cash if _class_of(dimension, balance) == key]


def _class_of(dimension: str, balance: CashBalance) -> str:
    return {"account": balance.account, "currency": balance.currency}.get(dimension, CASH)
