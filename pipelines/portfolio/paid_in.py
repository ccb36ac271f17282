"""The value of a portfolio by day, beside what was paid in until then.

Belongs here: the series that charts of value and contributions draw. Does not: returns, which flows do not move.
"""

import itertools
from decimal import Decimal

import polars as pl

from pipelines.portfolio.models import Performance

SCHEMA = {"date": pl.Date, "value": pl.Float64, "paid_in": pl.Float64}


def value_and_paid_in(performance: Performance | None) -> pl.DataFrame:
    """Return ``date, value, paid_in`` in the base currency, for drawing; a flow that is not known counts as none."""
    if performance is None:
        return pl.DataFrame(schema=SCHEMA)
    days = performance.daily
    flows = zip(days.column("flow_in"), days.column("flow_out"), strict=True)
    paid_in = itertools.accumulate((into or Decimal(0)) - (out or Decimal(0)) for into, out in flows)
    values = [None if value is None else float(value) for value in days.column("value")]
    columns = {"date": days.column("date"), "value": values, "paid_in": [float(amount) for amount in paid_in]}
    return pl.DataFrame(columns, schema=SCHEMA)
