"""Figures: a document → a Plotly figure.

Belongs here: traces and axes. Does not: colours (the theme's), pages, computing.
"""

import itertools
from decimal import Decimal

import plotly.graph_objects as go
import polars as pl

from pipelines.portfolio.models import AllocationRow, CompleteView, PerformanceDay, Rows

_MARGIN = {"l": 0, "r": 0, "t": 8, "b": 0}
_ROOM = 1.2  # for the labels beside the bars
OTHERS_BELOW = 0.02
EXPORTS = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
    "modeBarButtonsToAdd": ["toImage"],
    "toImageButtonOptions": {"format": "svg", "filename": "folioduck"},
}
_MARKS = {
    "Bought": ("triangle-up", "#00735c"),
    "Sold": ("triangle-down", "#b3401f"),
    "Dividend": ("circle", "#0f5fa8"),
    "Split": ("diamond", "#6a6f76"),
}


def value_and_contributions(view: CompleteView) -> go.Figure:
    """Draw value by day over what was paid in until then, base currency."""
    days = view.performance.daily if view.performance else Rows.of(PerformanceDay)
    dates, flows = days.column("date"), zip(days.column("flow_in"), days.column("flow_out"), strict=True)
    paid = itertools.accumulate((money_in or Decimal(0)) - (money_out or Decimal(0)) for money_in, money_out in flows)
    contributions = [float(amount) for amount in paid]
    values = [None if value is None else float(value) for value in days.column("value")]
    figure = go.Figure()
    figure.add_scatter(
        x=dates,
        y=values,
        name="Value",
        mode="lines",
        line={"width": 2},
        fill="tozeroy",
        fillcolor="rgba(80,140,200,0.12)",
        hovertemplate="%{y:,.2f}",
    )
    figure.add_scatter(
        x=dates,
        y=contributions,
        name="Paid in, net",
        mode="lines",
        line={"width": 2, "shape": "hv", "dash": "dot"},
        hovertemplate="%{y:,.2f}",
    )
    figure.update_layout(
        height=340,
        margin=_MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.08, "x": 0, "yanchor": "bottom"},
        yaxis={"tickformat": "~s", "title": None, "rangemode": "tozero", "nticks": 6},
        xaxis={"title": None, "nticks": 8},
    )
    return figure


def allocation(rows: list[AllocationRow]) -> go.Figure:
    """Draw the weights of one dimension, the largest on top; small ones together as Others."""
    shown = [(row.key, row.weight) for row in rows if row.weight is not None]
    large = [(key, weight) for key, weight in shown if abs(weight) >= OTHERS_BELOW]
    rest = sum(weight for _, weight in shown) - sum(weight for _, weight in large)
    if rest > 0:
        large.append(("Others", rest))
    names = [key for key, _ in reversed(large)]
    weights = [weight for _, weight in reversed(large)]
    figure = go.Figure(
        go.Bar(
            x=weights,
            y=names,
            orientation="h",
            text=[f"{weight:.1%}" for weight in weights],
            textposition="outside",  # in the page's own text colour, which is legible in both themes
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2%}<extra></extra>",
        )
    )
    figure.update_layout(
        height=max(180, 34 * len(names) + 30),
        margin=_MARGIN,
        bargap=0.35,
        xaxis={"visible": False, "range": [_ROOM * min(0.0, *weights), _ROOM * max(weights)] if weights else None},
        yaxis={"title": None, "automargin": True},
        showlegend=False,
    )
    return figure


def price_line(prices: pl.DataFrame, marks: pl.DataFrame) -> go.Figure:
    """Draw closes as they count after later splits, with what happened to the holding marked on the line.

    Args:
        prices: ``date, split_adjusted_close, currency``, by date.
        marks: ``date, what, text``, by date.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=prices["date"].to_list(),
        y=prices["split_adjusted_close"].to_list(),
        name="Close",
        mode="lines",
        line={"width": 1.5},
        hovertemplate="%{y:,.2f}",
    )
    on_line = marks.join_asof(prices.select("date", "split_adjusted_close"), on="date")
    for what, (shape, colour) in _MARKS.items():
        own = on_line.filter((pl.col("what") == what) & pl.col("split_adjusted_close").is_not_null())
        if own.height:
            figure.add_scatter(
                x=own["date"].to_list(),
                y=own["split_adjusted_close"].to_list(),
                name=what,
                mode="markers",
                marker={"symbol": shape, "size": 11, "color": colour, "line": {"width": 1, "color": "white"}},
                text=own["text"].to_list(),
                hovertemplate=f"{what} %{{text}}<extra></extra>",
            )
    figure.update_layout(
        height=340,
        margin=_MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.08, "x": 0, "yanchor": "bottom"},
        yaxis={"tickformat": ",.6~g", "title": prices["currency"][-1], "nticks": 6},
        xaxis={"title": None, "nticks": 8},
    )
    return figure
