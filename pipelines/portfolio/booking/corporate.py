"""Corporate actions: splits, spin-offs, mergers, return of capital (CALCULATIONS 1).

Belongs here: what they do to lots and cost. Does not: which splits the market had (`complete`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from pipelines.portfolio.booking.arrivals import Arrivals
from pipelines.portfolio.booking.books import Key, Money, Realized, Split
from pipelines.portfolio.booking.holdings import Holdings
from pipelines.portfolio.booking.journal import Journal
from pipelines.portfolio.booking.relief import divided, fraction_of, lowered
from pipelines.portfolio.errors import InvalidTransactionError
from pipelines.portfolio.exact import ONE_UNIT, Ratio, Units, converted
from pipelines.portfolio.lots import NO_COSTS, Costs, Lot, add, paid_for, share, subtract, total_costs
from pipelines.portfolio.transactions import Kind, Transaction

SAME_SPLIT_DAYS = 7


class CorporateActions:
    """Books what companies do to their shares.

    Args:
        journal: Money.
        holdings: Lots.
        splits: Splits of the market, which a stated one may repeat.
    """

    def __init__(self, journal: Journal, holdings: Holdings, splits: Sequence[Split]) -> None:
        self._journal, self._holdings, self._splits = journal, holdings, splits
        self._books, self._arrivals = journal.books, Arrivals(journal, holdings)
        self._stated: dict[Key, list[Split]] = defaultdict(list)
        self._levelled: tuple[Kind, str | None, dt.date] | None = None

    def split(self, item: Transaction) -> None:
        """Book a stated SPLIT, unless the market's own is the same, or one stated before for the account."""
        (new, old), key = _ratio(item), (item.account, item.symbol or "")
        if is_known_split(item, self._splits):
            text = f"the market's split of {item.symbol} counts; this row is the same"
            self._journal.warn("split_already_applied", text, item)
        elif is_known_split(item, self._stated[key]):
            text = (
                f"{item.account} has split {item.symbol} before; row {item.transaction_id} of {item.date} is the same"
            )
            self._journal.warn("split_already_applied", text, item)
        elif not self._holdings.holds(*key):
            self._journal.warn("split_of_nothing", f"{item.account} holds no {item.symbol} on {item.date}", item)
        else:
            self._stated[key].append(Split(key[1], item.date, new, old))
            self._holdings.split(key, item.date, new, old)

    def _keys(self, item: Transaction) -> tuple[Key, Key]:
        if item.to_symbol is None:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id, column="to_symbol", value=None, expected="the new symbol"
            )
        return self._holdings.key(item.account, item.symbol), self._holdings.key(item.account, item.to_symbol)

    def _level(self, item: Transaction) -> None:
        """Level the pool once for an action: its rows of other accounts are about the cost that there was before it."""
        action = item.kind, item.symbol, item.date
        if action != self._levelled:
            self._holdings.level(item.symbol or "")
            self._levelled = action

    def _held(self, item: Transaction, key: Key) -> list[Lot]:
        """Return the open lots that an action is about; one about nothing is refused, not dropped."""
        lots = self._holdings.of(key)
        if not lots:
            raise InvalidTransactionError(
                transaction_id=item.transaction_id,
                column="symbol",
                value=item.symbol,
                expected=f"a holding of {item.account} on {item.date}",
            )
        return lots

    def spin_off(self, item: Transaction) -> None:
        """Book a SPINOFF: that fraction of each lot's cost moves, dates travel."""
        (key, target), (new, old) = self._keys(item), _ratio(item)
        self._level(item)
        rate = self._journal.across(item, target[1])
        moved, units, children = NO_COSTS, Fraction(0), []
        for lot in self._held(item, key):
            part = share(lot.open_costs, item.cost_fraction or 0, ONE_UNIT)
            child = _converted(lot, Fraction(lot.open_units) * new / old, part, rate)
            self._holdings.recost(key, lot, subtract(lot.open_costs, part))
            moved, units = add(moved, part), units + Fraction(child.units)
            children.append(child)
        self._arrivals.receive(item, target, children)
        self._journal.charge_legs(item, self._journal.money(item, 0))
        self._move(item, key, target, moved, units, rate)

    def _move(self, item: Transaction, key: Key, target: Key, moved: Costs, units: Units, rate: Ratio | None) -> None:
        value = self._journal.market_value(item, target[1], units)
        self._journal.passage(item, key, target, moved=moved, value=value, rate=rate)
        self._holdings.step(key, item.date)
        self._holdings.step(target, item.date)

    def merge(self, item: Transaction) -> None:
        """Book a MERGER: old lots become new ones, cash relieves its share of their cost."""
        (key, target), (new, old) = self._keys(item), _ratio(item)
        self._level(item)
        rate = self._journal.across(item, target[1])
        money = self._journal.money(item, item.amount or 0)
        self._held(item, key)
        lots = self._holdings.take_all(key)
        units = sum((Fraction(lot.open_units) * new / old for lot in lots), start=Fraction(0))
        if item.amount:
            part = self._cash_share(item, target[1], units, money)
            relieved = [fraction_of(lot.open_costs, part) for lot in lots]
            self._relieve(item, key, lots, relieved, divided(money.amount, [lot.open_units for lot in lots]), money)
        else:
            self._journal.charge_legs(item, money)
        moved = total_costs(lot.open_costs for lot in lots)
        children = [_converted(lot, Fraction(lot.open_units) * new / old, lot.open_costs, rate) for lot in lots]
        self._arrivals.receive(item, target, children)
        self._move(item, key, target, moved, units, rate)

    def _cash_share(self, item: Transaction, symbol: str, units: Units, money: Money) -> Fraction | None:
        """Return cash / (cash + the new units' close), None where the new symbol has no price."""
        cash, value = money.amount.base_excluding, self._journal.market_value(item, symbol, units)
        if value is None or cash is None:
            text = f"no price of {symbol} on or before {item.date}: cost stays"
            self._journal.warn("merger_price_missing", text, item)
            return None
        return Fraction(cash, cash + value) if cash + value > 0 else None

    def return_capital(self, item: Transaction) -> None:
        """Book a RETURN_OF_CAPITAL: it lowers the cost of open lots, and below zero it is gain (CALCULATIONS 1).

        The gross amount is shared by units, as it is paid: "pro rata" is what it is for a lot's cost in section 2, and
        only so can a lot fall below zero before all do. What exceeds a lot's cost is that lot's gain; fee and tax are a
        loss at once. Once everything is sold, there is nothing to lower: all of it is gain, with a warning.
        """
        key = self._holdings.key(item.account, item.symbol)
        money = self._journal.money(item, self._journal.stated(item))
        self._level(item)
        if self._holdings.was_held(key) and not self._holdings.holds(*key):
            self._return_to_former_holder(item, key, money)
            return
        lots = self._held(item, key)
        parts = divided(money.amount, [lot.open_units for lot in lots])
        relieved = [lowered(lot.open_costs, part.local_excluding) for lot, part in zip(lots, parts, strict=True)]
        self._relieve(item, key, lots, relieved, parts, money)
        self._holdings.step(key, item.date)

    def _return_to_former_holder(self, item: Transaction, key: Key, money: Money) -> None:
        text = f"{item.account} holds no {item.symbol} any more on {item.date}: all of the returned capital is gain"
        self._journal.warn("returned_capital_is_gain", text, item)
        self._receive(item, key, money)
        none_left = Lot(item.transaction_id, item.date, item.order, 0, NO_COSTS)
        self._books.realized.append(_relieved(item, key, none_left, NO_COSTS, money.amount, money))

    def _relieve(
        self,
        item: Transaction,
        key: Key,
        lots: list[Lot],
        relieved: Sequence[Costs],
        proceeds: Sequence[Costs],
        money: Money,
    ) -> None:
        """Take cost of every lot against cash that came for it; units stay."""
        self._receive(item, key, money)
        for lot, cost, brought in zip(lots, relieved, proceeds, strict=True):
            self._holdings.recost(key, lot, subtract(lot.open_costs, cost))
            self._books.realized.append(_relieved(item, key, lot, cost, brought, money))

    def _receive(self, item: Transaction, key: Key, money: Money) -> None:
        """Count and pay in cash that came for a holding."""
        self._journal.charges(item, money)
        self._books.tallies[key].sold(money.amount)
        self._journal.holding_flow(item, money.amount.base, money.tax)
        leg = self._journal.stated(item) - item.fee - item.tax
        self._journal.cash(item, leg, money.amount.base, money, tax=item.tax)


