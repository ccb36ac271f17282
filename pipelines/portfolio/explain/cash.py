"""Cash, taken apart: the movements of a balance, and what it is worth.

Belongs here: balances of accounts and currencies. Does not: what flowed across the border of the view (`totals`).
"""

from decimal import Decimal

from pipelines.portfolio.explain.entries import WITHOUT_JOURNAL, entry_row
from pipelines.portfolio.explain.paths import Place
from pipelines.portfolio.explain.tree import Explanation, Operation, ended, made, summed
from pipelines.portfolio.models import CashBalance, CompleteView


def explain_cash(view: CompleteView, place: Place) -> Explanation:
    """Return a figure of a balance taken apart."""
    makers = {"amount": _amount, "fx_rate": _rate, "value_base": balance_value}
    return makers[place.field](view, place.row)


def _name(balance: CashBalance) -> str:
    return f"cash.{balance.currency}@{balance.account}"


def balance_value(view: CompleteView, balance: CashBalance) -> Explanation:
    """Return what a balance is worth in the base currency."""
    parts = [_amount(view, balance), _rate(view, balance)]
    figure = f"{_name(balance)}.value_base"
    return made(Operation.PRODUCT, figure, balance.value_base, parts, unit=view.base_currency)


def _amount(view: CompleteView, balance: CashBalance) -> Explanation:
    figure = f"{_name(balance)}.amount"
    if view.journal is None:
        return ended(figure, balance.amount, unit=balance.currency, note=WITHOUT_JOURNAL)
    moved = [
        entry_row(entry, amount, balance.currency)
        for entry in view.journal
        for account, currency, amount in entry.cash
        if (account, currency) == (balance.account, balance.currency)
    ]
    opened = balance.amount - sum((row.value for row in moved if isinstance(row.value, Decimal)), start=Decimal(0))
    if opened:
        moved.insert(0, ended("before the period", opened, unit=balance.currency))
    return summed(figure, balance.amount, moved, balance.currency)


def _rate(view: CompleteView, balance: CashBalance) -> Explanation:
    pair = f"{balance.currency}/{view.base_currency}"
    source = f"fx_history {pair} {balance.fx_date}" if balance.fx_date else None
    note = "one currency" if balance.currency == view.base_currency else balance.fx_status.value
    return ended(f"{_name(balance)}.fx_rate", balance.fx_rate, source=source, note=note)
