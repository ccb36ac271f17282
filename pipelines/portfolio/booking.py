"""What transactions do, one by one: to lots, cash, flows, income, fees and taxes (CALCULATIONS 1, 2).

Belongs here: the effect of each type of transaction on the books. Does not: order (`transactions`), matching (`lots`),
valuation by day (`daily`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction

from pipelines.portfolio.errors import InvalidTransactionError, OversoldError
from pipelines.portfolio.exact import (
    ONE,
    ONE_UNIT,
    Amount,
    Ratio,
    Units,
    converted,
    minus,
    plus,
    pro_rata,
    quantity,
    scaled,
    whole_units,
    worth,
)
from pipelines.portfolio.fx import FxBook, inverse, times
from pipelines.portfolio.lots import NO_COSTS, Costs, Lot, Slice, add, level, match_lots, paid_for, share, subtract
from pipelines.portfolio.models import CostMethod, Warning_
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.transactions import Kind, Transaction

Key = tuple[str, str]  # account, symbol
SAME_SPLIT_DAYS = 7
_INCOME = {Kind.DIVIDEND: 1, Kind.INTEREST: 1, Kind.INTEREST_CHARGE: -1}
_CHARGES = {
    Kind.FEE: ("fees", 1),
    Kind.FEE_REFUND: ("fees", -1),
    Kind.TAX: ("taxes", 1),
    Kind.TAX_REFUND: ("taxes", -1),
}


@dataclass(slots=True, frozen=True)
class AccountRules:
    """What an account allows: its currency, whether its cash is kept, whether it may be short."""

    currency: str
    tracks_cash: bool
    allow_short: bool


@dataclass(slots=True, frozen=True)
class Split:
    """A split of the market, in force from the open of its day."""

    symbol: str
    date: dt.date
    new: int
    old: int


@dataclass(slots=True, frozen=True)
class Realized:
    """What a disposal made of one lot; of a short the cost is the cover's and the proceeds the opening's."""

    key: Key
    bought_on: dt.date
    sold_on: dt.date
    units: Units
    cost: Costs
    proceeds: Costs
    rate: Ratio | None
    buy_id: str
    sell_id: str
    closing_id: str
    short: bool


@dataclass(slots=True)
class Tally:
    """Sums of one holding or of the whole, base currency unless said otherwise; None where one was not known."""

    purchases: Amount = 0
    proceeds: Amount = 0
    purchases_local: Amount = 0
    proceeds_local: Amount = 0
    income: Amount = 0
    fees: Amount = 0
    taxes: Amount = 0

    def put(self, name: str, amount: Amount) -> None:
        """Add an amount to one of the sums."""
        if amount != 0:
            setattr(self, name, plus(getattr(self, name), amount))


@dataclass(slots=True, frozen=True)
class Flow:
    """Money across a border on a day, base currency; in from outside is positive. ``tax`` is the tax within it.

    ``account`` is set for the cash legs of an account that keeps no cash: they are netted per account and day.
    """

    date: dt.date
    amount: Amount
    tax: Amount = 0
    account: str | None = None


@dataclass(slots=True, frozen=True)
class Income:
    """A dividend, interest, or a charge of it (then negative)."""

    transaction: Transaction
    gross_local: int
    gross: Amount
    fee: Amount
    tax: Amount


@dataclass(slots=True)
class Books:
    """Everything that the transactions up to a day amount to."""

    lots: dict[Key, list[Lot]] = field(default_factory=lambda: defaultdict(list))
    realized: list[Realized] = field(default_factory=list)
    steps: dict[Key, list[tuple[dt.date, int]]] = field(default_factory=lambda: defaultdict(list))
    cash: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    cash_steps: list[tuple[dt.date, str, str, int, int]] = field(default_factory=list)
    cash_accounted: Amount = 0
    cash_accounted_before_tax: Amount = 0
    flows: list[Flow] = field(default_factory=list)
    holding_flows: dict[Key, list[Flow]] = field(default_factory=lambda: defaultdict(list))
    tallies: dict[Key, Tally] = field(default_factory=lambda: defaultdict(Tally))
    whole: Tally = field(default_factory=Tally)
    income: list[Income] = field(default_factory=list)
    warnings: list[Warning_] = field(default_factory=list)


@dataclass(slots=True, frozen=True)
class Money:
    """The legs of one transaction in the instrument's and in the base currency."""

    amount: Costs
    to_local: Ratio | None
    to_base: Ratio | None
    fee: Amount
    tax: Amount

    @property
    def local_to_base(self) -> Ratio | None:
        """Return what one of the instrument's currency was worth in this transaction."""
        return times(inverse(self.to_local), self.to_base)


