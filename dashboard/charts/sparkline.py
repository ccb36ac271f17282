"""The small line below a headline figure.

Belongs here: drawing one. Does not: its points (`views.sparklines`), charts that can be read off.

It is a picture in the page's own text: the library that draws Streamlit's own would have to be loaded and run first. A
page takes pictures, and no drawing, as text; a picture does not know the theme, so its colour is seen in both.
"""

import base64
from collections.abc import Sequence

HEIGHT = 32
_COLOUR = "#3c8ad0"
_WIDTH = 100.0
_EDGE = 1.5
"""Room above and below for the width of the line."""
_PART_OF_BAR = 0.7


def sparkline(values: Sequence[float], *, bars: bool = False) -> str:
    """Return a picture as wide as its place, as HTML; nothing reads it out, for the figure is above it.

    Args:
        values: Two or more, in their order.
        bars: Whether each is an amount of a stretch, from zero, and not a level.
    """
    picture = base64.b64encode(drawing(values, bars=bars).encode()).decode()
    return f'<img class="sparkline" alt="" width="100%" height="{HEIGHT}" src="data:image/svg+xml;base64,{picture}">'


def drawing(values: Sequence[float], *, bars: bool = False) -> str:
    """Return the picture as SVG; see `sparkline`."""
    drawn = _bars(values) if bars else _area(values)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH:g} {HEIGHT}" preserveAspectRatio="none" '
        f'color="{_COLOUR}">{drawn}</svg>'
    )


def _heights(values: Sequence[float], low: float, high: float) -> list[float]:
    reach = (high - low) or 1.0
    return [HEIGHT - _EDGE - (value - low) / reach * (HEIGHT - 2 * _EDGE) for value in values]


def _area(values: Sequence[float]) -> str:
    step = _WIDTH / (len(values) - 1)
    points = [f"{at * step:.2f},{y:.2f}" for at, y in enumerate(_heights(values, min(values), max(values)))]
    line = " ".join(points)
    return (
        f'<polygon points="0,{HEIGHT} {line} {_WIDTH:g},{HEIGHT}" fill="currentColor" fill-opacity="0.14"/>'
        f'<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5" '
        'vector-effect="non-scaling-stroke"/>'
    )


def _bars(values: Sequence[float]) -> str:
    low, high = min(0.0, *values), max(0.0, *values)
    step, (zero, *tops) = _WIDTH / len(values), _heights([0.0, *values], low, high)
    return "".join(
        f'<rect x="{at * step:.2f}" y="{min(top, zero):.2f}" width="{step * _PART_OF_BAR:.2f}" '
        f'height="{abs(top - zero):.2f}" fill="currentColor"/>'
        for at, top in enumerate(tops)
    )
