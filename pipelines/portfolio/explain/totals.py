"""Figures of the whole portfolio, taken apart.

Belongs here: the summary's sums, and how it goes on to its returns. Does not: returns (`performance`), classes of value
(`allocation`).
"""

from collections.abc import Callable
from decimal import Decimal

from pipelines.portfolio.explain.cash import balance_value
from pipelines.portfolio.explain.entries import (
    Amount,
    fee_of,
    flow_of,
    of_entries,
    proceeds_of,
    purchase_of,
    tax_of,
)
from pipelines.portfolio.explain.holdings import explain_holding
from pipelines.portfolio.explain.income import received_rows
from pipelines.portfolio.explain.lots import disposals_of
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.performance import RETURNS, explain_return
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import CompleteView

_LOTS = "lots that came or went, or opened the period, and other accounts"


def explain_summary(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of the summary taken apart."""
    return explain_return(view, place.field) if place.field in RETURNS else explain_total(view, place.field)


def explain_total(view: CompleteView, field: str) -> Explanation:
    """Return one of the summary's sums taken apart."""
    return _TOTALS[field](view)


def _sum(view: CompleteView, field: str, parts: list[Explanation], note: str | None = None) -> Explanation:
    value = getattr(view.summary, field)
    return summed(f"summary.{field}", value, parts, view.base_currency, note)


def _value(view: CompleteView) -> Explanation:
    parts = [explain_holding(view, row, "value_base") for row in view.holdings if row.value_base is not None]
    balances = [part for part in _balances(view) if part.value is not None]
    missing = len(view.holdings) - len(parts)
    note = f"{missing} holdings without a value are not in it" if missing else None
    return _sum(view, "value", [*parts, *balances], note)


def _balances(view: CompleteView) -> list[Explanation]:
    return [balance_value(view, balance) for balance in view.cash]


def _of_holdings(field: str, of: str) -> Callable[[CompleteView], Explanation]:
    return lambda view: _sum(view, field, [explain_holding(view, holding, of) for holding in view.holdings])


def _of_entries(field: str, amount: Amount, rest: str) -> Callable[[CompleteView], Explanation]:
    return lambda view: of_entries(view, f"summary.{field}", getattr(view.summary, field), amount, rest=rest)


def _cash_fx_gain(view: CompleteView) -> Explanation:
    cash, gain = explain_total(view, "cash"), view.summary.cash_fx_gain
    known = isinstance(cash.value, Decimal) and gain is not None
    paid = ended(
        "the same cash at the rates of the days that moved it",
        Decimal(cash.value) - gain if known and gain is not None and isinstance(cash.value, Decimal) else None,
        unit=view.base_currency,
    )
    return _sum(view, "cash_fx_gain", [cash, paid.minus()])


def _total_gain(view: CompleteView) -> Explanation:
    return _sum(view, "total_gain", [explain_total(view, "value"), explain_total(view, "net_invested").minus()])


def _gain_on_purchases(view: CompleteView) -> Explanation:
    parts = [explain_total(view, "total_gain"), explain_total(view, "purchases")]
    return made(Operation.QUOTIENT, "summary.gain_on_purchases", view.summary.gain_on_purchases, parts)


_TOTALS: dict[str, Callable[[CompleteView], Explanation]] = {
    "value": _value,
    "cash": lambda view: _sum(view, "cash", _balances(view)),
    "cost": _of_holdings("cost", "cost_base"),
    "net_invested": _of_entries("net_invested", flow_of, "the opening value, and other accounts"),
    "purchases": _of_entries("purchases", purchase_of, _LOTS),
    "proceeds": _of_entries("proceeds", proceeds_of, _LOTS),
    "unrealized_gain": _of_holdings("unrealized_gain", "unrealized_gain_base"),
    "realized_gain": lambda view: _sum(view, "realized_gain", disposals_of(view, "gain_base")),
    "income": lambda view: _sum(view, "income", received_rows(view, "gross_base")),
    "fees": _of_entries("fees", fee_of, "other accounts"),
    "taxes": _of_entries("taxes", tax_of, "other accounts"),
    "cash_fx_gain": _cash_fx_gain,
    "total_gain": _total_gain,
    "gain_on_purchases": _gain_on_purchases,
}
