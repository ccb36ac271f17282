"""Some groups of trades, matched: row by row who takes how many units of whom, then by column what that costs.

Belongs here: a sale's way through the queue, and the slices and open lots that come of it. Does not: the order of the
queue (`queues`), rounding (`shares`), one cost for all (`average`), names and dates (`layout`).
"""

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import NamedTuple

import numpy as np
import polars as pl

from pipelines.portfolio.days import Ints
from pipelines.portfolio.errors import OversoldError
from pipelines.portfolio.exact import div_half_even, quantity, whole_units
from pipelines.portfolio.lots.average import average_costs
from pipelines.portfolio.lots.queues import NOTHING, Dearest, Newest, Oldest, OldestNamed, Queue
from pipelines.portfolio.lots.rows import Slices, Splits, TradeRows, rows_of
from pipelines.portfolio.lots.shares import Column, Stretch, column, parts
from pipelines.portfolio.lots.trades import Trades
from pipelines.portfolio.models import CostMethod


class Matched(NamedTuple):
    """What sales took and what they left, by group, then in order; trades go by their numbers from 0 on.

    ``slices``: ``sale``, ``buy`` Int64; ``quantity`` of 1e-10, ``cost``, ``cost_excluding``, ``net``, ``gross`` of
    1e-8, Int128. ``left``: ``buy``, ``quantity``, ``cost``, ``cost_excluding``, oldest first.
    """

    slices: pl.DataFrame
    left: pl.DataFrame


def match_batch(trades: Trades, starts: Ints, method: CostMethod, splits: Splits) -> Matched:
    """Match the groups that start at some places in the trades' order; the last place is their end.

    Raises:
        OversoldError: If more is sold than is held.
    """
    rows = rows_of(trades, starts, splits)
    left, slices = rows.units.copy(), Slices()
    queue = _queue_of(trades, rows, method, left)
    for first, last in rows.groups():
        oversold = _take(queue(), rows, left, slices, first, last)
        if oversold is not None:
            raise _error(trades, rows, *oversold)
    return _Columns(trades, rows, method, left, slices).matched()


def _queue_of(trades: Trades, rows: TradeRows, method: CostMethod, left: list[int]) -> Callable[[], Queue]:
    """Return what makes a method's queue for a group."""
    if method is CostMethod.FIFO:
        return Oldest
    if method is CostMethod.LIFO:
        return Newest
    if method is CostMethod.HIFO:
        costs = trades.net.gather(rows.numbers).to_list()
        return partial(Dearest, costs, rows.units, max(rows.units, default=0).bit_length())
    names = trades.labels["account" if method is CostMethod.AVERAGE else "lot_id"].gather(rows.numbers)
    return partial(OldestNamed, names.to_list(), left)


def _take(
    queue: Queue, rows: TradeRows, left: list[int], slices: Slices, first: int, last: int
) -> tuple[int, int] | None:
    """Match the rows of one group; return the sale that no lot can meet and what it lacks, None if there is none."""
    put, first_of, drop = queue.put, queue.first, queue.drop
    sales, buys, takes = slices.sales.append, slices.buys.append, slices.taken.append
    held_before, wanted_before = slices.held.append, slices.wanted.append
    columns = rows.is_buy[first:last], rows.units[first:last], rows.quanta[first:last]
    for row, (is_buy, units, quantum) in enumerate(zip(*columns, strict=True), first):
        if is_buy:
            put(row)
            continue
        wanted = units
        while wanted > 0:
            lot = first_of(row)
            if lot == NOTHING:
                if wanted >= quantum:
                    return row, wanted
                break
            held = left[lot]
            taken = wanted
            if held - wanted < quantum:  # a rest below the tenth decimal closes the lot
                taken = held
                drop()
            left[lot] = held - taken
            sales(row)
            buys(lot)
            takes(taken)
            held_before(held)
            wanted_before(wanted)
            wanted -= taken
    return None


def _error(trades: Trades, rows: TradeRows, row: int, lacking: int) -> OversoldError:
    ident, account, symbol, day = trades.labels.select("transaction_id", "account", "symbol", "date").row(
        int(rows.numbers[row])
    )
    shortfall = quantity(whole_units(Fraction(lacking, rows.quanta[row])))
    return OversoldError(transaction_id=ident, account=account, symbol=symbol, date=day, shortfall=shortfall)


class _Columns:
    """Matched rows as columns."""

    def __init__(self, trades: Trades, rows: TradeRows, method: CostMethod, left: list[int], slices: Slices) -> None:
        self._trades, self._rows, self._slices, self._left_units = trades, rows, slices, left
        self._units, self._left = column(rows.units), column(left)
        self._sales, self._buys = (np.array(of, dtype=np.int64) for of in (slices.sales, slices.buys))
        self._open = np.flatnonzero(np.array(rows.is_buy, dtype=np.bool_) & (self._left > 0))
        self._is_average = method is CostMethod.AVERAGE

    def matched(self) -> Matched:
        """Return the slices and what is left."""
        if self._is_average:
            of_slices, of_left = average_costs(self._trades, self._rows, self._slices, self._left_units)
        else:
            of_slices, of_left = self._costs_of_slices(), self._costs_of_left()
        rows, slices = self._rows, self._slices
        return Matched(
            pl.DataFrame(
                {
                    "sale": rows.numbers[self._sales],
                    "buy": rows.numbers[self._buys],
                    "quantity": _quantities(column(slices.taken), column(rows.quanta)[self._sales]),
                    **of_slices,
                    **self._proceeds(),
                }
            ),
            pl.DataFrame(
                {
                    "buy": rows.numbers[self._open],
                    "quantity": _quantities(self._left[self._open], column(rows.final_quanta)[self._open]),
                    **of_left,
                }
            ),
        )

    def _costs_of_slices(self) -> dict[str, pl.Series]:
        units = self._units[self._buys]
        start = units - column(self._slices.held)
        return self._costs(self._buys, Stretch(start, start + column(self._slices.taken), units))

    def _costs_of_left(self) -> dict[str, pl.Series]:
        units = self._units[self._open]
        return self._costs(self._open, Stretch(units - self._left[self._open], units, units))

    def _costs(self, lots: Ints, of: Stretch) -> dict[str, pl.Series]:
        numbers = self._rows.numbers[lots]
        net, gross = self._trades.net.gather(numbers), self._trades.gross.gather(numbers)
        return {"cost": parts(net, of), "cost_excluding": parts(gross, of)}

    def _proceeds(self) -> dict[str, pl.Series]:
        """Return each slice's part of what its sale brought, after and before charges; the last takes the remainder."""
        units = self._units[self._sales]
        start = units - column(self._slices.wanted)
        is_last = np.diff(self._sales, append=-1) != 0
        of = Stretch(start, np.where(is_last, units, start + column(self._slices.taken)), units)
        numbers = self._rows.numbers[self._sales]
        net, gross = self._trades.net.gather(numbers), self._trades.gross.gather(numbers)
        return {"net": parts(net, of), "gross": parts(gross, of)}


def _quantities(units: Column, quantum: Column) -> pl.Series:
    """Return units of some quanta as quantities of 1e-10, rounded half-even, Int128."""
    if (quantum == 1).all():
        return pl.Series(units.tolist(), dtype=pl.Int128)
    rows = zip(units.tolist(), quantum.tolist(), strict=True)
    return pl.Series([div_half_even(of, size) for of, size in rows], dtype=pl.Int128)
