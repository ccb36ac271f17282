"""The opening of a period: what is held at the close of its start becomes its first purchase (CALCULATIONS 5).

Belongs here: revaluing open lots and starting the sums anew. Does not: booking.
"""

import datetime as dt
from dataclasses import dataclass

from pipelines.portfolio.booking.books import Books, Flow, Tally
from pipelines.portfolio.exact import Amount, Units, plus, total
from pipelines.portfolio.holdings import CashBalance, Position
from pipelines.portfolio.lots import NO_COSTS, Costs, share, subtract


@dataclass(frozen=True, slots=True)
class Opening:
    """Value at the close of a period's start, base currency; None where something had no value."""

    date: dt.date
    holdings: Amount
    cash: Amount

    @property
    def value(self) -> Amount:
        """Return holdings and cash."""
        return None if self.holdings is None or self.cash is None else self.holdings + self.cash


def reopen(
    books: Books, day: dt.date, positions: list[Position], cash: list[CashBalance], *, account: str | None = None
) -> Opening:
    """Start the sums of a period: open lots cost what they are worth, gains before it are forgotten.

    Everything is revalued, for its lots may yet move; the opening is that of the account, or of all.
    """
    held = [position for position in positions if position.is_open]
    opening = Opening(
        day,
        total(position.value_base for position in held if account in {None, position.key[0]}),
        total(item.value for item in cash if account in {None, item.account}),
    )
    books.restart()
    for balance in cash:
        books.cash_accounted[balance.account] = plus(books.cash_accounted[balance.account], balance.value)
    for position in held:
        _revalue(position)
        books.tallies[position.key] = Tally(purchases=position.value_base, purchases_local=position.value_local)
        books.holding_flows[position.key].append(Flow(day, position.key[0], position.value_base))
    return opening


def _revalue(position: Position) -> None:
    worth = Costs(position.value_local, position.value_base, position.value_local, position.value_base)
    whole: Units = sum((lot.open_units for lot in position.lots), start=0)
    reached: Units = 0
    given = NO_COSTS
    for lot in position.lots:
        reached += lot.open_units
        upto = share(worth, reached, whole)
        lot.rebase(lot.open_units, subtract(upto, given))
        given = upto
