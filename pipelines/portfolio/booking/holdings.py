"""The lots of all accounts while transactions are booked.

Belongs here: opening, taking, levelling and splitting lots by account and symbol, and how many units that leaves.
Does not: money (`journal`), the order of a cost method (`lots`).
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence

from pipelines.portfolio.booking.averaging import Averaging
from pipelines.portfolio.booking.books import Books, Key
from pipelines.portfolio.errors import InvalidTransactionError, OversoldError
from pipelines.portfolio.exact import Amount, Units, quantity, total, whole_units
from pipelines.portfolio.lots import Costs, Lot, Slice, close_lots, paid_for
from pipelines.portfolio.models import CostMethod
from pipelines.portfolio.transactions import TAKES_LOTS, Transaction, unknown_lot


class Holdings:
    """The open lots of every account and symbol.

    Args:
        books: What is written to.
        method: The cost method.
        pool_of: Which pool of AVERAGE an account belongs to.
    """

    def __init__(self, books: Books, method: CostMethod, pool_of: Callable[[str], bool]) -> None:
        self._books, self._pool_of = books, pool_of
        self._by_symbol: dict[str, set[Key]] = defaultdict(set)
        self._held: dict[Key, Units] = defaultdict(int)  # of the open lots, which may be too many to sum up every time
        self.switch(method)

    def switch(self, method: CostMethod) -> None:
        """Go on with another cost method; what was closed stays closed."""
        self._method = method
        averages = method is CostMethod.AVERAGE
        self._average = Averaging(self._books.lots, self._held, self._keys_of, self._pool_of) if averages else None

    def _keys_of(self, symbol: str) -> set[Key]:
        return self._by_symbol.get(symbol, set())

    def key(self, account: str, symbol: str | None) -> Key:
        """Return the key of a holding, which exists from now on."""
        key = (account, symbol or "")
        self._by_symbol[key[1]].add(key)
        return key

    def holds(self, account: str, symbol: str) -> bool:
        """Return whether an account has open lots of a symbol."""
        return bool(self._books.lots.get((account, symbol)))

    def was_held(self, key: Key) -> bool:
        """Return whether a holding has ever had units."""
        return bool(self._books.steps.get(key))

    def of(self, key: Key) -> list[Lot]:
        """Return the open lots of a holding, oldest first."""
        self._settle(key[1])
        return self._books.lots[key]

    def cost_of(self, symbol: str | None) -> Amount:
        """Return the cost of all open units of a symbol, base currency; None where it is not known."""
        self._settle(symbol or "")
        keys = self._by_symbol.get(symbol or "", ())
        return total([lot.open_base for key in keys for lot in self._books.lots[key]])

    def step(self, key: Key, day: dt.date) -> None:
        """Note how many units are held from a day on."""
        held, steps = whole_units(self._held[key]), self._books.steps[key]
        if steps and steps[-1][0] == day:
            steps[-1] = (day, held)
        else:
            steps.append((day, held))

    def open(self, key: Key, item: Transaction, units: Units, costs: Costs) -> None:
        """Open a lot."""
        self.insert(key, Lot(item.transaction_id, item.date, item.order, units, costs, paid=paid_for(costs, units)))

    def insert(self, key: Key, lot: Lot) -> None:
        """Put a lot in its place by age."""
        lots = self._books.lots[key]
        lots.append(lot)
        self._held[key] += lot.open_units
        if len(lots) > 1 and lots[-2].order > lot.order:
            lots.sort(key=lambda item: item.order)
        if self._average is not None:
            self._average.put(key, lot)

    def recost(self, key: Key, lot: Lot, costs: Costs) -> None:
        """Give a lot another cost; AVERAGE shares it with the other lots of the pool before it takes of them."""
        lot.recost(costs)
        if self._average is not None:
            self._average.changed(key[1])

    def is_short(self, key: Key) -> bool:
        """Return whether what is open is short: all lots of a holding are, or none is."""
        lots = self._books.lots[key]
        return bool(lots) and lots[0].open_units < 0

    def is_opposed(self, key: Key, units: Units) -> bool:
        """Return whether what is open is of the other side than units, negative in a short."""
        return bool(self._books.lots[key]) and self.is_short(key) is not (units < 0)

    def take(self, item: Transaction, key: Key, units: Units) -> tuple[list[Slice], Units]:
        """Close units by the cost method; return the slices and what no lot could give.

        Raises:
            InvalidTransactionError: If the lots that a SPECIFIC disposal names are not there, or too small.
        """
        lots = self._books.lots[key]
        if self._method is not CostMethod.SPECIFIC or item.kind not in TAKES_LOTS:
            return self.close(key, units)
        if item.named is None:
            if len(lots) > 1:
                self._books.unnamed.append(item)
        else:
            _refuse_too_small(item, lots, units)
        return self._closed(key, close_lots(lots, units, self._method, item.named))

    def close(self, key: Key, units: Units) -> tuple[list[Slice], Units]:
        """Close units that no row names lots of; return the slices and what no lot could give."""
        if self._average is None:
            return self._closed(key, close_lots(self._books.lots[key], units, self._method))
        self._average.prepare(key, units)
        slices, rest = close_lots(self._books.lots[key], units, self._method)
        self._average.taken(key, slices)
        return self._closed(key, (slices, rest))

    def _closed(self, key: Key, closed: tuple[list[Slice], Units]) -> tuple[list[Slice], Units]:
        self._held[key] -= sum((taken.units for taken in closed[0]), start=0)
        return closed

    def take_all(self, key: Key) -> list[Lot]:
        """Remove and return all lots of a holding."""
        self._settle(key[1])
        lots, self._books.lots[key], self._held[key] = self._books.lots[key], [], 0
        if self._average is not None:
            self._average.changed(key[1])
        return lots

    def level(self, symbol: str) -> None:
        """Under AVERAGE, give every unit of the symbol's pool the same cost."""
        if self._average is not None:
            self._average.level(symbol)

    def revalued(self) -> None:
        """Note that every lot, all of them level, has been given another cost from outside."""
        if self._average is not None:
            self._average.revalued()

    def level_all(self) -> None:
        """Level what is still uneven."""
        for symbol in sorted(self._by_symbol):
            self.level(symbol)

    def _settle(self, symbol: str) -> None:
        if self._average is not None:
            self._average.settle(symbol)

    def split(self, key: Key, day: dt.date, new: int, old: int) -> None:
        """Multiply the units of every open lot of one account; their cost stays."""
        self._split(key, day, new, old)
        if self._average is not None:
            self._average.changed(key[1])  # the same pool may have lots in other accounts

    def split_everywhere(self, symbol: str, day: dt.date, new: int, old: int) -> None:
        """Split a symbol in every account."""
        for key in sorted(self._by_symbol[symbol]):
            self._split(key, day, new, old)

    def _split(self, key: Key, day: dt.date, new: int, old: int) -> None:
        lots = self._books.lots[key]
        if lots:
            self._settle(key[1])
            for lot in lots:
                lot.split(new, old)
            self._held[key] = sum((lot.open_units for lot in lots), start=0)
            self.step(key, day)


def _refuse_too_small(item: Transaction, lots: Sequence[Lot], units: Units) -> None:
    """Refuse a disposal of more units than the lots that it names have open."""
    named = [lot for lot in lots if lot.lot_id in (item.named or ())]
    if not named:
        raise unknown_lot(item)
    held = sum((lot.open_units for lot in named), start=0)
    if units - held >= 1:
        expected = f"a lot with {quantity(units).normalize():f} units open; it has {quantity(held).normalize():f}"
        raise InvalidTransactionError(
            transaction_id=item.transaction_id, column="lot_id", value=item.lot_id, expected=expected
        )


def units_of(item: Transaction) -> int:
    """Return the quantity of a row that must have one."""
    if not item.quantity:
        raise InvalidTransactionError(
            transaction_id=item.transaction_id, column="quantity", value=item.quantity, expected="more than zero"
        )
    return item.quantity


def refuse_oversold(item: Transaction, rest: Units, key: Key) -> OversoldError:
    """Return the error of a row that takes more from a holding than there is."""
    account, symbol = key
    return OversoldError(
        transaction_id=item.transaction_id,
        account=account,
        symbol=symbol,
        date=item.date,
        shortfall=quantity(rest),
    )
