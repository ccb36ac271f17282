"""How figures read on a page: as everywhere that a person reads them.

Belongs here: nothing of its own; the words are those of `pipelines.formats`, which printed documents use too.
"""

from pipelines.formats import MINUS, MONTHS, UNKNOWN, VAST, day, money, number, percent, quantity

__all__ = ["MINUS", "MONTHS", "UNKNOWN", "VAST", "day", "money", "number", "percent", "quantity"]
