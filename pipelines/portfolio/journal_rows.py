"""Transactions as they were booked, and cash, as rows of the document.

Belongs here: laying them out. Does not: booking (`booking`), what is made of them (`explain`).
"""

from pipelines.portfolio import models
from pipelines.portfolio.booking.books import Entry
from pipelines.portfolio.exact import Amount, known_money, money, quantity, rate_decimal, total
from pipelines.portfolio.holdings import CashBalance


def cash_row(balance: CashBalance) -> models.CashBalance:
    """Return a balance as the document shows it."""
    return models.CashBalance(
        account=balance.account,
        currency=balance.currency,
        amount=known_money(balance.amount),
        fx_rate=rate_decimal(balance.fx.ratio),
        fx_date=balance.fx.date,
        fx_status=balance.fx.status,
        value_base=money(balance.value),
    )


def journal_row(entry: Entry) -> models.JournalEntry:
    """Return a booked transaction as the document shows it."""
    item, booked = entry.transaction, entry.money
    flow: Amount = total(flow.amount for flow in entry.flows)
    return models.JournalEntry.built(
        transaction_id=item.transaction_id,
        date=item.date,
        type=item.kind.value,
        account=item.account,
        symbol=item.symbol,
        to_symbol=item.to_symbol,
        quantity=None if item.quantity is None else quantity(item.quantity),
        currency=item.currency,
        amount=money(item.amount),
        fee=known_money(item.fee),
        tax=known_money(item.tax),
        fx_rate=rate_decimal(booked.to_base) if booked else None,
        amount_base=money(booked.amount.base_excluding) if booked else None,
        fee_base=money(booked.fee) if booked else None,
        tax_base=money(booked.tax) if booked else None,
        flow_base=money(flow),
        cash=[(step.account, step.currency, known_money(step.amount)) for step in entry.cash],
    )
