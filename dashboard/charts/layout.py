"""What figures share: margins, the frame of a line over time.

Belongs here: layout. Does not: traces (a module a page), colours of lines (the theme's).

A long line is given to Plotly as columns of a frame: it looks at each element of a list by itself, which takes ten
times as long.
"""

import datetime as dt
import math
from collections.abc import Mapping
from itertools import islice
from typing import Any

import plotly.graph_objects as go

from pipelines import formats

MARGIN = {"l": 0, "r": 0, "t": 8, "b": 0}
BAR = 30
"""Height of Plotly's buttons, which stand above what is written at the top right."""
BELOW_BAR = {**MARGIN, "t": BAR + 4}
HEADED = {**MARGIN, "t": BAR + 26}
"""With an axis on top, whose names stand between the buttons and the figure."""
HEIGHT = 340
AMOUNTS = ",.12~g"
"""How an axis of amounts or prices is written, for D3: every digit, with the reader's separators."""
PRICE_HOVER = "%{y:,.8~g}"
"""How a price is written beside the mouse: also one of a hundredth of a cent."""
_BY_DAY = "lines+markers"
UNFADED = {"marker": {"opacity": 1}}
"""How points look beside one that was clicked: as before, for its dialog says which it was."""
_FEW = 5
"""Within so many days each has a tick."""
_ROOM = 5
"""The part of them that stays free at both ends."""
_DAYS = 27 * 86_400_000
"""Milliseconds between two ticks that are of days."""


def laid_out(figure: go.Figure, **properties: Any) -> go.Figure:
    """Give a new figure its layout, a whole property at a time: `update_layout` looks into each, ten times as long."""
    for name, value in properties.items():
        setattr(figure.layout, name, value)
    return figure


def over_time(figure: go.Figure, *, height: int = HEIGHT, **axis: Any) -> go.Figure:
    """Frame lines over days as `framed` does, with days as the reader writes them."""
    days = {"hoverformat": formats.chart_day(), "tickformatstops": _ticks(), **_ends(figure)}
    figure.for_each_trace(_seen_alone, {"mode": _BY_DAY})
    return framed(figure, height=height, days=days, **axis)


def framed(figure: go.Figure, *, height: int = HEIGHT, days: Mapping[str, Any] | None = None, **axis: Any) -> go.Figure:
    """Frame lines: one hover for all of them, the legend on top; ``days`` is of the x-axis, ``axis`` of the y-axis."""
    return laid_out(
        figure,
        height=height,
        margin=MARGIN,
        hovermode="x unified",
        legend={"orientation": "h", "y": 1.08, "x": 0, "yanchor": "bottom"},
        yaxis={"title": None, "nticks": 6, **axis},
        xaxis={"title": None, **(days or {})},  # as many ticks as have room: a phone has room for few
        dragmode="zoom",
    )


def _ends(figure: go.Figure) -> dict[str, Any]:
    """Return from where to where lines of `by_day` go: Plotly would leave room for points at their ends.

    Few days have a tick each, for Plotly would put several on one, and room for its words at both ends.
    """
    lines = [line.x for line in figure.select_traces({"mode": _BY_DAY}) if len(line.x)]
    if not lines:
        return {}
    first, last = min(_day(of[0]) for of in lines), max(_day(of[-1]) for of in lines)
    if (last - first).days >= _FEW:
        return {"range": [first, last]}
    days = sorted({_day(day) for of in lines for day in of})
    begin, end = (dt.datetime.combine(day, dt.time()) for day in (first, last))
    room = (end - begin) / _ROOM or dt.timedelta(days=1)
    return {"range": [begin - room, end + room], "tickmode": "array", "tickvals": days}


def _day(drawn: Any) -> dt.date:
    """Return a day of a line, which Plotly keeps as NumPy's where it was in a column of a frame."""
    day: dt.date = drawn if isinstance(drawn, dt.date) else drawn.item()
    return day


def _seen_alone(line: go.Scatter) -> None:
    """Show the one point that is known of a line of `by_day`: a line of one point is nothing."""
    known = (value for value in line.y if not (value is None or math.isnan(value)))
    if len(list(islice(known, 2))) == 1:
        line.marker = {"size": 8}


def in_percent(number: str) -> dict[str, Any]:
    """Return how an axis of hundredths is written: as the reader writes percent, which D3 knows only in English.

    Args:
        number: D3's format of a number.
    """
    before, after = formats.around_percent()
    return {"tickformat": number, "tickprefix": before, "ticksuffix": after}


def hovered_percent(number: str) -> str:
    """Return what is written of a point of a line in hundredths; see `in_percent`."""
    before, after = formats.around_percent()
    return f"{before}%{{y:{number}}}{after}"


def over_cells(size: int) -> dict[str, Any]:
    """Return how points look that lie on the cells of a heat map, which has none that can be selected: not at all."""
    unseen = {"marker": {"opacity": 0}}
    return {
        "mode": "markers",
        "marker": {"size": size, "symbol": "square", "opacity": 0},
        "selected": unseen,
        "unselected": unseen,
        "showlegend": False,
    }


def by_day() -> dict[str, Any]:
    """Return how a line looks whose days can be selected: as one whose days cannot.

    Plotly selects points that are drawn only. One of them is, unseen: thousands would take longer than all else.
    """
    unseen = {"marker": {"opacity": 0}}
    return {
        "mode": _BY_DAY,
        "marker": {"opacity": 0, "maxdisplayed": 1, "size": 2},
        "selected": unseen,
        "unselected": unseen,
    }


def _ticks() -> list[dict[str, Any]]:
    """Return how ticks are written, by the time between two of them."""
    stops = ((None, _DAYS, formats.chart_day()), (_DAYS + 1, "M11", formats.chart_month()), ("M12", None, "%Y"))
    return [{"dtickrange": [least, most], "value": written} for least, most, written in stops]
