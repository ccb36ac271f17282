"""Figures of an answer to SQL: lines, areas, bars or points.

Belongs here: traces and axes. Does not: which rows (`views.sql`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboard.charts.layout import AMOUNTS, HEIGHT, framed, laid_out, over_time

_COLOURS = 10
"""Of the theme: further lines have the same again, and look otherwise by how often."""
_DASHES, _PATTERNS, _MARKS = ("solid", "dash", "dot"), ("", "/", "."), ("circle", "diamond", "x")
_TRACES: dict[str, Callable[..., Any]] = {
    "Line": lambda lap, **data: go.Scatter(mode="lines", line={"dash": _DASHES[lap]}, **data),
    "Area": lambda lap, **data: go.Scatter(mode="lines", fill="tozeroy", line={"dash": _DASHES[lap]}, **data),
    "Bar": lambda lap, **data: go.Bar(marker={"pattern": {"shape": _PATTERNS[lap]}}, **data),
    "Points": lambda lap, **data: go.Scatter(mode="markers", marker={"symbol": _MARKS[lap]}, **data),
}
KINDS = tuple(_TRACES)
_NAMES_ABREAST, _NAME = 2, 19
"""Of a legend on a phone; pixels of a row of it."""
_ROWS_WITHIN = 2
"""Rows of a legend that a figure has room for."""


def drawn(lines: Mapping[str, pl.DataFrame], x: str, y: str, kind: str) -> go.Figure:
    """Draw columns of an answer over another of its columns.

    Args:
        lines: ``x, y`` of each, by name.
        x: Title of the x-axis.
        y: Title of the y-axis.
        kind: One of `KINDS`.
    """
    traces = [
        _TRACES[kind](number // _COLOURS % len(_DASHES), x=rows["x"].to_list(), y=rows["y"].to_list(), name=name)
        for number, (name, rows) in enumerate(lines.items())
    ]
    of_days = all(rows.schema["x"] == pl.Date for rows in lines.values())
    frame = over_time if of_days else framed
    figure = frame(go.Figure(traces), height=HEIGHT + _legend(len(traces)), tickformat=AMOUNTS)
    figure.layout.xaxis.title, figure.layout.yaxis.title = x, y
    return laid_out(figure, showlegend=len(lines) > 1, hovermode="closest" if kind == "Points" else "x")


def _legend(lines: int) -> int:
    """Return what the names of so many lines take of a figure beside what it has for them, on a phone."""
    return _NAME * max(-(-lines // _NAMES_ABREAST) - _ROWS_WITHIN, 0)
