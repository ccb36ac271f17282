"""Columns of tables: what a field of the document is called, how it reads, whether it is shown at first.

Belongs here: naming and kinds. Does not: Streamlit's configuration of a kind (`columns`), which rows there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl


class Kind(StrEnum):
    """How a column reads."""

    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    """A time in UTC, which its title says."""
    MONTH = "month"
    """As ISO writes it, which sorts it; each reader sees their own way."""
    QUANTITY = "quantity"
    PRICE = "price"
    MONEY = "money"
    GAIN = "gain"
    SHARE = "share"
    """A part of a whole, as a bar."""
    RATE = "rate"
    """A fraction that is no gain, so without a plus."""
    RETURN = "return"
    DAYS = "days"
    COMPACT = "compact"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        title: What stands above it.
        field: The document's name of it, by which it is explained.
        kind: How it reads.
        help: What it means, in a sentence.
        first: Whether it is shown before anybody has chosen.
    """

    title: str
    field: str
    kind: Kind = Kind.TEXT
    help: str | None = None
    first: bool = True


_NO_FIGURES = {Kind.TEXT, Kind.DATE, Kind.MOMENT, Kind.MONTH}


def amounts_in(base_currency: str) -> str:
    """Say what amounts are in that stand beside prices of other currencies."""
    return f"Amounts are in {base_currency}, prices in the currency beside them."


def titled(frame: pl.DataFrame, columns: Iterable[Column]) -> pl.DataFrame:
    """Return the columns of a table by their titles, out of a frame that has them by their fields."""
    return frame.select(pl.col(column.field).alias(column.title) for column in columns)


def figures(columns: Iterable[Column]) -> dict[str, str]:
    """Return the document's name of each column that is one of its figures, by title: what is neither text nor time."""
    return {column.title: column.field for column in columns if column.kind not in _NO_FIGURES}


def full_bar(shares: Iterable[float | None]) -> float:
    """Return the share that a full bar stands for: the largest of those that are shown side by side."""
    known = [share for share in shares if share is not None]
    return max(*known, 0.01) if known else 1.0
