"""One way to show a figure: written for who reads it, and to be taken away as a picture.

Belongs here: showing. Does not: traces and axes (`charts`), which figure a page has.
"""

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from dashboard import first_look
from dashboard.selecting import newly_selected
from pipelines import formats

PICTURES = ("SVG", "PNG")
"""Kinds of pictures that a figure can be saved as; Plotly's camera makes one kind at a time."""
_PICTURES = "pictures"
_SCALE = {"svg": 1, "png": 2}
"""Pixels of a picture to one of the screen."""
_CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtonsToAdd": ["toImage"],
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


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
    figure: go.Figure,
    *,
    key: str,
    alt: str,
    amounts: bool = False,
    options: Mapping[str, Any] | None = None,
    selects: bool = False,
) -> int | None:
    """Show a figure, which the camera above it saves as the kind of picture that is chosen.

    Returns the number of the point that was selected since the last run, of the trace that has points to select.

    Args:
        figure: What is drawn.
        key: Of the figure among all of a page's, and the name of the saved file.
        alt: What it shows, for who does not see it.
        amounts: Whether it tells amounts, which a reader may have hidden: shapes stay then, figures go.
        options: More of Plotly's options, for what one kind of figure needs.
        selects: Whether a point can be selected.
    """
    if first_look.charts_wait():
        st.skeleton(height=figure.layout.height or "stretch")
        return None
    figure.update_layout(separators=formats.separators())
    if amounts and formats.hides_amounts():
        figure.update_yaxes(showticklabels=False)
        figure.update_traces(hoverinfo="skip", hovertemplate=None)
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
    return newly_selected([point["point_index"] for point in event["selection"]["points"]], key) if selects else None
