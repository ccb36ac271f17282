"""AVERAGE: one cost a unit for all lots of a pool, without going through them (CALCULATIONS 2).

Belongs here: what slices and open lots of a pool cost, in frames of trades. Does not: which lot a sale closes
(`queues`); the pools of a ledger, for which there is `booking.averaging`, with the same figures to the last decimal.

Before units are taken, all that are open get the same cost: a lot gets the share of the units up to its end less that
of those up to its start, by account and age. A pool that remembers what it held and cost then can tell any lot's share
when it is asked: a sale looks at the lots that it closes and at no other.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate

import polars as pl

from pipelines.portfolio.lots.lot import Costs, add, stretch, subtract
from pipelines.portfolio.lots.rows import Slices, TradeRows
from pipelines.portfolio.lots.trades import Trades

_NO_MORE = (-1, 0, 0)


def average_costs(
    trades: Trades, rows: TradeRows, slices: Slices, left: Sequence[int]
) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """Return ``cost`` and ``cost_excluding`` of slices and of lots that are left, of 1e-8, Int128, in their order.

    Args:
        trades: All trades.
        rows: Those that were matched; a group is a pool.
        slices: What their sales took.
        left: Units that each row has left, if it is a purchase.
    """
    accounts, net, gross = (
        of.gather(rows.numbers).to_list() for of in (trades.labels["account"], trades.net, trades.gross)
    )
    of_slices: list[Costs] = []
    of_left: list[Costs] = []
    taken = zip(slices.sales, slices.held, slices.taken, strict=True)
    sale, held, units = next(taken, _NO_MORE)
    for first, last in rows.groups():
        pool = Pool(accounts[first:last])
        for row in range(first, last):
            if rows.is_buy[row]:
                pool.put(accounts[row], rows.units[row], Costs(net[row], None, gross[row], None))
            while sale == row:
                of_slices.append(pool.take(accounts[row], held, units))
                sale, held, units = next(taken, _NO_MORE)
        of_left += [pool.rest(accounts[row], left[row]) for row in range(first, last) if rows.is_buy[row] and left[row]]
    return _columns(of_slices), _columns(of_left)


def _columns(costs: Sequence[Costs]) -> dict[str, pl.Series]:
    return {
        "cost": pl.Series([cost.local for cost in costs], dtype=pl.Int128),
        "cost_excluding": pl.Series([cost.local_excluding for cost in costs], dtype=pl.Int128),
    }


class Pool:
    """Units and cost of one symbol in all accounts. Of each account's lots only the oldest is ever asked for.

    Args:
        accounts: Those that hold the symbol at any time, in any order.
    """

    def __init__(self, accounts: Iterable[str]) -> None:
        self._held = dict.fromkeys(sorted(set(accounts)), 0)
        self._costs = Costs(0, None, 0, None)  # one currency: the base is left unknown, which halves the arithmetic
        self._is_uneven = False
        # As of the last levelling: units and cost of all, where the units of each account's oldest lot start among
        # them, and what that lot held and cost, where it was asked for.
        self._units, self._levelled = 0, self._costs
        self._starts: dict[str, int] = {}
        self._oldest: dict[str, tuple[int, Costs]] = {}

    def put(self, account: str, units: int, costs: Costs) -> None:
        """Add a purchase."""
        self._held[account] += units
        self._costs = add(self._costs, costs)
        self._is_uneven = True

    def take(self, account: str, held: int, taken: int) -> Costs:
        """Take units from the oldest lot of an account, which holds so many; return their cost."""
        cost = self._of_oldest(account, held, taken)
        self._held[account] -= taken
        self._costs = subtract(self._costs, cost)
        return cost

    def rest(self, account: str, held: int) -> Costs:
        """Return what the oldest lot of an account costs, which holds so many units, and go on to the next."""
        return self._of_oldest(account, held, held)

    def _of_oldest(self, account: str, held: int, taken: int) -> Costs:
        if self._is_uneven:
            self._level()
        if account not in self._oldest:
            self._oldest[account] = held, self._next(account, held)
        units, costs = self._oldest[account]
        if taken == held:
            del self._oldest[account]
        return stretch(costs, units - held, units - held + taken, units)

    def _level(self) -> None:
        self._units, self._levelled = sum(self._held.values()), self._costs
        self._starts = dict(zip(self._held, accumulate(self._held.values(), initial=0), strict=False))
        self._oldest.clear()
        self._is_uneven = False

    def _next(self, account: str, held: int) -> Costs:
        start = self._starts[account]
        self._starts[account] = start + held
        return stretch(self._levelled, start, start + held, self._units)
