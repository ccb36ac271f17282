"""What is held at a date, valued, and what each holding did (CALCULATIONS 2, 3).

Belongs here: value, cost, gains and effects of one holding at one date. Does not: daily series (`daily`), totals
(`summary`).
"""

import datetime as dt
from dataclasses import dataclass

from msgspec import Struct

from pipelines.portfolio.booking.books import NO_SYMBOL, Books, Key, Realized, Tally
from pipelines.portfolio.exact import (
    Amount,
    Ratio,
    converted,
    div_half_even,
    minus,
    plus,
    total,
    whole_units,
    worth_at,
    worth_in,
)
from pipelines.portfolio.fx import SAME, FxBook, Rate
from pipelines.portfolio.lots import Costs, Lot, subtract, total_costs
from pipelines.portfolio.prices import PriceBook, Quote


@dataclass(frozen=True, slots=True)
class Position:
    """A holding at a date; integers of 1e-8 (units 1e-10), None where not known."""

    key: Key
    currency: str
    units: int
    lots: tuple[Lot, ...]
    costs: Costs
    quote: Quote
    fx: Rate
    value_local: Amount
    value_base: Amount

    @property
    def is_open(self) -> bool:
        """Return whether a lot is open; what a split has left below the tenth decimal still is, with its cost."""
        return bool(self.lots)

    @property
    def unrealized_local(self) -> Amount:
        """Return value less cost in the instrument's currency."""
        return minus(self.value_local, self.costs.local)

    @property
    def unrealized_base(self) -> Amount:
        """Return value less cost in the base currency."""
        return minus(self.value_base, self.costs.base)

    @property
    def unrealized_before_charges(self) -> Amount:
        """Return value less cost before fees and taxes, base currency."""
        return minus(self.value_base, self.costs.base_excluding)

    @property
    def average_price(self) -> int | None:
        """Return cost before fees and taxes per unit, instrument currency."""
        if not self.units or self.costs.local_excluding is None:
            return None
        sign = 1 if self.units > 0 else -1
        return div_half_even(sign * self.costs.local_excluding * 10**10, sign * self.units)


class Effects(Struct, frozen=True, gc=False):
    """A gain and its two parts, base currency: price effect + FX effect = gain."""

    gain: Amount
    price: Amount
    fx: Amount


def effects(gain_local: Amount, gain_base: Amount, rate: Ratio | None) -> Effects:
    """Split a gain: the local gain at the closing rate is the price's part, the rest the exchange rate's."""
    price = converted(gain_local, rate)
    return Effects(gain_base, price, minus(gain_base, price))


class Disposal(Struct, frozen=True, gc=False):
    """What a disposal gained on one lot, after and before fees and taxes."""

    row: Realized
    local: Amount
    after: Effects
    before: Effects


def disposal(row: Realized) -> Disposal:
    """Return the gain of a disposal and its two parts."""
    gain = subtract(row.proceeds, row.cost)
    return Disposal(
        row,
        gain.local,
        effects(gain.local, gain.base, row.rate),
        effects(gain.local_excluding, gain.base_excluding, row.rate),
    )


def position_effects(position: Position, *, before_charges: bool = False) -> Effects:
    """Split the unrealised gain of a position, after or before fees and taxes."""
    cost = position.costs
    local = minus(position.value_local, cost.local_excluding if before_charges else cost.local)
    base = minus(position.value_base, cost.base_excluding if before_charges else cost.base)
    return effects(local, base, position.fx.ratio)


def position_at(
    key: Key, lots: list[Lot], *, currency: str, prices: PriceBook, fx: FxBook, base: str, day: dt.date
) -> Position:
    """Value what one account holds of one symbol at the close of a day."""
    costs = total_costs(lot.open_costs for lot in lots)
    units = whole_units(sum((lot.open_units for lot in lots), start=0))
    quote = prices.quote(key[1], day)
    rate = SAME if currency == base else fx.rate(currency, base, day)
    local, in_base = _values(units, quote.exact, rate.ratio)
    return Position(key, currency, units, tuple(lots), costs, quote, rate, local, in_base)


def _values(units: int, price: Ratio | None, ratio: Ratio | None) -> tuple[Amount, Amount]:
    if not units:
        return 0, 0
    if price is None:
        return None, None
    return worth_at(units, price), None if ratio is None else worth_in(units, price, ratio)


def positions_at(
    books: Books, *, currencies: dict[str, str], prices: PriceBook, fx: FxBook, base: str, day: dt.date
) -> list[Position]:
    """Value every holding that ever was, by account and symbol; closed ones have no units."""
    keys = sorted(key for key in set(books.lots) | set(books.tallies) if key[1] != NO_SYMBOL)
    return [
        position_at(key, books.lots.get(key, []), currency=currencies[key[1]], prices=prices, fx=fx, base=base, day=day)
        for key in keys
    ]


@dataclass(frozen=True, slots=True)
class CashBalance:
    """Cash of one account and currency, and what it is worth in the base currency."""

    account: str
    currency: str
    amount: int
    fx: Rate
    value: Amount


def cash_at(books: Books, fx: FxBook, base: str, day: dt.date) -> list[CashBalance]:
    """Return every balance of tracked cash that is not zero."""
    balances = []
    for (account, currency), amount in sorted(books.cash.items()):
        if amount:
            rate = fx.rate(currency, base, day)
            balances.append(CashBalance(account, currency, amount, rate, converted(amount, rate.ratio)))
    return balances


def known(amounts: list[Amount]) -> int:
    """Return the sum of the amounts that are known; what is not is for completeness to state."""
    return sum(amount for amount in amounts if amount is not None)


def total_gain(position: Position, tally: Tally, disposals: list[Disposal]) -> Amount:
    """Return realised + unrealised before fees and taxes + income - fees - taxes, base currency."""
    gross = total(item.before.gain for item in disposals)
    gains = plus(gross, position.unrealized_before_charges if position.is_open else 0)
    return minus(plus(gains, tally.income), plus(tally.fees, tally.taxes))