def _relieved(item: Transaction, key: Key, lot: Lot, cost: Costs, proceeds: Costs, money: Money) -> Realized:
    return Realized(
        key=key,
        bought_on=lot.bought_on,
        sold_on=item.date,
        units=0,
        cost=cost,
        proceeds=proceeds,
        rate=money.local_to_base,
        buy_id=lot.lot_id,
        sell_id=item.transaction_id,
        closing_id=item.transaction_id,
        short=False,
    )


def is_known_split(item: Transaction, splits: Sequence[Split]) -> bool:
    """Return whether a stated SPLIT is one of those known: the same ratio within a week."""
    return any(
        split.symbol == item.symbol
        and abs((split.date - item.date).days) <= SAME_SPLIT_DAYS
        and split.new * (item.ratio_old or 0) == split.old * (item.ratio_new or 0)
        for split in splits
    )


def _ratio(item: Transaction) -> tuple[int, int]:
    if not item.ratio_new or not item.ratio_old:
        raise InvalidTransactionError(
            transaction_id=item.transaction_id,
            column="ratio_new",
            value=item.ratio_new,
            expected="ratio_new and ratio_old, both above zero",
        )
    return item.ratio_new, item.ratio_old


def _converted(lot: Lot, units: Fraction, costs: Costs, rate: Ratio | None) -> Lot:
    new_units: Units = units.numerator if units.denominator == 1 else units
    local = Costs(
        converted(costs.local, rate), costs.base, converted(costs.local_excluding, rate), costs.base_excluding
    )
    return Lot(lot.lot_id, lot.bought_on, lot.order, new_units, local, paid=paid_for(local, new_units))
