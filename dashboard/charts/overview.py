"""Figures of the Overview: value and contributions, allocation.

Belongs here: traces and axes. Does not: what every figure shares (`layout`), pages, computing.
"""

from typing import Any

import plotly.graph_objects as go
import polars as pl

from dashboard.charts.layout import AMOUNTS, BAR, BELOW_BAR, UNFADED, by_day, laid_out, over_time
from pipelines import formats
from pipelines.portfolio.models import AllocationRow

_ROOM = 1.2  # for the labels beside the bars
OTHERS_BELOW, ALWAYS = 0.02, 8
"""Which share is too small for a bar of its own, and how many of the largest have one anyway."""


def value_and_contributions(days: pl.DataFrame) -> go.Figure:
    """Draw value by day over what was paid in until then: ``date, value, paid_in``, base currency."""
    figure = go.Figure()
    figure.add_scatter(
        x=days["date"],
        y=days["value"],
        name="Value",
        line={"width": 2},
        fill="tozeroy",
        fillcolor="rgba(80,140,200,0.12)",
        hovertemplate="%{y:,.2f}",
        **by_day(),
    )
    figure.add_scatter(
        x=days["date"],
        y=days["paid_in"],
        name="Paid in, net",
        line={"width": 2, "shape": "hv", "dash": "dot"},
        hovertemplate="%{y:,.2f}",
        **by_day(),
    )
    return over_time(figure, tickformat=AMOUNTS, rangemode="tozero")


def bars(rows: list[AllocationRow]) -> list[tuple[str | None, float]]:
    """Return class and weight of each bar of one dimension, from below: small ones are one without a class."""
    shown = [(row.key, row.weight) for row in rows if row.weight is not None]
    by_size = sorted((abs(weight) for _, weight in shown), reverse=True)
    least = min(OTHERS_BELOW, by_size[:ALWAYS][-1]) if by_size else OTHERS_BELOW
    large: list[tuple[str | None, float]] = [(key, weight) for key, weight in shown if abs(weight) >= least]
    rest = sum(weight for _, weight in shown) - sum(weight for _, weight in large)
    if rest > 0:
        large.append((None, rest))
    return large[::-1]


def allocation(rows: list[AllocationRow]) -> go.Figure:
    """Draw the weights of one dimension, the largest on top; small ones together as Others."""
    drawn = bars(rows)
    names, weights = [name or "Others" for name, _ in drawn], [weight for _, weight in drawn]
    figure = go.Figure(
        go.Bar(
            x=weights,
            y=names,
            orientation="h",
            customdata=[formats.percent(weight, signed=False) for weight in weights],
            hovertemplate="%{y}: %{customdata}<extra></extra>",
            unselected=UNFADED,
        )
    )
    return laid_out(
        figure,
        height=max(180, 34 * len(names) + 30) + BAR,
        margin=BELOW_BAR,
        bargap=0.35,
        xaxis={"visible": False, "range": [_ROOM * min(0.0, *weights), _ROOM * max(weights)] if weights else None},
        yaxis={"title": None, "automargin": True},
        annotations=[_label(name, weight) for name, weight in zip(names, weights, strict=True)],
        showlegend=False,
    )


def _label(name: str, weight: float) -> dict[str, Any]:
    """Return what stands beside a bar; as its text it would fade where another bar was clicked."""
    return {
        "x": weight,
        "y": name,
        "text": formats.percent(weight, signed=False, decimals=1),
        "xanchor": "left" if weight >= 0 else "right",
        "showarrow": False,
    }
