"""The value of a portfolio by day, beside what was paid in until then.

Belongs here: the series that charts of value and contributions draw. Does not: returns, which flows do not move.
"""

import itertools
from decimal import Decimal

import polars as pl

from pipelines.portfolio.models import Performance

SCHEMA = {"date": pl.Date, "value": pl.Float64, "paid_in": pl.Float64}


def value_and_paid_in(performance: Performance | None) -> pl.DataFrame:
    """Return ``date, value, paid_in``, base currency, for drawing; after a flow that is not known no sum is."""
    if performance is None:
        return pl.DataFrame(schema=SCHEMA)
    days = performance.daily
    flows = zip(days.column("flow_in"), days.column("flow_out"), strict=True)
    paid_in = itertools.accumulate((None if None in flow else flow[0] - flow[1] for flow in flows), _added)
    columns = {"value": days.column("value"), "paid_in": list(paid_in)}
    floats = {name: [None if one is None else float(one) for one in own] for name, own in columns.items()}
    return pl.DataFrame({"date": days.column("date"), **floats}, schema=SCHEMA)


def _added(before: Decimal | None, flow: Decimal | None) -> Decimal | None:
    return None if before is None or flow is None else before + flow
