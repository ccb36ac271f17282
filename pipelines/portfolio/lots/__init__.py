"""Lots: what was bought when and for how much, and which of it a sale closes (CALCULATIONS 2).

Belongs here: a lot and the order of each cost method (`lot`), matching of whole frames (`matching`). Does not: what a
transaction does (`booking`).
"""

from pipelines.portfolio.lots.lot import (
    NO_COSTS,
    Costs,
    Lot,
    Slice,
    add,
    close_lots,
    paid_for,
    share,
    stretch,
    subtract,
    take,
    total_costs,
)
from pipelines.portfolio.lots.matching import MatchedLots, match_lots

__all__ = [
    "NO_COSTS",
    "Costs",
    "Lot",
    "MatchedLots",
    "Slice",
    "add",
    "close_lots",
    "match_lots",
    "paid_for",
    "share",
    "stretch",
    "subtract",
    "take",
    "total_costs",
]
