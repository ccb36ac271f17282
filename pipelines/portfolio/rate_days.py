"""Days between prices on which only an exchange rate has moved a value (CALCULATIONS 4, 5).

Belongs here: which of them the periods of a view need, and their place beside the chain of returns. Does not: values
(`holding_values`), periods (`named_periods`).

A day with a price of something held has a value anyway. What foreign cash or a share is worth between two of them rests
on the last rate before. Before each transaction that is a day of the chain of returns: what came in on the next day has
no part in what rates did until then. Where a period begins or ends it is none: else a return since inception would
depend on which periods happen to begin or end at its date.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.booking.books import CashStep
from pipelines.portfolio.days import Ints, day_number
from pipelines.portfolio.exact import Ratio
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.holding_values import Span
from pipelines.portfolio.observations import table


@dataclass(frozen=True, slots=True)
class Exposure:
    """What of a view is in which currency, and when.

    Args:
        spans: Stretches in which something is held.
        currencies: Currency by symbol.
        cash: Changes of cash.
        base: The view's currency.
    """

    spans: Sequence[Span]
    currencies: Mapping[str, str]
    cash: Sequence[CashStep]
    base: str

    def foreign(self) -> list[str]:
        """Return the other currencies, sorted."""
        codes = {self.currencies[span.key[1]] for span in self.spans} | {step.currency for step in self.cash}
        return sorted(codes - {self.base})

    def holds(self, currency: str, days: Ints) -> npt.NDArray[np.bool_]:
        """Return whether anything is in a currency at the close of each day."""
        held = [span for span in self.spans if self.currencies[span.key[1]] == currency]
        steps = sorted((day_number(step.date), step.amount) for step in self.cash if step.currency == currency)
        firsts = np.sort(np.array([span.first for span in held], dtype=np.int64))
        lasts = np.sort(np.array([span.last for span in held], dtype=np.int64))
        open_spans = np.searchsorted(firsts, days, side="right") - np.searchsorted(lasts, days, side="left")
        balances = [0, *itertools.accumulate(amount for _, amount in steps)]
        reached = np.searchsorted(np.array([day for day, _ in steps], dtype=np.int64), days, side="right")
        in_cash = np.array([balances[at] != 0 for at in reached.tolist()], dtype=np.bool_)
        found: npt.NDArray[np.bool_] = (open_spans > 0) | in_cash
        return found


def moved_by_rates(grid: Ints, ends: Ints, fx: FxBook, exposure: Exposure) -> Ints:
    """Return the days to add to a grid, sorted: those of the last rates by the ends, where these have moved something.

    Args:
        grid: Days with a price or a transaction, sorted; nothing is added before the first.
        ends: Days at whose close a period begins or ends, or eves of transactions.
        fx: Rates.
        exposure: What is held in other currencies.
    """
    found = [np.zeros(0, dtype=np.int64)]
    for currency in exposure.foreign() if len(grid) else ():
        moved = _moved(grid, ends, fx, currency, exposure.base)
        found.append(moved[exposure.holds(currency, moved)] if len(moved) else moved)
    days: Ints = np.unique(np.concatenate(found))
    return days


def _moved(grid: Ints, ends: Ints, fx: FxBook, currency: str, base: str) -> Ints:
    known = fx.days_of(currency, base)
    if not len(known):
        return known
    last: Ints = np.unique(known[np.searchsorted(known, ends[ends >= known[0]], side="right") - 1])
    last = np.setdiff1d(last[last > grid[0]], grid)
    both = np.union1d(grid, last)
    before = both[np.searchsorted(both, last) - 1]
    pairs = zip(fx.ratios(currency, base, before).to_list(), fx.ratios(currency, base, last).to_list(), strict=True)
    return last[[_differs(*pair) for pair in pairs]] if len(last) else last


def _differs(first: Ratio | None, second: Ratio | None) -> bool:
    if first is None or second is None:
        return first is not second
    return first.num * second.den != second.num * first.den


def with_days_between(
    returns: pl.DataFrame, days: pl.Series, value: npt.NDArray[np.float64], between: npt.NDArray[np.bool_]
) -> pl.DataFrame:
    """Return the returns of days with those of the days that the chain passes by.

    Such a day shows what rates have made of the value since the day before, and the next day of the chain that has a
    return the rest of it, so that growth is the product of all returns.

    Args:
        returns: As `returns.day_returns` has it, of the other days.
        days: ``(n)`` all days.
        value: ``(n)``, NaN where one is not known.
        between: ``(n)``, which of them the chain passes by; never the first.

    Returns:
        ``(n)`` rows as ``returns``; ``capital`` is null on the days between.
    """
    change, capital = (np.full(len(days), np.nan) for _ in range(2))
    broken = np.zeros(len(days), dtype=np.bool_)
    for whole, name in ((change, "day_return"), (capital, "capital"), (broken, "broken")):
        whole[~between] = returns[name].to_numpy()
    moved = 1.0
    for at in range(int(np.argmax(between)), len(days)):
        if between[at] and value[at - 1] > 0 and value[at] > 0:
            factor = value[at] / value[at - 1]
            change[at], moved = factor - 1, moved * factor
        elif broken[at] or not np.isnan(change[at]):
            change[at], moved = (1 + change[at]) / moved - 1, 1.0
    return table(date=days, day_return=change, capital=capital).with_columns(broken=pl.Series(broken))
