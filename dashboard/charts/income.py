"""Figures of the Income page: what was received by period and symbol, what is to come by month.

Belongs here: traces and axes. Does not: what every figure shares (`layout`), pages, computing.
"""

import plotly.graph_objects as go
import polars as pl

from dashboard.charts.layout import AMOUNTS, HEIGHT, MARGIN, UNFADED, laid_out
from dashboard.views.income import DECLARED, PROJECTED
from pipelines import formats

_PATTERNS = {DECLARED: "", PROJECTED: "/"}


def stacked(amounts: pl.DataFrame, currency: str) -> go.Figure:
    """Draw income by period, a colour a symbol: ``period, name, amount``."""
    figure = go.Figure()
    for (name,), own in amounts.group_by("name", maintain_order=True):
        figure.add_bar(
            x=own["period"].to_list(),
            y=own["amount"].to_list(),
            name=str(name),
            hovertemplate="%{y:,.2f}",
            unselected=UNFADED,
        )
    return _by_period(figure, currency)


def to_come(months: pl.DataFrame, currency: str) -> go.Figure:
    """Draw the next twelve months, declared and projected told apart by pattern and not only by colour."""
    figure = go.Figure()
    for basis, pattern in _PATTERNS.items():
        own = months.filter(pl.col("basis") == basis)
        figure.add_bar(
            x=own["month"].to_list(),
            y=own["amount"].to_list(),
            name=basis.capitalize(),
            marker={"pattern": {"shape": pattern}},
            hovertemplate="%{y:,.2f}",
            unselected=UNFADED,
        )
    return _by_period(figure, currency)


def _by_period(figure: go.Figure, currency: str) -> go.Figure:
    return laid_out(
        figure,
        barmode="relative",
        dragmode="zoom",
        height=HEIGHT,
        margin=MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.08, "x": 0, "yanchor": "bottom"},
        yaxis={"title": currency, "nticks": 6, "tickformat": AMOUNTS},
        xaxis={"title": None, "type": "date", "hoverformat": formats.chart_month()},
    )
