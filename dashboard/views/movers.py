"""What moved on the last day.

Belongs here: the largest gains and losses of holdings. Does not: contributions to the whole period (`performance`).
"""

import polars as pl

from dashboard.views.columns import Column, Kind, figures
from pipelines.portfolio.models import CompleteView

MOST = 5
"""Of gains, and of losses."""
COLUMNS = (
    Column("Symbol", "symbol"),
    Column("Account", "account"),
    Column("Change", "change_base", Kind.GAIN, "Gain of the last day, base currency."),
    Column("Day", "day_return", Kind.RETURN, "The same over the value of the day before and what was bought."),
)
FIGURES = figures(COLUMNS)


def movers(view: CompleteView) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the largest gains, then the largest losses, and what each row is of the view; none without a last day."""
    rows = view.performance.movers if view.performance else []
    moved = [row for row in rows if row.change_base]
    gains = [row for row in moved[:MOST] if row.change_base and row.change_base > 0]
    losses = [row for row in reversed(moved[-MOST:]) if row.change_base and row.change_base < 0]
    shown = [*gains, *losses]
    frame = pl.DataFrame(
        [tuple(getattr(row, column.field) for column in COLUMNS) for row in shown],
        schema=[column.title for column in COLUMNS],
        orient="row",
    )
    return frame, tuple(f"performance.movers.{row.symbol}@{row.account}" for row in shown)
