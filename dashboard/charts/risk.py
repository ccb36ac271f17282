"""Figures of the Risk page: rolling volatility, how holdings move together.

Belongs here: traces and axes. Does not: what every figure shares (`layout`), pages, computing.
"""

from collections.abc import Sequence

import plotly.graph_objects as go
import polars as pl

from dashboard.charts.layout import HEADED, by_day, hovered_percent, in_percent, laid_out, over_cells, over_time
from pipelines import formats

_SCALE = ((0.0, "#e69a74"), (0.5, "#f4f4f1"), (1.0, "#7db3e3"))
_ROW = 34


def rolling(line: pl.DataFrame, name: str) -> go.Figure:
    """Draw volatility over time: ``date, value``, a fraction."""
    figure = go.Figure()
    figure.add_scatter(
        x=line["date"],
        y=line["value"] * 100,
        name=name,
        line={"width": 2},
        hovertemplate=hovered_percent(",.2f"),
        **by_day(),
    )
    return over_time(figure, **in_percent(",.1~f"), rangemode="tozero")


def correlations(
    symbols: Sequence[str], matrix: Sequence[Sequence[float | None]], points: Sequence[tuple[int, int]]
) -> go.Figure:
    """Draw correlations as a heat map, the numbers in it; unknown ones stay empty.

    Args:
        symbols: Of its rows and columns.
        matrix: The numbers.
        points: Row and column of the cells that can be selected.
    """
    text = [["" if value is None else formats.number(value) for value in row] for row in matrix]
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in matrix],
            x=list(symbols),
            y=list(symbols),
            text=text,
            texttemplate="%{text}",
            textfont={"color": "#17212b"},
            colorscale=_SCALE,
            zmin=-1,
            zmax=1,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverinfo="skip",
        )
    )
    figure.add_scatter(
        x=[symbols[column] for _, column in points],
        y=[symbols[row] for row, _ in points],
        text=[text[row][column] for row, column in points],
        hovertemplate="%{y} and %{x}: %{text}<extra></extra>",
        **over_cells(_ROW),
    )
    return laid_out(
        figure,
        height=_ROW * len(symbols) + HEADED["t"],
        hoverdistance=_ROW * 2,  # a cell is wider than high
        margin=HEADED,
        xaxis={"side": "top", "title": None, "fixedrange": True, "type": "category"},
        yaxis={
            "range": [len(symbols) - 0.5, -0.5],
            "title": None,
            "fixedrange": True,
            "type": "category",
            "automargin": True,
        },
    )
