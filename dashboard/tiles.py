"""Headline figures in a row, each with where it comes from.

Belongs here: drawing them. Does not: which figures there are (`views`).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import explaining
from dashboard.charts.sparkline import sparkline
from dashboard.views.overview import Tile
from pipelines import formats

WIDTH = 172
_ROOM = {11: "", 14: "_long"}
"""Letters of the longest figure of a row → how the stylesheet knows those that take smaller letters."""


def show(
    tiles: Iterable[Tile],
    *,
    key: str,
    lines: Mapping[str, Sequence[float]] | None = None,
    bars: Collection[str] = (),
    why: Callable[[Any, str], None] | None = explaining.button,
) -> None:
    """Show figures beside each other; those that have no room come below.

    Args:
        tiles: The figures.
        key: Of the row among all of a page's.
        lines: Small lines below figures, by their keys; they are of amounts, which a reader may have hidden.
        bars: Keys of those whose points are amounts of a stretch each.
        why: The button below each that says where it comes from; None for states, which neither rise nor fall.
    """
    drawn, row = {} if formats.hides_amounts() else dict(lines or {}), list(tiles)
    longest = max((len(tile.text) for tile in row), default=0)
    size = next((name for room, name in _ROOM.items() if longest <= room), "_longest")
    with st.container(horizontal=True, key=f"{key}_tiles{size}"):
        for tile in row:
            with st.container(key=f"{key}_{tile.key}", width=WIDTH, height="stretch", border=True, gap=None):
                st.metric(
                    tile.label,
                    tile.text,
                    tile.detail,
                    delta_color="off" if tile.up is None else "green" if tile.up else "red",
                    delta_arrow="off" if tile.up is None or why is None else "up" if tile.up else "down",
                    help=tile.help,
                )
                if tile.key in drawn:
                    st.html(sparkline(drawn[tile.key], bars=tile.key in bars))
                if why is not None:
                    why(tile.asked, f"{key}_{tile.key}")
