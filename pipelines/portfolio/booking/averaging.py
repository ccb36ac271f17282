"""AVERAGE while transactions are booked: one cost a unit for all lots of a pool (CALCULATIONS 2).

Belongs here: what lots of a pool cost, found for a lot when it is asked for. Does not: which lots there are
(`holdings`); frames of trades, for which there is `lots.average`, with the same figures to the last decimal.

Before units are taken, all that are open get the same cost: a lot gets the share of the units up to its end less that
of those up to its start, by account and age. A pool that remembers what it held and cost then can tell any lot's share
later: a sale looks at the lots that it closes and at no other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from pipelines.portfolio.booking.books import Key
from pipelines.portfolio.exact import Units
from pipelines.portfolio.lots import NO_COSTS, Costs, Lot, Slice, add, stretch, subtract, total_costs


@dataclass(slots=True)
class _Pool:
    """Units of one side of a symbol. ``costs`` is that of all its lots, None where they have to be summed up.

    As of the last levelling, its ``round``: units and cost of all, and where the units of each account start that have
    not been given their share of it yet.
    """

    costs: Costs | None = None
    is_uneven: bool = True
    round: int = 0
    units: Units = 0
    levelled: Costs = NO_COSTS
    starts: dict[Key, Units] = field(default_factory=dict)


class Averaging:
    """The pools of all symbols.

    Args:
        lots: Open lots by holding, oldest first.
        held: Their units.
        keys_of: The holdings of a symbol.
        pool_of: Which of the two pools of a symbol an account belongs to.
    """

    def __init__(
        self,
        lots: Mapping[Key, list[Lot]],
        held: Mapping[Key, Units],
        keys_of: Callable[[str], Iterable[Key]],
        pool_of: Callable[[str], bool],
    ) -> None:
        self._lots, self._held, self._keys_of, self._pool_of = lots, held, keys_of, pool_of
        self._pools: dict[str, dict[tuple[bool, bool], _Pool]] = defaultdict(lambda: defaultdict(_Pool))
        for of_key in lots.values():
            for lot in of_key:
                lot.round = 0

    def put(self, key: Key, lot: Lot) -> None:
        """Take a lot into its pool, at its own cost until the pool is levelled."""
        pool = self._pool(key, is_short=lot.open_units < 0)
        lot.round = pool.round
        pool.is_uneven = True
        if pool.costs is not None:
            pool.costs = add(pool.costs, lot.open_costs)

    def prepare(self, key: Key, units: Units) -> None:
        """Give the oldest lots of a holding their share, as many as a disposal of so many units closes."""
        lots = self._lots[key]
        if not lots:
            return
        pool = self._pool(key, is_short=lots[0].open_units < 0)
        if pool.is_uneven:
            self._level(pool, self._keys(key[1], self._pool_of(key[0]), is_short=lots[0].open_units < 0))
        reached: Units = 0
        for lot in lots:
            if reached >= units:
                break
            self._settle_lot(pool, key, lot)
            reached += lot.open_units if lot.open_units > 0 else -lot.open_units

    def taken(self, key: Key, slices: Sequence[Slice]) -> None:
        """Take what a disposal has closed out of its pool."""
        if not slices:
            return
        pool = self._pool(key, is_short=slices[0].units < 0)
        for one in slices:
            if pool.costs is not None:
                pool.costs = subtract(pool.costs, one.costs)

    def changed(self, symbol: str) -> None:
        """Note that lots of a symbol, all of them settled, have been given another cost or have gone."""
        for pool in self._pools[symbol].values():
            pool.costs, pool.is_uneven = None, True

    def revalued(self) -> None:
        """Note that every lot, all of them settled, has been given another cost that is level."""
        for pools in self._pools.values():
            for pool in pools.values():
                pool.costs = None

    def settle(self, symbol: str) -> None:
        """Give every lot of a symbol the share that it has had since its pool was last levelled."""
        for pool, keys in self._pools_of(symbol):
            self._settle(pool, keys)

    def level(self, symbol: str) -> None:
        """Give every unit of each pool of a symbol the same cost."""
        for pool, keys in self._pools_of(symbol):
            if pool.is_uneven:
                self._level(pool, keys)
            self._settle(pool, keys)

    def _pool(self, key: Key, *, is_short: bool) -> _Pool:
        return self._pools[key[1]][self._pool_of(key[0]), is_short]

    def _pools_of(self, symbol: str) -> list[tuple[_Pool, list[Key]]]:
        found = []
        for is_own in (True, False):
            for is_short in (False, True):
                keys = self._keys(symbol, is_own, is_short=is_short)
                if keys:
                    found.append((self._pool(keys[0], is_short=is_short), keys))
        return found

    def _keys(self, symbol: str, is_own: bool, *, is_short: bool) -> list[Key]:  # noqa: FBT001 - as `pool_of` says it
        held = [key for key in self._keys_of(symbol) if self._lots.get(key) and self._pool_of(key[0]) is is_own]
        return sorted(key for key in held if (self._lots[key][0].open_units < 0) is is_short)

    def _level(self, pool: _Pool, keys: Sequence[Key]) -> None:
        if pool.costs is None or not pool.costs.is_known:  # a lot of unknown cost may be gone
            self._settle(pool, keys)
            pool.costs = total_costs(lot.open_costs for key in keys for lot in self._lots[key])
        held = [self._held[key] for key in keys]
        units: Units = sum(held, start=0)
        pool.is_uneven = False
        if sum(len(self._lots[key]) for key in keys) > 1 and units:  # one lot is level
            pool.round += 1
            pool.units, pool.levelled = units, pool.costs
            pool.starts = dict(zip(keys, accumulate(held, initial=0), strict=False))

    def _settle(self, pool: _Pool, keys: Iterable[Key]) -> None:
        for key in keys:
            for lot in self._lots[key]:
                self._settle_lot(pool, key, lot)

    def _settle_lot(self, pool: _Pool, key: Key, lot: Lot) -> None:
        """Give a lot its share, unless it has it: those of a holding have to be asked for from the oldest on."""
        if lot.round < pool.round:
            start = pool.starts[key]
            end = pool.starts[key] = start + lot.open_units
            lot.rebase(lot.open_units, stretch(pool.levelled, start, end, pool.units))
            lot.round = pool.round
