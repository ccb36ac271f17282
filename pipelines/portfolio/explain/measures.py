"""Measures of a series of parts, by name.

Belongs here: which function of `risk` a node names, and making the figure again with it. Does not: the function, which
figure is made with it (`risk`, beside this).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import polars as pl

from pipelines.portfolio import risk
from pipelines.portfolio.explain.tree import Explanation
from pipelines.portfolio.observations import FloatArray, excess, known
from pipelines.portfolio.returns import annual_return


class Given(NamedTuple):
    """Returns by day, those of the benchmark, the periods in a year, and the rate of one to beat."""

    own: pl.Series
    other: pl.Series
    periods: float
    rate: float


def _annual_excess(values: FloatArray, periods: float) -> float | None:
    return float(np.mean(values)) * periods if values.size else None


def _above(given: Given) -> float:
    return float(np.sum(np.maximum(excess(given.own, given.rate), 0.0)))


def _below(given: Given) -> float:
    return -float(np.sum(np.minimum(excess(given.own, given.rate), 0.0)))


MEASURES: dict[str, Callable[[Given], float | None]] = {
    "annual_excess_return": lambda given: _annual_excess(excess(given.own, given.rate), given.periods),
    "annual_active_return": lambda given: _annual_excess(excess(given.own, given.other), given.periods),
    "annual_return": lambda given: annual_return(given.own, given.periods),
    "annual_volatility": lambda given: risk.annual_volatility(pl.Series(excess(given.own, given.rate)), given.periods),
    "downside_risk": lambda given: risk.downside_risk(given.own, given.rate, periods_per_year=given.periods),
    "value_at_risk": lambda given: risk.value_at_risk(given.own),
    "conditional_value_at_risk": lambda given: risk.conditional_value_at_risk(given.own),
    "gains_above": _above,
    "shortfalls_below": _below,
    "beta": lambda given: risk.alpha_beta(given.own, given.other, risk_free=given.rate).beta,
    "alpha": lambda given: (
        risk.alpha_beta(given.own, given.other, risk_free=given.rate, periods_per_year=given.periods).alpha
    ),
    "tracking_error": lambda given: risk.tracking_error(given.own, given.other, periods_per_year=given.periods),
    "correlation": lambda given: risk.correlation(given.own, given.other),
    "effective_holdings": lambda given: risk.effective_holdings(pl.Series(known(given.own))),
}


def measured(node: Explanation) -> float | None:
    """Return what the measure that a node names makes of its parts."""
    against = node.data.get("against", "benchmark")
    return MEASURES[node.data["measure"]](
        Given(
            own=pl.Series([None if part.value is None else float(part.value) for part in node.parts], dtype=pl.Float64),
            other=pl.Series([part.data.get(against) for part in node.parts], dtype=pl.Float64),
            periods=node.data.get("periods_per_year", 1),
            rate=node.data.get("rate", 0.0),
        )
    )
