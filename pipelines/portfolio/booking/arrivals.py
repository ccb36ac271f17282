"""Lots that come to a holding from elsewhere: by transfer, merger or spin-off (CALCULATIONS 1, 2).

Belongs here: what they close of the other side, and whether the account may be left short. Does not: where they come
from and what the passage is worth (`trading`, `corporate`).

A holding is long or short, never both: a lot that comes closes what is open of the other side, in the method's order,
on the day on which both meet, and only the rest of it stays open.
"""

from collections.abc import Iterable

from pipelines.portfolio.booking.books import Key, Realized
from pipelines.portfolio.booking.holdings import Holdings, refuse_oversold
from pipelines.portfolio.booking.journal import Journal
from pipelines.portfolio.exact import Ratio
from pipelines.portfolio.lots import Costs, Lot, Slice
from pipelines.portfolio.transactions import Transaction


class Arrivals:
    """Books lots that come to a holding.

    Args:
        journal: Rates and rules of accounts.
        holdings: Lots.
    """

    def __init__(self, journal: Journal, holdings: Holdings) -> None:
        self._journal, self._holdings, self._books = journal, holdings, journal.books

    def receive(self, item: Transaction, key: Key, lots: Iterable[Lot]) -> None:
        """Put lots in a holding; they close what is open of the other side first (CALCULATIONS 1).

        Raises:
            OversoldError: If they leave an account short that may not be.
        """
        for lot in lots:
            if self._holdings.is_opposed(key, lot.open_units):
                self._close(item, key, lot)
            if lot.open_units:
                self._holdings.insert(key, lot)
        if self._holdings.is_short(key) and not self._journal.accounts[key[0]].allow_short:
            short = -sum(lot.open_units for lot in self._holdings.of(key))
            raise refuse_oversold(item, short, key)

    def _close(self, item: Transaction, key: Key, lot: Lot) -> None:
        slices, rest = self._holdings.close(key, lot.open_units if lot.open_units > 0 else -lot.open_units)
        rate = self._journal.closing_rate(item, key[1])
        for taken in slices:
            # The last one takes what a split has left below the tenth decimal.
            is_last = taken is slices[-1] and not rest
            brought = lot.take(lot.open_units if is_last else -taken.units)
            row = _covered if taken.units < 0 else _sold
            self._books.realized.append(row(item, key, taken, lot, brought, rate))


def _covered(item: Transaction, key: Key, taken: Slice, lot: Lot, brought: Costs, rate: Ratio | None) -> Realized:
    """Return what a long lot that comes makes of a short one."""
    return Realized(
        key=key,
        bought_on=item.date,
        sold_on=taken.lot.bought_on,
        units=-taken.units,
        cost=brought,
        proceeds=taken.costs.negated(),
        rate=rate,
        buy_id=lot.lot_id,
        sell_id=taken.lot.lot_id,
        closing_id=item.transaction_id,
        short=True,
    )


def _sold(item: Transaction, key: Key, taken: Slice, lot: Lot, brought: Costs, rate: Ratio | None) -> Realized:
    """Return what a short lot that comes makes of a long one."""
    return Realized(
        key=key,
        bought_on=taken.lot.bought_on,
        sold_on=item.date,
        units=taken.units,
        cost=taken.costs,
        proceeds=brought.negated(),
        rate=rate,
        buy_id=taken.lot.lot_id,
        sell_id=lot.lot_id,
        closing_id=item.transaction_id,
        short=False,
    )
