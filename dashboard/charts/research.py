"""Figures of the Research page: the price of an instrument.

Belongs here: traces and axes. Does not: what every figure shares (`layout`), pages, computing.
"""

import plotly.graph_objects as go
import polars as pl

from dashboard.charts.layout import AMOUNTS, PRICE_HOVER, by_day, over_time


def price(line: pl.DataFrame, column: str, name: str) -> go.Figure:
    """Draw one of the closes of a price line: ``date``, ``currency`` and that column, by date."""
    figure = go.Figure()
    figure.add_scatter(
        x=line["date"].to_list(),
        y=line[column].cast(pl.Float64).to_list(),
        name=name,
        line={"width": 1.8},
        hovertemplate=PRICE_HOVER,
        **by_day(),
    )
    return over_time(figure, tickformat=AMOUNTS, title=line["currency"][-1])
