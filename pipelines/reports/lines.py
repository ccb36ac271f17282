"""A chart of lines over time on paper.

Belongs here: drawing. Does not: which figures are drawn (a module each).
"""

import datetime as dt
from collections.abc import Mapping, Sequence

from reportlab.graphics.charts.legends import Legend
from reportlab.graphics.charts.lineplots import LinePlot
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor

from pipelines.formats import count, day
from pipelines.reports.page import FONT, INK, QUIET, RULE

_COLOURS = (HexColor("#0f5fa8"), HexColor("#e08a00"), HexColor("#00866a"))
_HEIGHT, _LEFT, _BELOW, _ABOVE = 190, 52, 22, 22
_POINTS = 500


def lines(dates: Sequence[dt.date], named: Mapping[str, Sequence[float | None]], *, across: float) -> Drawing:
    """Return lines over the same days; a day without a value is passed by.

    Args:
        dates: The days, ascending, at least two.
        named: Values by day of each line, and what it is called.
        across: Points that the chart is wide.
    """
    step = max(1, len(dates) // _POINTS)
    places = sorted({*range(0, len(dates), step), len(dates) - 1})
    named = {name: values for name, values in named.items() if any(values[at] is not None for at in places)}
    plot = LinePlot()
    plot.x, plot.y = _LEFT, _BELOW
    plot.width, plot.height = int(across) - _LEFT - 10, _HEIGHT - _BELOW - _ABOVE
    plot.data = [
        [(dates[at].toordinal(), values[at]) for at in places if values[at] is not None] for values in named.values()
    ]
    for number in range(len(plot.data)):
        plot.lines[number].strokeColor = _COLOURS[number % len(_COLOURS)]
        plot.lines[number].strokeWidth = 1.1
    for axis in (plot.xValueAxis, plot.yValueAxis):
        axis.labels.fontName, axis.labels.fontSize, axis.labels.fillColor = FONT, 7, QUIET
        axis.strokeColor = RULE
    plot.xValueAxis.labelTextFormat = lambda number: day(dt.date.fromordinal(round(number)))
    plot.xValueAxis.maximumTicks = 6
    plot.yValueAxis.labelTextFormat = lambda number: count(round(number))
    plot.yValueAxis.visibleGrid, plot.yValueAxis.gridStrokeColor, plot.yValueAxis.gridStrokeWidth = 1, RULE, 0.25
    drawing = Drawing(across, _HEIGHT)
    drawing.add(plot)
    drawing.add(_legend(list(named)))
    return drawing


def _legend(names: Sequence[str]) -> Legend:
    legend = Legend()
    legend.x, legend.y, legend.alignment, legend.columnMaximum = _LEFT, _HEIGHT, "right", 1
    legend.fontName, legend.fontSize, legend.fillColor, legend.dxTextSpace, legend.deltax = FONT, 7, INK, 4, 90
    legend.dx = legend.dy = 6
    legend.strokeWidth = 0
    legend.colorNamePairs = [(_COLOURS[number % len(_COLOURS)], name) for number, name in enumerate(names)]
    return legend
