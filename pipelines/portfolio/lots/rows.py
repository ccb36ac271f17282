"""Some groups of trades as plain lists by row, with their splits turned into whole numbers.

Belongs here: what the loop of matching reads. Does not: the loop (`batch`), what quanta are (`splits`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.lots.splits import Split, quanta
from pipelines.portfolio.lots.trades import Trades

Splits = Mapping[str, Sequence[Split]]


@dataclass(frozen=True, slots=True)
class TradeRows:
    """Consecutive groups of sorted trades; a row goes by its place among them.

    Args:
        numbers: ``(n,)`` the rows' numbers among all trades.
        starts: ``(n_groups + 1,)`` places at which a group starts, and the end.
        is_buy: Whether each row is a purchase.
        units: Each row's, in the quanta of its group.
        quanta: What a last decimal (1e-10) of each row's quantity is in these.
        final_quanta: The same after all splits of the row's group.
    """

    numbers: Ints
    starts: list[int]
    is_buy: list[bool]
    units: list[int]
    quanta: list[int]
    final_quanta: list[int]

    def groups(self) -> Iterator[tuple[int, int]]:
        """Yield the first row of each group and that of the next."""
        return pairwise(self.starts)


@dataclass(frozen=True, slots=True)
class Slices:
    """What sales took of lots, a list a column: a million small rows would keep the garbage collector busy.

    Args:
        sales: The sale, by its row.
        buys: The lot, by the row of its purchase.
        taken: Units.
        held: Units that the lot had before.
        wanted: Units that the sale still had to find.
    """

    sales: list[int] = field(default_factory=list)
    buys: list[int] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    held: list[int] = field(default_factory=list)
    wanted: list[int] = field(default_factory=list)


def rows_of(trades: Trades, starts: Ints, splits: Splits) -> TradeRows:
    """Return the groups that start at some places in the trades' order; the last place is their end."""
    numbers = trades.order[starts[0] : starts[-1]]
    rows = TradeRows(
        numbers=numbers,
        starts=(starts - starts[0]).tolist(),
        is_buy=trades.is_buy[numbers].tolist(),
        units=trades.units.gather(numbers).to_list(),
        quanta=[1] * len(numbers),
        final_quanta=[1] * len(numbers),
    )
    if splits:
        days = trades.labels["date"].gather(numbers).to_physical().to_numpy()
        symbols = trades.labels["symbol"].gather(trades.order[starts[:-1]]).to_list()
        for (first, last), symbol in zip(rows.groups(), symbols, strict=True):
            _divide(rows, first, days[first:last], splits.get(symbol, ()))
    return rows


def _divide(rows: TradeRows, first: int, days: Ints, splits: Sequence[Split]) -> None:
    """Count the units of one group, which starts at a row, in quanta that its splits leave whole."""
    last = first + len(days)
    # What was split before the first trade has divided nothing.
    later = [split for split in splits if day_number(split.date) > days[0]]
    until = np.searchsorted(days, [day_number(split.date) for split in later]) + first
    sizes = quanta(later)
    for (start, end), size in zip(pairwise([first, *until.tolist(), last]), sizes, strict=True):
        rows.units[start:end] = [units * size for units in rows.units[start:end]]
        rows.quanta[start:end] = [size] * (end - start)
    rows.final_quanta[first:last] = [sizes[-1]] * (last - first)
