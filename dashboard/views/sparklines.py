"""The small lines below headline figures.

Belongs here: the last stretch of a series, thinned to what a small line can show. Does not: charts of a page.
"""

import itertools
from collections.abc import Sequence
from decimal import Decimal

from pipelines.portfolio.models import CompleteView

_DAYS = 260
_POINTS = 60
_MONTHS = 12
_LAST_DAYS = 20
BARS = {"day_change", "income"}
"""Lines whose points are amounts of a stretch each."""


def sparklines(view: CompleteView) -> dict[str, list[float]]:
    """Return the line of each headline figure by its key, as far as days without one go; empty without history."""
    if view.performance is None or not len(view.performance.daily):
        return {}
    days = view.performance.daily
    values, growth = days.column("value"), days.column("growth")
    moved = zip(days.column("flow_in"), days.column("flow_out"), strict=True)
    paid = list(itertools.accumulate((into or Decimal(0)) - (out or Decimal(0)) for into, out in moved))
    gains = [None if value is None else value - sum_paid for value, sum_paid in zip(values, paid, strict=True)]
    months = [float(month.gross_base or 0) for month in view.income.by_month[-_MONTHS:]]
    returns = [change for change in days.column("day_return")[-_LAST_DAYS:] if change is not None]
    found = {
        "value": _thin(values),
        "total_gain": _thin(gains),
        "twr": _thin(growth),
        "day_change": returns,
        "income": months,
    }
    return {key: line for key, line in found.items() if len(line) > 1}


def _thin(series: Sequence[Decimal | float | None]) -> list[float]:
    """Return the known part of the last year, at most so many points, the last one always."""
    known = [float(value) for value in series[-_DAYS:] if value is not None]
    step = max(1, -(-len(known) // _POINTS))
    return known[::-1][::step][::-1]
