"""Which open lot a sale closes next, by cost method.

Belongs here: the queue of each method, for frames of trades. Does not: how much a sale takes (`matching`); lots that
are moved, converted or short, for which there is `lot.matching_order`.

Lots and sales are the numbers of their rows. A queue may be asked for its first lot again and again at no cost, as a
sale does of every lot: each step is O(1), of HIFO O(log n).
"""

from collections import defaultdict, deque
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Protocol

NOTHING = -1


class Queue(Protocol):
    """The open lots of one group in the order in which sales close them."""

    def put(self, lot: int, /) -> None:
        """Add the newest lot."""

    def first(self, sale: int) -> int:
        """Return the lot that a sale takes from next, NOTHING if there is none."""

    def drop(self) -> object:
        """Remove the lot that was first."""


class Oldest:
    """FIFO."""

    def __init__(self) -> None:
        self._lots: deque[int] = deque()
        self.put, self.drop = self._lots.append, self._lots.popleft

    def first(self, sale: int) -> int:  # noqa: ARG002 - which sale is for others
        """Return the oldest lot."""
        return self._lots[0] if self._lots else NOTHING


class Newest:
    """LIFO."""

    def __init__(self) -> None:
        self._lots: list[int] = []
        self.put, self.drop = self._lots.append, self._lots.pop

    def first(self, sale: int) -> int:  # noqa: ARG002
        """Return the newest lot."""
        return self._lots[-1] if self._lots else NOTHING


class Dearest:
    """HIFO: the dearest per unit, of equals the oldest.

    Args:
        costs: What each row's units cost, with charges.
        units: Each row's units; a split does not change the order, since it divides every price alike.
        bits: What the largest of the units fits in.
    """

    def __init__(self, costs: Sequence[int], units: Sequence[int], bits: int) -> None:
        self._costs, self._units = costs, units
        # Prices that differ do so by 1 / (units x units) at least: so many binary places keep them apart, exactly.
        self._places = 2 * bits
        self._lots: list[tuple[int, int]] = []

    def put(self, lot: int) -> None:
        """Add the newest lot."""
        price = (self._costs[lot] << self._places) // self._units[lot]
        heappush(self._lots, (-price, lot))

    def first(self, sale: int) -> int:  # noqa: ARG002
        """Return the dearest lot."""
        return self._lots[0][1] if self._lots else NOTHING

    def drop(self) -> None:
        """Remove the dearest lot."""
        heappop(self._lots)


class OldestNamed:
    """SPECIFIC, and AVERAGE by account: the oldest lot of a name; for a sale that names none, the oldest of all.

    Args:
        names: Each row's name.
        left: Units that each lot still has: what one name's sale closes is gone from the lots of all, too.
    """

    def __init__(self, names: Sequence[str | None], left: Sequence[int]) -> None:
        self._names, self._left = names, left
        self._by_name: dict[str | None, deque[int]] = defaultdict(deque)

    def put(self, lot: int) -> None:
        """Add the newest lot."""
        self._by_name[self._names[lot]].append(lot)
        self._by_name[None].append(lot)

    def first(self, sale: int) -> int:
        """Return the oldest open lot of the sale's name."""
        lots = self._by_name[self._names[sale]]
        while lots and not self._left[lots[0]]:
            lots.popleft()
        return lots[0] if lots else NOTHING

    def drop(self) -> None:
        """Leave the lot to be passed over: it may be in two places."""
