"""What the Overview draws of the document's long lists, made of them once.

Belongs here: the series of value and contributions, small lines, movers, the next payments, together. Does not: what
each of these is (`movers`, `sparklines`, `income`), keeping them (`data.glance`).
"""

from dataclasses import dataclass

import polars as pl

from dashboard.views.income import Listed, next_payments
from dashboard.views.movers import movers
from dashboard.views.sparklines import sparklines
from pipelines.portfolio.models import CompleteView
from pipelines.portfolio.paid_in import value_and_paid_in

NEXT_PAYMENTS = 5


@dataclass(frozen=True, slots=True)
class Glance:
    """Lines and tables of the Overview; ``days`` has ``date, value, paid_in``."""

    days: pl.DataFrame
    lines: dict[str, list[float]]
    moved: Listed
    due: Listed


def glance(view: CompleteView) -> Glance:
    """Return what the Overview draws."""
    days = value_and_paid_in(view.performance)
    return Glance(
        days=days,
        lines=sparklines(view, days),
        moved=Listed(*movers(view)),
        due=next_payments(view, NEXT_PAYMENTS),
    )
