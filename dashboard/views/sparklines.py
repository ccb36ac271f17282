"""The small lines below headline figures.

Belongs here: the last stretch of a series, thinned to what a small line can show. Does not: charts of a page.
"""

from collections.abc import Sequence
from typing import TypeVar

import polars as pl

from pipelines.portfolio.models import CompleteView
from pipelines.portfolio.rates_by_day import money_weighted_by_day

Point = TypeVar("Point")
_DAYS = 260
_POINTS = 60
_MONTHS = 12
_LAST_DAYS = 20
BARS = {"day_change", "income"}
"""Lines whose points are amounts of a stretch each."""


def sparklines(view: CompleteView, days: pl.DataFrame) -> dict[str, list[float]]:
    """Return the line of each headline figure by its key, as far as days without one go; empty without history.

    Args:
        view: The document.
        days: Its ``value`` by day, and what was ``paid_in`` until then.
    """
    if view.performance is None or days.is_empty():
        return {}
    rows = view.performance.daily
    months = [float(month.gross_base or 0) for month in view.income.by_month[-_MONTHS:]]
    returns = [change for change in rows.column("day_return")[-_LAST_DAYS:] if change is not None]
    gains = days["value"] - days["paid_in"]
    found = {"value": _thin(days["value"]), "total_gain": _thin(gains), "twr": _thin(pl.Series(rows.column("growth")))}
    found |= {"day_change": returns, "income": months, "xirr": _rates(view, len(rows))}
    return {key: line for key, line in found.items() if len(line) > 1}


def _thin(series: pl.Series) -> list[float]:
    """Return the known part of the last year, at most so many points, the last one always."""
    return _thinned(series.tail(_DAYS).drop_nulls().to_list())


def _rates(view: CompleteView, days: int) -> list[float]:
    rates = money_weighted_by_day(view, _thinned(range(max(0, days - _DAYS), days)))
    return [rate for rate in rates if rate is not None]


def _thinned(known: Sequence[Point]) -> list[Point]:
    step = max(1, -(-len(known) // _POINTS))
    return list(known[::-1][::step][::-1])
