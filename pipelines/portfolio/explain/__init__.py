"""Any figure of the complete view, down to the rows that it came from.

Belongs here: `tree` (what an explanation is), `check` (whether it adds up), `paths` (the names of figures), the
explanations of each section, `paid_in`, `quotes` (instruments that no view need hold), and `composed` (figures made of
several).
Does not: computing a figure; an explanation only takes apart what the view says.
"""

from pipelines.portfolio.explain.check import faults
from pipelines.portfolio.explain.composed import Composed, Figure, Less, taken_apart
from pipelines.portfolio.explain.figures import explain
from pipelines.portfolio.explain.paid_in import explain_paid_in
from pipelines.portfolio.explain.paths import PARTS, figures
from pipelines.portfolio.explain.quotes import (
    Closes,
    explain_closes,
    explain_day_return,
    explain_gained,
    explain_price,
    explain_range,
)
from pipelines.portfolio.explain.tree import Explanation, Operation, UnknownFigureError

__all__ = [
    "PARTS",
    "Closes",
    "Composed",
    "Explanation",
    "Figure",
    "Less",
    "Operation",
    "UnknownFigureError",
    "explain",
    "explain_closes",
    "explain_day_return",
    "explain_gained",
    "explain_paid_in",
    "explain_price",
    "explain_range",
    "faults",
    "figures",
    "taken_apart",
]
