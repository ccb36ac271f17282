"""Money without units: deposits, income, charges, conversions, cash between accounts (CALCULATIONS 1).

Belongs here: DEPOSIT, WITHDRAWAL, DIVIDEND, INTEREST, INTEREST_CHARGE, FEE, TAX, their refunds, FX_CONVERSION and
TRANSFER of cash. Does not: types that touch lots.
"""

from pipelines.portfolio.booking.books import Income
from pipelines.portfolio.booking.holdings import Holdings
from pipelines.portfolio.booking.journal import Journal
from pipelines.portfolio.errors import InvalidTransactionError
from pipelines.portfolio.exact import converted, minus, plus
from pipelines.portfolio.transactions import Kind, Transaction

_REFUNDS = frozenset({Kind.FEE_REFUND, Kind.TAX_REFUND})
_TAXES = frozenset({Kind.TAX, Kind.TAX_REFUND})


class Payments:
    """Books payments."""

    def __init__(self, journal: Journal, holdings: Holdings) -> None:
        self._journal, self._holdings, self._books = journal, holdings, journal.books

    def deposit(self, item: Transaction) -> None:
        """Book a DEPOSIT or WITHDRAWAL: a flow from outside or to it."""
        amount = self._journal.stated(item) * (1 if item.kind is Kind.DEPOSIT else -1)
        money = self._journal.money(item, amount)
        self._journal.charges(item, money)
        self._journal.flow(item, money.amount.base_excluding)
        self._journal.cash(item, amount - item.fee - item.tax, money, tax=item.tax)

    def earn(self, item: Transaction) -> None:
        """Book a DIVIDEND, INTEREST or INTEREST_CHARGE."""
        gross = self._journal.stated(item) * (-1 if item.kind is Kind.INTEREST_CHARGE else 1)
        money = self._journal.money(item, gross)
        base = money.amount.base_excluding
        self._journal.charges(item, money)
        tally = self._books.tallies[item.account, item.symbol or ""]
        tally.income = plus(tally.income, base)
        self._books.income.append(Income(item, gross, base, money.fee, money.tax, self._holdings.cost_of(item.symbol)))
        self._journal.holding_flow(item, minus(base, plus(money.fee, money.tax)), money.tax)
        self._journal.cash(item, gross - item.fee - item.tax, money, tax=item.tax)

    def charge(self, item: Transaction) -> None:
        """Book a FEE or TAX, or a refund of one."""
        amount = self._journal.stated(item) * (-1 if item.kind in _REFUNDS else 1)
        money = self._journal.money(item, amount)
        base = money.amount.base_excluding
        self._journal.charges(item, money)
        tally, tax = self._books.tallies[item.account, item.symbol or ""], item.tax
        if item.kind in _TAXES:
            tally.charged(0, base)
            tax += amount
        else:
            tally.charged(base, 0)
        leg = -amount - item.fee - item.tax
        self._journal.holding_flow(item, converted(leg, money.to_base), converted(tax, money.to_base))
        self._journal.cash(item, leg, money, tax=tax)

    def exchange(self, item: Transaction) -> None:
        """Book an FX_CONVERSION; the difference to the day's rate shows as a gain of cash by exchange rates."""
        if item.to_amount is None or item.to_currency is None:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id,
                column="to_amount",
                value=item.to_amount,
                expected="what the conversion brought, with to_currency",
            )
        amount, charges = self._journal.stated(item), item.fee + item.tax
        money = self._journal.money(item, amount)
        self._journal.charges(item, money)
        if not self._journal.accounts[item.account].tracks_cash:
            return  # out and in of one account and day: no flow, and no cash is kept
        self._journal.step_cash(item.date, item.account, item.currency, -(amount + charges), item.tax)
        self._journal.step_cash(item.date, item.account, item.to_currency, item.to_amount)
        self._journal.account_cash(item.account, minus(0, plus(money.fee, money.tax)))

    def transfer(self, item: Transaction, to_account: str) -> None:
        """Move cash from one account to another; what an account keeps no cash of crosses the border."""
        amount = self._journal.stated(item)
        money = self._journal.money(item, amount)
        self._journal.charges(item, money)
        self._journal.cash(item, -amount - item.fee - item.tax, money, tax=item.tax)
        value = money.amount.base_excluding
        if self._journal.accounts[to_account].tracks_cash:
            self._journal.step_cash(item.date, to_account, item.currency, amount)
            self._journal.account_cash(to_account, value)
        else:
            self._journal.leg_of(to_account, item.date, minus(0, value))
        self._journal.pass_on(item, to_account, value, value)
