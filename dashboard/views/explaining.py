"""What an explanation says, line by line.

Belongs here: a tree as rows of a table. Does not: the tree (`pipelines.portfolio.explain`), the dialog (`explaining`).
"""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice

import polars as pl

from dashboard.views.figure_names import readable
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
    Operation.DAILY: "day by day from",
}
_ROOM = 60
"""Letters of a note that its column shows."""
_LETTER, _PADDING, _WIDEST = 7, 20, 480
"""Pixels of a letter and beside a text, and of the widest column that a table makes by itself."""
_STEP = "\N{NO-BREAK SPACE}" * 4
SCHEMA = {"Figure": pl.String, "Value": pl.String, "Unit": pl.String, "How": pl.String, "From": pl.String}
FILE_SCHEMA = {"Figure": pl.String, "Value": pl.Float64, "Exact": pl.String, **dict(list(SCHEMA.items())[2:])}
"""Of a file: a number to reckon with, and its every digit; ``Exact`` is also what is no number."""


def lines(tree: Explanation) -> pl.DataFrame:
    """Return the first `MOST_LINES` of a tree as `SCHEMA`, a part a step further to the right than its whole."""
    rows = [
        (before + formats.with_days(readable(node.figure)), _value(node), node.unit, _how(node), _told(node))
        for before, node in islice(_walk(tree), MOST_LINES)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def widths(lines: pl.DataFrame) -> dict[str, int]:
    """Return the pixels of columns whose texts a table would cut off, by title: whoever reads on scrolls to the end."""
    longest = lines.select(pl.all().str.len_chars().max().fill_null(0)).row(0, named=True)
    wanted = {title: letters * _LETTER + _PADDING for title, letters in longest.items()}
    return {title: width for title, width in wanted.items() if width > _WIDEST}


def file(tree: Explanation) -> pl.DataFrame:
    """Return all of a tree as `FILE_SCHEMA`."""
    rows = [
        (before + node.figure, _number(node.value), _exact(node.value), node.unit, _how(node), _source(node))
        for before, node in _walk(tree)
    ]
    return pl.DataFrame(rows, schema=FILE_SCHEMA, orient="row")


def notes(tree: Explanation) -> list[str]:
    """Return what is to be known of the figures of a tree and has no room in its rows, each once."""
    said = [node.note for _, node in islice(_walk(tree), MOST_LINES) if node.note and len(node.note) > _ROOM]
    return list(dict.fromkeys(said))


def _walk(node: Explanation, depth: int = 0) -> Iterator[tuple[str, Explanation]]:
    """Yield what stands before the name of a figure, and the figure, from the whole to its last parts."""
    sign = f"{formats.minus()} " if node.sign < 0 else ""
    yield f"{_STEP * depth}{sign}", node
    for part in node.parts:
        yield from _walk(part, depth + 1)


def _how(node: Explanation) -> str | None:
    return _MADE.get(node.operation) if node.parts else None


def _value(node: Explanation) -> str | None:
    value = node.value
    if value is None:
        is_heading = node.parts and node.operation is Operation.ROW
        return None if is_heading else "not known"
    if isinstance(value, Decimal):
        return formats.quantity(value)
    if not isinstance(value, float):
        return formats.with_days(str(value))
    is_amount = node.unit is not None
    return formats.HIDDEN if is_amount and formats.hides_amounts() else formats.significant(value)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, Decimal | float | int) else None


def _exact(value: object) -> str | None:
    return f"{value:f}" if isinstance(value, Decimal) else None if value is None else str(value)


def _source(node: Explanation) -> str | None:
    data = ", ".join(f"{name} {value}" for name, value in node.data.items() if name != "source")
    return "; ".join(part for part in (node.source, node.note, data) if part) or None


def _told(node: Explanation) -> str | None:
    """Return what `_source` says as its reader writes it; what is not known is left out."""
    data = ", ".join(
        f"{name.replace('_', ' ')} {_stated(value)}"
        for name, value in node.data.items()
        if name != "source" and value is not None
    )
    said = [formats.with_days(part) for part in (node.source, node.note) if part]
    return "; ".join(part for part in (*said, data) if part) or None


def _stated(value: object) -> str:
    """Return what a row says, without its amounts and quantities where they are hidden; counts and ratios stay."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return formats.significant(value)
    if not _reads_as_number(value):
        return formats.with_days(str(value))
    return formats.quantity(Decimal(str(value)))


def _reads_as_number(value: object) -> bool:
    try:
        Decimal(str(value))
    except InvalidOperation:
        return False
    return True
