"""Risk of a series of simple returns (CALCULATIONS 6).

Belongs here: pure functions, a Polars Series of returns in, ``float | None`` out, each of use alone. Does not: the risk
section of a view, which does not annualise under a year.

All of them: returns are fractions (0.01 is one percent), one row a period, non-trading days left out. What is not known
(null, NaN) is left out, with its partner where two series are compared day by day. Dispersion needs two returns. A
denominator of zero gives None, never an infinity. What is given is annualised, with ``periods_per_year`` (252 days, 52
weeks, 12 months, 1 for none). Rates to beat are those of one period: `rate_per_period` turns an annual one into it.
"""

from pipelines.portfolio.risk.concentration import effective_holdings, herfindahl, top_share
from pipelines.portfolio.risk.dispersion import (
    annual_volatility,
    downside_risk,
    omega_ratio,
    rate_per_period,
    rolling_volatility,
    sharpe_ratio,
    sortino_ratio,
)
from pipelines.portfolio.risk.relative import (
    AlphaBeta,
    alpha_beta,
    capture_ratio,
    correlation,
    down_alpha_beta,
    down_capture,
    information_ratio,
    tracking_error,
    up_alpha_beta,
    up_capture,
)
from pipelines.portfolio.risk.tail import conditional_value_at_risk, value_at_risk
from pipelines.portfolio.risk.wealth import calmar_ratio, drawdown_table, max_drawdown, stability

__all__ = [
    "AlphaBeta",
    "alpha_beta",
    "annual_volatility",
    "calmar_ratio",
    "capture_ratio",
    "conditional_value_at_risk",
    "correlation",
    "down_alpha_beta",
    "down_capture",
    "downside_risk",
    "drawdown_table",
    "effective_holdings",
    "herfindahl",
    "information_ratio",
    "max_drawdown",
    "omega_ratio",
    "rate_per_period",
    "rolling_volatility",
    "sharpe_ratio",
    "sortino_ratio",
    "stability",
    "top_share",
    "tracking_error",
    "up_alpha_beta",
    "up_capture",
    "value_at_risk",
]
