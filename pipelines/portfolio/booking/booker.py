"""Transactions and the market's splits, booked one after the other (CALCULATIONS 1).

Belongs here: which of them comes next, and who books it. Does not: what it does (`trading`, `payments`, `corporate`).
"""

import datetime as dt
from collections.abc import Callable, Iterable
from functools import partial

from pipelines.portfolio.booking.books import AccountRules, Books, Entry, Split
from pipelines.portfolio.booking.corporate import CorporateActions
from pipelines.portfolio.booking.holdings import Holdings
from pipelines.portfolio.booking.journal import Journal
from pipelines.portfolio.booking.payments import Payments
from pipelines.portfolio.booking.trading import Trading
from pipelines.portfolio.errors import InvalidTransactionError
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.models import CostMethod
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.transactions import Kind, Transaction


class Booker:
    """Books transactions in order.

    Args:
        fx: Rates.
        prices: Closes, for deliveries, mergers and transfers.
        base: The view's currency.
        method: The cost method.
        accounts: Rules of every account that occurs.
        splits: Splits of the market.
        account: The one account that is looked at, None for all: AVERAGE pools what the view holds.
        keep_entries: Whether to note what each transaction moved, for explanations.
    """

    def __init__(
        self,
        *,
        fx: FxBook,
        prices: PriceBook,
        base: str,
        method: CostMethod,
        accounts: dict[str, AccountRules],
        splits: Iterable[Split],
        account: str | None = None,
        keep_entries: bool = False,
    ) -> None:
        self._keep_entries = keep_entries
        self.books = Books()
        self._splits = sorted(splits, key=lambda split: (split.date, split.symbol))
        self._next_split = 0
        self._journal = Journal(self.books, fx=fx, prices=prices, base=base, accounts=accounts)
        self._holdings = Holdings(self.books, method, lambda name: account is None or name == account)
        self._trading = Trading(self._journal, self._holdings)
        self._payments = Payments(self._journal, self._holdings)
        self._handlers = self._by_kind(CorporateActions(self._journal, self._holdings, self._splits))

    def _by_kind(self, corporate: CorporateActions) -> dict[Kind, Callable[[Transaction], None]]:
        trading, payments = self._trading, self._payments
        return {
            Kind.BUY: trading.units_in,
            Kind.DELIVERY_IN: trading.units_in,
            Kind.SELL: trading.units_out,
            Kind.DELIVERY_OUT: trading.units_out,
            Kind.TRANSFER: partial(_transfer, trading, payments),
            Kind.DEPOSIT: payments.deposit,
            Kind.WITHDRAWAL: payments.deposit,
            Kind.DIVIDEND: payments.earn,
            Kind.INTEREST: payments.earn,
            Kind.INTEREST_CHARGE: payments.earn,
            Kind.FEE: payments.charge,
            Kind.FEE_REFUND: payments.charge,
            Kind.TAX: payments.charge,
            Kind.TAX_REFUND: payments.charge,
            Kind.FX_CONVERSION: payments.exchange,
            Kind.SPLIT: corporate.split,
            Kind.SPINOFF: corporate.spin_off,
            Kind.MERGER: corporate.merge,
            Kind.RETURN_OF_CAPITAL: corporate.return_capital,
        }

    def book(self, transactions: Iterable[Transaction]) -> None:
        """Book transactions, in their order, with the market's splits before those of their day."""
        items = list(transactions)
        self._journal.prepare(items)
        for item in items:
            self.split_until(item.date)
            if self._keep_entries:
                self._book_and_keep(item)
            else:
                self._handlers[item.kind](item)

    def _book_and_keep(self, item: Transaction) -> None:
        books, journal = self.books, self._journal
        flows, cash = len(books.flows), len(books.cash_steps)
        journal.last_money = None
        self._handlers[item.kind](item)
        moved = tuple(books.flows[flows:]), tuple(books.cash_steps[cash:])
        books.entries.append(Entry(item, journal.last_money, *moved))

    def split_until(self, day: dt.date) -> None:
        """Apply the market's splits up to and on a day."""
        while self._next_split < len(self._splits) and self._splits[self._next_split].date <= day:
            split = self._splits[self._next_split]
            self._next_split += 1
            self._holdings.split_everywhere(split.symbol, split.date, split.new, split.old)

    def switch(self, method: CostMethod) -> None:
        """Go on with another cost method; what was booked stays as it is."""
        self._holdings.level_all()
        self._holdings.switch(method)

    def finish(self) -> None:
        """Level what AVERAGE has left uneven."""
        self._holdings.level_all()

    def revalued(self) -> None:
        """Note that the start of a period has given every lot another cost."""
        self._holdings.revalued()

    def currencies(self) -> dict[str, str]:
        """Return every instrument's currency; without price or master, that of its first transaction."""
        return dict(self._journal.instruments)


def _transfer(trading: Trading, payments: Payments, item: Transaction) -> None:
    """Book a transfer; no method, for a booker that holds its own would wait for the collector with all its books."""
    if item.to_account is None:
        raise InvalidTransactionError(
            transaction_id=item.transaction_id, column="to_account", value=None, expected="the receiving account"
        )
    if item.symbol is None:
        payments.transfer(item, item.to_account)
    else:
        trading.transfer(item, item.to_account)
