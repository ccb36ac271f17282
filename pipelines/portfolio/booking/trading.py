"""Units in, units out, and units from one account to another (CALCULATIONS 1, 2).

Belongs here: BUY, SELL, DELIVERY_IN, DELIVERY_OUT and TRANSFER of a symbol, with shorts. Does not: other types.
"""

from pipelines.portfolio.booking.arrivals import Arrivals
from pipelines.portfolio.booking.books import Key, Money, Realized
from pipelines.portfolio.booking.holdings import Holdings, refuse_oversold, units_of
from pipelines.portfolio.booking.journal import Journal
from pipelines.portfolio.exact import ONE, Units
from pipelines.portfolio.lots import NO_COSTS, Costs, Lot, Slice, share, subtract, total_costs
from pipelines.portfolio.transactions import Kind, Transaction

_CASH_KINDS = frozenset({Kind.BUY, Kind.SELL})


class Trading:
    """Books trades, deliveries and transfers of units."""

    def __init__(self, journal: Journal, holdings: Holdings) -> None:
        self._journal, self._holdings, self._books = journal, holdings, journal.books
        self._arrivals = Arrivals(journal, holdings)

    def units_in(self, item: Transaction) -> None:
        """Book a BUY or DELIVERY_IN: it covers what is short, the rest is a new lot."""
        key, units, gross = self._holdings.key(item.account, item.symbol), units_of(item), self._journal.gross(item)
        money = self._journal.money(item, gross)
        tally = self._books.tallies[key]
        tally.charged(money.fee, money.tax)
        tally.bought(money.amount)
        self._pay(item, gross, money, sign=-1)
        covered = self._cover(item, key, units, money) if self._holdings.is_short(key) else 0
        if covered < units:
            rest = subtract(money.amount, share(money.amount, covered, units)) if covered else money.amount
            self._holdings.open(key, item, units - covered, rest)
        self._holdings.step(key, item.date)

    def units_out(self, item: Transaction) -> None:
        """Book a SELL or DELIVERY_OUT: it closes lots, and opens a short where that is allowed."""
        key, units, gross = self._holdings.key(item.account, item.symbol), units_of(item), self._journal.gross(item)
        money = self._journal.money(item, gross)
        tally = self._books.tallies[key]
        tally.charged(money.fee, money.tax)
        tally.sold(money.amount)
        self._pay(item, gross, money, sign=1)
        rest = units if self._holdings.is_short(key) else self._dispose(item, key, units, money)
        if rest:
            done = share(money.amount, units - rest, units) if rest != units else NO_COSTS
            self._holdings.open(key, item, -rest, subtract(money.amount, done).negated())
        self._holdings.step(key, item.date)

    def _pay(self, item: Transaction, gross: int | None, money: Money, *, sign: int) -> None:
        """Book the cash leg of a trade, or the flow of a delivery."""
        journal, base = self._journal, money.amount.base
        leg_base = None if base is None else sign * base
        journal.holding_flow(item, leg_base, money.tax)
        if item.kind in _CASH_KINDS and gross is not None:
            journal.cash(item, sign * gross - item.fee - item.tax, leg_base, money, tax=item.tax)
        else:
            # Fee and tax of a delivery are paid from outside: they belong to its flow, or the gain would not add up.
            journal.flow(item, None if leg_base is None else -leg_base, money.tax)

    def _dispose(self, item: Transaction, key: Key, units: int, money: Money) -> Units:
        """Close long lots; return the units that none could give."""
        slices, rest = self._holdings.take(item, key, units)
        rate, ident = money.local_to_base, item.transaction_id
        for taken, proceeds in _shared(slices, money.amount, units):
            lot = taken.lot
            self._books.realized.append(
                Realized(
                    key,
                    lot.bought_on,
                    item.date,
                    taken.units,
                    taken.costs,
                    proceeds,
                    rate,
                    lot.lot_id,
                    ident,
                    ident,
                    short=False,
                )
            )
        if rest and not self._journal.accounts[item.account].allow_short:
            raise refuse_oversold(item, rest, key)
        return rest

    def _cover(self, item: Transaction, key: Key, units: int, money: Money) -> Units:
        """Close short lots with a purchase; return the units it took."""
        slices, rest = self._holdings.take(item, key, units)
        rate, ident = money.local_to_base, item.transaction_id
        for taken, cost in _shared(slices, money.amount, units):
            lot, proceeds = taken.lot, taken.costs.negated()
            self._books.realized.append(
                Realized(
                    key,
                    item.date,
                    lot.bought_on,
                    -taken.units,
                    cost,
                    proceeds,
                    rate,
                    ident,
                    lot.lot_id,
                    ident,
                    short=True,
                )
            )
        return units - rest

    def transfer(self, item: Transaction, to_account: str) -> None:
        """Move units with their lots, in the method's order: dates and cost travel, a short's as well.

        Raises:
            OversoldError: If more is moved than is held, or the receiving account is left short and may not be.
        """
        key, target = self._holdings.key(item.account, item.symbol), self._holdings.key(to_account, item.symbol)
        units = units_of(item)
        self._journal.charge_legs(item, self._journal.money(item, 0))
        slices, rest = self._holdings.take(item, key, units)
        if rest:
            raise refuse_oversold(item, rest, key)
        moved = total_costs(taken.costs for taken in slices)
        self._arrivals.receive(item, target, [_carried(taken) for taken in slices])
        sign = -1 if slices[0].units < 0 else 1
        value = self._journal.market_value(item, key[1], sign * units)
        self._journal.passage(item, key, target, moved=moved, value=value, rate=ONE)
        self._holdings.step(key, item.date)
        self._holdings.step(target, item.date)


def _shared(slices: list[Slice], amount: Costs, units: int) -> list[tuple[Slice, Costs]]:
    """Give each slice its part of an amount for ``units``; the last takes the remainder.

    It does also where the lots are short of the units by less than a tenth decimal, as odd splits leave them.
    """
    if len(slices) == 1 and units in {slices[0].units, -slices[0].units}:
        return [(slices[0], amount)]
    reached: Units = 0
    given, parts = NO_COSTS, []
    for taken in slices:
        reached += taken.units if taken.units > 0 else -taken.units
        upto = amount if units - reached < 1 else share(amount, reached, units)
        parts.append((taken, subtract(upto, given)))
        given = upto
    return parts


def _carried(taken: Slice) -> Lot:
    lot = taken.lot
    return Lot(lot.lot_id, lot.bought_on, lot.order, taken.units, taken.costs, paid=lot.paid)
