"""Any figure of the complete view, down to the rows that it came from.

Belongs here: `tree` (what an explanation is), `check` (whether it adds up), `paths` (the names of figures), and the
explanations of each section. Does not: computing a figure; an explanation only takes apart what the view says.
"""

from pipelines.portfolio.explain.check import faults
from pipelines.portfolio.explain.figures import explain
from pipelines.portfolio.explain.paths import figures
from pipelines.portfolio.explain.tree import Explanation, Operation, UnknownFigureError

__all__ = ["Explanation", "Operation", "UnknownFigureError", "explain", "faults", "figures"]
