"""Figures of the Performance page: growth, months, drawdowns, rolling returns, contributions.

Belongs here: traces and axes. Does not: what every figure shares (`layout`), pages, computing.
"""

import plotly.graph_objects as go
import polars as pl

from dashboard.charts.layout import (
    HEADED,
    MARGIN,
    by_day,
    hovered_percent,
    in_percent,
    laid_out,
    over_cells,
    over_time,
)
from pipelines import formats

_GAIN, _LOSS, _REST = "#00866a", "#c44d10", "#6a6f76"
_SCALE = ((0.0, "#e58a5c"), (0.5, "#f4f4f1"), (1.0, "#4fb093"))
"""Pale enough for dark words on the strongest of them."""
_ROW, _BAR = 30, 26


def growth(lines: dict[str, pl.DataFrame]) -> go.Figure:
    """Draw what 1 became, a line a name: frames of ``date, value``."""
    figure = go.Figure()
    for name, line in lines.items():
        figure.add_scatter(
            x=line["date"],
            y=line["value"] * 100,
            name=name,
            line={"width": 2},
            hovertemplate=hovered_percent("+,.2f"),
            **by_day(),
        )
    return over_time(figure, **in_percent("+,.1~f"))


def months(matrix: pl.DataFrame) -> go.Figure:
    """Draw monthly returns as a heat map: ``Year``, ``Year total``, a column a month; unknown ones stay empty.

    Its points are the months and years that are known, by year as the rows are.
    """
    heads = ["Year", *formats.months()]  # beside the months, that it is of all of them is plain
    values = matrix.drop("Year").rows()
    text = [["" if value is None else formats.percent(value, decimals=1) for value in row] for row in values]
    reach = max((abs(value) for row in values for value in row[1:] if value is not None), default=0.01)
    figure = go.Figure(
        go.Heatmap(
            z=[list(row) for row in values],
            x=heads,
            y=[str(year) for year in matrix["Year"]],
            text=text,
            texttemplate="%{text}",
            textfont={"color": "#17212b"},
            colorscale=_SCALE,
            zmin=-reach,
            zmax=reach,
            showscale=False,
            xgap=2,
            ygap=2,
            hoverinfo="skip",
        )
    )
    known = [(at, month) for at, row in enumerate(values) for month in range(len(row)) if row[month] is not None]
    figure.add_scatter(
        x=[heads[month] for _, month in known],
        y=[str(matrix["Year"][at]) for at, _ in known],
        text=[text[at][month] for at, month in known],
        hovertemplate="%{x} %{y}: %{text}<extra></extra>",
        **over_cells(_ROW),
    )
    return laid_out(
        figure,
        height=_ROW * max(matrix.height, 1) + HEADED["t"],
        hoverdistance=_ROW * 2,  # a month is wider than high
        dragmode=False,  # a finger that is drawn over it scrolls
        margin=HEADED,
        xaxis={"side": "top", "title": None, "fixedrange": True},
        yaxis={"range": [matrix.height - 0.5, -0.5], "title": None, "type": "category", "fixedrange": True},
    )


def below_peak(line: pl.DataFrame) -> go.Figure:
    """Draw how far below its peak the portfolio was: ``date, value``."""
    figure = go.Figure()
    figure.add_scatter(
        x=line["date"],
        y=line["value"] * 100,
        name="Below its peak",
        line={"width": 1.5, "color": _LOSS},
        fill="tozeroy",
        fillcolor="rgba(196,77,16,0.15)",
        hovertemplate=hovered_percent(",.2f"),
        **by_day(),
    )
    return over_time(figure, height=220, **in_percent(",.1~f"))


def waterfall(parts: pl.DataFrame) -> go.Figure:
    """Draw what each holding added to the return, and their sum: ``name, contribution``, the largest first."""
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=[*parts["name"], "All"],
            x=[*(parts["contribution"] * 100), None],
            measure=[*["relative"] * parts.height, "total"],
            text=[formats.percent(part) for part in (*parts["contribution"], float(parts["contribution"].sum()))],
            textposition="outside",
            cliponaxis=False,
            increasing={"marker": {"color": _GAIN}},
            decreasing={"marker": {"color": _LOSS}},
            totals={"marker": {"color": _REST}},
            connector={"line": {"width": 1, "color": "rgba(120,120,120,0.4)"}},
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    return laid_out(
        figure,
        height=_BAR * (parts.height + 1) + 40,
        margin={**MARGIN, "r": 60},  # for the label of the longest bar
        showlegend=False,
        yaxis={"autorange": "reversed", "automargin": True, "title": None},
        xaxis={**in_percent("+,.1~f"), "title": None, "nticks": 6},
    )
