"""Decisions about dividends: what was decided, and deciding.

Belongs here: reading and writing what people state about dividends. Does not: which are due (`figures`), how a decision
becomes rows (`pipelines.dividend_decisions`).
"""

import polars as pl

from dashboard.chosen import Chosen
from dashboard.data.records import held_own
from dashboard.data.served import own_ledger
from pipelines import dividend_decisions
from pipelines.dividend_decisions import Payment
from pipelines.portfolio.models import IncomeDue
from warehouse.ledger import DueDividend


def decided(chosen: Chosen) -> pl.DataFrame:
    """Return what was decided: ``account, symbol, ex_date, state, transaction_id``."""
    return own_ledger().frames(chosen.portfolio.portfolio_id).decisions


def accounts(chosen: Chosen) -> dict[str, str]:
    """Return the portfolio's accounts by name, with their currency: the portfolio's where they have none."""
    base = chosen.portfolio.base_currency
    return {row.account: row.currency or base for row in own_ledger().accounts(chosen.portfolio.portfolio_id)}


def confirm(chosen: Chosen, due: IncomeDue, payment: Payment) -> None:
    """Turn a dividend that was due into a DIVIDEND of the ledger.

    Raises:
        EngineError: If the ledger cannot be booked so.
        LedgerError: If it was decided about already, a value is none of a DIVIDEND, or the portfolio has changed.
    """
    dividend_decisions.confirm(held_own(), chosen.portfolio, due, payment)


def reject(chosen: Chosen, due: IncomeDue) -> None:
    """Hide a dividend that was due for good.

    Raises:
        EngineError: If the ledger cannot be booked so.
        LedgerError: If it was decided about already, or the portfolio has changed.
    """
    dividend_decisions.reject(held_own(), chosen.portfolio, due)


def add(chosen: Chosen, *, account: str, symbol: str, currency: str, payment: Payment) -> None:
    """Add a dividend that nobody expected.

    Raises:
        EngineError: If the ledger cannot be booked so.
        LedgerError: If a value is none of a DIVIDEND, or the portfolio has changed.
    """
    dividend_decisions.add(
        held_own(), chosen.portfolio, account=account, symbol=symbol, currency=currency, payment=payment
    )


def withdraw(chosen: Chosen, dividend: DueDividend) -> None:
    """Take a decision back, with the DIVIDEND that it became.

    Raises:
        EngineError: If the ledger cannot be booked so.
        LedgerError: If nothing was decided, or the portfolio has changed.
    """
    key, version = chosen.portfolio.portfolio_id, chosen.portfolio.version
    held_own().withdraw_decision(key, dividend, expected_version=version)
