"""A lot, and which of several a disposal closes (CALCULATIONS 2).

Belongs here: a lot, slicing it exactly, the order of each cost method. Does not: what caused it (`booking`).
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import reduce
from operator import attrgetter, neg

from msgspec import Struct

from pipelines.portfolio.exact import Amount, Units, minus, plus, pro_rata, split_units
from pipelines.portfolio.models import CostMethod

_QUANTUM = 1  # of a quantity: 1e-10
_PLACES = 256  # twice what the numerator of any units fits in
_BY_DEARNESS = attrgetter("dearness")

# What a lot cost, in all and for how many units: HIFO's order. A corporate action changes it with the cost, the
# revaluation at the start of a period does not.
Paid = tuple[int, Units] | None


class Costs(Struct, frozen=True, gc=False):
    """Cost with and without fees and taxes, in the instrument's and the base currency; None where not known."""

    local: Amount
    base: Amount
    local_excluding: Amount
    base_excluding: Amount

    def negated(self) -> "Costs":
        """Return the costs with the opposite sign."""
        return self.mapped(neg)

    def mapped(self, function: Callable[[int], int]) -> "Costs":
        """Return a function of each cost that is known."""
        costs = (self.local, self.base, self.local_excluding, self.base_excluding)
        return Costs(*(None if cost is None else function(cost) for cost in costs))

    @property
    def is_known(self) -> bool:
        """Return whether each of them is known."""
        return None not in (self.local, self.base, self.local_excluding, self.base_excluding)


NO_COSTS = Costs(0, 0, 0, 0)


def add(first: Costs, second: Costs) -> Costs:
    """Return the sum, part by part."""
    return Costs(
        plus(first.local, second.local),
        plus(first.base, second.base),
        plus(first.local_excluding, second.local_excluding),
        plus(first.base_excluding, second.base_excluding),
    )


def subtract(first: Costs, second: Costs) -> Costs:
    """Return the difference, part by part."""
    # As `minus` four times, without its call: lots are cut by the million.
    local, base, bare, base_bare = first.local, first.base, first.local_excluding, first.base_excluding
    other, other_base, other_bare = second.local, second.base, second.local_excluding
    other_base_bare = second.base_excluding
    return Costs(
        None if local is None or other is None else local - other,
        None if base is None or other_base is None else base - other_base,
        None if bare is None or other_bare is None else bare - other_bare,
        None if base_bare is None or other_base_bare is None else base_bare - other_base_bare,
    )


def share(costs: Costs, part: Units, whole: Units) -> Costs:
    """Return what falls on ``part`` of ``whole``, each figure rounded once."""
    if part == whole:
        return costs
    local, base, bare, base_bare = costs.local, costs.base, costs.local_excluding, costs.base_excluding
    # In the base currency's own instruments base equals local: nothing needs computing twice.
    of_local = None if local is None else pro_rata(local, part, whole)
    of_bare = of_local if bare == local else None if bare is None else pro_rata(bare, part, whole)
    of_base = of_local if base == local else None if base is None else pro_rata(base, part, whole)
    of_base_bare = of_bare if base_bare == bare else None if base_bare is None else pro_rata(base_bare, part, whole)
    return Costs(of_local, of_base, of_bare, of_base_bare)


def stretch(costs: Costs, start: Units, end: Units, whole: Units) -> Costs:
    """Return what falls on the units from ``start`` to ``end`` of ``whole``, so that neighbours sum up exactly."""
    reached = share(costs, end, whole)
    return reached if start == 0 else subtract(reached, share(costs, start, whole))


def total_costs(costs: Iterable[Costs]) -> Costs:
    """Return the sum of many, part by part."""
    return reduce(add, costs, NO_COSTS)


