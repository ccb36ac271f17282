"""What an explanation says, line by line.

Belongs here: a tree as rows of a table. Does not: the tree (`pipelines.portfolio.explain`), the dialog (`explaining`).
"""

from decimal import Decimal

import polars as pl

from pipelines import formats
from pipelines.portfolio.explain import Explanation, Operation

MOST_LINES = 2_000
"""Lines that a dialog shows; the download has them all."""

_MADE = {
    Operation.SUM: "sum of",
    Operation.PRODUCT: "product of",
    Operation.QUOTIENT: "quotient of",
    Operation.CHANGE: "first by second, less one",
    Operation.CHAIN: "chain of",
    Operation.COMPOUND: "one and the first, to the power of the second, less one",
    Operation.MEAN: "mean of",
    Operation.COUNT: "number of",
    Operation.DAYS: "days between",
    Operation.XIRR: "rate that makes these worth nothing",
    Operation.MEASURE: "measure of",
}
_STEP = "\N{NO-BREAK SPACE}" * 4
SCHEMA = {"Figure": pl.String, "Value": pl.String, "Unit": pl.String, "How": pl.String, "From": pl.String}


def lines(tree: Explanation) -> pl.DataFrame:
    """Return the tree as ``Figure, Value, Unit, How, From``, a part a step further to the right than its whole."""
    return pl.DataFrame(_walk(tree, 0), schema=SCHEMA, orient="row")


def _walk(node: Explanation, depth: int) -> list[tuple[str, str, str | None, str | None, str | None]]:
    sign = f"{formats.MINUS} " if node.sign < 0 else ""
    how = _MADE.get(node.operation) if node.parts else None
    row = (f"{_STEP * depth}{sign}{node.figure}", _value(node.value), node.unit, how, _source(node))
    return [row, *(line for part in node.parts for line in _walk(part, depth + 1))]


def _value(value: object) -> str:
    if value is None:
        return "not known"
    if isinstance(value, Decimal):
        return formats.quantity(value)
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def _source(node: Explanation) -> str | None:
    data = ", ".join(f"{name} {value}" for name, value in node.data.items() if name != "source")
    return "; ".join(part for part in (node.source, node.note, data) if part) or None
