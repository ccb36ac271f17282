"""Days between prices on which only an exchange rate has moved a value (CALCULATIONS 4, 5).

Belongs here: which of them the periods of a view need. Does not: the values (`daily`), the periods (`named_periods`).

A day with a price of something held has a value anyway. Where a period begins or ends between two of them, what foreign
cash or a share is worth then rests on the last rate before.
"""

from collections.abc import Iterable

import numpy as np

from pipelines.portfolio.days import Ints
from pipelines.portfolio.exact import Ratio
from pipelines.portfolio.fx import FxBook


def moved_by_rates(grid: Ints, ends: Ints, fx: FxBook, currencies: Iterable[str], base: str) -> Ints:
    """Return the days to add to a grid, sorted: those of the last rates by the ends, where these have moved.

    Args:
        grid: Days with a price or a transaction, sorted; nothing is added before the first.
        ends: Days at whose close a period begins or ends.
        fx: Rates.
        currencies: Those of cash and of what is held.
        base: The view's currency.
    """
    found = [_moved(grid, ends, fx, currency, base) for currency in currencies] if len(grid) else []
    days: Ints = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
    return days


def _moved(grid: Ints, ends: Ints, fx: FxBook, currency: str, base: str) -> Ints:
    known = fx.days_of(currency, base)
    if not len(known):
        return known
    last: Ints = np.unique(known[np.searchsorted(known, ends[ends >= known[0]], side="right") - 1])
    last = last[last > grid[0]]
    both = np.union1d(grid, last)
    before = both[np.searchsorted(both, last) - 1]
    pairs = zip(fx.ratios(currency, base, before).to_list(), fx.ratios(currency, base, last).to_list(), strict=True)
    return last[[_differs(*pair) for pair in pairs]] if len(last) else last


def _differs(first: Ratio | None, second: Ratio | None) -> bool:
    if first is None or second is None:
        return first is not second
    return first.num * second.den != second.num * first.den
