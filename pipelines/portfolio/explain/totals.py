"""Figures of the whole portfolio, taken apart.

Belongs here: the summary's sums, cash, income and allocations. Does not: returns (`performance`).
"""

from collections.abc import Callable
from decimal import Decimal

from pipelines.portfolio.explain.holdings import (
    entry_row,
    explain_disposal,
    explain_holding,
    fee_of,
    tax_of,
    with_rest,
)
from pipelines.portfolio.explain.tree import Explanation, Operation, plain_value
from pipelines.portfolio.models import AllocationRow, CashBalance, CompleteView, JournalEntry

Maker = Callable[[CompleteView], Explanation]


def _sum(view: CompleteView, figure: str, value: Decimal | None, parts: list[Explanation]) -> Explanation:
    return Explanation(figure=figure, value=value, unit=view.base_currency, operation=Operation.SUM, parts=parts)


def _holdings(field: str) -> Callable[[CompleteView], list[Explanation]]:
    return lambda view: [explain_holding(view, holding, field) for holding in view.holdings]


def _value(view: CompleteView) -> Explanation:
    known = [part for part in _holdings("value_base")(view) if part.value is not None]
    missing = len(view.holdings) - len(known)
    note = f"{missing} holdings without a value are not in it" if missing else None
    whole = _sum(view, "summary.value", view.summary.value, [*known, _cash(view)])
    return whole.model_copy(update={"note": note})


def _cash(view: CompleteView) -> Explanation:
    balances = [_balance(view, balance) for balance in view.cash]
    return _sum(view, "summary.cash", view.summary.cash, balances)


def _balance(view: CompleteView, balance: CashBalance) -> Explanation:
    name = f"{balance.currency} of {balance.account}"
    moved = [
        entry_row(entry, amount, f"{entry.type} of {entry.date}", balance.currency)
        for entry in view.journal or []
        for account, currency, amount in entry.cash
        if (account, currency) == (balance.account, balance.currency)
    ]
    opened = balance.amount - sum((row.value for row in moved if isinstance(row.value, Decimal)), start=Decimal(0))
    if view.journal is not None and opened:
        moved.insert(0, Explanation(figure=f"{name} before the period", value=opened, unit=balance.currency))
    amount = Explanation(figure=name, value=balance.amount, unit=balance.currency, operation=Operation.SUM, parts=moved)
    pair = f"{balance.currency}/{view.base_currency}"
    rate = Explanation(
        figure=f"rate {pair}",
        value=balance.fx_rate,
        source=f"fx_history {pair} {balance.fx_date}" if balance.fx_date else None,
    )
    return Explanation(
        figure=f"{name} in {view.base_currency}",
        value=balance.value_base,
        unit=view.base_currency,
        operation=Operation.PRODUCT,
        parts=[amount, rate],
    )


def _of_holdings(name: str, field: str) -> Maker:
    return lambda view: _sum(view, f"summary.{name}", getattr(view.summary, name), _holdings(field)(view))


def _realized(view: CompleteView) -> Explanation:
    rows = [explain_disposal(view, number, row) for number, row in enumerate(view.realized_gains)]
    return _sum(view, "summary.realized_gain", view.summary.realized_gain, rows)


def income_rows(view: CompleteView, symbol: str | None = None) -> list[Explanation]:
    """Return the payments behind an income, of one symbol or of all."""
    return [
        Explanation(
            figure=f"{row.type} of {row.date}",
            value=row.gross_base,
            unit=view.base_currency,
            source=f"transactions {row.transaction_id}",
            data={"symbol": row.symbol or "", "account": row.account, "gross_local": str(row.gross_local)},
        )
        for row in view.income.received
        if symbol is None or (row.symbol == symbol and row.type == "DIVIDEND")
    ]


def _income(view: CompleteView) -> Explanation:
    return _sum(view, "summary.income", view.summary.income, income_rows(view))


def _of_entries(name: str, amount: Callable[[JournalEntry], Decimal | None], rest: str) -> Maker:
    def maker(view: CompleteView) -> Explanation:
        rows = [
            entry_row(entry, value, f"{entry.type} of {entry.date}", view.base_currency)
            for entry in view.journal or []
            if (value := amount(entry)) is not None and value != 0
        ]
        return with_rest(view, f"summary.{name}", getattr(view.summary, name), rows, rest)

    return maker


_fees, _taxes = _of_entries("fees", fee_of, "other accounts"), _of_entries("taxes", tax_of, "other accounts")
_net_invested = _of_entries("net_invested", lambda entry: entry.flow_base, "the opening value, and other accounts")


def _total_gain(view: CompleteView) -> Explanation:
    return _sum(view, "summary.total_gain", view.summary.total_gain, [_value(view), _net_invested(view).minus()])


def _gain_on_purchases(view: CompleteView) -> Explanation:
    purchases = Explanation(figure="summary.purchases", value=view.summary.purchases, unit=view.base_currency)
    return Explanation(
        figure="summary.gain_on_purchases",
        value=view.summary.gain_on_purchases,
        operation=Operation.QUOTIENT,
        parts=[_total_gain(view), purchases],
    )


TOTALS: dict[str, Maker] = {
    "value": _value,
    "cash": _cash,
    "cost": _of_holdings("cost", "cost_base"),
    "unrealized_gain": _of_holdings("unrealized_gain", "unrealized_gain_base"),
    "realized_gain": _realized,
    "income": _income,
    "fees": _fees,
    "taxes": _taxes,
    "net_invested": _net_invested,
    "total_gain": _total_gain,
    "gain_on_purchases": _gain_on_purchases,
}


def explain_allocation(view: CompleteView, dimension: str, row: AllocationRow, field: str) -> Explanation:
    """Return the value of a class by its holdings and cash, or its weight in the whole."""
    name = f"allocations.{dimension}.{row.key}"
    if field not in {"value", "weight"}:
        return Explanation(figure=f"{name}.{field}", value=plain_value(getattr(row, field)))
    members = [
        explain_holding(view, holding, "value_base")
        for holding in view.holdings
        if holding.value_base is not None and (getattr(holding, dimension) or "Unknown") == row.key
    ]
    members += [_balance(view, balance) for balance in view.cash if _class_of_cash(dimension, balance) == row.key]
    value = _sum(view, f"{name}.value", row.value, members)
    if field == "value":
        return value
    whole = [other.value for other in view.allocations[dimension]]
    total = sum((part for part in whole if part is not None), start=Decimal(0))
    below = Explanation(figure=f"allocations.{dimension}", value=total, unit=view.base_currency)
    return Explanation(figure=f"{name}.weight", value=row.weight, operation=Operation.QUOTIENT, parts=[value, below])


def _class_of_cash(dimension: str, balance: CashBalance) -> str:
    return {"account": balance.account, "currency": balance.currency}.get(dimension, "Cash")
