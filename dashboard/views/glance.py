"""What the Overview draws of the document's long lists, made of them once.

Belongs here: the series of value and contributions, small lines, movers, the next payments, together. Does not: what
each of these is (`movers`, `sparklines`, `income`), keeping them (`data.glance`).
"""

import itertools
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from dashboard.views.income import Listed, calendar
from dashboard.views.movers import movers
from dashboard.views.sparklines import sparklines
from pipelines.portfolio.models import CompleteView, PerformanceDay, Rows

NEXT_PAYMENTS = 5


@dataclass(frozen=True, slots=True)
class Glance:
    """Lines and tables of the Overview; ``days`` has ``date, value, paid``."""

    days: pl.DataFrame
    lines: dict[str, list[float]]
    moved: Listed
    due: Listed


def glance(view: CompleteView) -> Glance:
    """Return what the Overview draws."""
    due = calendar(view, "Pay date")
    return Glance(
        days=days(view),
        lines=sparklines(view),
        moved=Listed(*movers(view)),
        due=Listed(due.frame.head(NEXT_PAYMENTS), due.paths[:NEXT_PAYMENTS]),
    )


def days(view: CompleteView) -> pl.DataFrame:
    """Return value by day and what was paid in until then, base currency: ``date, value, paid``."""
    rows = view.performance.daily if view.performance else Rows.of(PerformanceDay)
    moved = zip(rows.column("flow_in"), rows.column("flow_out"), strict=True)
    paid = itertools.accumulate((into or Decimal(0)) - (out or Decimal(0)) for into, out in moved)
    values = [None if value is None else float(value) for value in rows.column("value")]
    return pl.DataFrame(
        {"date": rows.column("date"), "value": values, "paid": [float(amount) for amount in paid]},
        schema={"date": pl.Date, "value": pl.Float64, "paid": pl.Float64},
    )
