"""Money of one transaction: its legs in each currency, its cash, its flows, its place in the sums.

Belongs here: rates of a transaction and every entry that is not about lots. Does not: lots (`holdings`), which entries
a type makes (`trading`, `payments`, `corporate`).
"""

import datetime as dt
from collections.abc import Sequence

from pipelines.portfolio.booking.books import AccountRules, Books, CashStep, Flow, Key, Money, Passage
from pipelines.portfolio.booking.moneys import CHARGES_REDUCE, moneys
from pipelines.portfolio.errors import InvalidTransactionError
from pipelines.portfolio.exact import (
    ONE,
    ONE_UNIT,
    Amount,
    Ratio,
    Units,
    converted,
    minus,
    plus,
    scaled,
    worth,
    worth_at,
)
from pipelines.portfolio.fx import FxBook, times
from pipelines.portfolio.lots import Costs
from pipelines.portfolio.models import Warning_
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.transactions import Kind, Transaction

_VALUED_AT_CLOSE = frozenset({Kind.DELIVERY_IN, Kind.DELIVERY_OUT})


class Journal:
    """Enters the money of transactions into the books.

    Args:
        books: What is written to.
        fx: Rates.
        prices: Closes, for deliveries, mergers and transfers.
        base: The view's currency.
        accounts: Rules of every account that occurs.
    """

    def __init__(
        self, books: Books, *, fx: FxBook, prices: PriceBook, base: str, accounts: dict[str, AccountRules]
    ) -> None:
        self.books, self.accounts = books, accounts
        self._fx, self._prices, self._base = fx, prices, base
        self.instruments: dict[str, str] = {}
        self.last_money: Money | None = None
        self._stated: dict[int, Money] = {}

    def prepare(self, transactions: Sequence[Transaction]) -> None:
        """Compute the money of transactions that are about to be booked, where that goes by column."""
        self._stated = moneys(
            transactions, fx=self._fx, base=self._base, accounts=self.accounts, instrument=self._prices.currency
        )

    # Rates and amounts

    def money(self, item: Transaction, amount: int | None) -> Money:
        """Return a gross amount of the transaction's currency with its fee and tax, in every currency."""
        stated = self._stated.get(item.order) if amount == item.amount else None
        if stated is not None and item.symbol is not None:
            self.instruments[item.symbol] = item.currency
        self.last_money = stated or self._money(item, amount)
        return self.last_money

    def _money(self, item: Transaction, amount: int | None) -> Money:
        to_base = self._to_base(item)
        local = self.instrument_currency(item)
        to_local = ONE if local == item.currency else self._to(item, local)
        fee, tax = converted(item.fee, to_base), converted(item.tax, to_base)
        gross = converted(amount, to_base)
        charges = plus(fee, tax)
        if item.kind in CHARGES_REDUCE:
            net, with_charges = minus(gross, charges), None if amount is None else amount - item.fee - item.tax
        else:
            net, with_charges = plus(gross, charges), None if amount is None else amount + item.fee + item.tax
        costs = Costs(converted(with_charges, to_local), net, converted(amount, to_local), gross)
        return Money(costs, to_local, to_base, fee, tax)

    def instrument_currency(self, item: Transaction) -> str:
        """Return the currency of the transaction's instrument; without price or master, the first row's own."""
        if item.symbol is None:
            return item.currency
        found = self.instruments.get(item.symbol)
        if found is None:
            found = self.instruments[item.symbol] = self._prices.currency(item.symbol) or item.currency
        return found

    def target_currency(self, item: Transaction, symbol: str) -> str:
        """Return the currency of an instrument that comes of another; unknown, it is that of the other."""
        if symbol not in self.instruments:
            self.instruments[symbol] = self._prices.currency(symbol) or self.instrument_currency(item)
        return self.instruments[symbol]

    def across(self, item: Transaction, symbol: str) -> Ratio | None:
        """Return the rate from the transaction's instrument to another, for cost that moves between them."""
        source, target = self.instrument_currency(item), self.target_currency(item, symbol)
        return ONE if source == target else self._rate(item, source, target)

    def closing_rate(self, item: Transaction, symbol: str) -> Ratio | None:
        """Return the day's rate from an instrument's currency to the base, for lots that close without a price."""
        return self._rate(item, self.target_currency(item, symbol), self._base)

    def _to_base(self, item: Transaction) -> Ratio | None:
        return ONE if item.currency == self._base else self._to(item, self._base)

    def _to(self, item: Transaction, target: str) -> Ratio | None:
        """Return the transaction's own rate on to ``target``, else the history's."""
        account = self.accounts[item.account].currency
        if item.fx_rate is not None and item.currency != account:
            own = Ratio(item.fx_rate, ONE_UNIT)
            return own if account == target else times(own, self._rate(item, account, target))
        return self._rate(item, item.currency, target)

    def _rate(self, item: Transaction, source: str, target: str) -> Ratio | None:
        ratio = self._fx.rate(source, target, item.date).ratio
        if ratio is None:
            self.warn("fx_missing", f"no rate {source}/{target} on or before {item.date}", item)
        return ratio

    def stated(self, item: Transaction) -> int:
        """Return the amount of a row that must have one."""
        if item.amount is None:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id, column="amount", value=None, expected="an amount or a price"
            )
        return item.amount

    def gross(self, item: Transaction) -> int | None:
        """Return the stated amount; of a delivery without one, that day's close x units in the row's currency."""
        if item.amount is not None or item.kind not in _VALUED_AT_CLOSE:
            return self.stated(item)
        close = self._prices.close(item.symbol or "", item.date)
        if close is None or close[1] != item.date:
            self.warn("delivery_value_missing", f"no price of {item.symbol} on {item.date}, and no amount", item)
            return None
        local = self.instrument_currency(item)
        back = ONE if local == item.currency else self._rate(item, local, item.currency)
        return converted(worth(item.quantity or 0, close[0]), back)

    def market_value(self, item: Transaction, symbol: str, units: Units) -> Amount:
        """Return what units are worth at the close of the transaction's day, base currency."""
        close = self._prices.exact_close(symbol, item.date)
        if close is None:
            return None
        currency = self.instruments.get(symbol, item.currency)
        return converted(worth_at(units, close), self._fx.rate(currency, self._base, item.date).ratio)

    def warn(self, code: str, message: str, item: Transaction) -> None:
        """Say why a figure of the transaction is missing or to be read with care."""
        data: dict[str, str | int | float | bool | list[str] | list[float] | None] = {
            "transaction_id": item.transaction_id,
            "symbol": item.symbol,
            "date": item.date.isoformat(),
        }
        self.books.warnings.append(Warning_(code=code, message=message, data=data))

    # Cash and flows

    def cash(self, item: Transaction, leg: int, base_leg: Amount, money: Money, *, tax: int = 0) -> None:
        """Move cash by ``leg`` of the transaction's currency; where cash is not kept, it crosses the border.

        ``base_leg`` is the sum of its parts in the base currency, each rounded by itself, as the sums count them.
        """
        account = item.account
        if not self.accounts[account].tracks_cash:
            outward = None if base_leg is None else -base_leg
            self.books.flows.append(Flow(item.date, account, outward, converted(tax, money.to_base), leg=True))
            return
        currency, amount, amount_tax = self._own_currency(item, leg, tax)
        self.step_cash(item.date, account, currency, amount, amount_tax)
        self.account_cash(account, base_leg)

    def _own_currency(self, item: Transaction, leg: int, tax: int) -> tuple[str, int, int]:
        """Return what moves in the account: its own currency where the row brings the rate, else the row's."""
        account = self.accounts[item.account].currency
        if item.fx_rate is None or item.currency == account:
            return item.currency, leg, tax
        own = Ratio(item.fx_rate, ONE_UNIT)
        return account, scaled(leg, own), scaled(tax, own)

    def step_cash(self, day: dt.date, account: str, currency: str, amount: int, tax: int = 0) -> None:
        """Change a balance; ``tax`` is the tax that the amount is short of."""
        self.books.cash[account, currency] += amount
        self.books.cash_steps.append(CashStep(day, account, currency, amount, amount + tax))

    def account_cash(self, account: str, amount: Amount) -> None:
        """Count an amount (base currency) among what the account's cash has cost, for its gain by exchange rates."""
        self.books.cash_accounted[account] = plus(self.books.cash_accounted[account], amount)

    def flow(self, item: Transaction, amount: Amount, tax: Amount = 0) -> None:
        """Note money from outside (positive) or to it."""
        self.books.flows.append(Flow(item.date, item.account, amount, tax))

    def leg_of(self, account: str, day: dt.date, amount: Amount, tax: Amount = 0) -> None:
        """Note cash (in positive) of an account that keeps none, and the tax within it."""
        self.books.flows.append(Flow(day, account, amount, tax, leg=True))

    def worth_of(self, item: Transaction, amount: int, currency: str) -> Amount:
        """Return what an amount is worth on the transaction's day, base currency."""
        return amount if currency == self._base else converted(amount, self._rate(item, currency, self._base))

    def holding_flow(self, item: Transaction, leg: Amount, tax: Amount) -> None:
        """Note a cash leg (base) at holding grain, where every one of them is a flow."""
        if item.symbol is not None:
            amount = None if leg is None else -leg
            self.books.holding_flows[item.account, item.symbol].append(Flow(item.date, item.account, amount, tax))

    def charges(self, item: Transaction, money: Money) -> None:
        """Count fee and tax of a row."""
        self.books.tallies[item.account, item.symbol or ""].charged(money.fee, money.tax)

    def charge_legs(self, item: Transaction, money: Money) -> None:
        """Count and pay fee and tax of a row whose type has no cash leg of its own."""
        if not item.fee and not item.tax:
            return
        self.charges(item, money)
        base_leg = minus(0, plus(money.fee, money.tax))
        self.holding_flow(item, base_leg, money.tax)
        self.cash(item, -(item.fee + item.tax), base_leg, money, tax=item.tax)

    def passage(
        self, item: Transaction, source: Key, target: Key, *, moved: Costs, value: Amount, rate: Ratio | None
    ) -> None:
        """Note cost that leaves one holding for another: proceeds there, a purchase here, a flow at market value."""
        crosses = source[0] != target[0]
        self.books.tallies[source].gave(moved.base, moved.local, crosses=crosses)
        self.books.tallies[target].received(moved.base, converted(moved.local, rate), crosses=crosses)
        outward = None if value is None else -value
        self.books.holding_flows[source].append(Flow(item.date, source[0], outward))
        self.books.holding_flows[target].append(Flow(item.date, target[0], value))
        if crosses:
            self.pass_on(item, target[0], value, moved.base_excluding)

    def pass_on(
        self, item: Transaction, to_account: str, value: Amount, cost: Amount, *, is_cash: bool = False
    ) -> None:
        """Note what goes from the transaction's account to another, for the view of either alone."""
        for account, worth_, paid in ((item.account, minus(0, value), minus(0, cost)), (to_account, value, cost)):
            leg = is_cash and not self.accounts[account].tracks_cash
            self.books.passages.append(Passage(item.date, account, worth_, paid, leg))
