"""Money without units: deposits, income, charges, conversions, cash between accounts (CALCULATIONS 1).

Belongs here: DEPOSIT, WITHDRAWAL, DIVIDEND, INTEREST, INTEREST_CHARGE, FEE, TAX, their refunds, FX_CONVERSION and
TRANSFER of cash. Does not: types that touch lots.
"""

from pipelines.portfolio.booking.books import Income, Money
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
        base = money.amount.base_excluding
        if self._journal.accounts[item.account].tracks_cash:
            self._journal.flow(item, base)
        else:
            self._journal.leg_of(item.account, item.date, base)  # it comes in and, as cash that is not kept, goes out
        leg = minus(base, plus(money.fee, money.tax))
        self._journal.cash(item, amount - item.fee - item.tax, leg, money, tax=item.tax)

    def earn(self, item: Transaction) -> None:
        """Book a DIVIDEND, INTEREST or INTEREST_CHARGE."""
        gross = self._journal.stated(item) * (-1 if item.kind is Kind.INTEREST_CHARGE else 1)
        money = self._journal.money(item, gross)
        base = money.amount.base_excluding
        self._journal.charges(item, money)
        tally = self._books.tallies[item.account, item.symbol or ""]
        tally.income = plus(tally.income, base)
        self._books.income.append(Income(item, gross, base, money.fee, money.tax, self._holdings.cost_of(item.symbol)))
        leg = minus(base, plus(money.fee, money.tax))
        self._journal.holding_flow(item, leg, money.tax)
        self._journal.cash(item, gross - item.fee - item.tax, leg, money, tax=item.tax)

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
        leg = minus(0, plus(base, plus(money.fee, money.tax)))
        self._journal.holding_flow(item, leg, converted(tax, money.to_base))
        self._journal.cash(item, -amount - item.fee - item.tax, leg, money, tax=tax)

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
        charges_base = plus(money.fee, money.tax)
        if not self._journal.accounts[item.account].tracks_cash:
            self._exchange_outside(item, item.to_amount, item.to_currency, money)
            return
        self._journal.step_cash(item.date, item.account, item.currency, -(amount + charges), item.tax)
        self._journal.step_cash(item.date, item.account, item.to_currency, item.to_amount)
        self._journal.account_cash(item.account, minus(0, charges_base))

    def _exchange_outside(self, item: Transaction, to_amount: int, to_currency: str, money: Money) -> None:
        """Book a conversion where no cash is kept: what it costs crosses the border, and what it brings."""
        given, brought = money.amount.base_excluding, self._journal.worth_of(item, to_amount, to_currency)
        charges = plus(money.fee, money.tax)
        self._journal.leg_of(item.account, item.date, minus(plus(given, charges), brought), money.tax)
        self._journal.account_cash(item.account, minus(given, brought))

    def transfer(self, item: Transaction, to_account: str) -> None:
        """Move cash from one account to another; what an account keeps no cash of crosses the border."""
        amount, accounts = self._journal.stated(item), self._journal.accounts
        money = self._journal.money(item, amount)
        if not accounts[item.account].tracks_cash and not accounts[to_account].tracks_cash:
            self._journal.charge_legs(item, money)  # what neither account keeps moves nothing else
            return
        self._journal.charges(item, money)
        value = money.amount.base_excluding
        leg = minus(0, plus(value, plus(money.fee, money.tax)))
        self._journal.cash(item, -amount - item.fee - item.tax, leg, money, tax=item.tax)
        if accounts[to_account].tracks_cash:
            self._journal.step_cash(item.date, to_account, item.currency, amount)
            self._journal.account_cash(to_account, value)
        else:
            self._journal.leg_of(to_account, item.date, minus(0, value))
        self._journal.pass_on(item, to_account, value, value, is_cash=True)
