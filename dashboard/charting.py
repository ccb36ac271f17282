"""One way to show a figure: written for who reads it, and to be taken away as a picture.

Belongs here: showing. Does not: traces and axes (`charts`), which figure a page has.

Plotly looks at each property that it is given, which takes as long as all else of a page: figures are kept, by all
that they are drawn from.
"""

import hashlib
import pickle
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import first_look
from dashboard.selecting import newly_selected
from pipelines import formats

PICTURES = ("SVG", "PNG")
"""Kinds of pictures that a figure can be saved as; Plotly's camera makes one kind at a time."""
_PICTURES = "pictures"
_SCALE = {"svg": 1, "png": 2}
"""Pixels of a picture to one of the screen."""
_FIGURES = 60
"""Kept at most; one of two lines over ten years takes half a megabyte."""
_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtonsToAdd": ["toImage"],
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


class Point(NamedTuple):
    """A point that was selected: its number in its trace, and where it stands on the x-axis or what part it is."""

    number: int
    at: str


class _Drawn(go.Figure):  # type: ignore[misc] # Plotly has no types
    """A figure that nobody changes any more: what Streamlit sends of it is made once."""

    def __init__(self, figure: go.Figure) -> None:
        super().__init__(figure)
        self._sent: dict[str, Any] = super().to_dict()

    def to_dict(self) -> dict[str, Any]:
        """Return what is sent."""
        return self._sent


def choose_picture() -> None:
    """Show the choice of what figures are saved as, for as long as the visitor stays."""
    st.segmented_control(
        "The camera above a chart saves it as",
        PICTURES,
        default=PICTURES[0],
        key=_PICTURES,
        persist_state="session",
        required=True,
    )


def show(
    draw: Callable[..., go.Figure],
    *drawn_from: Any,
    key: str,
    alt: str,
    amounts: bool = False,
    options: Mapping[str, Any] | None = None,
    selects: bool = False,
) -> Point | None:
    """Show a figure, which the camera above it saves as the kind of picture that is chosen.

    Returns the point that was selected since the last run, of the first trace where several have one there.

    Args:
        draw: Draws it.
        drawn_from: What it is drawn from, all of it.
        key: Of the figure among all of a page's, and the name of the saved file.
        alt: What it shows, for who does not see it.
        amounts: Whether it tells amounts, which a reader may have hidden: shapes stay then, figures go.
        options: More of Plotly's options, for what one kind of figure needs.
        selects: Whether a point can be selected.
    """
    figure = _drawn(partial(draw, *drawn_from), amounts=amounts)
    if first_look.charts_wait():
        st.skeleton(height=figure.layout.height or "stretch")
        return None
    kind = st.session_state.get(_PICTURES, PICTURES[0]).lower()
    options = {"toImageButtonOptions": {"format": kind, "filename": key, "scale": _SCALE[kind]}} | dict(options or {})
    event: Any = st.plotly_chart(
        figure,
        width="stretch",
        config={**_CONFIG, **options},
        key=key,
        alt=alt,
        on_select="rerun" if selects else "ignore",
        selection_mode="points",
    )
    return newly_selected([_point(point) for point in event["selection"]["points"]], key) if selects else None


def _point(sent: Mapping[str, Any]) -> Point:
    """Return a point of a trace, or a part of rings, which has no place but a name."""
    if "id" in sent:
        return Point(sent["point_number"], sent["id"])
    return Point(sent["point_index"], str(sent.get("x", "")))


def _drawn(draw: partial[go.Figure], *, amounts: bool) -> _Drawn:
    """Return a figure for who reads now, which others are shown too."""
    content = pickle.dumps((draw, amounts, formats.this_reader()))
    return _kept(hashlib.blake2b(content).digest(), partial(_finished, draw, amounts=amounts))


@st.cache_resource(max_entries=_FIGURES, show_spinner=False)
def _kept(content: bytes, _draw: Callable[[], _Drawn]) -> _Drawn:
    del content  # of the key only
    return _draw()


def _finished(draw: Callable[[], go.Figure], *, amounts: bool) -> _Drawn:
    figure = draw()
    figure.layout.separators = formats.separators()
    if amounts and formats.hides_amounts():
        _hide_amounts(figure)
    return _Drawn(figure)


def _hide_amounts(figure: go.Figure) -> None:
    """Leave the shapes of a figure: its points are of the largest then, and nothing tells what that is."""
    figure.update_yaxes(showticklabels=False)
    figure.update_traces(hoverinfo="skip", hovertemplate=None)
    drawn = [(trace, name, pl.Series(trace[name], strict=False)) for trace in figure.data for name in _sized(trace)]
    largest = max((abs(size) for _, _, of in drawn for size in of.drop_nulls()), default=0)
    for trace, name, of in drawn:
        trace[name] = of.cast(pl.Float64) / float(largest or 1)


def _sized(trace: Any) -> list[str]:
    """Return by which property the points of a trace are sized: none where a chart of SQL has names there."""
    names = [name for name in ("values", "y") if name in trace and trace[name] is not None]
    return [name for name in names if pl.Series(trace[name], strict=False).dtype.is_numeric()]