class Lot(Struct):
    """An open lot. ``units`` are those it opened with, negative in a short; ``used`` of them are gone.

    Slices are cut from the original cost (the cost of all that is used less what was given before), so that thirds do
    not drift and the last slice takes the remainder.
    """

    lot_id: str
    bought_on: dt.date
    order: int
    units: Units
    costs: Costs
    used: Units = 0
    given: Costs = NO_COSTS
    paid: Paid = None
    round: int = 0  # of levelling its pool, when it was last given its share: AVERAGE's
    _dearness: int | None = None

    @property
    def open_units(self) -> Units:
        """Return the units still open."""
        return self.units - self.used

    @property
    def open_costs(self) -> Costs:
        """Return the cost of the units still open."""
        return self.costs if self.used == 0 else subtract(self.costs, self.given)

    @property
    def open_base(self) -> Amount:
        """Return the cost of the units still open in the base currency."""
        return self.costs.base if self.used == 0 else minus(self.costs.base, self.given.base)

    @property
    def dearness(self) -> int:
        """Return what it was bought at per unit as a number that orders lots of a holding exactly; 0 if not known."""
        if self._dearness is None:
            self._dearness = _dearness(self.paid)
        return self._dearness

    def take(self, units: Units) -> Costs:
        """Remove units and return their cost."""
        used = self.used + units
        spent = share(self.costs, used, self.units)
        slice_ = spent if self.used == 0 else subtract(spent, self.given)
        self.used, self.given = used, spent
        return slice_

    def rebase(self, units: Units, costs: Costs) -> None:
        """Make this what the lot now holds and costs; what was used is forgotten."""
        self.units, self.costs, self.used, self.given = units, costs, 0, NO_COSTS

    def recost(self, costs: Costs) -> None:
        """Give what is still open another cost, and with it another place in HIFO's order."""
        self.rebase(self.open_units, costs)
        self.paid, self._dearness = paid_for(costs, self.open_units), None

    def split(self, new: int, old: int) -> None:
        """Multiply the units; the cost stays."""
        self.units, self.used = split_units(self.units, new, old), split_units(self.used, new, old)
        if self.paid is not None:
            self.paid, self._dearness = (self.paid[0], split_units(self.paid[1], new, old)), None


class Slice(Struct, frozen=True, gc=False):
    """What a disposal took of one lot."""

    lot: Lot
    units: Units
    costs: Costs


def paid_for(costs: Costs, units: Units) -> Paid:
    """Return what a lot was bought with; None where the cost is not known."""
    return None if costs.local is None or not units else (costs.local, units)


def _dearness(paid: Paid) -> int:
    if paid is None:
        return 0
    cost, units = paid
    # Prices that differ do so by 1 / (units x units) at least: so many binary places keep them apart.
    return (cost * units.denominator << _PLACES) // units.numerator


def matching_order(lots: Sequence[Lot], method: CostMethod, named: Collection[str] | None = None) -> list[Lot]:
    """Return open lots in the order in which a disposal closes them.

    Args:
        lots: Open lots of one account and symbol, oldest first.
        method: FIFO and AVERAGE take the oldest, LIFO the newest, HIFO the dearest per unit, SPECIFIC the named one.
        named: The purchases that a SPECIFIC disposal names; without them the oldest count.
    """
    if method is CostMethod.LIFO:
        return list(reversed(lots))
    if method is CostMethod.HIFO:
        return sorted(lots, key=_BY_DEARNESS, reverse=True)
    if method is CostMethod.SPECIFIC and named is not None:
        return [lot for lot in lots if lot.lot_id in named]
    return list(lots)


def take(ordered: Sequence[Lot], units: Units) -> tuple[list[Slice], Units]:
    """Take units from lots in their order; return the slices and what could not be found.

    Units count in magnitude here and carry the lots' sign in the slices. A rest below the tenth decimal closes the lot.
    """
    slices: list[Slice] = []
    wanted: Units = units
    for lot in ordered:
        if wanted <= 0:
            break
        open_units = lot.units - lot.used
        sign = 1 if open_units > 0 else -1
        held: Units = sign * open_units
        taken = held if held <= wanted or held - wanted < _QUANTUM else wanted
        slices.append(Slice(lot, sign * taken, lot.take(sign * taken)))
        wanted = wanted - taken
    return slices, (wanted if wanted >= _QUANTUM else 0)


def close_lots(
    lots: list[Lot], units: Units, method: CostMethod, named: Collection[str] | None = None
) -> tuple[list[Slice], Units]:
    """Close units of the lots of one account and symbol by a cost method.

    Args:
        lots: Open lots, oldest first; closed ones are removed from it.
        units: Units to close, scaled by 1e10, positive.
        method: The cost method; AVERAGE expects the pool levelled.
        named: For SPECIFIC, the purchases to close.

    Returns:
        The slices taken, in order, and the units that no lot could give.
    """
    slices, rest = take(matching_order(lots, method, named), units)
    if any(not taken.lot.open_units for taken in slices):
        lots[:] = [lot for lot in lots if lot.open_units]
    return slices, rest
