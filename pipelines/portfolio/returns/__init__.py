"""Returns: time-weighted, money-weighted, the simple one, and what series of them compound to (CALCULATIONS 5).

Belongs here: pure functions of values, flows and returns, each of use alone. Does not: where values come from
(`daily`), named periods (`periods`), risk (`risk`).
"""

from pipelines.portfolio.returns.compound import (
    aggregate_returns,
    annual_return,
    cagr,
    cumulative_return,
    cumulative_returns,
)
from pipelines.portfolio.returns.money_weighted import MoneyWeighted, irr, xirr, xirr_roots, xnfv, xnpv
from pipelines.portfolio.returns.time_weighted import (
    annualized,
    chained,
    day_returns,
    modified_dietz,
    time_weighted_returns,
)

__all__ = [
    "MoneyWeighted",
    "aggregate_returns",
    "annual_return",
    "annualized",
    "cagr",
    "chained",
    "cumulative_return",
    "cumulative_returns",
    "day_returns",
    "irr",
    "modified_dietz",
    "time_weighted_returns",
    "xirr",
    "xirr_roots",
    "xnfv",
    "xnpv",
]
