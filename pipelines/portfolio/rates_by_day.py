"""The money-weighted return as it stood day by day.

Belongs here: the series that a small line below the headline figure draws. Does not: the figure itself (`summary`),
which has the end of it.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable
from decimal import Decimal

from pipelines.portfolio.models import CompleteView
from pipelines.portfolio.returns import xirr
from pipelines.portfolio.returns.time_weighted import DAYS_A_YEAR

_SOON = DAYS_A_YEAR // 2
"""Days after the first of which a rate of a year says nothing: what a week earned would be seen as a year's."""


def money_weighted_by_day(view: CompleteView, places: Iterable[int]) -> list[float | None]:
    """Return what the headline figure was on some days of `performance.daily`, as they are known now.

    It is the XIRR of a view that spans a year, and else what the XIRR made since the first day (CALCULATIONS 5).

    Args:
        view: A document with daily values.
        places: Days by their place in these.

    Returns:
        Fractions; None on a day without a value or a rate, and of an annual rate in the first half-year.
    """
    if view.performance is None:
        return [None for _ in places]
    days = view.performance.daily
    dates, values = days.column("date"), days.column("value")
    flows = [_less(out, into) for into, out in zip(days.column("flow_in"), days.column("flow_out"), strict=True)]
    if dates and dates[0] == view.since:
        flows[0] = _less(Decimal(0), values[0])  # what the view opens with is its first flow
    moved = [at for at, flow in enumerate(flows) if flow]
    paid, when = [flows[at] for at in moved], [dates[at] for at in moved]
    is_yearly = view.summary.spans_a_year

    def rate(at: int) -> float | None:
        age = (dates[at] - dates[0]).days
        if values[at] is None or (is_yearly and age < _SOON):
            return None
        until = bisect_right(moved, at)
        found = xirr([*when[:until], dates[at]], [*paid[:until], float(values[at])]).rate
        return found if is_yearly or found is None else _since_the_first(found, age)

    return [rate(at) for at in places]


def _since_the_first(rate: float, days: int) -> float:
    return float((1 + rate) ** (days / DAYS_A_YEAR) - 1)


def _less(amount: Decimal | None, other: Decimal | None) -> float:
    """Return a flow, NaN where it is not known: then no rate is."""
    return math.nan if amount is None or other is None else float(amount - other)
