"""What people decide about dividends that were due, and those they add: the rows that go into the ledger.

Belongs here: from a decision to the ledger's calls. Does not: which dividends are due (`pipelines.portfolio`), how a
decision is kept (`warehouse.ledger`), forms and options.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from pipelines.portfolio.models import IncomeDue
from warehouse.ledger import DueDividend, LedgerRepository, Portfolio
from warehouse.ledger.errors import InvalidValueError
from warehouse.ledger.frames import ROWS


@dataclass(frozen=True, kw_only=True, slots=True)
class Payment:
    """What was paid: gross, withheld and charged, in the currency of the dividend."""

    paid_on: dt.date
    gross: Decimal
    tax: Decimal = Decimal(0)
    fee: Decimal = Decimal(0)


def confirm(own: LedgerRepository, portfolio: Portfolio, due: IncomeDue, payment: Payment) -> str:
    """Turn a dividend that was due into a DIVIDEND; return its transaction's id.

    It counts as edited where another gross was paid than was expected.

    Raises:
        LedgerError: If it was decided about already, a value is none of a DIVIDEND, or the portfolio has changed.
    """
    return own.confirm_dividend(
        portfolio.portfolio_id,
        _key(due),
        _row(due.account, due.symbol, due.currency, payment),
        edited=payment.gross != due.gross_local,
        expected_version=portfolio.version,
    )


def reject(own: LedgerRepository, portfolio: Portfolio, due: IncomeDue) -> None:
    """Hide a dividend that was due for good.

    Raises:
        LedgerError: If it was decided about already, or the portfolio has changed.
    """
    own.reject_dividend(portfolio.portfolio_id, _key(due), expected_version=portfolio.version)


def add(
    own: LedgerRepository, portfolio: Portfolio, *, account: str, symbol: str, currency: str, payment: Payment
) -> None:
    """Add a dividend that nobody expected.

    Raises:
        LedgerError: If a value is none of a DIVIDEND, or the portfolio has changed.
    """
    row = _row(account, symbol, currency, payment)
    own.add_transactions(portfolio.portfolio_id, row, source="a dividend", expected_version=portfolio.version)


def _key(due: IncomeDue) -> DueDividend:
    return DueDividend(due.account, due.symbol, due.ex_date)


def _row(account: str, symbol: str, currency: str, payment: Payment) -> pl.DataFrame:
    if payment.tax + payment.fee > payment.gross:
        raise InvalidValueError(
            "tax and fee", f"{payment.tax + payment.fee}", f"no more than the gross {payment.gross}"
        )
    row = dict.fromkeys(ROWS.names) | {
        "date": payment.paid_on,
        "type": "DIVIDEND",
        "account": account,
        "symbol": symbol,
        "amount": payment.gross,
        "fee": payment.fee,
        "tax": payment.tax,
        "currency": currency,
    }
    return pl.DataFrame([row], schema=ROWS.polars_schema)