class Booker:
    """Books transactions in order.

    Args:
        fx: Rates.
        prices: Closes, for deliveries and mergers without an amount.
        base: The view's currency.
        method: The cost method.
        accounts: Rules of every account that occurs.
        splits: Splits of the market.
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
    ) -> None:
        self.books = Books()
        self._fx, self._prices, self._base, self._method, self._accounts = fx, prices, base, method, accounts
        self._splits = sorted(splits, key=lambda split: (split.date, split.symbol))
        self._next_split = 0
        self._by_symbol: dict[str, set[Key]] = defaultdict(set)
        self._instrument: dict[str, str] = {}
        self._uneven: set[str] = set()
        self._handlers: dict[Kind, Callable[[Transaction], None]] = {
            Kind.BUY: self._units_in,
            Kind.DELIVERY_IN: self._units_in,
            Kind.SELL: self._units_out,
            Kind.DELIVERY_OUT: self._units_out,
            Kind.TRANSFER: self._transfer,
            Kind.DEPOSIT: self._deposit,
            Kind.WITHDRAWAL: self._deposit,
            Kind.DIVIDEND: self._earn,
            Kind.INTEREST: self._earn,
            Kind.INTEREST_CHARGE: self._earn,
            Kind.FEE: self._charge,
            Kind.FEE_REFUND: self._charge,
            Kind.TAX: self._charge,
            Kind.TAX_REFUND: self._charge,
            Kind.FX_CONVERSION: self._exchange,
            Kind.SPLIT: self._manual_split,
            Kind.SPINOFF: self._spin_off,
            Kind.MERGER: self._merge,
            Kind.RETURN_OF_CAPITAL: self._return_capital,
        }

    def book(self, transactions: Iterable[Transaction]) -> None:
        """Book transactions, in their order, with the market's splits before those of their day."""
        for item in transactions:
            self.split_until(item.date)
            self._handlers[item.kind](item)

    def split_until(self, day: dt.date) -> None:
        """Apply the market's splits up to and on a day."""
        while self._next_split < len(self._splits) and self._splits[self._next_split].date <= day:
            split = self._splits[self._next_split]
            self._next_split += 1
            for key in sorted(self._by_symbol[split.symbol]):
                self._split(key, split.date, split.new, split.old)

    def finish(self) -> None:
        """Level what AVERAGE has left uneven."""
        for symbol in sorted(self._uneven):
            self._level(symbol)

    def currencies(self) -> dict[str, str]:
        """Return every instrument's currency; without price or master, that of its first transaction."""
        return dict(self._instrument)

    # Money of a transaction

    def _money(self, item: Transaction, amount: int | None) -> Money:
        local = self._instrument_currency(item)
        to_base = self._to_base(item)
        to_local = ONE if local == item.currency else self._to(item, local)
        fee, tax = converted(item.fee, to_base), converted(item.tax, to_base)
        gross = converted(amount, to_base)
        sign = -1 if item.kind in {Kind.SELL, Kind.DELIVERY_OUT, Kind.RETURN_OF_CAPITAL, Kind.MERGER} else 1
        with_costs = None if amount is None else amount + sign * (item.fee + item.tax)
        charges = plus(fee, tax)
        net = plus(gross, charges) if sign > 0 else minus(gross, charges)
        amounts = Costs(converted(with_costs, to_local), net, converted(amount, to_local), gross)
        return Money(amounts, to_local, to_base, fee, tax)

    def _instrument_currency(self, item: Transaction) -> str:
        if item.symbol is None:
            return item.currency
        found = self._instrument.get(item.symbol)
        if found is None:
            found = self._instrument[item.symbol] = self._prices.currency(item.symbol) or item.currency
        return found

    def _to_base(self, item: Transaction) -> Ratio | None:
        return ONE if item.currency == self._base else self._to(item, self._base)

    def _to(self, item: Transaction, target: str) -> Ratio | None:
        """Return the transaction's own rate on to ``target``, else the history's."""
        account = self._accounts[item.account].currency
        if item.fx_rate is not None and item.currency != account:
            own = Ratio(item.fx_rate, ONE_UNIT)
            return own if account == target else times(own, self._rate(item, account, target))
        return self._rate(item, item.currency, target)

    def _rate(self, item: Transaction, source: str, target: str) -> Ratio | None:
        rate = self._fx.rate(source, target, item.date)
        if rate.ratio is None:
            self._warn("fx_missing", f"no rate {source}/{target} on or before {item.date}", item)
        return rate.ratio

    def _warn(self, code: str, message: str, item: Transaction) -> None:
        data: dict[str, str | int | float | bool | list[str] | list[float] | None] = {
            "transaction_id": item.transaction_id,
            "symbol": item.symbol,
            "date": item.date.isoformat(),
        }
        self.books.warnings.append(Warning_(code=code, message=message, data=data))

    # Cash and flows

    def _cash(self, item: Transaction, leg: int, money: Money, *, accounted: bool = True, tax: int = 0) -> None:
        """Move cash by ``leg`` of the transaction's currency; where cash is not kept, it crosses the border."""
        base_leg, base_tax = converted(leg, money.to_base), converted(tax, money.to_base)
        if not self._accounts[item.account].tracks_cash:
            self._cross(item.account, item.date, None if base_leg is None else -base_leg, base_tax)
            return
        currency, amount, amount_tax = self._cash_leg(item, leg, tax)
        self.books.cash[item.account, currency] += amount
        self.books.cash_steps.append((item.date, item.account, currency, amount, amount + amount_tax))
        if accounted:
            self.books.cash_accounted = plus(self.books.cash_accounted, base_leg)

    def _cash_leg(self, item: Transaction, leg: int, tax: int) -> tuple[str, int, int]:
        account = self._accounts[item.account].currency
        if item.fx_rate is None or item.currency == account:
            return item.currency, leg, tax
        own = Ratio(item.fx_rate, ONE_UNIT)
        return account, scaled(leg, own), scaled(tax, own)

    def _flow(self, day: dt.date, amount: Amount, tax: Amount = 0) -> None:
        self.books.flows.append(Flow(day, amount, tax))

    def _cross(self, account: str, day: dt.date, amount: Amount, tax: Amount = 0) -> None:
        self.books.flows.append(Flow(day, amount, tax, account))

    def _holding_flow(self, item: Transaction, leg: Amount, tax: Amount) -> None:
        """Note a cash leg (base) at holding grain, where every one of them is a flow."""
        if item.symbol is not None:
            amount = None if leg is None else -leg
            self.books.holding_flows[item.account, item.symbol].append(Flow(item.date, amount, tax))

    def _put(self, item: Transaction, name: str, amount: Amount) -> None:
        self.books.whole.put(name, amount)
        if item.symbol is not None:
            self.books.tallies[item.account, item.symbol].put(name, amount)

    # Units in and out

    def _units(self, item: Transaction) -> int:
        if not item.quantity:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id, column="quantity", value=item.quantity, expected="more than zero"
            )
        return item.quantity

    def _key(self, item: Transaction) -> Key:
        key = (item.account, item.symbol or "")
        self._by_symbol[key[1]].add(key)
        return key

    def _step(self, key: Key, day: dt.date) -> None:
        held = whole_units(sum((lot.open_units for lot in self.books.lots[key]), start=0))
        steps = self.books.steps[key]
        if steps and steps[-1][0] == day:
            steps[-1] = (day, held)
        else:
            steps.append((day, held))

    def _gross(self, item: Transaction) -> int | None:
        """Return the stated amount; of a delivery without one, that day's close x units in the row's currency."""
        if item.amount is not None or item.kind not in {Kind.DELIVERY_IN, Kind.DELIVERY_OUT}:
            if item.amount is None:
                raise InvalidTransactionError(
                    transaction_id=item.transaction_id, column="amount", value=None, expected="an amount or a price"
                )
            return item.amount
        close = self._prices.close(item.symbol or "", item.date)
        if close is None:
            self._warn("delivery_value_missing", f"no price of {item.symbol} on or before {item.date}", item)
            return None
        local = self._instrument_currency(item)
        back = ONE if local == item.currency else self._rate(item, local, item.currency)
        return converted(worth(self._units(item), close[0]), back)

    def _units_in(self, item: Transaction) -> None:
        key, units, gross = self._key(item), self._units(item), self._gross(item)
        money = self._money(item, gross)
        self._trade_cash(item, gross, money, sign=-1)
        self._put(item, "purchases", money.amount.base)
        self.books.tallies[key].put("purchases_local", money.amount.local)
        covered = self._cover(item, key, units, money)
        if covered < units:
            rest = subtract(money.amount, share(money.amount, covered, units)) if covered else money.amount
            self._open(key, item, units - covered, rest)
        self._step(key, item.date)

    def _units_out(self, item: Transaction) -> None:
        key, units, gross = self._key(item), self._units(item), self._gross(item)
        money = self._money(item, gross)
        self._trade_cash(item, gross, money, sign=1)
        self._put(item, "proceeds", money.amount.base)
        self.books.tallies[key].put("proceeds_local", money.amount.local)
        rest = self._dispose(item, key, units, money)
        if rest:
            self._open_short(item, key, units, rest, money)
        self._step(key, item.date)

    def _trade_cash(self, item: Transaction, gross: int | None, money: Money, *, sign: int) -> None:
        """Book the cash leg of a trade, or the flow of a delivery, with its fee and tax."""
        self._put(item, "fees", money.fee)
        self._put(item, "taxes", money.tax)
        leg_base = None if money.amount.base is None else sign * money.amount.base
        self._holding_flow(item, leg_base, money.tax)
        if item.kind in {Kind.BUY, Kind.SELL} and gross is not None:
            self._cash(item, sign * gross - item.fee - item.tax, money, tax=item.tax)
        else:
            # Fee and tax of a delivery are paid from outside: they belong to its flow, or the gain would not add up.
            self._flow(item.date, None if leg_base is None else -leg_base, money.tax)

    def _open(self, key: Key, item: Transaction, units: Units, costs: Costs) -> None:
        lot = Lot(item.transaction_id, item.date, item.order, units, costs, paid=paid_for(costs, units))
        self._insert(key, lot)

    def _insert(self, key: Key, lot: Lot) -> None:
        lots = self.books.lots[key]
        lots.append(lot)
        if len(lots) > 1 and lots[-2].order > lot.order:
            lots.sort(key=lambda item: item.order)
        self._uneven.add(key[1])

    def _take(self, item: Transaction, key: Key, units: Units, *, named: bool = True) -> tuple[list[Slice], Units]:
        if self._method is CostMethod.AVERAGE:
            self._level(key[1])
        lot_id = item.lot_id if named else None
        return match_lots(self.books.lots[key], units, self._method, lot_id)

    def _level(self, symbol: str) -> None:
        if self._method is not CostMethod.AVERAGE or symbol not in self._uneven:
            return
        pool = [lot for key in sorted(self._by_symbol[symbol]) for lot in self.books.lots[key]]
        level([lot for lot in pool if lot.open_units > 0])
        level([lot for lot in pool if lot.open_units < 0])
        self._uneven.discard(symbol)

    def _is_short(self, key: Key) -> bool:
        lots = self.books.lots[key]
        return bool(lots) and lots[0].open_units < 0

    def _dispose(self, item: Transaction, key: Key, units: int, money: Money) -> Units:
        """Close long lots; return the units that none could give."""
        if self._is_short(key):
            return units
        slices, rest = self._take(item, key, units)
        reached: Units = 0
        given = NO_COSTS
        for taken in slices:
            reached += taken.units
            upto = money.amount if reached >= units else share(money.amount, reached, units)
            self._realize(item, key, taken, subtract(upto, given), money)
            given = upto
        if rest and not self._accounts[item.account].allow_short:
            self._refuse(item, rest)
        return rest

    def _refuse(self, item: Transaction, rest: Units) -> None:
        raise OversoldError(
            transaction_id=item.transaction_id,
            account=item.account,
            symbol=item.symbol or "",
            date=item.date,
            shortfall=quantity(rest),
        )

    def _realize(self, item: Transaction, key: Key, taken: Slice, proceeds: Costs, money: Money) -> None:
        self.books.realized.append(
            Realized(
                key=key,
                bought_on=taken.lot.bought_on,
                sold_on=item.date,
                units=taken.units,
                cost=taken.costs,
                proceeds=proceeds,
                rate=money.local_to_base,
                buy_id=taken.lot.lot_id,
                sell_id=item.transaction_id,
                closing_id=item.transaction_id,
                short=False,
            )
        )

    def _open_short(self, item: Transaction, key: Key, units: int, rest: Units, money: Money) -> None:
        proceeds = money.amount if rest == units else subtract(money.amount, share(money.amount, units - rest, units))
        self._open(key, item, -rest, proceeds.negated())

    def _cover(self, item: Transaction, key: Key, units: int, money: Money) -> Units:
        """Close short lots with a purchase; return the units it took."""
        if not self._is_short(key):
            return 0
        slices, rest = self._take(item, key, units)
        reached: Units = 0
        given = NO_COSTS
        for taken in slices:
            reached += -taken.units
            upto = money.amount if reached >= units else share(money.amount, reached, units)
            cost, given = subtract(upto, given), upto
            self.books.realized.append(
                Realized(
                    key=key,
                    bought_on=item.date,
                    sold_on=taken.lot.bought_on,
                    units=-taken.units,
                    cost=cost,
                    proceeds=taken.costs.negated(),
                    rate=money.local_to_base,
                    buy_id=item.transaction_id,
                    sell_id=taken.lot.lot_id,
                    closing_id=item.transaction_id,
                    short=True,
                )
            )
        return units - rest

    # Transfers

    def _transfer(self, item: Transaction) -> None:
        if item.to_account is None:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id, column="to_account", value=None, expected="the receiving account"
            )
        if item.symbol is None:
            self._transfer_cash(item, item.to_account)
        else:
            self._transfer_units(item, item.to_account)

    def _transfer_cash(self, item: Transaction, to_account: str) -> None:
        amount = self._stated(item)
        money = self._money(item, amount)
        self._put(item, "fees", money.fee)
        self._put(item, "taxes", money.tax)
        self._cash(item, -amount - item.fee - item.tax, money, tax=item.tax)
        target = self._accounts[to_account]
        if target.tracks_cash:
            self.books.cash[to_account, item.currency] += amount
            self.books.cash_steps.append((item.date, to_account, item.currency, amount, amount))
            self.books.cash_accounted = plus(self.books.cash_accounted, money.amount.base_excluding)
        else:
            leg = money.amount.base_excluding
            self._cross(to_account, item.date, None if leg is None else -leg)

    def _transfer_units(self, item: Transaction, to_account: str) -> None:
        key, units = self._key(item), self._units(item)
        target = (to_account, key[1])
        self._by_symbol[key[1]].add(target)
        money = self._money(item, 0)
        self._charge_legs(item, money)
        slices, rest = self._take(item, key, units)
        if rest:
            self._refuse(item, rest)
        moved = NO_COSTS
        for taken in slices:
            moved = add(moved, taken.costs)
            self._insert(target, _carried(taken))
        self._move(item, key, target, moved, units)
        self._step(key, item.date)
        self._step(target, item.date)

    def _move(self, item: Transaction, key: Key, target: Key, moved: Costs, units: Units) -> None:
        """Note cost that leaves one holding for another: proceeds there, a purchase here, a flow at market value."""
        self.books.tallies[key].put("proceeds", moved.base)
        self.books.tallies[key].put("proceeds_local", moved.local)
        self.books.tallies[target].put("purchases", moved.base)
        self.books.tallies[target].put("purchases_local", moved.local)
        value = self._market_value(item, key[1], units)
        self.books.holding_flows[key].append(Flow(item.date, None if value is None else -value))
        self.books.holding_flows[target].append(Flow(item.date, value))

    def _market_value(self, item: Transaction, symbol: str, units: Units) -> Amount:
        close = self._prices.close(symbol, item.date)
        if close is None:
            return None
        rate = self._fx.rate(self._instrument.get(symbol, item.currency), self._base, item.date)
        return converted(worth(units, close[0]), rate.ratio)

    def _charge_legs(self, item: Transaction, money: Money) -> None:
        """Book fee and tax of a row whose type has no cash leg of its own."""
        if not item.fee and not item.tax:
            return
        self._put(item, "fees", money.fee)
        self._put(item, "taxes", money.tax)
        leg = -(item.fee + item.tax)
        self._holding_flow(item, converted(leg, money.to_base), money.tax)
        self._cash(item, leg, money, tax=item.tax)

    # Cash, income, charges

    def _stated(self, item: Transaction) -> int:
        if item.amount is None:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id, column="amount", value=None, expected="an amount"
            )
        return item.amount

    def _deposit(self, item: Transaction) -> None:
        amount = self._stated(item) * (1 if item.kind is Kind.DEPOSIT else -1)
        money = self._money(item, amount)
        self._put(item, "fees", money.fee)
        self._put(item, "taxes", money.tax)
        self._flow(item.date, money.amount.base_excluding)
        self._cash(item, amount - item.fee - item.tax, money, tax=item.tax)

    def _earn(self, item: Transaction) -> None:
        sign = _INCOME[item.kind]
        gross = sign * self._stated(item)
        money = self._money(item, gross)
        base = money.amount.base_excluding
        self._put(item, "income", base)
        self._put(item, "fees", money.fee)
        self._put(item, "taxes", money.tax)
        self.books.income.append(Income(item, gross, base, money.fee, money.tax))
        self._holding_flow(item, minus(base, plus(money.fee, money.tax)), money.tax)
        self._cash(item, gross - item.fee - item.tax, money, tax=item.tax)

    def _charge(self, item: Transaction) -> None:
        name, sign = _CHARGES[item.kind]
        money = self._money(item, sign * self._stated(item))
        self._put(item, name, money.amount.base_excluding)
        self._put(item, "fees", money.fee)
        self._put(item, "taxes", money.tax)
        leg = -sign * self._stated(item) - item.fee - item.tax
        tax = item.tax + (sign * self._stated(item) if name == "taxes" else 0)
        self._holding_flow(item, converted(leg, money.to_base), converted(tax, money.to_base))
        self._cash(item, leg, money, tax=tax)

    def _exchange(self, item: Transaction) -> None:
        if item.to_amount is None or item.to_currency is None:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id,
                column="to_amount",
                value=item.to_amount,
                expected="what the conversion brought, with to_currency",
            )
        money = self._money(item, self._stated(item))
        self._put(item, "fees", money.fee)
        self._put(item, "taxes", money.tax)
        if not self._accounts[item.account].tracks_cash:
            return  # out and in of one account and day: no flow, and no cash is kept
        charges = item.fee + item.tax
        steps = (
            (item.currency, -(self._stated(item) + charges), item.tax),
            (item.to_currency, item.to_amount, 0),
        )
        for currency, leg, tax in steps:
            self.books.cash[item.account, currency] += leg
            self.books.cash_steps.append((item.date, item.account, currency, leg, leg + tax))
        self.books.cash_accounted = minus(self.books.cash_accounted, plus(money.fee, money.tax))

    # Corporate actions

    def _manual_split(self, item: Transaction) -> None:
        new, old = self._ratio(item)
        if self._is_known(item, new, old):
            self._warn(
                "split_already_applied", f"the market's split of {item.symbol} counts; this row is the same", item
            )
            return
        self._split(self._key(item), item.date, new, old)

    def _is_known(self, item: Transaction, new: int, old: int) -> bool:
        return any(
            split.symbol == item.symbol
            and abs((split.date - item.date).days) <= SAME_SPLIT_DAYS
            and split.new * old == split.old * new
            for split in self._splits
        )

    def _ratio(self, item: Transaction) -> tuple[int, int]:
        if not item.ratio_new or not item.ratio_old:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id,
                column="ratio_new",
                value=item.ratio_new,
                expected="ratio_new and ratio_old, both above zero",
            )
        return item.ratio_new, item.ratio_old

    def _split(self, key: Key, day: dt.date, new: int, old: int) -> None:
        if self.books.lots[key]:
            for lot in self.books.lots[key]:
                lot.split(new, old)
            self._step(key, day)

    def _target(self, item: Transaction) -> Key:
        if item.to_symbol is None:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id, column="to_symbol", value=None, expected="the new symbol"
            )
        key = (item.account, item.to_symbol)
        self._by_symbol[item.to_symbol].add(key)
        self._instrument.setdefault(
            item.to_symbol, self._prices.currency(item.to_symbol) or self._instrument_currency(item)
        )
        return key

    def _local_ratio(self, item: Transaction, target: str) -> Ratio | None:
        """Return the rate from one instrument's currency to another's, for cost that moves between them."""
        source = self._instrument_currency(item)
        return ONE if source == self._instrument[target] else self._rate(item, source, self._instrument[target])

    def _spin_off(self, item: Transaction) -> None:
        key, target, (new, old) = self._key(item), self._target(item), self._ratio(item)
        fraction = item.cost_fraction or 0
        self._level(key[1])
        rate = self._local_ratio(item, target[1])
        moved, units = NO_COSTS, Fraction(0)
        for lot in self.books.lots[key]:
            part = share(lot.open_costs, fraction, ONE_UNIT)
            child = _converted_lot(lot, Fraction(lot.open_units) * new / old, part, rate)
            lot.rebase(lot.open_units, subtract(lot.open_costs, part))
            moved, units = add(moved, part), units + Fraction(child.units)
            self._insert(target, child)
        self._charge_legs(item, self._money(item, 0))
        self._move_across(item, key, target, moved, units, rate)

    def _move_across(
        self, item: Transaction, key: Key, target: Key, moved: Costs, units: Units, rate: Ratio | None
    ) -> None:
        self.books.tallies[key].put("proceeds", moved.base)
        self.books.tallies[key].put("proceeds_local", moved.local)
        self.books.tallies[target].put("purchases", moved.base)
        self.books.tallies[target].put("purchases_local", converted(moved.local, rate))
        value = self._market_value(item, target[1], units)
        self.books.holding_flows[key].append(Flow(item.date, None if value is None else -value))
        self.books.holding_flows[target].append(Flow(item.date, value))
        self._step(key, item.date)
        self._step(target, item.date)

    def _merge(self, item: Transaction) -> None:
        key, target, (new, old) = self._key(item), self._target(item), self._ratio(item)
        self._level(key[1])
        money = self._money(item, item.amount or 0)
        lots, self.books.lots[key] = self.books.lots[key], []
        units = sum((Fraction(lot.open_units) * new / old for lot in lots), start=Fraction(0))
        if item.amount:
            self._relieve(item, key, lots, self._cash_share(item, target[1], units, money), money)
        else:
            self._charge_legs(item, money)
        rate = self._local_ratio(item, target[1])
        moved = NO_COSTS
        for lot in lots:
            moved = add(moved, lot.open_costs)
            self._insert(target, _converted_lot(lot, Fraction(lot.open_units) * new / old, lot.open_costs, rate))
        self._move_across(item, key, target, moved, units, rate)

    def _cash_share(self, item: Transaction, symbol: str, units: Units, money: Money) -> Fraction | None:
        """Return cash / (cash + the new units' close), None where the new symbol has no price."""
        cash, value = money.amount.base_excluding, self._market_value(item, symbol, units)
        if value is None or cash is None:
            self._warn("merger_price_missing", f"no price of {symbol} on or before {item.date}: cost stays", item)
            return None
        return Fraction(cash, cash + value) if cash + value > 0 else None

    def _return_capital(self, item: Transaction) -> None:
        key = self._key(item)
        amount = self._stated(item)
        self._level(key[1])
        money = self._money(item, amount)
        lots = self.books.lots[key]
        if not lots:
            self._refuse(item, ONE_UNIT)
        cost = NO_COSTS
        for lot in lots:
            cost = add(cost, lot.open_costs)
        local = money.amount.local
        part = None if local is None or not cost.local else min(Fraction(1), Fraction(local, cost.local))
        self._relieve(item, key, lots, part if cost.local else Fraction(0), money)
        self._step(key, item.date)

    def _relieve(self, item: Transaction, key: Key, lots: list[Lot], part: Fraction | None, money: Money) -> None:
        """Take a part of every lot's cost against cash that came for it; units stay."""
        self._put(item, "fees", money.fee)
        self._put(item, "taxes", money.tax)
        self._put(item, "proceeds", money.amount.base)
        self.books.tallies[key].put("proceeds_local", money.amount.local)
        self._holding_flow(item, money.amount.base, money.tax)
        self._cash(item, self._stated(item) - item.fee - item.tax, money, tax=item.tax)
        whole = sum((lot.open_units for lot in lots), start=Fraction(0))
        reached, given = Fraction(0), NO_COSTS
        for lot in lots:
            reached += lot.open_units
            upto = share(money.amount, reached, whole)
            relieved = _fraction_of(lot.open_costs, part)
            lot.rebase(lot.open_units, subtract(lot.open_costs, relieved))
            self._realize(item, key, Slice(lot, 0, relieved), subtract(upto, given), money)
            given = upto


def _carried(taken: Slice) -> Lot:
    lot = taken.lot
    return Lot(lot.lot_id, lot.bought_on, lot.order, taken.units, taken.costs, paid=lot.paid)


def _converted_lot(lot: Lot, units: Fraction, costs: Costs, rate: Ratio | None) -> Lot:
    new_units: Units = units.numerator if units.denominator == 1 else units
    local = Costs(
        converted(costs.local, rate), costs.base, converted(costs.local_excluding, rate), costs.base_excluding
    )
    return Lot(lot.lot_id, lot.bought_on, lot.order, new_units, local, paid=paid_for(local, new_units))


def _fraction_of(costs: Costs, part: Fraction | None) -> Costs:
    """Return a part of a cost; an unknown part of a known cost is not taken."""
    if part is None:
        return NO_COSTS
    return Costs(*(None if cost is None else pro_rata(cost, part.numerator, part.denominator) for cost in costs))
