"""Figures that are made of several of the document's, taken apart as its own are.

Belongs here: what such a figure is, and its tree. Does not: which there are (pages name them), the document's own
figures (`figures`).
"""

from dataclasses import dataclass

from pipelines.portfolio.explain.figures import explain
from pipelines.portfolio.explain.tree import Explanation, Operation, Value, made
from pipelines.portfolio.models import CompleteView


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """A figure and what it is made of.

    Args:
        figure: What it is called.
        value: What it is.
        operation: How it is made of its parts.
        parts: The document's figures by their paths, others like this one, or what ends here; a sum's may be `Less`.
        unit: Currency of an amount.
        note: What is to be known of it.
    """

    figure: str
    value: Value
    operation: Operation
    parts: tuple["Figure | Less", ...]
    unit: str | None = None
    note: str | None = None


Figure = str | Composed | Explanation
"""A figure of the document by its path, one that is made of such, or one that is taken apart already."""


@dataclass(frozen=True, slots=True)
class Less:
    """What is taken away in a sum."""

    of: Figure


def taken_apart(view: CompleteView, asked: Figure | Less) -> Explanation:
    """Return where a figure comes from, down to its rows.

    Raises:
        UnknownFigureError: If the view lacks a figure that it is, or is made of.
    """
    if isinstance(asked, Less):
        return taken_apart(view, asked.of).minus()
    if isinstance(asked, Explanation):
        return asked
    if isinstance(asked, str):
        return explain(view, asked)
    parts = [taken_apart(view, part) for part in asked.parts]
    return made(asked.operation, asked.figure, asked.value, parts, unit=asked.unit, note=asked.note)
