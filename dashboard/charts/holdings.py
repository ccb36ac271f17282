"""Figures of the Holdings page: the price of one symbol, with what happened to the holding.

Belongs here: traces and axes. Does not: what every figure shares (`layout`), pages, computing.
"""

import plotly.graph_objects as go
import polars as pl

from dashboard.charts.layout import AMOUNTS, PRICE_HOVER, UNFADED, by_day, over_time

_MARKS = {
    "Bought": ("triangle-up", "#00735c"),
    "Sold": ("triangle-down", "#b3401f"),
    "Dividend": ("circle", "#0f5fa8"),
    "Split": ("diamond", "#6a6f76"),
}


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
        line={"width": 1.5},
        hovertemplate=PRICE_HOVER,
        **by_day(),
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
                unselected=UNFADED,
            )
    return over_time(figure, tickformat=AMOUNTS, title=prices["currency"][-1])
